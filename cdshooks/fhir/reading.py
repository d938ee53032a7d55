"""A reading: one value of one fact, found in one place; and how readings become the fact."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, reduce
from operator import attrgetter

import msgspec

from cdshooks.clinical.fact import Fact, Provenance
from cdshooks.clinical.value import Choice, Flag, Members, Span, Value, higher_of, lower_of
from cdshooks.clinical.vocabulary import FactType
from cdshooks.fhir.dates import FhirDate, days_between, newest_key
from cdshooks.fhir.record import Entry, Record
from cdshooks.knowledge.facts import FactDefinition

UNSURE_WHICH = "The dates do not tell which value is the newest."
PRINTED_LENGTH = 120  # characters of the chart that are kept as printed; a card never needs more


# A Struct is made in a fifth of the time, and some thirty are made of a chart.
class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value of `fact`. `date` None is undated; `note` is a sentence that belongs to it."""

    fact: str
    value: Value
    where: Provenance
    date: FhirDate | None = None
    note: str = ""


Readings = Mapping[str, Sequence[Reading]]
# Asked of every reading of a fact that has several, without a step of Python for each.
_value, _where, _date, _note = map(attrgetter, ("value", "where", "date", "note"))


@lru_cache(maxsize=512)
def choice(value: str) -> Choice:
    """The choice of one value. There are few, and each is read of many patients."""
    return Choice(frozenset({value}))


def where(entry: Entry, path: str, printed: str, *, from_text: bool = False) -> Provenance:
    """The place of a reading in an entry, with its date and the words as printed."""
    day = entry.date
    dated = None if day is None else day.text
    mapped = entry.mapped and not from_text
    # Of a tuple of all its fields, in order: by a call with them it takes twice as long. So are
    # the facts below.
    of_all = entry.reference, path, dated, printed[:PRINTED_LENGTH], from_text, mapped
    return tuple.__new__(Provenance, of_all)


def settle(
    definition: FactDefinition, readings: Sequence[Reading], as_of: date, record: Record
) -> Fact:
    """The fact that readings amount to: stale ones left out, then the newest, highest or any."""
    if len(readings) != 1:
        kept = _counting(definition, readings, as_of)
        if not kept:
            return absent(definition, readings, record.unavailable)
        if len(kept) > 1:
            return _of_several(definition, kept, as_of)
        readings = kept
    one, fact_type, aged = readings[0], definition.type, False  # as nearly every fact of a chart is
    unknown_days, warn_days = fact_type.unknown_days, fact_type.warn_days
    if unknown_days is not None or warn_days is not None:
        days = None if one.date is None else (as_of - one.date.last).days
        if unknown_days is not None and (days is None or days > unknown_days):
            return absent(definition, readings, record.unavailable)
        aged = warn_days is not None and days is not None and days > warn_days
    value = _members(fact_type, readings) if fact_type.kind == "members" else one.value
    notes = (one.note,) if one.note else ()
    told = fact_type.name, value, (one.where,), (), None, False, aged, False, notes
    return tuple.__new__(Fact, told)


def _counting(
    definition: FactDefinition, readings: Sequence[Reading], as_of: date
) -> Sequence[Reading]:
    """Those that are not too old; of a fact that takes the newest, the newest of them."""
    fresh, limit = readings, definition.type.unknown_days
    if limit is not None:
        dated = [(reading, reading.date) for reading in readings]
        fresh = [r for r, day in dated if day is not None and days_between(day, as_of) <= limit]
    return _newest(fresh) if definition.take == "newest" and len(fresh) > 1 else fresh


def _of_several(definition: FactDefinition, kept: Sequence[Reading], as_of: date) -> Fact:
    fact_type, unsure, aged = definition.type, False, False
    if fact_type.kind == "members":
        value: Value = _members(fact_type, kept)
    else:
        value = _combined(definition, list(map(_value, kept)))
        unsure = definition.take == "newest" and _of_several_days(kept)
    if fact_type.warn_days is not None:
        newest = kept[0].date if _of_one_date(kept) else max(kept, key=_end).date
        aged = newest is not None and days_between(newest, as_of) > fact_type.warn_days
    places = tuple(dict.fromkeys(map(_where, kept)))
    notes = dict.fromkeys(filter(None, map(_note, kept)))
    if unsure:
        notes[UNSURE_WHICH] = None
    told = fact_type.name, value, places, (), None, False, aged, False, tuple(notes)
    return tuple.__new__(Fact, told)


