"""`cdshooks export`: the knowledge as a sheet to sign, as FHIR, and what two editions differ in."""

import io
import json
import subprocess
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from cdshooks.engine import Engine
from cdshooks.errors import InputUnreadable, KnowledgeInvalid
from cdshooks.faces import fixtures
from cdshooks.faces.terminal.options import FAILED, USAGE
from cdshooks.knowledge.export import BASE
from cdshooks.knowledge.load import default_root, load

app = typer.Typer(help="The knowledge for other readers.", no_args_is_help=True)

Mappings = Annotated[
    Path | None,
    typer.Option("--mappings", exists=True, file_okay=False, help="The folder; the shipped one."),
]
Fixtures = Annotated[
    Path | None,
    typer.Option("--fixtures", exists=True, file_okay=False, help="The patients; the shipped."),
]


@app.command()
def review(
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="The file to write; README.md of the folder."),
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the file is not current.")
    ] = False,
    mappings: Mappings = None,
    patients: Fixtures = None,
) -> None:
    """Write the sheet that a NET board reads and signs: every rule in sentences."""
    # No other command, and `serve` least of all, is to wait for what tells knowledge to others.
    from cdshooks.faces.terminal.showing import seen  # noqa: PLC0415
    from cdshooks.knowledge.export.review import review_sheet  # noqa: PLC0415

    root = mappings or default_root()
    out = out or root / "README.md"
    try:
        engine = Engine.load(root)
        cases = fixtures.load_cases(patients or fixtures.default_root())
        sheet = review_sheet(engine.knowledge, seen(engine, cases))
    except (KnowledgeInvalid, InputUnreadable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    current = out.is_file() and out.read_text(encoding="utf-8") == sheet
    if only_check and not current:
        typer.echo(f"{out} is not current: cdshooks export review", err=True)
        raise typer.Exit(FAILED)
    if not (only_check or current):
        out.write_text(sheet, encoding="utf-8")
    typer.echo(f"{out} {'is current' if current else 'written'}")


@app.command()
def fhir(
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder to write into.")],
    base: Annotated[str, typer.Option(metavar="URL", help="What canonical URLs begin with.")] = (
        BASE
    ),
    mappings: Mappings = None,
) -> None:
    """Write the knowledge as FHIR R4: a file for each resource, and a transaction of all."""
    from cdshooks.knowledge.export.fhir import resources, transaction  # noqa: PLC0415

    try:
        listed = list(resources(load(mappings), base))
    except KnowledgeInvalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    out.mkdir(parents=True, exist_ok=True)
    for one in listed:
        _write(out / f"{one['resourceType']}-{one['id']}.json", one)
    _write(out / "transaction.json", transaction(listed))
    typer.echo(f"{out}: {len(listed)} resources and transaction.json")


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A folder of mappings, or a git revision.")],
    new: Annotated[str | None, typer.Argument(help="The same; the shipped folder.")] = None,
    patients: Fixtures = None,
) -> None:
    """Say in words what two editions differ in, and for which patients. Exit status as of diff."""
    from cdshooks.faces.terminal.showing import documents  # noqa: PLC0415
    from cdshooks.knowledge.diff import differences, patient_differences  # noqa: PLC0415

    try:
        with ExitStack() as folders:
            engines = [Engine.load(_folder(one, folders)) for one in (old, new)]
        cases = fixtures.load_cases(patients or fixtures.default_root())
        before, after = (documents(engine, cases) for engine in engines)
    except (KnowledgeInvalid, InputUnreadable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None
    told = [
        *differences(engines[0].knowledge, engines[1].knowledge),
        *patient_differences(before, after),
    ]
    for line in told:
        typer.echo(line)
    if told:
        raise typer.Exit(FAILED)


def _folder(named: str | None, folders: ExitStack) -> Path:
    """A folder of mappings; that of a git revision is brought out, until `folders` closes."""
    if named is None or Path(named).is_dir():
        return Path(named) if named else default_root()
    here = default_root()
    command = ["git", "-C", str(here.parent), "archive", "--format=tar", named, here.name]
    try:
        packed = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603  no shell
    except (OSError, subprocess.CalledProcessError):
        raise InputUnreadable(f"{named} is neither a folder nor a git revision") from None
    brought = Path(folders.enter_context(tempfile.TemporaryDirectory()))
    _unpack(packed, brought)
    return Path(brought) / here.name


def _unpack(packed: bytes, into: Path) -> None:
    """The folders and files of an archive, read one by one: Python 3.11.0 has no filter for them.

    InputUnreadable, if there is anything else, or anything that would lie outside.
    """
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            place = PurePosixPath(member.name)
            content = archive.extractfile(member) if member.isfile() else None
            if place.is_absolute() or ".." in place.parts or not (content or member.isdir()):
                raise InputUnreadable(f"{place} of that revision is no plain file or folder")
            if content is None:
                (into / place).mkdir(parents=True, exist_ok=True)
            else:
                (into / place).parent.mkdir(parents=True, exist_ok=True)
                (into / place).write_bytes(content.read())
