"""What is dated after a scan and makes it old: a progression, or a specimen of a higher grade."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Span, Value
from cdshooks.fhir.reading import Reading, Readings, choice

_PROGRESSIVE = choice("progressive")


def changes_after(day: date, earlier: Readings, steps: Mapping[str, str]) -> Iterator[Reading]:
    """The readings that supersede a scan of that day.

    `steps`: the grades of each fact of a specimen, as limits ("3 20") or from low to high
    ("well poor").
    """
    for reading in earlier.get("progression.status", ()):
        if _is_after(reading, day) and reading.value == _PROGRESSIVE:
            yield reading
    for fact, told in steps.items():
        found = earlier.get(fact)
        if found and [one for one in found if one.date is not None and one.date.last > day]:
            yield from _upgrades(day, found, told.split())


def _upgrades(day: date, readings: Sequence[Reading], steps: list[str]) -> Iterator[Reading]:
    """Specimens after that day that are surely of a higher step than every one before it."""
    dated = [(r, between) for r in readings if r.date and (between := _steps(r.value, steps))]
    before = [high for reading, (_, high) in dated if not _is_after(reading, day)]
    for reading, (low, _) in dated:
        if before and _is_after(reading, day) and low > max(before):
            yield reading


def _is_after(reading: Reading, day: date) -> bool:
    return reading.date is not None and reading.date.last > day


def _steps(value: Value, steps: list[str]) -> tuple[int, int] | None:
    """The lowest and the highest step that a value may be of."""
    if isinstance(value, Span):
        return _limits(value, *(Decimal(limit) for limit in steps))
    if isinstance(value, Choice) and value.possible <= set(steps):
        places = [steps.index(one) for one in value.possible]
        return min(places), max(places)
    return None


def _limits(span: Span, low: Decimal, high: Decimal) -> tuple[int, int]:
    """0 below `low`, 1 up to `high`, 2 above it."""
    least = 2 if span.above(high) is Truth.YES else int(span.below(low) is Truth.NO)
    most = 0 if span.below(low) is Truth.YES else 1 if span.above(high) is Truth.NO else 2
    return least, most
