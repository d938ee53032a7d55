"""Is the disease progressive now, and for how long has it been stable."""

from collections.abc import Iterator, Sequence
from datetime import date

from cdshooks.clinical.fact import Fact
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers.disease_status import Status, statuses
from cdshooks.fhir.readers.duration import months_between, stated_months
from cdshooks.fhir.reading import Reading, Readings, choice
from cdshooks.knowledge.facts import Family

STATUS, MONTHS = "progression.status", "progression.stable_months"
_FROM_BEST = ("undetermined", "responding", "stable", "mixed", "progressive")
_STEADY = frozenset({"responding", "stable"})


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading | Fact]:
    """progression.status and progression.stable_months.

    A progression from before the newest treatment is history; `therapy_start` are the beginnings.
    """
    told = list(statuses(chart, family))
    dated = [status for status in told if status.date is not None]
    if not dated:
        yield from _readings(told)
        return
    newest = _newest(dated)
    worst = max((status.status for status in newest), key=_FROM_BEST.index)
    why = _why_unknown(worst, newest, earlier.get("therapy_start", ()))
    if why:
        yield Fact(STATUS, why_absent=why, readings=tuple(status.where for status in newest))
    else:
        yield from _readings(newest)
    if worst in _STEADY:
        yield from _months(dated, chart.as_of)
    elif not why:
        yield Fact(MONTHS, why_absent=f"the newest disease status is {worst}")


def _readings(told: Sequence[Status]) -> Iterator[Reading]:
    for status in told:
        if status.status != "undetermined":
            value = choice(status.status)
            yield Reading(STATUS, value, status.where, status.date)


def _newest(dated: Sequence[Status]) -> list[Status]:
    last = max(status.date.last for status in dated if status.date)
    return [status for status in dated if status.date and status.date.last == last]


def _why_unknown(worst: str, newest: Sequence[Status], starts: Sequence[Reading]) -> str:
    if worst == "undetermined":
        return "the newest disease status is undetermined"
    told = newest[0].date
    later = [s.date for s in starts if s.date and told and s.date.first > told.last]
    if worst != "progressive" or not later:
        return ""
    start = max(later, key=lambda day: day.first)
    return f"the progression of {told} is from before the treatment that began on {start}"


def _months(dated: Sequence[Status], as_of: date) -> Iterator[Reading]:
    """As stated since the last status that was not steady; else between the statuses since then."""
    steady: list[Status] = []
    for status in sorted(dated, key=_when_and_how_bad):
        steady = [*steady, status] if status.status in _STEADY else []
    stated = [reading for status in steady for reading in _stated(status, as_of)]
    yield from stated or _spanned(steady)


def _when_and_how_bad(status: Status) -> tuple[date, int]:
    return status.date.last if status.date else date.min, _FROM_BEST.index(status.status)


def _stated(status: Status, as_of: date) -> Iterator[Reading]:
    if status.said is None or status.hit is None:
        return
    span = stated_months(status.said.sentence, status.hit.end, as_of)
    if span is not None:
        yield Reading(MONTHS, span, status.where, status.date)


def _spanned(steady: Sequence[Status]) -> Iterator[Reading]:
    first, last = steady[0].date, steady[-1].date
    span = months_between(first, last) if first and last else None
    if span is not None:
        note = "From the first to the newest status on file; it may be longer."
        yield Reading(MONTHS, span, steady[-1].where, last, note)
