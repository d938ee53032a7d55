"""How the service runs, from CDSHOOKS_* variables and the command line, checked before it binds."""

import difflib
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from cdshooks.clients.client import Client
from cdshooks.errors import SettingsInvalid

PREFIX = "CDSHOOKS_"


def _listed(value: object) -> object:
    """Several values in one variable, with commas or spaces between them."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


class Settings(BaseModel):
    """Every setting. A variable is the name in capitals behind CDSHOOKS_."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65_535)
    sandbox: bool = False
    fhir_servers: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    max_body_bytes: int = Field(33_554_432, ge=1_024)
    body_seconds: float = Field(10.0, gt=0, le=600)  # for a whole body to arrive
    workers: int = Field(1, ge=1, le=64)  # processes
    threads: int = Field(4, ge=1, le=64)  # calls that a process answers at a time
    queue: int = Field(64, ge=0, le=10_000)  # calls that wait for a thread; more get a 503
    local_codes: Path | None = None  # the site's own codes, docs/local-codes.md
    fetch_budget_ms: int = Field(400, ge=10, le=60_000)
    clients: tuple[Client, ...] = ()
    public_base: str | None = None
    state_dir: Path = Path()
    replay_store: str = ""
    open_discovery: bool = True
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    log_key: SecretStr | None = None
    drain_seconds: float = Field(5.0, ge=0, le=600)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if self.sandbox and not is_loopback(self.host):
            raise ValueError(
                "host: the sandbox asks nobody to sign in, so it binds to loopback only: "
                "use 127.0.0.1, or run without sandbox"
            )
        for server in self.fhir_servers:
            _check_base(server, https_only=not self.sandbox)
        return self


def load_settings(environ: Mapping[str, str], **arguments: object) -> Settings:
    """The settings of `environ`, command line `arguments` before them; None and [] are not given.

    SettingsInvalid names every mistake at once, a misspelt variable among them.
    """
    variables = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    given = {name: value for name, value in arguments.items() if value not in (None, [], ())}
    problems = [_misspelt(name) for name in variables if name not in Settings.model_fields]
    known = {name: value for name, value in variables.items() if name in Settings.model_fields}
    try:
        settings = Settings.model_validate({**known, **given})
    except ValidationError as error:
        problems += [_told(part["loc"], part["msg"]) for part in error.errors(include_input=False)]
        raise SettingsInvalid("\n".join(problems)) from None
    if problems:
        raise SettingsInvalid("\n".join(problems))
    return settings


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_base(url: str, *, https_only: bool) -> None:
    """Raise ValueError unless `url` can be the base of a FHIR server: a token may go there."""
    try:
        parts = urlsplit(url)
        sound = parts.port != 0 and parts.hostname and not (parts.username or parts.password)
    except ValueError:
        raise ValueError("fhir_servers: one of them is not a URL") from None
    if not sound or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ValueError("fhir_servers: each is http(s)://host[:port]/path and nothing more")
    if https_only and parts.scheme != "https":
        raise ValueError("fhir_servers: http is for the sandbox, use https")


def _misspelt(name: str) -> str:
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    cure = f"did you mean {PREFIX}{near[0].upper()}?" if near else f"there are: {_names()}"
    return f"{PREFIX}{name.upper()} is not a setting: {cure}"


def _names() -> str:
    return ", ".join(PREFIX + name.upper() for name in Settings.model_fields)


def _told(location: tuple[int | str, ...], message: str) -> str:
    place = f"{location[0]}: " if location else ""
    return place + message.removeprefix("Value error, ")
