"""A chart that is opened again: what its facts depend on, and the room that they take.

The day is part of it: the same chart says something else tomorrow.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from typing import Final

from cdshooks.clinical.fact import Fact, Problem
from cdshooks.fhir.record import Entry, Record

_REFERRING: Final = ("focus", "result", "hasMember")  # the elements whose targets are looked up
_OF_A_CHART: Final = 10_000  # bytes of the facts by name and of the key; a silent fact is shared
_OF_A_FACT, _OF_A_READING, _OF_A_PROBLEM = 800, 1_200, 600


def chart_key(record: Record, as_of: date) -> Hashable | None:
    """All that the facts of a record depend on; None if an entry has no key of its own.

    The key of an entry says all that stands in it. The URLs of the record matter only for what is
    referred to.
    """
    patient = record.patient.key if record.patient else None
    keys = tuple([entry.key for entry in record.entries])
    if patient == b"" or b"" in keys:
        return None
    referred = tuple([to for entry in record.entries for to in _referred(entry, record)])
    lacking = record.unavailable, record.incomplete, record.without_older
    return "chart", keys, patient, as_of, lacking, referred


def _referred(entry: Entry, record: Record) -> Iterable[str]:
    body = entry.body
    for element in _REFERRING:
        if element in body:
            for one in body[element]:
                yield record.target(one, entry.reference)


def bytes_of(facts: Mapping[str, Fact], problems: Iterable[Problem]) -> int:
    """The bytes that the facts of a chart take, from above; their texts are cut at a length."""
    places = [len(fact.readings) for fact in facts.values() if fact.readings]
    told = _OF_A_FACT * len(places) + _OF_A_READING * sum(places)
    return _OF_A_CHART + told + sum(_OF_A_PROBLEM for _ in problems)
