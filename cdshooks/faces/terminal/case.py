"""`cdshooks case`: a synthetic patient from a short list of facts, and the request about one."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cdshooks.errors import InputUnreadable, KnowledgeInvalid
from cdshooks.faces.fixtures import default_root, load_cases, request_of
from cdshooks.faces.terminal.options import FAILED, AsOf, Jurisdiction, meant, problem_lines
from cdshooks.knowledge.load import load_services

app = typer.Typer(help="Synthetic patients for fixtures/.", no_args_is_help=True)


@app.command("new")
def case_new(
    name: Annotated[str, typer.Argument(help="patient-and-situation, such as ileum-g1-stable.")],
    facts: Annotated[
        list[str],
        typer.Argument(metavar="FACT=VALUE...", help='Such as tumour.ki67="14 %".'),
    ],
    title: Annotated[str, typer.Option(help="The patient in one line; the name.")] = "",
    as_of: AsOf = None,
    jurisdiction: Jurisdiction = None,
    root: Annotated[
        Path | None,
        typer.Option("--fixtures", file_okay=False, help="The folder of the cases."),
    ] = None,
) -> None:
    """Write a folder with the record of a synthetic patient of whom just these facts are known."""
    from cdshooks.faces.terminal.cases import new_case  # noqa: PLC0415  compiles what builds a record

    try:
        folder = new_case(
            root or default_root(),
            name,
            facts_of(facts),
            as_of or date.today(),  # noqa: DTZ011  a day of the ward, in its own time
            title or name.replace("-", " ").capitalize(),
            jurisdiction,
        )
    except InputUnreadable as error:
        typer.echo(problem_lines(error), err=True)
        raise typer.Exit(FAILED) from None
    except KnowledgeInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"{folder} written: add what you expect to its case.yaml")


@app.command("request")
def case_request(
    name: Annotated[str, typer.Argument(help="A folder of fixtures/.")],
    service: Annotated[str, typer.Option(help="The id of the service.")] = "net-patient-view",
    root: Annotated[
        Path | None,
        typer.Option("--fixtures", exists=True, file_okay=False, help="The folder of the cases."),
    ] = None,
) -> None:
    """Print the hook request about a synthetic patient, as an EHR would send it."""
    try:
        cases = {case.name: case for case in load_cases(root or default_root())}
        services = load_services()
        wrong = [
            f"there is no {what} {called!r}: {meant(called, known)}"
            for what, called, known in (("patient", name, cases), ("service", service, services))
            if called not in known
        ]
        for one in wrong:
            typer.echo(problem_lines(one), err=True)
        if wrong:
            raise typer.Exit(FAILED)
        typer.echo(request_of(cases[name], services[service]))
    except (InputUnreadable, KnowledgeInvalid) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None


def facts_of(arguments: Iterable[str]) -> dict[str, str]:
    """Facts by name, from `name=value` each. Raises InputUnreadable."""
    facts: dict[str, str] = {}
    for argument in arguments:
        name, _, value = (part.strip() for part in argument.partition("="))
        if not name or not value:
            raise InputUnreadable(f'{argument!r} is no fact: write tumour.ki67="14 %"')
        if name in facts:
            raise InputUnreadable(f"{name} is given twice")
        facts[name] = value
    return facts
