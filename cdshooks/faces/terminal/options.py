"""What several commands take, and the exit status they share."""

import textwrap
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from cdshooks.errors import SettingsInvalid
from cdshooks.faces.terminal.inputs import STDIN

FAILED, USAGE = 1, 2

Jurisdiction: TypeAlias = Literal["us", "eu", "uk-nice"]


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is no date: use YYYY-MM-DD") from None


def problem_lines(error: SettingsInvalid) -> str:
    """Each mistake of the settings, in lines of 80 columns."""
    return "\n".join(
        textwrap.fill(
            line,
            80,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in str(error).splitlines()
    )


def file(text: str) -> Path:
    """A file that is there; `-` is standard input."""
    path = Path(text)
    if path != STDIN and (path.is_dir() or not path.exists()):
        raise typer.BadParameter(f"there is no file {text!r}")
    return path


LocalCodes = Annotated[
    Path | None,
    typer.Option(
        "--local-codes",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The site's own codes and what each means (docs/local-codes.md).",
    ),
]
AsOf = Annotated[
    date | None,
    typer.Option(parser=day, metavar="YYYY-MM-DD", help="The day to look at the record; today."),
]
