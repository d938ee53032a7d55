"""A detail that fits a small pane: whole lines are left out, the last line says how many of what.

Left out first is what a reader finds elsewhere (the sources, then the findings in the chart), then
the notes on an option, then all but its first reason. Titles, cautions, checks, what is ruled out
and what could not be used always stay.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

Part: TypeAlias = Literal["source", "finding", "note", "reason", "kept"]
LEFT_OUT_IN_THIS_ORDER: tuple[Part, ...] = ("source", "finding", "note", "reason")


class Line(NamedTuple):
    """One line of Markdown; `part` says whether, and how soon, it may be left out."""

    text: str
    part: Part = "kept"


def fitted(lines: Sequence[Line], at_most: int | None) -> str:
    """The lines, without as many of the dispensable ones as it takes to be that short."""
    left, gone = list(lines), Counter[Part]()
    while at_most is not None and len(_text(left, gone)) > at_most:
        part = next((one for one in LEFT_OUT_IN_THIS_ORDER if _has(left, one)), None)
        if part is None:
            break
        del left[max(place for place, line in enumerate(left) if line.part == part)]
        gone[part] += 1
    return _text(left, gone)


def _has(lines: Sequence[Line], part: Part) -> bool:
    return any(line.part == part for line in lines)


def _text(lines: Sequence[Line], gone: Counter[Part]) -> str:
    body = [line.text for line in lines if line.part != "source"]
    sources = [line.text for line in lines if line.part == "source"]
    parts = [
        body,
        ["", "**Sources**", *sources] if sources else [],
        ["", f"Left out for length: {_counted(gone)}."] if gone else [],
    ]
    return "\n".join(line for part in parts for line in part)


def _counted(gone: Counter[Part]) -> str:
    told = (part for part in LEFT_OUT_IN_THIS_ORDER if gone[part])
    return ", ".join(f"{gone[part]} {part}{'' if gone[part] == 1 else 's'}" for part in told)
