"""Which treatments are running, which are over, and when each began."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import msgspec

from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.dates import days_between
from cdshooks.fhir.readers.course import Course, began, course, last_given
from cdshooks.fhir.readers.naming import affirmed, is_named
from cdshooks.fhir.reading import Reading, Readings, choice, where
from cdshooks.fhir.text.lexicon import Mention
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

DEPOT_DAYS = 60  # a depot of a somatostatin analogue given within these days is running
RECENT_DAYS = 183  # 6 months after the last dose of PRRT
_REACH = 6  # words from "progressed on" to the drug
_KINDS = ("MedicationRequest", "MedicationStatement", "MedicationAdministration", "Procedure")
# Regimens of two drugs: in one entry, or both on file.
_REGIMENS = {
    "prior.captem": ("capecitabine", "temozolomide"),
    "prior.platinum_etoposide": ("etoposide", "platinum"),
}
_OF_A_TREATMENT = frozenset({"fact", "part", "start"})
# Hardly given for anything but a NET.
_OF_A_NET = frozenset({"prior.ssa", "prior.prrt", "prior.mibg_therapy"})
_TEXTS = ("report", "value", "note", "condition", "stage")


class Given(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One entry of a treatment that counts."""

    concept: Concept
    matched: Matched
    course: Course

    def reading(self, fact: str, course: Course) -> Reading:
        """What this entry says of `fact`."""
        entry = self.matched.entry
        path = "code"
        for element in ("medicationReference", "medicationCodeableConcept"):
            if element in entry.body:
                path = element
                break
        place = where(entry, path, self.matched.coded.printed)
        return Reading(fact, choice(course), place, entry.date)


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """prior.*, and internal readings `therapy_start`, one for the first entry of each treatment."""
    given = list(_given(chart, family))
    for one in given:
        if "fact" in one.concept.says:
            yield one.reading(one.concept.says["fact"], one.course)
    if given:
        yield from _regimens(given)
    yield from _in_words(chart, family, earlier)
    if given:
        yield from _recent(given, chart.as_of)
        yield from _starts(given)


def _given(chart: Chart, family: Family) -> Iterator[Given]:
    treatments = _treatments(family)
    # In the order of the family, as the readings of one day are.
    there = sorted(treatments.keys() & chart.matched.keys(), key=treatments.__getitem__)
    for concept in [family.by_key[key] for key in there]:
        for matched in chart.matching(concept, *_KINDS):
            stands = course(matched.entry, chart.as_of) if is_named(matched, concept) else None
            if stands and _is_here(matched, concept, chart, family):
                running = stands == "past" and _depot_acts(matched, concept, chart, family)
                yield Given(concept, matched, "current" if running else stands)


@lru_cache(maxsize=8)
def _treatments(family: Family) -> dict[str, int]:
    """The places of the concepts of treatments in the family, by their keys."""
    every = enumerate(family.concepts.values())
    return {one.key: at for at, one in every if not _OF_A_TREATMENT.isdisjoint(one.says)}


@lru_cache(maxsize=8)
def _courses(family: Family) -> frozenset[str]:
    """The concepts that say how the disease went on a treatment."""
    return frozenset(concept.key for concept in family.saying("course"))


def _is_here(matched: Matched, concept: Concept, chart: Chart, family: Family) -> bool:
    """Radiotherapy counts only where it is said to be of the liver."""
    if concept.says.get("site") != "liver":
        return True
    sites = [chart.coded(site) for site in matched.entry.body.get("bodySite", ())]
    written = [name for coded in (matched.coded, *sites) for name in coded.names]
    return family.concepts["liver"].key in chart.names_in(written)


def _depot_acts(matched: Matched, concept: Concept, chart: Chart, family: Family) -> bool:
    """Was a depot of a somatostatin analogue given so lately that it still acts?"""
    given = last_given(matched.entry)
    if matched.entry.type != "MedicationAdministration" or given is None:
        return False
    by_name = family.concepts["octreotide-depot"].key in chart.names_of(matched.coded)
    is_depot = "depot" in concept.says or (concept.says.get("drug") == "octreotide" and by_name)
    return is_depot and days_between(given, chart.as_of) <= DEPOT_DAYS


