"""Of a flood of resources the newest, by rule; how many were left out is told.

A chart of many years has some thousands that are read. What goes far beyond is a fault or an
attack, and has to cost no more than a bounded time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from msgspec import UNSET

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.dated import DATED_BY, dated
from cdshooks.fhir.dates import newest_key
from cdshooks.fhir.pick import TEXT_LENGTH
from cdshooks.fhir.versions import Report

READ_AT_MOST = 10_000  # of one type
PROSE_AT_MOST = 1_000_000  # bytes of the texts of one type: some hundreds of long reports

_DATED: Mapping[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(
        msgspec.defstruct(kind, [(name, Any, UNSET) for name in names], gc=False)
    )
    for kind, names in DATED_BY.items()
}
_UNDATED = date.min, datetime.min.replace(tzinfo=UTC)


def newest(picked: Iterable[Found], report: Report) -> tuple[list[Found], frozenset[str]]:
    """(what is read, the types of which older ones are left out); `report` hears how many."""
    picked = list(picked)
    # As good as always: all that they say is less than their texts alone may be.
    if len(picked) <= READ_AT_MOST and sum([len(one.source) for one in picked]) <= PROSE_AT_MOST:
        return picked, frozenset()
    by_type: dict[str, list[Found]] = {}
    for one in picked:
        by_type.setdefault(one.peek.resourceType, []).append(one)
    floods = frozenset(kind for kind, found in by_type.items() if not _fits(found))
    for kind in floods:
        found = sorted(by_type[kind], key=_age, reverse=True)
        by_type[kind] = list(_fitting(found))
        read, left = len(by_type[kind]), len(found) - len(by_type[kind])
        report(kind, "", f"only the newest {read} are read; {left} are not")
    return [one for found in by_type.values() for one in found], floods


def _fits(found: Sequence[Found]) -> bool:
    return len(found) <= READ_AT_MOST and sum(map(_prose, found)) <= PROSE_AT_MOST


def _fitting(found: Iterable[Found]) -> Iterator[Found]:
    """The first of them, as long as they fit."""
    room = PROSE_AT_MOST
    for number, one in enumerate(found):
        room -= _prose(one)
        if number == READ_AT_MOST or room < 0:
            return
        yield one


def _prose(one: Found) -> int:
    """The bytes of its texts; sentences take longer to read than anything else."""
    peek = one.peek
    texts = (peek.conclusion, peek.valueString, peek.note, peek.component)
    length = sum(len(text) for text in texts if text is not UNSET)
    form = peek.presentedForm
    if form is not UNSET and b"text/plain" in bytes(form):
        length += len(form)
    return min(length, 2 * TEXT_LENGTH)  # of each text no more is read


def _age(one: Found) -> tuple[date, datetime, bytes]:
    """Sorts by the clinical date, undated ones first, then in an order that is their own.

    The resource is JSON: the envelope was read.
    """
    raw, kind = bytes(one.raw), one.peek.resourceType
    found = zip(DATED_BY[kind], msgspec.structs.astuple(_DATED[kind].decode(raw)), strict=True)
    dates = {name: value for name, value in found if value is not UNSET}
    _, when = dated(kind, dates, _nobody)
    return *(newest_key(when) if when else _UNDATED), raw


def _nobody(*_: str) -> None:
    """Hears of nothing: what is wrong with a date is named when the resource is read."""
