"""Is a thing there? Conditions, yes-no results and sentences that affirm or deny one concept."""

from collections.abc import Iterator
from dataclasses import dataclass

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Chart, Matched
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.readers.answers import plain_answer
from cdshooks.fhir.readers.course import course
from cdshooks.fhir.readers.naming import certain, is_named
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.record import Entry
from cdshooks.knowledge.concepts import Concept


@dataclass(frozen=True, slots=True)
class Sighting:
    """A concept affirmed (`so`) or denied in one place of the record."""

    so: bool
    where: Provenance
    date: FhirDate | None

    def reading(self, fact: str) -> Reading:
        return Reading(fact, Flag(self.so), self.where, self.date)


def is_there(entry: Entry, chart: Chart) -> bool:
    """Does the entry tell of something that is so now? A drug counts while it is running."""
    if entry.type.startswith("Medication"):
        return course(entry, chart.as_of) == "current"
    return is_present(entry, chart)


def sightings(chart: Chart, concept: Concept, *types: str) -> Iterator[Sighting]:
    """Every sighting in entries of these types and in prose, a Condition's own name once."""
    if not chart.names(concept):
        return
    named: set[str] = set()
    for matched in chart.matching(concept, *types):
        so = _says(matched, chart) if is_named(matched, concept) else None
        if so is not None:
            named.add(matched.entry.reference)
            element, printed = printed_value(matched.part)
            path = f"{matched.path}.{element or 'code'}".strip(".")
            place = where(matched.entry, path, printed or matched.coded.printed)
            yield Sighting(so, place, matched.entry.date)
    for said in chart.saying(concept):
        hits = list(certain(said, concept))
        told = said.source in ("condition", "procedure") and said.entry.reference in named
        if hits and not told and is_there(said.entry, chart):
            yield from (Sighting(not hit.negated, said.place, said.entry.date) for hit in hits)


def _says(matched: Matched, chart: Chart) -> bool | None:
    """A result by its answer; anything else by being there."""
    if matched.entry.type != "Observation":
        return True if is_there(matched.entry, chart) else None
    if "dataAbsentReason" in matched.part:
        return None
    codes = chart.coded(matched.part.get("valueCodeableConcept")).codes
    return plain_answer(codes, matched.part, printed_value(matched.part)[1])
