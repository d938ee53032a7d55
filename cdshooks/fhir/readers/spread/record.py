"""What of the record is about this tumour, and the signs of spread that are found in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

import msgspec

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.value import Choice, Value
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.readers.specimen import is_linked
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.readers.wording import Wording, vocabulary
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.fhir.record import Entry
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_TNM = re.compile(r"T(?:is|[0-4Xx])[a-d]?[cpyra]{0,3}N[0-3Xx]|N[0-3][a-c]?[cpyra]{0,3}M[01Xx]")


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One sign of how far the disease has spread.

    `kind` is metastatic (in `place`), m0, localised, regional, local-or-regional, node, some-node
    (regional or not), no-node, extrahepatic, no-extrahepatic, or a pattern in words.
    """

    kind: str
    where: Provenance
    date: FhirDate | None
    place: str = "unknown"


class Primary(msgspec.Struct, frozen=True, gc=False):
    """Where the primary may be (`sites`), and what follows from that."""

    family: Family
    sites: frozenset[str]

    @property
    def resections(self) -> tuple[str, ...]:
        """The resections that remove a primary of this site."""
        return _resections(self.family, self.sites)

    @property
    def is_elsewhere(self) -> bool:
        """Is the primary surely not in the liver?"""
        return bool(self.sites) and "other" not in self.sites

    def node_kind(self, concept: Concept) -> tuple[str, str]:
        """(kind, place) of positive nodes of a region: near the primary, far from it, or unsure."""
        near = set(concept.says.get("near", "").split())
        if not near or not self.sites or self.sites == {"other"}:
            return "some-node", "nodes"
        return ("node", "nodes") if self.sites & near else ("metastatic", "distant-nodes")


@lru_cache(maxsize=256)
def _resections(family: Family, sites: frozenset[str]) -> tuple[str, ...]:
    told = vocabulary(family).saying("sites").items()
    return tuple(name for name, of in told if not sites.isdisjoint(of.split()))


class TumourRecord:
    """The chart as the reader of spread sees it."""

    def __init__(self, chart: Chart, family: Family, earlier: Readings):
        self.chart, self.family, self.earlier = chart, family, earlier
        self._vocabulary = vocabulary(family)
        self.tumours, self._diagnoses = chart.tumours, chart.tumours | chart.metastases
        names, matched = self._vocabulary.names, chart.matched.keys()
        self._on_file = {names[key] for key in matched & names.keys()}
        self._crowded = bool(earlier.get("other_cancer"))
        sites = (reading.value for reading in earlier.get("tumour.site", ()))
        possible = [value.possible for value in sites if isinstance(value, Choice)]
        self.primary = Primary(family, frozenset[str]().union(*possible))
        self.sentences = self._own_sentences()

    def _own_sentences(self) -> list[tuple[Said, Wording]]:
        """Every sentence with a word of this family that is of this tumour.

        With another active cancer on file a sentence has to name a NET, or stand in the NET itself.
        """
        found, keys = [], self._vocabulary.keys
        for said in self.chart.prose:
            # A word of this family, or TNM categories written as one word.
            if (
                said.heard.told.found.isdisjoint(keys)
                and _TNM.search(said.sentence.printed) is None
            ):
                continue
            if self._counts(said):
                w = self._vocabulary.heard(said)
                if not self._crowded or self.is_tumour(said.entry) or w.of("net-word"):
                    found.append((said, w))
        return found

    def is_tumour(self, entry: Entry) -> bool:
        """Is it a diagnosis of the NET?"""
        return entry.reference in self.tumours

    def _counts(self, said: Said) -> bool:
        if said.entry.type == "Condition" and not self.is_tumour(said.entry):
            return False
        return is_present(said.entry, self.chart)

    def on_file(self, names: Iterable[str]) -> list[str]:
        """Those of some concepts that an entry is about; as good as always none."""
        found = self._on_file.intersection(names)
        return sorted(found, key=list(names).index) if len(found) > 1 else list(found)

    def matching(self, name: str, *types: str) -> Iterator[Matched]:
        """Present entries about a concept that are of this tumour, and not only in doubt.

        A code that is not that of a NET counts only if the NET is the one active cancer, or the
        entry refers to it.
        """
        if name not in self._on_file:
            return
        concept = self.family.concepts[name]
        for matched in self.chart.matching(concept, *types):
            linked = is_linked(matched.entry, self.chart.record, self._diagnoses)
            own = "net" in concept.says or (not self._crowded if linked is None else linked)
            named = matched.by_code or any(
                w.affirmed(name) for w in self.named(matched.coded.names)
            )
            if own and named and is_present(matched.entry, self.chart):
                yield matched

    def heard(self, said: Said) -> Wording:
        """A sentence with the words of this family, whatever it was found by."""
        return self._vocabulary.heard(said)

    def named(self, names: Sequence[str]) -> list[Wording]:
        """Names as sentences."""
        return [w for name in names for w in self._vocabulary.spoken(name)]

    def secondaries(self) -> list[str]:
        """The concepts on file whose codes are those of a secondary cancer in some place."""
        found = self.on_file(self._vocabulary.saying("place"))
        return [name for name in found if self.family.concepts[name].codes]


# The kind and the place of an Evidence.
Sign: TypeAlias = tuple[str, str]


def said_reading(fact: str, value: Value, said: Said, note: str = "") -> Reading:
    """A reading from a sentence."""
    return Reading(fact, value, said.place, said.entry.date, note)


def said_evidence(said: Said, kind: str, place: str = "unknown") -> Evidence:
    """A sign of spread from a sentence."""
    return Evidence(kind, said.place, said.entry.date, place)
