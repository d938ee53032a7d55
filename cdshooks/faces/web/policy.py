"""Who may call what: each route by name. A route that is not listed is not there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from flask import Flask, abort, g, request

from cdshooks.faces.web.exchange import Exchange, exchange_of
from cdshooks.hooks.caller import Caller
from cdshooks.settings import Settings

Admit = Callable[[str | None, str], Caller]
"""(Authorization header, canonical path of the call) -> who calls, or RequestRefused."""


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
        "/openapi.json": Policy.DISCOVERY,
        "/cds-services/<service_id>": Policy.TOKEN,
        "/cds-services/<service_id>/feedback": Policy.TOKEN,
        "/": Policy.SANDBOX,
        "/fixtures/<name>/request.json": Policy.SANDBOX,
        "/static/<path:filename>": Policy.SANDBOX,
    }
)


_ANYBODY = Caller("anybody")  # who looks at an open discovery: it holds no patient data


def keep_to_policy(app: Flask, settings: Settings, admit: Admit | None) -> None:
    """Let a caller in as the policy of the route says, before anything of the body is read.

    A stranger gets the same 401 for a service that there is and for one that there is not. Views
    find the caller in `g.caller`.
    """

    @app.before_request
    def keep() -> None:
        rule, exchange = request.url_rule, exchange_of(request.environ)
        if rule is None:  # no such path or method, whoever asks
            return
        exchange.note(route=rule.rule)
        if request.method == "OPTIONS":  # a browser asks before it may sign in
            return
        policy, authorization = ROUTES.get(rule.rule), request.headers.get("Authorization")
        if policy is None or (policy is Policy.SANDBOX and not settings.sandbox):
            abort(404)
        if policy is Policy.DISCOVERY and settings.open_discovery and authorization is None:
            g.caller = _ANYBODY
        elif policy in (Policy.DISCOVERY, Policy.TOKEN):
            if admit is None:
                abort(404)
            g.caller = let_in(admit, authorization, request.path, exchange)


def let_in(admit: Admit, authorization: str | None, path: str, exchange: Exchange) -> Caller:
    """Who calls, also for the log. Raises RequestRefused."""
    caller = admit(authorization, path)
    exchange.note(client=caller.name)
    return caller
