"""A detail that fits a small pane: whole lines are left out, the last line says how many of what.

Left out first is what a reader finds elsewhere (the sources, then the findings in the chart), then
the notes on an option, then all but its first reason. Titles, cautions, checks, what is ruled out
and what could not be used always stay.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["source", "finding", "note", "reason", "kept"]
LEFT_OUT_IN_THIS_ORDER: tuple[Part, ...] = ("source", "finding", "note", "reason")


Line: TypeAlias = tuple[str, Part]
"""A line of Markdown, and whether, and how soon, it may be left out."""
_TEXT = itemgetter(0)
_OVER_SOURCES: tuple[Line, ...] = (("", "kept"), ("**Sources**", "kept"))


def whole(lines: Sequence[Line], sources: Sequence[Line]) -> str:
    """All lines, then the sources."""
    if sources:
        lines = [*lines, *_OVER_SOURCES, *sources]
    return "\n".join(map(_TEXT, lines))


def fitted(lines: Sequence[Line], at_most: int) -> str:
    """The lines, without as many of the dispensable ones as it takes to be that short."""
    left, gone = list(lines), Counter[Part]()
    while len(_text(left, gone)) > at_most:
        part = next((one for one in LEFT_OUT_IN_THIS_ORDER if _has(left, one)), None)
        if part is None:
            break
        del left[max(place for place, line in enumerate(left) if line[1] == part)]
        gone[part] += 1
    return _text(left, gone)


def _has(lines: Sequence[Line], part: Part) -> bool:
    return any(one == part for _, one in lines)


def _text(lines: Sequence[Line], gone: Mapping[Part, int]) -> str:
    told = [text for text, part in lines if part != "source"]
    if len(told) < len(lines):
        sources = [text for text, part in lines if part == "source"]
        told += [*map(_TEXT, _OVER_SOURCES), *sources]
    if gone:
        told += ["", f"Left out for length: {_counted(gone)}."]
    return "\n".join(told)


def _counted(gone: Mapping[Part, int]) -> str:
    told = (part for part in LEFT_OUT_IN_THIS_ORDER if part in gone)
    return ", ".join(f"{gone[part]} {part}{'' if gone[part] == 1 else 's'}" for part in told)
