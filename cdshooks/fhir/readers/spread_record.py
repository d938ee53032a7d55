"""What of the record is about this tumour: its own entries, and sentences that may be used for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.value import Choice
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.readers.wording import Wording, lexicon_of
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.knowledge.facts import Concept, Family

_ANYWHERE = ("Condition", "Observation", "DiagnosticReport", "Procedure")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign of how far the disease has spread.

    `kind` is metastatic (in `place`), m0, localised, local-or-regional, node, no-node, or what is
    said of the pattern: liver-only, liver-dominant, disseminated, no-extrahepatic.
    """

    kind: str
    where: Provenance
    date: FhirDate | None
    place: str = "unknown"


class Record:
    """The chart as the reader of spread sees it."""

    def __init__(self, chart: Chart, family: Family, earlier: Readings):
        self.chart, self.family = chart, family
        self.lexicon = lexicon_of(family)
        self._keys = {concept.key for concept in family.concepts.values()}
        self._tumours = {reading.where.reference for reading in earlier.get("net.entity", ())}
        self._crowded = bool(earlier.get("other_cancer"))
        self.sites = {
            site
            for reading in earlier.get("tumour.site", ())
            if isinstance(reading.value, Choice)
            for site in reading.value.possible
        }

    @cached_property
    def sentences(self) -> list[tuple[Said, Wording]]:
        """Every sentence with a word of this family that is of this tumour.

        With another active cancer on file a sentence has to name a NET, or stand in the NET itself.
        """
        found = []
        for said in self.chart.prose:
            if self._counts(said) and any(hit.concept in self._keys for hit in said.hits):
                w = Wording(said.sentence, self.lexicon)
                if not self._crowded or self.is_tumour(said) or w.of("net-word"):
                    found.append((said, w))
        return found

    def is_tumour(self, said: Said) -> bool:
        """Does it stand in a diagnosis of the NET?"""
        return said.entry.reference in self._tumours

    def _counts(self, said: Said) -> bool:
        if said.entry.type == "Condition" and not self.is_tumour(said):
            return False
        return said.entry.type in _ANYWHERE and is_present(said.entry)

    def coded(self, concept: Concept, *types: str) -> Iterator[Matched]:
        """Present entries about a concept; a secondary that is not that of a NET only if the NET is
        the one active cancer."""
        for matched in self.chart.matching(concept, *types):
            own = "net" in concept.says and matched.by_code
            if is_present(matched.entry) and (own or not self._crowded):
                yield matched

    def named(self, *names: str) -> list[Wording]:
        """Names as sentences."""
        return [Wording(s, self.lexicon) for name in names for s in sentences(name)]


def said_reading(fact: str, value: Value, said: Said, note: str = "") -> Reading:
    """A reading from a sentence."""
    place = where(said.entry, said.path, said.sentence.printed, from_text=True)
    return Reading(fact, value, place, said.entry.date, note)
