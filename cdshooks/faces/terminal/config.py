"""`cdshooks config`: whether a config file can be used, and what to tell a client's team."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cdshooks.clients.presets import PRESETS
from cdshooks.clients.table import cure
from cdshooks.errors import KnowledgeInvalid, SettingsInvalid
from cdshooks.faces.terminal.notes import service_notes
from cdshooks.faces.terminal.options import FAILED, USAGE, problem_lines
from cdshooks.knowledge.load import load, load_services
from cdshooks.settings import Settings, load_settings

app = typer.Typer(help="The config file of the service.", no_args_is_help=True)

Sandbox = Annotated[bool, typer.Option("--sandbox", help="As `serve --sandbox` would read it.")]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The config file (TOML).")],
    sandbox: Sandbox = False,
) -> None:
    """Report every mistake in a config file at once; if there is none, who may call."""
    from cdshooks.faces.terminal.summary import summary  # noqa: PLC0415  loads cryptography

    settings = _settings(file, sandbox=sandbox, status=FAILED)
    services = load_services().values()
    for client in settings.clients:
        for line in summary(client, services):
            typer.echo(line)
    for note in service_notes(settings):
        typer.echo(note)
    typer.echo(f"{file}: no mistake; clients: {len(settings.clients)}")


@app.command()
def sheet(
    name: Annotated[
        str, typer.Argument(metavar="CLIENT", help="Its NAME in the table clients.NAME.")
    ],
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The config file (TOML).")
    ] = None,
    sandbox: Sandbox = False,
) -> None:
    """Print what the team of a client needs to register this service (Markdown)."""
    from cdshooks.faces.terminal.sheet import registration_sheet  # noqa: PLC0415  loads cryptography

    settings = _settings(config, sandbox=sandbox, status=USAGE)
    clients = {client.name: client for client in settings.clients}
    if name not in clients:
        known = cure(name, clients) if clients else "none is configured: --config FILE"
        typer.echo(f"CLIENT: there is no such client: {known}", err=True)
        raise typer.Exit(USAGE)
    typer.echo(registration_sheet(clients[name], settings, load_services().values()), nl=False)


@app.command()
def presets() -> None:
    """Say what each preset fills in, where that was seen, and how sure it is."""
    from cdshooks.faces.terminal.summary import preset_lines  # noqa: PLC0415  loads cryptography

    for name, preset in PRESETS.items():
        for line in preset_lines(name, preset):
            typer.echo(line)


def _settings(file: Path | None, *, sandbox: bool, status: int) -> Settings:
    try:
        settings = load_settings(os.environ, config=file, sandbox=sandbox or None)
        if settings.local_codes is not None:
            load(local_codes=settings.local_codes)  # as `serve` would
    except SettingsInvalid as error:
        typer.echo(problem_lines(error), err=True)
        raise typer.Exit(status) from None
    except KnowledgeInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    return settings
