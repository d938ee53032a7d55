"""Whose tissue it is: results and sentences of pathology that are of this NET, and no other's."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.reading import Readings
from cdshooks.fhir.record import Entry, Record
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_SOURCES = frozenset({"value", "report", "note", "condition"})
_UNSAID = "does not say of which of two cancers it is; not used"


def is_linked(entry: Entry, record: Record, tumours: AbstractSet[str]) -> bool | None:
    """Does its focus refer to one of these diagnoses? None if it refers to no diagnosis."""
    about = _diagnoses(entry, record) if "focus" in entry.body else ()
    return any(one in tumours for one in about) if about else None


def _diagnoses(entry: Entry, record: Record) -> list[str]:
    """The diagnoses that its focus refers to; what a urn refers to may be one."""
    focus = [record.target(one, entry.reference) for one in entry.body.get("focus", ())]
    return [one for one in focus if one.startswith(("Condition/", "urn:"))]


class Pathology:
    """The prose and the results of the record as far as they can be of this NET.

    Not of it: another diagnosis, what names another tumour, and what stands in a report of one
    without naming a NET. With a second active cancer on file everything has to name a NET, or to
    refer to it.
    """

    def __init__(self, chart: Chart, family: Family, earlier: Readings):
        self._chart = chart
        self._net_word = family.concepts["net-word"]
        self._other_tumour = family.concepts["other-tumour"]
        self._net, self._other = self._net_word.key, self._other_tumour.key
        self._naming_net = {said.entry.reference for said in chart.saying(self._net_word)}
        self._crowded = bool(earlier.get("other_cancer"))
        self.tumours = chart.tumours
        self._of_others = self._naming_another()
        self._strange = self._of_others - self._naming_net  # and naming no NET anywhere
        self.statements = self._own_statements()

    def sentences(self, concept: Concept) -> Sequence[Said]:
        """Sentences about a concept that are of this NET; what has to be left out is named."""
        if concept.key not in self._chart.spoken:  # as most often
            return ()
        if not self._crowded:
            return [said for said in self.statements if concept.key in said.named]
        found = []
        for said in self._chart.saying(concept):
            if said.source not in _SOURCES or self._is_of_another(said):
                continue
            if self._net in said.named:
                found.append(said)
            else:
                self._chart.report(said.entry, said.path, _UNSAID)
        return found

    def _own_statements(self) -> Sequence[Said]:
        """Every sentence that can be of this NET."""
        return [
            said
            for said in self._chart.prose
            if said.source in _SOURCES
            and (said.entry.type != "Condition" or said.entry.reference in self.tumours)
            and not (self._of_others and self._is_of_another(said))
            and not (self._crowded and not self._is_linked(said))
        ]

    def names_net(self, entry: Entry) -> bool:
        """Does any sentence of the entry name a NET?"""
        return entry.reference in self._naming_net

    def has(self, matched: Matched) -> bool:
        """Is a result of this NET?"""
        entry = matched.entry
        linked = is_linked(entry, self._chart.record, self.tumours | self._chart.metastases)
        if linked is False and not self._are_on_file(entry):
            self._chart.report(entry, "focus", "is about a diagnosis that is not here; not used")
        if linked is not None:
            return linked
        named = self._named(matched)
        if self._other in named:
            return False
        if self._net in named:
            return True
        if self._strange and self._is_in(entry, self._strange):
            return False
        if not self._crowded or self._is_in(entry, self._naming_net - self._of_others):
            return True
        self._chart.report(entry, "focus", _UNSAID)
        return False

    def _are_on_file(self, entry: Entry) -> bool:
        record = self._chart.record
        known = {condition.reference for condition in self._chart.of_type("Condition")}
        return bool(known & set(_diagnoses(entry, record)))

    def _is_in(self, entry: Entry, references: set[str]) -> bool:
        """Is it one of these, or a result that one of these reports lists?"""
        return entry.reference in references or bool(self._reports(entry) & references)

    def _reports(self, entry: Entry) -> set[str]:
        return self._listing.get(entry.reference, set())

    @cached_property
    def _listing(self) -> dict[str, set[str]]:
        """The reports and panels that list a result, also through a panel."""
        listing: dict[str, set[str]] = {}
        record = self._chart.record
        for holder in self._chart.holders:
            for element in ("result", "hasMember"):
                for one in holder.body.get(element, ()):
                    target = record.target(one, holder.reference)
                    listing.setdefault(target, set()).add(holder.reference)
        for holders in listing.values():
            holders.update(*(listing.get(holder, ()) for holder in tuple(holders)))
        return listing

    def _named(self, matched: Matched) -> AbstractSet[str]:
        body, chart = matched.entry.body, self._chart
        printed = chart.names_in((printed_value(matched.part)[1],))
        site = chart.names_of(chart.coded(body["bodySite"])) if "bodySite" in body else set()
        return chart.names_of(matched.entry.coded) | site | printed

    def _is_linked(self, said: Said) -> bool:
        return (
            self._net in said.named
            or said.entry.reference in self.tumours
            or bool(self._reports(said.entry) & (self._naming_net - self._of_others))
        )

    def _is_of_another(self, said: Said) -> bool:
        if said.entry.type == "Condition" and said.entry.reference not in self.tumours:
            return True
        if self._net in said.named or not self._of_others:
            return False
        own = said.entry.reference in self._of_others
        return own or bool(self._reports(said.entry) & self._strange)

    def _naming_another(self) -> set[str]:
        """Entries whose name, or a sentence without a NET in it, names another tumour."""
        told = {
            said.entry.reference
            for said in self._chart.saying(self._other_tumour)
            if self._net not in said.named
            and any(not hit.negated for hit in said.about(self._other))
        }
        named = {
            entry.reference
            for entry in self._chart.of_type("DiagnosticReport")
            if self._other in self._chart.names_of(entry.coded)
        }
        return told | named
