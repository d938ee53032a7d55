"""`cdshooks trust`: why a token is refused, and tokens to try the service with."""

import json
import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from cdshooks.clients.client import Client
from cdshooks.errors import CallerUnknown, KeysUnreadable, SettingsInvalid
from cdshooks.faces.terminal.options import FAILED, USAGE, choice, problem_lines
from cdshooks.knowledge.load import load_services
from cdshooks.settings import Settings, load_settings

if TYPE_CHECKING:
    from cdshooks.trust.keys import KeySet
    from cdshooks.trust.token import Token

app = typer.Typer(help="The tokens that clients sign their calls with.", no_args_is_help=True)

PRIVATE, PUBLIC = "private-key.json", "jwks.json"
_ENDPOINT = re.compile(r"/cds-services(?:/[\w.~-]+(?:/feedback)?)?", re.ASCII)


def moment(text: str) -> float:
    """Seconds since 1970, or a date and time; without a zone it is UTC."""
    try:
        return datetime.fromtimestamp(float(text), UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is no time: use 2026-11-29T12:00:00Z or seconds") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


# ---- explain -------------------------------------------------------------------------------------


@app.command()
def explain(
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="The config file (TOML).")
    ],
    token: Annotated[
        str, typer.Argument(metavar="[TOKEN|-]", help="The token; - is standard input.")
    ] = "-",  # noqa: S107  no password, the sign for standard input
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The URL that was called; a service, if left out."),
    ] = None,
    at: Annotated[
        float | None,
        typer.Option(
            parser=moment, metavar="TIME", help="When it was called, as the log says; now."
        ),
    ] = None,
    jwks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="A copy of the set at the jku."
        ),
    ] = None,
) -> None:
    """Say which check a token fails, and the cure. Nothing is fetched, nothing is remembered."""
    from cdshooks.faces.terminal.explaining import Case, explanation, finding  # noqa: PLC0415  cryptography
    from cdshooks.trust.checks import Call  # noqa: PLC0415
    from cdshooks.trust.token import read_token  # noqa: PLC0415

    settings = _settings(config)
    base = settings.public_base or ""
    text = (sys.stdin.read() if token == "-" else token).strip()  # noqa: S105  as above
    try:
        read = read_token(text if text[:7].lower() == "bearer " else f"Bearer {text}")
    except CallerUnknown as error:
        for line in finding(error.reason, passed=False):
            typer.echo(line)
        raise typer.Exit(FAILED) from None
    clients = {client.issuer: client for client in settings.clients}
    client = clients.get(read.issuer or "")
    endpoints = _endpoints(client) if url is None else ()
    path = _assumed(endpoints, read, base) if url is None else _path(url, base)
    call = Call(base, path, time.time() if at is None else at)
    case = Case(read, client, _keys(client, jwks), call, endpoints, is_now=at is None)
    for line in explanation(case, clients):
        typer.echo(line)
    if set(case.findings().values()) != {True}:
        raise typer.Exit(FAILED)


def _settings(config: Path) -> Settings:
    try:
        settings = load_settings(os.environ, config=config)
    except SettingsInvalid as error:
        typer.echo(problem_lines(error), err=True)
        raise typer.Exit(USAGE) from None
    if not settings.clients:
        typer.echo("config: no client is configured: [clients.NAME]", err=True)
        raise typer.Exit(USAGE)
    return settings


def _path(url: str, base: str) -> str:
    """The path of `url` behind the public base."""
    if url.startswith(base) and _ENDPOINT.fullmatch(url[len(base) :]):
        return url[len(base) :]
    raise typer.BadParameter(f"is no endpoint behind public_base, {base}", param_hint="--url")


def _endpoints(client: Client | None) -> tuple[str, ...]:
    """The paths of the services that a client may call: of an unknown one, of all services."""
    allowed = None if client is None else client.services
    ids = [service for service in load_services() if allowed is None or service in allowed]
    return tuple(f"/cds-services/{service}" for service in ids)


def _assumed(endpoints: tuple[str, ...], token: "Token", base: str) -> str:
    """The one of them that `aud` names, else the first."""
    audience = token.claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return next((path for path in endpoints if base + path in named), endpoints[0])


def _keys(client: Client | None, copy: Path | None) -> "KeySet | None":
    """The set of a client: its file, or a copy that is given; None if neither is there."""
    from cdshooks.trust.keys import read_jwks  # noqa: PLC0415  loads cryptography

    own = client.jwks_file if client else None
    if own is not None and copy is not None:
        typer.echo(f"note: --jwks is ignored, as the client's keys are in {own}", err=True)
    file = own or copy
    try:
        return None if file is None else read_jwks(file.read_bytes())
    except (KeysUnreadable, OSError) as error:
        typer.echo(f"{file}: {_told(error)}", err=True)
        raise typer.Exit(USAGE) from None


# ---- keys, sign ----------------------------------------------------------------------------------


Algorithm: TypeAlias = Literal["ES384", "RS384"]


@app.command()
def keys(
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder to write into.")],
    algorithm: Annotated[Algorithm, choice(Algorithm, "What the key signs with.")] = "ES384",
) -> None:
    """Make a key pair to try the service with: private-key.json, and jwks.json to register."""
    from cdshooks.trust.signing import new_key, public_set  # noqa: PLC0415  loads cryptography

    private, public = out / PRIVATE, out / PUBLIC
    for path in (private, public):
        if path.exists():
            typer.echo(f"{path}: is there already, and is not overwritten", err=True)
            raise typer.Exit(FAILED)
    key = new_key(algorithm)
    try:
        out.mkdir(parents=True, exist_ok=True)
        private.touch(0o600, exist_ok=False)
        _write(private, key)
        _write(public, public_set(key))
    except OSError as error:
        typer.echo(f"{out}: {_told(error)}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"{private} (keep it secret) and {public} written")


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@app.command()
def sign(
    key: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The private key that `keys` made.")
    ],
    issuer: Annotated[str, typer.Option(help="The `iss`, as registered.")],
    audience: Annotated[str, typer.Option(metavar="URL", help="The URL that will be called.")],
    lifetime: Annotated[int, typer.Option(metavar="SECONDS", min=1, help="exp - iat.")] = 300,
    jku: Annotated[str | None, typer.Option(metavar="URL", help="Where the set is found.")] = None,
    tenant: Annotated[str | None, typer.Option(help="The `tenant`, as registered.")] = None,
    issued_at: Annotated[
        float | None, typer.Option(parser=moment, metavar="TIME", help="The `iat`; now.")
    ] = None,
) -> None:
    """Print a token for one call, as a record system sends it."""
    from cdshooks.trust.signing import sign as signed  # noqa: PLC0415  loads cryptography

    try:
        iat = int(time.time() if issued_at is None else issued_at)
        typer.echo(signed(key.read_bytes(), issuer, audience, iat, lifetime, jku, tenant))
    except (KeysUnreadable, OSError) as error:
        typer.echo(f"{key}: {_told(error)}", err=True)
        raise typer.Exit(FAILED) from None


def _told(error: Exception) -> str:
    return (error.strerror or "cannot be used") if isinstance(error, OSError) else str(error)
