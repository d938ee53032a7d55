"""What is said about the disease: progressive, stable, responding, mixed or undetermined.

A status counts where it is sure that it is the tumour's: the coded disease status, the NET itself,
and sentences that name the disease. "Stable" of a pulse, a fracture or an angina is none.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from cdshooks.clinical.fact import Provenance
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.dates import FhirDate, read_date
from cdshooks.fhir.readers.naming import NEAR, is_named, words_in
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.wording import overlaps
from cdshooks.fhir.reading import where
from cdshooks.fhir.text.cues import DENIES_NEXT_WORDS
from cdshooks.fhir.text.lexicon import Mention
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_REACH = 4  # words from the status to the tumour that it is of
_SOURCES = ("value", "report", "note", "condition", "stage")
# What may stand beside the status in a sentence that says nothing else ("Stable since 2026-01").
_NEUTRAL = frozenset(
    {
        *("since", "for", "over", "from", "to", "the", "a", "of", "on", "in", "at", "and", "with"),
        *("last", "past", "previous", "prior", "compared", "comparison", "interval", "overall"),
        *("scan", "scans", "ct", "mri", "pet", "imaging", "study", "examination"),
        *("month", "months", "year", "years", "week", "weeks", "is", "are", "has", "been"),
        *("remains", "significant", "evidence", "no", "impression", "conclusion", "result"),
    }
)


class Status(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One statement about the disease; `said` and `hit` are the words, if it is made in words."""

    status: str
    where: Provenance
    date: FhirDate | None
    said: Said | None = None
    hit: Mention | None = None


def statuses(chart: Chart, family: Family) -> Iterator[Status]:
    """Every statement about the disease, coded ones first."""
    yield from _Teller(chart, family).told()


class _Teller:
    def __init__(self, chart: Chart, family: Family):
        self._chart = chart
        self._family, self._concepts = family, family.saying("status")
        named, tumour = family.concepts["disease-status"], family.concepts["tumour"]
        self._tumour, self._former = tumour.key, family.concepts["former"].key
        self._therapy = family.concepts["therapy"].key
        self._named = named.key
        self._results = [
            matched
            for matched in chart.matching(named, "Observation")
            if is_named(matched, named) and "dataAbsentReason" not in matched.part
        ]
        self._result_refs = {matched.entry.reference for matched in self._results}
        self._about = {said.entry.reference for said in chart.saying(tumour)}

    def told(self) -> Iterator[Status]:
        coded = {m.entry.reference: s for m in self._results if (s := self._coded(m)) is not None}
        yield from coded.values()
        for said in self._chart.saying_any(_statuses(self._family)):
            if said.source not in _SOURCES:
                continue
            of_diagnosis = said.entry.type == "Condition"
            is_other = of_diagnosis and said.entry.reference not in self._chart.tumours
            if not is_other and not (said.source == "value" and said.entry.reference in coded):
                yield from self._in_sentence(said)

    def _coded(self, matched: Matched) -> Status | None:
        element, printed = printed_value(matched.part)
        value = self._chart.coded(matched.part.get("valueCodeableConcept"))
        found = self._chart.index.find(value.codes)
        by_key = self._family.by_key
        concepts = [by_key[key] for key in found if key in by_key]
        said = {c.says["status"] for c in concepts if "status" in c.says}
        if len(said) != 1:
            return None
        place = where(matched.entry, f"{matched.path}.{element}".strip("."), printed)
        return Status(said.pop(), place, matched.entry.date)

    def _in_sentence(self, said: Said) -> Iterator[Status]:
        former, named = said.about(self._former), said.named
        found = [
            (concept, hit)
            for concept in self._concepts
            if concept.key in named
            for hit in named[concept.key]
            if not (hit.doubtful or overlaps(hit, former) or self._is_of_other(said, concept, hit))
            and self._is_of_tumour(said, concept, hit)
        ]
        latest = [(c, hit) for c, hit in found if "latest" in c.says]
        for concept, hit in latest or found:
            denied = hit.negated or _is_denied_behind(said, hit, self._tumour)
            status = _meant(concept.says["status"], denied=denied)
            if status:
                yield Status(status, said.place, _date(said), said, hit)

    def _is_of_other(self, said: Said, concept: Concept, hit: Mention) -> bool:
        """Of a fracture, a pulse? Behind the status the thing that stands nearer counts."""
        for other in words_in(concept.never_words, said.sentence):
            part, of_other = (said.sentence.part(h.first_token) for h in (hit, other))
            ahead = other.first_token - hit.last_token
            if part != of_other or ahead > NEAR or hit.first_token - other.last_token > NEAR:
                continue
            nearer = range(hit.last_token + 1, other.first_token)
            if not any(named.first_token in nearer for named in said.about(self._tumour)):
                return True
        return False

    def _is_of_tumour(self, said: Said, concept: Concept, hit: Mention) -> bool:
        reference = said.entry.reference
        needs = concept.says.get("needs")
        if needs == "therapy":
            return self._is_before_therapy(said, hit)
        if needs is None or reference in self._result_refs:
            return True
        if self._named in said.named:
            return True
        if needs == "status":
            return False
        if reference in self._chart.tumours or self._tumour in said.named:
            return True
        return reference in self._about and _says_nothing_else(said, hit)

    def _is_before_therapy(self, said: Said, hit: Mention) -> bool:
        """Is it said of a treatment? "Progressed on CT" may be of anything."""
        part = said.sentence.part(hit.last_token)
        return any(
            0 < drug.first_token - hit.last_token <= _REACH
            and said.sentence.part(drug.first_token) == part
            for drug in said.about(self._therapy)
        )


@lru_cache(maxsize=8)
def _statuses(family: Family) -> frozenset[str]:
    """The concepts that say a status."""
    return frozenset(concept.key for concept in family.saying("status"))


def _date(said: Said) -> FhirDate | None:
    """The text of a Condition is as old as its record, not as the disease."""
    if said.entry.type != "Condition":
        return said.entry.date
    recorded = said.entry.dates.get("recordedDate")
    return read_date(recorded)[0] if recorded is not None else None


def _meant(status: str, *, denied: bool) -> str | None:
    """The status that a phrase means; denied, progression is stable and all else says nothing."""
    if not denied:
        return status
    return "stable" if status == "progressive" else None


def _is_denied_behind(said: Said, hit: Mention, tumour: str) -> bool:
    """Is "progression of liver metastases" taken back behind the tumour ("was not seen")?"""
    for named in said.about(tumour):
        between = range(hit.last_token + 1, named.first_token)
        if named.negated and len(between) < _REACH and between.start <= named.first_token:
            marks = [mark for mark in said.sentence.marks if mark.first in between]
            return not any(DENIES_NEXT_WORDS in mark.roles for mark in marks)
    return False


def _says_nothing_else(said: Said, hit: Mention) -> bool:
    words = said.sentence.words
    around = (*words[: hit.first_token], *words[hit.last_token + 1 :])
    return all(word in _NEUTRAL or word.isdigit() for word in around)
