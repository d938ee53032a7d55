"""The command line. Exit status: 0 all well, 1 something in the data or files is not, 2 usage."""

import gc
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import orjson
import typer

from cdshooks import __version__
from cdshooks.engine import Engine
from cdshooks.errors import InputUnreadable, KnowledgeInvalid, SettingsInvalid
from cdshooks.faces.fixtures import default_root
from cdshooks.faces.terminal import case, config, export, trust
from cdshooks.faces.terminal.announce import announcement
from cdshooks.faces.terminal.assessing import documents_of
from cdshooks.faces.terminal.golden import stale_goldens
from cdshooks.faces.terminal.options import (
    FAILED,
    USAGE,
    AsOf,
    Jurisdiction,
    LocalCodes,
    choice,
    counted,
    file,
    problem_lines,
)
from cdshooks.knowledge.load import Knowledge, load, load_services, load_version
from cdshooks.settings import Settings, load_settings

app = typer.Typer(
    help="Decision support for neuroendocrine tumours: options to discuss, each with its reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback may show the variables, and so a chart
)
app.add_typer(case.app, name="case")
app.add_typer(config.app, name="config")
app.add_typer(export.app, name="export")
app.add_typer(trust.app, name="trust")


def _version(asked: bool) -> None:
    if not asked:
        return
    try:
        edition = load().edition
        knowledge = f"knowledge {edition.version} ({edition.digest})"
    except KnowledgeInvalid as error:
        problems = counted(len(error.problems), "problems")
        knowledge = f"knowledge cannot be used ({problems}: cdshooks check)"
    typer.echo(f"cdshooks-net {__version__}, {knowledge}")
    raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show versions and exit."),
    ] = False,
) -> None:
    del version  # its callback has printed it


# ---- serve ---------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8080.")] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="No sign-in, loopback only, with fixture patients.")
    ] = False,
    fhir_server: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A FHIR server that the sandbox may read. Repeatable."),
    ] = None,
    local_codes: LocalCodes = None,
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Clients and settings (TOML)."),
    ] = None,
) -> None:
    """Answer CDS Hooks calls over HTTP. Settings also come from CDSHOOKS_* variables."""
    # What is made until the service opens stays: the collector would walk it and free nothing.
    gc.disable()
    # Each command loads what it alone needs: here that is Flask, granian and cryptography.
    from cdshooks.faces.web.admission import admission  # noqa: PLC0415
    from cdshooks.faces.web.pages import register_pages  # noqa: PLC0415
    from cdshooks.faces.web.server import serve as serve_http  # noqa: PLC0415

    try:
        settings = load_settings(
            os.environ,
            config=config_file,
            host=host,
            port=port,
            sandbox=sandbox or None,
            fhir_servers=tuple(fhir_server or ()),
            local_codes=local_codes,
        )
        pages = partial(register_pages, fixtures_root=default_root())
        announce = partial(_announce, settings)
        serve_http(
            settings, partial(make_engine, settings), partial(admission, settings), pages, announce
        )
    except SettingsInvalid as error:
        typer.echo(problem_lines(error), err=True)
        raise typer.Exit(USAGE) from None
    except (KnowledgeInvalid, InputUnreadable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None


def _announce(settings: Settings) -> None:
    for line in announcement(settings, load_version(), load_services()):
        typer.echo(line)


def make_engine(settings: Settings) -> Engine:
    """The engine of one process of the service."""
    return Engine.load(local_codes=settings.local_codes, memory_bytes=settings.memory_bytes)


# ---- assess --------------------------------------------------------------------------------------


Format: TypeAlias = Literal["text", "json"]


@app.command()
def assess(
    files: Annotated[
        list[Path],
        typer.Argument(
            parser=file,
            metavar="FILE...",
            help="A Bundle, a hook request, or lines of Bundles (NDJSON); - is standard input.",
        ),
    ],
    as_of: AsOf = None,
    jurisdiction: Jurisdiction = None,
    output: Annotated[
        Format, choice(Format, "A page to read, or one document a line.", "--format")
    ] = "text",
    local_codes: LocalCodes = None,
) -> None:
    """Assess records: what fits, what speaks against it, what is missing, and from where."""
    from cdshooks.faces.terminal.page import Page  # noqa: PLC0415  loads rich

    engine = _engine(local_codes)
    page = Page(engine.knowledge, sys.stdout)
    failed = False
    for name, document in documents_of(engine, files, as_of, jurisdiction):
        failed = failed or "facts" not in document
        if output == "json":
            typer.echo(orjson.dumps(document))
        else:
            page.write(name, document)
    if failed:
        raise typer.Exit(FAILED)


# ---- check, golden -------------------------------------------------------------------------------


@app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="A folder of mappings; the shipped one."),
    ] = None,
    local_codes: LocalCodes = None,
) -> None:
    """Report every problem in the knowledge at once, with file, line and what is accepted."""
    try:
        knowledge = load(folder, local_codes)
    except KnowledgeInvalid as error:
        for problem in error.problems:
            typer.echo(str(problem))
        typer.echo(counted(len(error.problems), "problems"), err=True)
        raise typer.Exit(FAILED) from None
    edition = knowledge.edition
    counts = ", ".join(counted(count, name) for name, count in _counts(knowledge).items())
    if local_codes:
        counts += f", {counted(len(knowledge.systems.local), 'local codes')}"
    typer.echo(f"knowledge {edition.version} ({edition.digest[:19]}): {counts}; no problem")


def _counts(knowledge: Knowledge) -> Mapping[str, int]:
    return {
        "facts": len(knowledge.facts.definitions),
        "derived facts": len(knowledge.derivations),
        "treatments": len(knowledge.treatments),
        "requests": len(knowledge.requests),
        "warnings": len(knowledge.warnings),
        "services": len(knowledge.services),
        "sources": len(knowledge.citations),
    }


@app.command()
def golden(
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file would change.")
    ] = False,
    root: Annotated[
        Path | None,
        typer.Option("--fixtures", exists=True, file_okay=False, help="The folder of the cases."),
    ] = None,
) -> None:
    """Write cards.json of every fixture anew from its bundle.json. Read the diff."""
    engine, root = _engine(), root or default_root()
    stale = False
    try:
        for path, cards in stale_goldens(engine, root):
            stale = True
            if not only_check:
                path.write_text(cards, encoding="utf-8")
            typer.echo(f"{path.relative_to(root)} {'is stale' if only_check else 'written'}")
    except InputUnreadable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    if only_check and stale:
        raise typer.Exit(FAILED)


def _engine(local_codes: Path | None = None) -> Engine:
    try:
        return Engine.load(local_codes=local_codes)
    except KnowledgeInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
