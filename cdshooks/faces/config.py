"""`cdshooks config`: whether a config file can be used, and what to tell a client's team."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from cdshooks.clients.client import Client
from cdshooks.clients.credentials import kids
from cdshooks.clients.table import cure
from cdshooks.clients.templates import narrowing
from cdshooks.errors import KnowledgeInvalid, SettingsInvalid
from cdshooks.faces.options import FAILED, USAGE
from cdshooks.faces.sheet import registration_sheet, services_of
from cdshooks.hooks.discovery import Service
from cdshooks.knowledge.load import load
from cdshooks.settings import Settings, load_settings

app = typer.Typer(help="The config file of the service.", no_args_is_help=True)

Sandbox = Annotated[bool, typer.Option("--sandbox", help="As `serve --sandbox` would read it.")]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The config file (TOML).")],
    sandbox: Sandbox = False,
) -> None:
    """Report every mistake in a config file at once; if there is none, who may call."""
    settings = _settings(file, sandbox=sandbox, status=FAILED)
    services = _services()
    for client in settings.clients:
        for line in _summary(client, services):
            typer.echo(line)
    typer.echo(f"{file}: {len(settings.clients)} clients, no mistake")


@app.command()
def sheet(
    name: Annotated[str, typer.Argument(metavar="CLIENT", help="NAME of [clients.NAME].")],
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The config file (TOML).")
    ] = None,
    sandbox: Sandbox = False,
) -> None:
    """Print what the team of a client needs to register this service (Markdown)."""
    settings = _settings(config, sandbox=sandbox, status=USAGE)
    clients = {client.name: client for client in settings.clients}
    if name not in clients:
        known = cure(name, clients) if clients else "none is configured: --config FILE"
        typer.echo(f"CLIENT: there is no such client: {known}", err=True)
        raise typer.Exit(USAGE)
    typer.echo(registration_sheet(clients[name], settings, _services()), nl=False)


def _settings(file: Path | None, *, sandbox: bool, status: int) -> Settings:
    try:
        return load_settings(os.environ, config=file, sandbox=sandbox or None)
    except SettingsInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(status) from None


def _services() -> tuple[Service, ...]:
    try:
        return tuple(load().services.values())
    except KnowledgeInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None


def _summary(client: Client, services: Iterable[Service]) -> Iterator[str]:
    """A client in a few lines, and what to know of it that is no mistake."""
    allowed = services_of(client, services)
    yield client.name
    yield f"  issuer    {client.issuer}"
    if client.jwks_file is not None:
        yield f"  keys      {client.jwks_file} ({len(kids(client.jwks_file))} usable)"
    elif client.jku is not None:
        yield f"  keys      {client.jku.url}"
    yield f"  services  {', '.join(service.id for service in allowed)}"
    for base in client.fhir_servers:
        yield f"  server    {base.url}"
    for note in _notes(client, allowed):
        yield f"  note      {note}"


def _notes(client: Client, services: Iterable[Service]) -> Iterator[str]:
    if not client.fhir_servers:
        yield "no FHIR server: what is not prefetched is missing"
    elif client.fhir_client_id is None:
        yield "no fhir_client_id: whose access token it is, is not compared"
    if client.profile.link_hosts is not None and not client.profile.link_hosts:
        yield "profile.link_hosts is empty: no card has a link"
    for template in (one for service in services for one in service.prefetch):
        if left_out := narrowing(template.template):
            names = ", ".join(left_out)
            yield f"{template.key}: what {names} leaves out counts as not on file"