def _of_several_days(readings: Sequence[Reading]) -> bool:
    """Do partial dates leave open which of them is the newest?"""
    if _of_one_date(readings):
        return False
    return len({(_first(reading), _end(reading)[0]) for reading in readings}) > 1


def of_a_part(definition: FactDefinition, fact: Fact, incomplete: frozenset[str]) -> Fact:
    """The fact if only a part of its resources is there: what the rest cannot change, else unknown.

    What is recorded stays recorded, and a highest value is at least the highest that was seen; but
    of a newest value nobody knows whether it is the newest.
    """
    lacking = sorted(incomplete.intersection(definition.places)) if incomplete else ()
    if not lacking or fact.value is None:
        return fact
    value = _at_least(definition, fact.value)
    if value is not None:
        return fact._replace(value=value)
    why = f"not assessed: only a part of {', '.join(lacking)} is available"
    return fact._replace(value=None, why_absent=why)


def _at_least(definition: FactDefinition, value: Value) -> Value | None:
    highest = definition.take == "highest"
    match value:
        case Flag(so=True) if definition.take == "any":
            return value
        case Members() if value.has:
            return Members(value.has, frozenset())
        case Span() if highest:
            return value._replace(high=None, high_open=False)
        case Choice() if highest:
            ranked = definition.type.values
            lowest = min(ranked.index(one) for one in value.possible)
            return Choice(frozenset(ranked[lowest:])) if lowest else None
    return None


def absent(
    definition: FactDefinition, stale: Sequence[Reading], unavailable: frozenset[str]
) -> Fact:
    """The fact of which nothing that may be used is read."""
    fact_type = definition.type
    lacking = sorted(unavailable & set(definition.places))
    if lacking:
        return Fact(fact_type.name, why_absent=f"not assessed: {', '.join(lacking)} not available")
    if stale:
        newest = max(stale, key=_end)
        told = f"of {newest.date.text} is too old" if newest.date else "has no date"
        why = f"the newest value {told} to be used"
        dated = newest.date is not None
        return Fact(fact_type.name, why_absent=why, readings=(newest.where,), expired=dated)
    return definition.silence


def _end(reading: Reading) -> tuple[date, datetime]:
    """Sorts by the last day of the date, then by the instant; an undated reading comes first."""
    return newest_key(reading.date) if reading.date else _UNDATED


_UNDATED = (date.min, datetime.min.replace(tzinfo=UTC))


def _newest(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Every reading of the newest day; within a day a later instant beats an earlier one.

    "2026-11" may be any day of November, so it counts beside a day of that month.
    """
    if _of_one_date(readings):
        return readings
    begins = max([_first(reading) for reading in readings])
    of_day = [reading for reading in readings if _end(reading)[0] >= begins]
    if len(of_day) == 1:
        return of_day
    timed = [reading for reading in of_day if reading.date and reading.date.at]
    if len(timed) == len(of_day):
        latest = max(_end(reading)[1] for reading in timed)
        return [reading for reading in timed if _end(reading)[1] == latest]
    return of_day


def _of_one_date(readings: Sequence[Reading]) -> bool:
    """Is it one date for all, as of several findings in one report?"""
    dates = list(map(_date, readings))
    return dates.count(dates[0]) == len(dates)


def _first(reading: Reading) -> date:
    return reading.date.first if reading.date else date.min


def _combined(definition: FactDefinition, values: Sequence[Value]) -> Value:
    """One value of several that count together: the highest, or the worst for the patient."""
    first = values[0]
    is_open = type(first) is Span and (first.low is None or first.high is None)
    # Several findings of one report say the same more often than not.
    if not is_open and values.count(first) == len(values):
        return first
    fact_type, worst = definition.type, definition.worst
    spans = [value for value in values if isinstance(value, Span)]
    if spans:
        high = definition.take == "highest" or worst == "high"
        return reduce(higher_of if high else lower_of, spans)
    flags = [value for value in values if isinstance(value, Flag)]
    if flags:
        return Flag(any(flag.so for flag in flags))
    possible = [value.possible for value in values if isinstance(value, Choice)]
    if definition.take == "highest" or worst:
        ranked = list(fact_type.values)
        return Choice(max(possible, key=lambda one: max(ranked.index(v) for v in one)))
    return Choice(frozenset().union(*possible))


def _members(fact_type: FactType, readings: Sequence[Reading]) -> Members:
    found = [reading.value for reading in readings if isinstance(reading.value, Members)]
    has = frozenset[str]().union(*(value.has for value in found))
    lacks = frozenset[str]().union(*(value.lacks for value in found)) - has
    if fact_type.closed:
        lacks = frozenset(fact_type.values) - has
    return Members(has, lacks)
