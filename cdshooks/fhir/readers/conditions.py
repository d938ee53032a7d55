"""What one Condition is: a NET, a look-alike, another cancer, a secondary, or nothing of these."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cdshooks.clinical.fact import Provenance
from cdshooks.fhir.chart import Chart, Matched
from cdshooks.fhir.readers.condition_text import condition_text
from cdshooks.fhir.readers.judgement import Case, Sayings, entity_of, judgement, sayings
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.standing import Standing, stated
from cdshooks.fhir.reading import where
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_CHAPTER = "diagnosis/malignancy-chapter"
_HISTOLOGY_EXTENSION = "histology-morphology-behavior"


class Finding(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One Condition (or morphology result) as read: what it is, how it stands, and what it says."""

    entry: Entry
    place: Provenance
    entity: str
    standing: Standing
    said: Sayings
    sites: tuple[str, ...] = ()
    secondary: bool = False


def judge(
    entry: Entry, chart: Chart, family: Family, *, is_told: bool, names_other_histology: bool
) -> Finding | None:
    """The finding of one Condition; None if it says nothing about a tumour, or cannot be used.

    `is_told`: its text has the word of a tumour.
    """
    about, body = entry.coded, entry.body
    coded = concepts_of(about.codes, chart, family)
    if "extension" in body:
        coded = (*coded, *_histology(entry, chart, family))
    if about.text and not coded and not is_told:
        return None
    there = tuple(_body_sites(entry, chart, family)) if "bodySite" in body else ()
    status = stated(entry)
    chart.present[id(entry)] = status.is_there  # many readers ask, of each of its sentences
    found = judgement(Case(about, coded, there, status, names_other_histology, family))
    for path, problem in found.problems:
        chart.report(entry, path, problem)
    one = found.judged
    if one is None:
        return None
    place = where(entry, "code", about.printed)
    return Finding(entry, place, one.entity, one.standing, one.said, one.sites, one.secondary)


def concepts_of(
    codes: tuple[tuple[str, str], ...], chart: Chart, family: Family
) -> tuple[Concept, ...]:
    """The concepts of this family that codes belong to; a chapter only where nothing else is."""
    return _concepts_of((chart.index.find(codes), family)) if codes else ()


def _concepts_among(key: tuple[tuple[str, ...], Family]) -> tuple[Concept, ...]:
    keys, family = key
    by_key = family.by_key
    found = [by_key[key] for key in keys if key in by_key]
    if not found:
        return ()
    known = [concept for concept in found if concept.key != _CHAPTER]
    told = any("entity" in concept.says for concept in known)
    return tuple(known if told else found)


_concepts_of = Remembered(_concepts_among, length=lambda key: sum(map(len, key[0])))


def _histology(entry: Entry, chart: Chart, family: Family) -> Iterable[Concept]:
    """What mCODE's histology extension says, by its codes or else in its words."""
    by_key = family.by_key
    for extension in entry.body.get("extension", ()):
        if str(extension.get("url", "")).endswith(_HISTOLOGY_EXTENSION):
            told = chart.coded(extension.get("valueCodeableConcept"))
            known = concepts_of(told.codes, chart, family)
            named = (by_key[key] for key in chart.names_in(told.names) if key in by_key)
            yield from known or named


def _body_sites(entry: Entry, chart: Chart, family: Family) -> Iterable[Concept]:
    by_key = family.by_key
    for site in entry.body.get("bodySite", ()):
        found = chart.coded(site)
        for key in (*chart.index.find(found.codes), *chart.names_in(found.names)):
            if key in by_key:
                yield by_key[key]


def morphology(matched: Matched, chart: Chart, family: Family) -> Finding | None:
    """The finding of a morphology result: the ICD-O-3 code of a specimen, or else its words."""
    value: Mapping[str, Any] = matched.part.get("valueCodeableConcept", {})
    found = chart.coded(value)
    concepts = concepts_of(found.codes, chart, family)
    element, printed = printed_value(matched.part)
    if not concepts:
        text = condition_text((printed,), family)
        doubted = text.doubtful or text.rules_out or text.looks_for
        concepts = () if doubted else tuple(dict.fromkeys(n.concept for n in text.affirmed))
    entity = entity_of(concepts)
    if entity is None:
        return None
    place = where(matched.entry, f"{matched.path}.{element}".strip("."), printed)
    return Finding(matched.entry, place, entity, "active", sayings(concepts))
