"""The record as readers ask it: entries by concept, prose by sentence."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from cdshooks.clinical.fact import Problem, Provenance
from cdshooks.fhir.coding import Coded, CodeIndex, coded
from cdshooks.fhir.dates import is_future
from cdshooks.fhir.pick import TEXT_LENGTH
from cdshooks.fhir.reading import where
from cdshooks.fhir.record import Entry, Record
from cdshooks.fhir.text.lexicon import Hit, Lexicon
from cdshooks.fhir.text.memory import Remembered
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.fhir.written import may_hold_text, written_in
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept

_NO_NAMES = frozenset[str]()
_LETTER = re.compile(r"[^\W\d_]")


_LISTING = frozenset({"DiagnosticReport", "Observation"})


# These are Structs, which are made in a fifth of the time: a chart has dozens.
class Matched(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An entry, or one component of it, that is about a concept. `part` holds its value."""

    entry: Entry
    part: Mapping[str, Any]
    coded: Coded
    path: str
    by_code: bool


class Heard(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A sentence with the concepts found in it.

    `found` are those of which a word is there that is a reason to read the sentence.
    """

    sentence: Sentence
    hits: tuple[Hit, ...] = ()
    found: frozenset[str] = frozenset()
    by_concept: Mapping[str, Sequence[Hit]] = {}

    def about(self, concept: str) -> Sequence[Hit]:
        return self.by_concept.get(concept, ())


class Said(msgspec.Struct, eq=False, gc=False):
    """One sentence of the record's prose, with the concepts found in it.

    `source` is where it stands: value, note, report, condition or procedure.
    """

    entry: Entry
    path: str
    source: str
    heard: Heard
    _place: Provenance | None = None

    @property
    def sentence(self) -> Sentence:
        return self.heard.sentence

    @property
    def place(self) -> Provenance:
        """The place of what is read from it; most are read by several readers, or by none."""
        if self._place is None:
            printed = self.heard.sentence.printed
            self._place = where(self.entry, self.path, printed, from_text=True)
        return self._place

    def about(self, concept: str) -> Sequence[Hit]:
        return self.heard.by_concept.get(concept, ())


def of_patient(lexicon: Lexicon, sentence: Sentence) -> list[Hit]:
    """What a sentence names, without what it tells of a relative."""
    found = lexicon.find(sentence)
    if sentence.family_from == len(sentence.words):
        return found
    return [hit for hit in found if hit.last_token < sentence.family_from]


@dataclass(eq=False)
class Chart:
    """A record opened for reading. Readers ask `matching` and `prose`, and report problems."""

    record: Record
    as_of: date
    systems: CodeSystems
    index: CodeIndex
    named: Callable[[str], frozenset[str]]
    names_of: Callable[[Coded], AbstractSet[str]]  # `names_in` of what a code is called
    prose: Sequence[Said] = ()
    matched: dict[str, list[Matched]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    concepts: AbstractSet[str] = frozenset()  # the keys of all that an entry or a sentence names
    by_type: dict[str, list[Entry]] = field(default_factory=dict)
    holders: list[Entry] = field(default_factory=list)  # results and reports that list others
    present: dict[int, bool] = field(default_factory=dict)  # by the id of a Condition's entry
    spoken: AbstractSet[str] = frozenset()  # those of them that a sentence names

    def matching(self, concept: Concept, *types: str) -> Sequence[Matched]:
        """Entries and components about `concept`, of the given resource types."""
        found = self.matched.get(concept.key)
        return [matched for matched in found if matched.entry.type in types] if found else ()

    def of_type(self, kind: str) -> Sequence[Entry]:
        return self.by_type.get(kind, ())

    def said(self, *sources: str) -> Iterator[Said]:
        return (said for said in self.prose if said.source in sources)

    def saying(self, *concepts: Concept) -> Sequence[Said]:
        """The sentences that name one of `concepts`, in order."""
        keys = [one.key for one in concepts if one.key in self.spoken]
        if not keys:
            return ()
        if len(keys) == 1:
            return [said for said in self.prose if keys[0] in said.heard.by_concept]
        return [said for said in self.prose if not said.heard.by_concept.keys().isdisjoint(keys)]

    def names(self, concept: Concept) -> bool:
        """Does an entry or a sentence name `concept` at all?"""
        return concept.key in self.concepts

    def names_in(self, written: Iterable[str]) -> AbstractSet[str]:
        """The keys of the concepts that some names name, and do not deny."""
        # A bare number names nothing, and is not worth a place among the texts remembered.
        named = [self.named(text) for text in written if _LETTER.search(text)]
        return named[0] if len(named) == 1 else _NO_NAMES.union(*named)

    def report(self, entry: Entry, path: str, problem: str, *, set_aside: bool = False) -> None:
        """Name what could not be used; `set_aside` if it was a value that may be the one needed."""
        self.problems.append(Problem(entry.reference, path, problem, set_aside))

    def coded(self, concept: Any) -> Coded:
        return coded(concept, self.systems)


class ChartOpener:
    """Opens charts with the concepts of one knowledge base, compiled once.

    `names` are matched against what a resource is called, `prose` against free text.
    """

    def __init__(self, names: Sequence[Concept], prose: Sequence[Concept], systems: CodeSystems):
        self._systems = systems
        self._index = CodeIndex(
            ((code, concept.key) for concept in names for code in concept.codes), systems
        )
        self._never = CodeIndex(
            ((code, concept.key) for concept in names for code in concept.never), systems
        )
        self._names = Lexicon({one.key: one.heard for one in names if one.heard})
        self._hears = Lexicon({one.key: one.heard for one in prose if one.heard})
        self._reasons: dict[str, set[str]] = {}  # the concepts of which a phrase is a word
        for one in prose:
            for word in one.words:
                self._reasons.setdefault(word, set()).add(one.key)
        self._named = Remembered(self._names_of)
        self._keys = Remembered(self._keys_of, length=_length)
        self._names_of_code = Remembered(self._named_as, length=_length)
        self._heard = Remembered(self._heard_in)
        self._heard_once = Remembered(self._hear, length=lambda one: len(one.text))

    def _names_of(self, text: str) -> frozenset[str]:
        spoken = [s for s in sentences(text) if not s.about_family]
        return frozenset(
            [hit.concept for s in spoken for hit in of_patient(self._names, s) if not hit.negated]
        )

    def _named_as(self, concept: Coded) -> frozenset[str]:
        named = [self._named(name) for name in concept.names if _LETTER.search(name)]
        return _NO_NAMES.union(*named)

    def _heard_in(self, written: str) -> tuple[Heard, ...]:
        """The sentences of a text that name what is looked for in prose."""
        spoken = [self._heard_once(sentence) for sentence in sentences(written, TEXT_LENGTH)]
        return tuple([heard for heard in spoken if heard.hits])

    def _hear(self, sentence: Sentence) -> Heard:
        """What is looked for in prose and named in a sentence; nothing without a reason."""
        reasons = self._reasons
        found: list[str] = []
        by_concept: dict[str, list[Hit]] = {}
        hits = self._hears.find_with(reasons.keys(), sentence)
        for hit in hits:
            concept = hit.concept
            if concept in by_concept:
                by_concept[concept].append(hit)
            else:
                by_concept[concept] = [hit]
            if concept in reasons.get(hit.phrase, ()):
                found.append(concept)
        return Heard(sentence, tuple(hits), frozenset(found), by_concept)

    def open(self, record: Record, as_of: date) -> Chart:
        """The chart as it stood on `as_of`: entries dated more than a day later are set aside."""
        chart = Chart(record, as_of, self._systems, self._index, self._named, self._names_of_code)
        chart.problems.extend(record.problems)
        usable = [entry for one in record.entries if (entry := _begun(one, chart)) is not None]
        if len(usable) < len(record.entries) or tuple(usable) != record.entries:
            chart.record = replace(record, entries=tuple(usable))
        for entry in usable:
            self._match(entry, chart)
        chart.prose = [said for entry in usable for said in self._said(entry, chart)]
        chart.spoken = set[str]().union(*[said.heard.by_concept for said in chart.prose])
        chart.concepts = chart.matched.keys() | chart.spoken
        return chart

    def _match(self, entry: Entry, chart: Chart) -> None:
        body = entry.body
        if entry.type in chart.by_type:
            chart.by_type[entry.type].append(entry)
        else:
            chart.by_type[entry.type] = [entry]
        if entry.type in _LISTING and ("result" in body or "hasMember" in body):
            chart.holders.append(entry)
        self._match_part(entry, body, entry.coded, "", chart)
        if entry.type != "Observation" or "component" not in body:
            return
        for position, part in enumerate(body["component"]):
            concept = coded(part.get("code"), self._systems)
            self._match_part(entry, part, concept, f"component[{position}]", chart)

    def _match_part(
        self, entry: Entry, part: Mapping[str, Any], concept: Coded, path: str, chart: Chart
    ) -> None:
        keys, by_code, contradicted = self._keys(concept)
        if contradicted:
            place = f"{path}.code".strip(".")
            chart.report(entry, place, "is named one thing and coded another; not used")
        if keys:
            matched = Matched(entry, part, concept, path, by_code)
            for key in keys:
                chart.matched.setdefault(key, []).append(matched)

    def _keys_of(self, concept: Coded) -> tuple[tuple[str, ...], bool, bool]:
        """The concepts of a code, whether it is a known one, and whether its name contradicts it.

        A known code decides, words speak only where none stands.
        """
        by_code = self._index.find(concept.codes)
        barred = set(self._never.find(concept.codes))
        renamed = bool(barred) and concept.text not in concept.displays
        contradicted = renamed and not barred.isdisjoint(self._named(concept.text))
        found = by_code or {key for name in concept.names for key in self._named(name)}
        return tuple(key for key in found if key not in barred), bool(by_code), contradicted

    def _said(self, entry: Entry, chart: Chart) -> Sequence[Said]:
        found = []
        for path, source, written in written_in(entry) if may_hold_text(entry) else ():
            if len(written) > TEXT_LENGTH:
                chart.report(entry, path, f"is read to its character {TEXT_LENGTH} only")
            found += [Said(entry, path, source, heard) for heard in self._heard(written)]
        return found


def _length(concept: Coded) -> int:
    return sum(map(len, concept.names))


def _begun(entry: Entry, chart: Chart) -> Entry | None:
    """The entry, if it is not of the future; a period that has begun is dated by its start."""
    if entry.date is None or not is_future(entry.date, chart.as_of):
        return entry
    if entry.start is not None and not is_future(entry.start, chart.as_of):
        return replace(entry, date=entry.start)
    chart.report(entry, "date", "lies in the future; set aside", set_aside=True)
    return None
