"""Which tracer a result, a report or a sentence is about."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cdshooks.fhir.chart import Chart, Said
from cdshooks.fhir.coding import Coded
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.receptor.words import Context, mentions
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.readers.wording import Wording, vocabulary
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.facts import Family

_COMPONENT = re.compile(r"component\[(\d+)\]")
_NOTHING = Context(None, titled=False)
_OF_SCANS = ("Observation", "DiagnosticReport")


def component_of(path: str) -> str:
    """`component[2]` of a path inside it; "" of a path of the resource itself."""
    if not path.startswith("component"):
        return ""
    found = _COMPONENT.match(path)
    return found.group() if found else ""


class Scans:
    """The chart as the reader of scans sees it."""

    def __init__(self, chart: Chart, family: Family):
        self.chart, self.family = chart, family
        self._vocabulary = vocabulary(family)
        self.tracers = self._vocabulary.saying("tracer")
        self._known: dict[tuple[str, str], Context | None] = {}
        self._members = dict(self._listed())
        self.scans = self._entries()
        self.sentences = self._own_sentences()

    def _own_sentences(self) -> list[tuple[Said, Wording, Context]]:
        """Every sentence with a word of this family, with the tracer if it names none itself.

        Where the title names none either, that is the tracer named last in the same text.
        """
        found = []
        text, carried = ("", ""), _NOTHING
        for said, w in self._said():
            if text != (said.entry.reference, said.path):
                text, carried = (said.entry.reference, said.path), _NOTHING
            context = self.context(said.entry, component_of(said.path))
            if context is not None and w.named():
                found.append((said, w, context if context.titled else carried))
                named = mentions(w, self.tracers)
                carried = Context(named[-1][0], titled=False) if named else carried
        return found

    def _said(self) -> list[tuple[Said, Wording]]:
        """The sentences of the chart with a word of this family, and all answers of a scan."""
        found, keys = self._in_scans(), self._vocabulary.keys
        places = {(said.entry.reference, said.path) for said, _ in found}
        for said in self.chart.prose:
            if said.heard.told.found.isdisjoint(keys) or not self._counts(said):
                continue
            if not places or (said.entry.reference, _element(said.path)) not in places:
                found.append((said, self._vocabulary.heard(said)))
        return found

    def _in_scans(self) -> list[tuple[Said, Wording]]:
        """Short answers such as "Positive." are words too common to be found by the chart."""
        found = []
        for entry in self.scans:
            for path, written in _answers(entry):
                for heard in self.chart.heard(written):
                    if not heard.sentence.about_family:
                        named = heard.told.by_concept
                        said = Said(entry, path, "value", heard, heard.sentence, named)
                        found.append((said, self._vocabulary.own(heard)))
        return found

    def _entries(self) -> Sequence[Entry]:
        """The results and reports that are named after a tracer or belong to a scan, each once."""
        matched, members = self.chart.matched, self._members
        named = [key for key in _tracer_keys(self.family) if key in matched]
        found = [m.entry for key in named for m in matched[key] if m.entry.type in _OF_SCANS]
        if members:
            listed = self.chart.record.of_type(*_OF_SCANS)
            found += [entry for entry in listed if entry.reference in members]
        return list({id(entry): entry for entry in found}.values())

    def _counts(self, said: Said) -> bool:
        if said.entry.type == "Condition" and said.entry.reference not in self.chart.tumours:
            return False
        return is_present(said.entry, self.chart)

    def context(self, entry: Entry, component: str = "") -> Context | None:
        """The tracer in the name of the component, else of the resource, else of its report.

        None if code and name contradict each other.
        """
        key = (entry.reference, component)
        if key not in self._known:
            self._known[key] = self._context(entry, component)
        return self._known[key]

    def _context(self, entry: Entry, component: str) -> Context | None:
        found = _COMPONENT.fullmatch(component) if component else None
        if not found:
            own = self._named(entry, entry.coded)
            return self._members.get(entry.reference, own) if own == _NOTHING else own
        part = entry.body["component"][int(found[1])]
        own = self._named(entry, self.chart.coded(part.get("code")))
        return self.context(entry) if own == _NOTHING else own

    def _named(self, entry: Entry, coded: Coded) -> Context | None:
        if entry.type not in ("Observation", "DiagnosticReport"):
            return _NOTHING
        named = _tracers_named((coded, self.family))
        if self.family.concepts["fdg"].key in self.chart.index.find(coded.codes):
            if named - {"fdg"}:
                return None  # the chart has reported it
            return Context("fdg", titled=True)
        return Context(next(iter(named)), titled=True) if len(named) == 1 else _NOTHING

    def names(self, coded: Coded) -> list[Wording]:
        """The names of a result or component, as sentences."""
        return [w for name in coded.names for w in self._vocabulary.spoken(name)]

    def is_octreoscan(self, entry: Entry) -> bool:
        """Is it named an OctreoScan, or does only its text name one?"""
        named = _octreoscan_named((entry.coded, self.family))
        if named is not None:
            return named
        key = self.family.concepts["octreoscan"].key
        return any(said.entry is entry and said.about(key) for said in self.chart.prose)

    def _listed(self) -> Iterator[tuple[str, Context]]:
        """Results that a report or panel of a scan refers to are of that scan."""
        for entry in self.chart.holders:
            listed = (*entry.body.get("result", ()), *entry.body.get("hasMember", ()))
            context = self._named(entry, entry.coded) if listed else None
            if context and context.titled:
                for one in listed:
                    yield "/".join(str(one.get("reference", "")).split("/")[-2:]), context


@lru_cache(maxsize=8)
def _tracer_keys(family: Family) -> tuple[str, ...]:
    """The concepts that name a tracer, in order."""
    return tuple([family.concepts[name].key for name in vocabulary(family).saying("tracer")])


def _tracers_in(key: tuple[Coded, Family]) -> frozenset[str]:
    """The tracers that the names of a result or report name."""
    coded, family = key
    own = vocabulary(family)
    spoken, tracers = [w for name in coded.names for w in own.spoken(name)], own.saying("tracer")
    return frozenset([tracer for w in spoken for tracer, _ in mentions(w, tracers)])


_tracers_named = Remembered(_tracers_in, length=lambda key: sum(map(len, key[0].names)))


def _is_octreoscan(key: tuple[Coded, Family]) -> bool | None:
    """Do the names of a result or report name an OctreoScan? None if they name no such scan."""
    coded, family = key
    spoken = [w for name in coded.names for w in vocabulary(family).spoken(name)]
    if not any(w.of("sstr-scan", "sstr") for w in spoken):
        return None
    return any(w.of("octreoscan") for w in spoken)


_octreoscan_named = Remembered(_is_octreoscan, length=lambda key: sum(map(len, key[0].names)))


def _element(path: str) -> str:
    """The path without what is inside a CodeableConcept."""
    before, found, _ = path.partition("valueCodeableConcept")
    return before + found


def _answers(entry: Entry) -> Iterator[tuple[str, str]]:
    """(path, text) of the conclusion of a report, and of the values of a result."""
    if "conclusion" in entry.body:
        yield "conclusion", entry.body["conclusion"]
    parts = [("", entry.body)]
    parts += [(f"component[{n}].", part) for n, part in enumerate(entry.body.get("component", ()))]
    for place, part in parts:
        element, printed = printed_value(part)
        if element in ("valueString", "valueCodeableConcept"):
            yield place + element, printed
