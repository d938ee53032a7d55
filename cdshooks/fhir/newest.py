"""Of a flood of resources the newest of each code, by rule; how many were left out is told.

A chart of many years has some thousands that are read. What goes far beyond is a fault or an
attack, and has to cost no more than a bounded time. A flood of one laboratory value does not push
out a pathology of years ago.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.dated import DATED_BY, dated
from cdshooks.fhir.dates import newest_key
from cdshooks.fhir.pick import TEXT_LENGTH
from cdshooks.fhir.versions import Report

READ_AT_MOST = 10_000  # of one type
OF_A_CODE = 1_000  # of those, where there are too many: one a day for almost three years
PROSE_AT_MOST = 1_000_000  # bytes of the texts of one type: some hundreds of long reports
PARTS_OF_A_TYPE = 200_000  # JSON objects of one type: a dozen and more of as many as are read

_Decoder: TypeAlias = "msgspec.json.Decoder[Any]"


def _decoders(kind: str) -> tuple[_Decoder, _Decoder]:
    """Of the elements that date a resource that is alone, and one in an entry."""
    fields = [(name, Any, UNSET) for name in DATED_BY[kind]]
    dates = msgspec.defstruct(kind, fields, frozen=True, gc=False)  # frozen: it can be a key
    entry = msgspec.defstruct("Entry", [("resource", dates)], gc=False)
    return msgspec.json.Decoder(dates), msgspec.json.Decoder(entry)


_DATED = {kind: _decoders(kind) for kind in DATED_BY}
_Age: TypeAlias = tuple[date, datetime]
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
        found = by_type[kind]
        by_type[kind] = list(_fitting(_so_many(found)))
        read, left = len(by_type[kind]), len(found) - len(by_type[kind])
        report(kind, "", f"only the newest of each code are read, {read} in all; {left} are not")
    return [one for found in by_type.values() for one in found], floods


def _so_many(found: Sequence[Found]) -> list[Found]:
    """Not too many: of each code the newest, then of each the second, and so on."""
    of_a_code = OF_A_CODE if len(found) > READ_AT_MOST else READ_AT_MOST
    by_code = [_newest_first(same, of_a_code) for same in _by_code(found)]
    taken: list[Found] = []
    for rank in range(max(map(len, by_code))):
        alike = [same[rank] for same in by_code if len(same) > rank]
        taken += _newest_first(alike, READ_AT_MOST - len(taken))
        if len(taken) == READ_AT_MOST:
            break
    return taken


def _newest_first(found: Sequence[Found], count: int) -> list[Found]:
    if len(found) < 2:
        return list(found)
    return sorted(_newest(found, count), key=_age_and_text, reverse=True)


def _by_code(found: Iterable[Found]) -> Iterable[list[Found]]:
    """Those together that are coded in the same words; what has no code of its own is alike."""
    by_code: dict[bytes, list[Found]] = {}
    for one in found:
        peek = one.peek
        code = peek.code or peek.medicationCodeableConcept or peek.medicationReference or b""
        by_code.setdefault(bytes(code), []).append(one)
    return by_code.values()


def _newest(found: Sequence[Found], count: int) -> Sequence[Found]:
    """So many of them; of those of one age those that are later in an order that is their own."""
    if len(found) <= count:
        return found
    ages = _ages(found)
    last = sorted(ages, reverse=True)[count - 1]
    newer = [one for one, age in zip(found, ages, strict=True) if age > last]
    as_old = [one for one, age in zip(found, ages, strict=True) if age == last]
    return newer + sorted(as_old, key=_text, reverse=True)[: count - len(newer)]


def _fits(found: Sequence[Found]) -> bool:
    return (
        len(found) <= READ_AT_MOST
        and sum(map(_prose, found)) <= PROSE_AT_MOST
        and sum(map(_parts, found)) <= PARTS_OF_A_TYPE
    )


def _fitting(found: Iterable[Found]) -> Iterator[Found]:
    """Those whose texts and parts fit; behind one that does not there may be one with fewer."""
    room, left = PROSE_AT_MOST, PARTS_OF_A_TYPE
    for one in found:
        size, parts = _prose(one), _parts(one)
        if size <= room and parts <= left:
            room, left = room - size, left - parts
            yield one


def _parts(one: Found) -> int:
    """How many objects it is made of, each of which takes time to read, however short."""
    return bytes(one.source).count(b"{")


def _prose(one: Found) -> int:
    """The bytes of its texts; sentences take longer to read than anything else."""
    peek = one.peek
    texts = (peek.conclusion, peek.valueString, peek.note, peek.component)
    length = sum(len(text) for text in texts if text is not UNSET)
    form = peek.presentedForm
    if form is not UNSET and b"text/plain" in bytes(form):
        length += len(form)
    return min(length, 2 * TEXT_LENGTH)  # of each text no more is read


def _age_and_text(one: Found) -> tuple[_Age, bytes]:
    return _ages([one])[0], _text(one)


def _ages(found: Sequence[Found]) -> list[_Age]:
    """Sort those of one type by the clinical date, undated ones first."""
    kind = found[0].peek.resourceType
    alone, in_entry = _DATED[kind]
    written = [
        alone.decode(one.source) if one.position < 0 else in_entry.decode(one.source).resource
        for one in found
    ]
    # In a flood few dates stand many times, so each is read once.
    keys: Sequence[Any] = written
    try:
        distinct = dict(zip(keys, written, strict=True))
    except TypeError:  # a period, or junk, is no key
        keys = list(map(repr, written))
        distinct = dict(zip(keys, written, strict=True))
    ages = {key: _age(kind, dates) for key, dates in distinct.items()}
    return [ages[key] for key in keys]


def _age(kind: str, dates: msgspec.Struct) -> _Age:
    given = {name: one for name, one in msgspec.structs.asdict(dates).items() if one is not UNSET}
    _, when = dated(kind, given, _nobody)
    return newest_key(when) if when else _UNDATED


def _text(one: Found) -> bytes:
    return bytes(one.source)


def _nobody(*_: str) -> None:
    """Hears of nothing: what is wrong with a date is named when the resource is read."""
