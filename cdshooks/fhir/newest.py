"""Of a flood of resources the newest, by rule; how many were left out is told.

A chart of many years has some thousands that are read. What goes far beyond is a fault or an
attack, and has to cost no more than a bounded time.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.dated import DATED_BY, dated
from cdshooks.fhir.dates import newest_key
from cdshooks.fhir.versions import Report

READ_AT_MOST = 10_000  # of one type

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_UNDATED = date.min, datetime.min.replace(tzinfo=UTC)


def newest(picked: Iterable[Found], report: Report) -> tuple[list[Found], frozenset[str]]:
    """(what is read, the types of which older ones are left out); `report` hears how many."""
    picked = list(picked)
    if len(picked) <= READ_AT_MOST:  # as good as always
        return picked, frozenset()
    by_type: dict[str, list[Found]] = {}
    for one in picked:
        by_type.setdefault(one.peek.resourceType, []).append(one)
    floods = frozenset(kind for kind, found in by_type.items() if len(found) > READ_AT_MOST)
    for kind in floods:
        count = len(by_type[kind]) - READ_AT_MOST
        report(kind, "", f"only the newest {READ_AT_MOST} are read; {count} are not")
        by_type[kind] = sorted(by_type[kind], key=_age, reverse=True)[:READ_AT_MOST]
    return [one for found in by_type.values() for one in found], floods


def _age(one: Found) -> tuple[date, datetime, bytes]:
    """Sorts by the clinical date, undated ones first, then in an order that is their own."""
    _, when = dated(one.peek.resourceType, _dates(one), lambda *_: None)
    return *(newest_key(when) if when else _UNDATED), bytes(one.raw)


def _dates(one: Found) -> Mapping[str, Any]:
    """The elements that date a resource. The raw resource is JSON: the envelope was read."""
    members = _MEMBERS.decode(one.raw)
    elements = DATED_BY[one.peek.resourceType]
    return {name: msgspec.json.decode(members[name]) for name in elements if name in members}
