"""What several commands take, and the exit status they share."""

import difflib
import textwrap
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

import typer

from cdshooks.errors import InputUnreadable, SettingsInvalid
from cdshooks.faces.terminal.inputs import STDIN

FAILED, USAGE = 1, 2


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is no date: use YYYY-MM-DD") from None


def choice(accepted: object, about: str, *names: str) -> Any:
    """An option for one word of a Literal. What typer says of others is in pydantic's words."""
    words = get_args(accepted)

    def word(text: str) -> str:
        if text in words:
            return text
        raise typer.BadParameter(f"{text!r} is none of {', '.join(words)}")

    return typer.Option(*names, parser=word, metavar="|".join(words), help=about)


def meant(name: str, known: Iterable[str]) -> str:
    """What was meant by a name that is none of these: those near it, that begin so, or all."""
    known = sorted(known)
    if near := difflib.get_close_matches(name, known):
        return f"did you mean {' or '.join(near)}?"
    return f"there are: {', '.join([one for one in known if one.startswith(name)] or known)}"


def counted(number: int, things: str) -> str:
    return f"{number} {things.removesuffix('s') if number == 1 else things}"


def problem_lines(said: SettingsInvalid | InputUnreadable | str) -> str:
    """What is wrong, each mistake of the settings by itself, in lines of 80 columns."""
    return "\n".join(
        textwrap.fill(
            line,
            80,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in str(said).splitlines()
    )


def file(text: str) -> Path:
    """A file that is there; `-` is standard input."""
    path = Path(text)
    if path.is_dir():
        raise typer.BadParameter(f"{text!r} is a folder: name the files in it")
    if path != STDIN and not path.exists():
        raise typer.BadParameter(f"there is no file {text!r}")
    return path


_Place: TypeAlias = Literal["us", "eu", "uk-nice"]
Jurisdiction = Annotated[_Place | None, choice(_Place, "Whose licences and funding; us.")]
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