def _regimens(given: Iterable[Given]) -> Iterator[Reading]:
    """A regimen runs while both its drugs run; a drug of one that is not complete stands alone."""
    parts: dict[str, list[Given]] = {}
    for one in given:
        if "part" in one.concept.says:
            parts.setdefault(one.concept.says["part"], []).append(one)
    for fact, names in _REGIMENS.items():
        members = [parts.get(name, []) for name in names]
        if all(members):
            both_run = all(any(one.course == "current" for one in drug) for drug in members)
            for one in (one for drug in members for one in drug):
                yield one.reading(fact, "current" if both_run else "past")
            continue
        for one in (one for drug in members for one in drug):
            if "alone" in one.concept.says:
                yield one.reading(one.concept.says["alone"], one.course)


def _in_words(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """What a report, a result, a note or the text of the NET calls "progressed on octreotide"."""
    spoken = chart.saying_any(_courses(family))
    if not spoken:
        return
    told = family.saying("course")
    drugs = family.saying("fact")
    if earlier.get("other_cancer"):  # a chemotherapy may have been for that one
        drugs = tuple(concept for concept in drugs if concept.says["fact"] in _OF_A_NET)
    filler = family.concepts["filler"].key
    for said in spoken:
        if said.source not in _TEXTS:
            continue
        if said.entry.type == "Condition" and said.entry.reference not in chart.tumours:
            continue
        for concept in told:
            yield from _drugs_after(said, concept, drugs, filler)


def _drugs_after(
    said: Said, told: Concept, drugs: Iterable[Concept], filler: str
) -> Iterator[Reading]:
    """The drugs that follow the words, and what the words name themselves ("prior PRRT")."""
    for hit in affirmed(said, told):
        facts = [told.says["of"]] if "of" in told.says else []
        facts += [
            drug.says["fact"]
            for drug in drugs
            for named in affirmed(said, drug)
            if "of" not in told.says
            and _follows(said, hit, named)
            and ("filled" not in told.says or _only_fills(said, hit, named, filler))
        ]
        for fact in facts:
            yield Reading(fact, choice(told.says["course"]), said.place, said.entry.date)


def _follows(said: Said, told: Mention, drug: Mention) -> bool:
    same = said.sentence.part(told.last_token) == said.sentence.part(drug.first_token)
    return same and 0 < drug.first_token - told.last_token <= _REACH


def _only_fills(said: Said, told: Mention, drug: Mention, filler: str) -> bool:
    """Do only numbers, and words such as "cycles of", stand between?"""
    filled = {h for hit in said.about(filler) for h in range(hit.first_token, hit.last_token + 1)}
    between = range(told.last_token + 1, drug.first_token)
    return all(at in filled or said.sentence.words[at].isdigit() for at in between)


def _recent(given: Iterable[Given], as_of: date) -> Iterator[Reading]:
    for one in given:
        if one.concept.says.get("fact") != "prior.prrt":
            continue
        last = last_given(one.matched.entry)
        if one.course == "current" or last is not None:
            so = one.course == "current" or (
                last is not None and days_between(last, as_of) <= RECENT_DAYS
            )
            place = one.reading("prior.prrt", one.course).where
            yield Reading("prior.prrt_recent", Flag(so), place, last)


def _starts(given: Iterable[Given]) -> Iterator[Reading]:
    """The first entry of each drug, and each procedure on the liver."""
    first: dict[str, tuple[date, Reading]] = {}
    for one in given:
        entry = one.matched.entry
        start = began(entry)
        if start is None:
            continue
        of_each = one.concept.says.get("start") == "each"
        name = entry.reference if of_each else one.concept.says.get("drug", one.concept.key)
        place = one.reading("", one.course).where
        reading = Reading("therapy_start", Flag(so=True), place, start)
        if name not in first or start.first < first[name][0]:
            first[name] = (start.first, reading)
    yield from (reading for _, reading in first.values())
