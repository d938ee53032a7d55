"""Who may call what: each route by name. A route that is not listed is not there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from cdshooks.hooks.caller import Caller

Admit = Callable[[str | None, str], Caller]
"""(Authorization header, canonical path of the call) -> who calls, or RequestRefused."""


class Policy(Enum):
    OPEN = "anybody"
    DISCOVERY = "a token is verified; where discovery is open, none is needed"
    TOKEN = "a verified caller"  # noqa: S105 - a word for people
    SANDBOX = "anybody, and only in a sandbox"


ROUTES: Mapping[str, Policy] = MappingProxyType(
    {
        "/healthz": Policy.OPEN,
        "/readyz": Policy.OPEN,
        "/cds-services": Policy.DISCOVERY,
        "/cds-services/<service_id>": Policy.TOKEN,
        "/cds-services/<service_id>/feedback": Policy.TOKEN,
        "/": Policy.SANDBOX,
        "/fixtures/<name>/request.json": Policy.SANDBOX,
        "/static/<path:filename>": Policy.SANDBOX,
    }
)


def _always() -> bool:
    return True


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Admission:
    """How callers are let in. `ready`: whether that is possible now. `close` ends connections."""

    admit: Admit
    ready: Callable[[], bool] = _always
    close: Callable[[], None] = _nothing
