"""Hormonal syndromes, symptoms, and whether they are kept in check.

A hormone level, or a code of raised secretion (E16), is a hint and never a syndrome.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cdshooks.clinical.value import Flag, Members, Value
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.readers.answers import above_normal
from cdshooks.fhir.readers.naming import affirmed, certain, is_named
from cdshooks.fhir.readers.numbers import above_own_range, printed_value
from cdshooks.fhir.readers.presence import Sighting, is_there, sightings
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

TYPES, FUNCTIONAL, HINTS = "syndrome.types", "syndrome.functional", "syndrome.hints"


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """syndrome.* and symptom.*; the diagnosis has already given the syndromes of named tumours."""
    if chart.concepts.isdisjoint(_telling(family)):
        yield from _functioning(earlier.get(TYPES, ()))
        return
    types = [*_types(chart, family), *_morphologies(chart, family)]
    yield from types
    yield from _function(chart, family, [*types, *earlier.get(TYPES, ())])
    yield from _hints(chart, family)
    yield from _measured(chart, family.concepts["metanephrines"])
    yield from (
        one.reading("syndrome.crisis")
        for one in sightings(chart, family.concepts["crisis"], "Condition", "Observation")
    )
    yield from _refractory(chart, family)
    symptoms = [r for concept in family.saying("symptom") for r in _symptom(chart, concept)]
    yield from symptoms
    yield from _asymptomatic(chart, family, _standing(symptoms))


_BY_SAYING = ("type", "hint", "level", "symptom")
_BY_NAME = (
    *("morphology", "metanephrines", "crisis", "non-functioning", "refractory"),
    *("incidental", "asymptomatic"),
)


@lru_cache(maxsize=8)
def _telling(family: Family) -> frozenset[str]:
    """The concepts without one of which nothing is read; the others only help to read these."""
    told = [concept for what in _BY_SAYING for concept in family.saying(what)]
    named = [family.concepts[name] for name in _BY_NAME]
    return frozenset([concept.key for concept in (*told, *named)])


def _types(chart: Chart, family: Family) -> Iterator[Reading]:
    for concept in family.saying("type"):
        for one in sightings(chart, concept, "Condition", "Observation"):
            if one.so:
                yield _type(concept, one)


def _morphologies(chart: Chart, family: Family) -> Iterator[Reading]:
    """The syndrome that a morphology of the specimen names (insulinoma ...)."""
    by_key = {concept.key: concept for concept in family.saying("type")}
    for matched in chart.matching(family.concepts["morphology"], "Observation"):
        value = chart.coded(matched.part.get("valueCodeableConcept"))
        for key in chart.index.find(value.codes):
            if key in by_key:
                place = where(matched.entry, "valueCodeableConcept", value.printed)
                yield _type(by_key[key], Sighting(True, place, matched.entry.date))


def _type(concept: Concept, one: Sighting) -> Reading:
    return Reading(TYPES, _member(concept.says["type"]), one.where, one.date)


def _hints(chart: Chart, family: Family) -> Iterator[Reading]:
    """What hints at a hormone: symptoms, codes of raised secretion, a mass, a raised level."""
    for concept in family.saying("hint"):
        for one in sightings(chart, concept, "Condition"):
            if one.so:
                yield Reading(HINTS, _member(concept.says["hint"]), one.where, one.date)
    for concept in family.saying("level"):
        for matched in _results(chart, concept):
            if above_normal(matched.part) or above_own_range(matched.part):
                yield _of_result(HINTS, _member(concept.says["level"]), matched)


def _measured(chart: Chart, concept: Concept) -> Iterator[Reading]:
    """Metanephrines with any result at all."""
    for matched in _results(chart, concept):
        if printed_value(matched.part)[0]:
            yield _of_result("syndrome.metanephrines_measured", Flag(so=True), matched)


def _results(chart: Chart, concept: Concept) -> Iterator[Matched]:
    for matched in chart.matching(concept, "Observation"):
        if is_named(matched, concept) and "dataAbsentReason" not in matched.part:
            yield matched


def _of_result(fact: str, value: Value, matched: Matched) -> Reading:
    element, printed = printed_value(matched.part)
    place = where(matched.entry, f"{matched.path}.{element}".strip("."), printed)
    return Reading(fact, value, place, matched.entry.date)


def _member(one: str) -> Members:
    return Members(frozenset({one}), frozenset())


def _function(chart: Chart, family: Family, types: Iterable[Reading]) -> Iterator[Reading]:
    """Functioning if any syndrome is on file. Not functioning, if it says so, excludes them all."""
    types = list(types)
    yield from _functioning(types)
    if types:
        return
    every = frozenset(concept.says["type"] for concept in family.saying("type"))
    for one in sightings(chart, family.concepts["non-functioning"], "Condition"):
        if one.so:
            yield Reading(FUNCTIONAL, Flag(so=False), one.where, one.date)
            yield Reading(TYPES, Members(frozenset(), every), one.where, one.date)


def _functioning(types: Iterable[Reading]) -> Iterator[Reading]:
    for one in types:
        yield Reading(FUNCTIONAL, Flag(so=True), one.where, one.date)


def _refractory(chart: Chart, family: Family) -> Iterator[Reading]:
    """In a sentence about the syndrome or its symptoms."""
    refractory = family.concepts["refractory"]
    words = (family.concepts["hormonal"], family.concepts["hormonal-words"])
    about = [*words, *family.saying("type")]
    for said in chart.saying(refractory):
        hits = list(certain(said, refractory))
        if hits and any(c.key in said.named for c in about) and is_there(said.entry, chart):
            yield from (_said(said, "syndrome.refractory", not hit.negated) for hit in hits)


def _symptom(chart: Chart, concept: Concept) -> Iterator[Reading]:
    """A symptom; of those that have many names ("bleeding") denying one denies not the rest."""
    for one in sightings(chart, concept, "Condition", "Observation"):
        if one.so or concept.says.get("denied") != "in part":
            yield one.reading(concept.says["symptom"])


def _standing(symptoms: Iterable[Reading]) -> list[Reading]:
    """The affirmations that no later word has denied; as the facts themselves are settled."""
    symptoms = list(symptoms)
    newest: dict[str, int] = {}
    for reading in symptoms:
        newest[reading.fact] = max(_day(reading), newest.get(reading.fact, 0))
    return [
        reading
        for reading in symptoms
        if reading.value == Flag(so=True) and _day(reading) == newest[reading.fact]
    ]


def _day(reading: Reading) -> int:
    return reading.date.last.toordinal() if reading.date else 0


def _asymptomatic(chart: Chart, family: Family, symptoms: Iterable[Reading]) -> Iterator[Reading]:
    """Said to be asymptomatic, or a tumour found by chance; no if any symptom is on file."""
    denied = [
        Reading("symptom.asymptomatic", Flag(so=False), reading.where, reading.date)
        for reading in symptoms
    ]
    yield from denied
    if denied:
        return
    incidental = family.concepts["incidental"]
    for said in chart.saying_any({incidental.key, family.concepts["asymptomatic"].key}):
        of_tumour = said.entry.reference in chart.tumours
        if said.entry.type == "Condition" and not of_tumour:
            continue
        by_chance = affirmed(said, incidental)
        names = family.concepts["tumour-words"].key in said.named
        if affirmed(said, family.concepts["asymptomatic"]) or (by_chance and (of_tumour or names)):
            yield _said(said, "symptom.asymptomatic", True)


def _said(said: Said, fact: str, so: bool) -> Reading:
    return Reading(fact, Flag(so), said.place, said.entry.date)
