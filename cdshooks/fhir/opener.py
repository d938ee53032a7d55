"""Opening a chart: what each entry is about, and what its texts name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

import msgspec

from cdshooks.fhir.chart import LETTER, NO_NAMES, Chart, Heard, Matched, Said, Told, of_patient
from cdshooks.fhir.coding import Coded, CodeIndex, coded
from cdshooks.fhir.dates import is_future, last_day
from cdshooks.fhir.pick import TEXT_LENGTH
from cdshooks.fhir.record import Entry, Record
from cdshooks.fhir.text import shape
from cdshooks.fhir.text.lexicon import Lexicon
from cdshooks.fhir.text.memory import Remembered
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.fhir.text.shape import Shapes
from cdshooks.fhir.written import HOLD_TEXT, written_in
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept

# The types that may list results, and the elements that do.
_LISTING = frozenset({"DiagnosticReport", "Observation"})
_LISTED = frozenset({"result", "hasMember"})
# Without any of these an Observation is a value, as most are: it has no text, and lists nothing.
_MORE_THAN_A_VALUE = HOLD_TEXT | _LISTED

# Nobody plans these, so a date ahead is a slip of the pen. What it is of may be so all the same, so
# nothing of the type may be taken for absent.
_NEVER_PLANNED = frozenset({"AllergyIntolerance", "Condition"})

# An entry or a component of it: the entry, what holds the value, what it is about, and its path.
_Part: TypeAlias = tuple[Entry, Mapping[str, Any], Coded, str]


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
        asked: dict[str, set[str]] = {}
        for one in prose:
            for word in one.words:
                asked.setdefault(word, set()).add(one.key)
        # The concepts of which a phrase is a word.
        self._reasons = {word: frozenset(keys) for word, keys in asked.items()}
        self._named = Remembered(self._names_of)
        self._keys = Remembered(self._keys_of, length=_length)
        self._names_of_code = Remembered(self._named_as, length=_length)
        self._heard = Remembered(self._heard_in)
        self._heard_once = Remembered(self._hear, length=lambda one: len(one.text))
        self._shapes = Shapes(phrase for one in prose for phrase in one.heard)
        self._told = Remembered(self._told_in, length=shape.length)

    def _names_of(self, text: str) -> frozenset[str]:
        spoken = [s for s in sentences(text) if not s.about_family]
        return frozenset(
            [hit.concept for s in spoken for hit in of_patient(self._names, s) if not hit.negated]
        )

    def _named_as(self, concept: Coded) -> frozenset[str]:
        named = [self._named(name) for name in concept.names if LETTER.search(name)]
        return NO_NAMES.union(*named)

    def _heard_in(self, written: str) -> tuple[Heard, ...]:
        """The sentences of a text, with what is looked for in prose."""
        return tuple([self._heard_once(one) for one in sentences(written, TEXT_LENGTH)])

    def _hear(self, sentence: Sentence) -> Heard:
        """What is looked for in prose and named in a sentence."""
        return Heard(sentence, self._told(self._shapes.of(sentence)))

    def _told_in(self, of: shape.Shape) -> Told:
        """What every sentence of a shape names."""
        reasons = self._reasons
        is_asked, (mentions, by_concept) = self._hears.find_with(reasons.keys(), shape.any_of(of))
        if not is_asked:
            return Told(mentions, NO_NAMES, by_concept, idle=True)
        told = [(reasons.get(one.phrase, NO_NAMES), concepts) for one, concepts in mentions]
        found = NO_NAMES.union(*[words.intersection(concepts) for words, concepts in told if words])
        return Told(mentions, found, by_concept, idle=False)

    def open(self, record: Record, as_of: date) -> Chart:
        """The chart as it stood on `as_of`: entries dated more than a day later are set aside."""
        chart = Chart(
            *(record, as_of, self._systems, self._index),
            *(self._named, self._names_of_code, self._heard),
        )
        chart.problems.extend(record.problems)
        entries: Sequence[Entry] = record.entries
        latest = last_day(as_of)
        if [one for one in entries if one.date is not None and one.date.first > latest]:
            begun = [_begun(one, chart) for one in entries]
            entries = [one for one in begun if one is not None]
            chart.record = _without_future(record, entries)
        by_type, parts = defaultdict[str, list[Entry]](list), list[_Part]()
        for one in entries:
            kind, body = one.type, one.body
            by_type[kind].append(one)
            parts.append((one, body, one.coded, ""))
            if kind == "Observation":
                if body.keys().isdisjoint(_MORE_THAN_A_VALUE):
                    continue
                parts += self._components(one)
            self._hear_in(one, chart)
            if kind in _LISTING and not body.keys().isdisjoint(_LISTED):
                chart.holders.append(one)
        chart.by_type = dict(by_type)
        chart.matched = self._matched(parts, chart)
        chart.spoken = NO_NAMES.union(*[said.named for said in chart.prose])
        chart.concepts = chart.matched.keys() | chart.spoken
        return chart

    def _components(self, entry: Entry) -> list[_Part]:
        return [
            (entry, part, coded(part.get("code"), self._systems), f"component[{position}]")
            for position, part in enumerate(entry.body.get("component", ()))
        ]

    def _matched(self, parts: Iterable[_Part], chart: Chart) -> dict[str, list[Matched]]:
        """The entries and components by what they are about."""
        keys_of, listed = self._keys, defaultdict[str, list[Matched]](list)
        for entry, part, concept, path in parts:
            keys, by_code, contradicted = keys_of(concept)
            if contradicted:
                place = f"{path}.code".strip(".")
                chart.report(entry, place, "is named one thing and coded another; not used")
            if keys:
                matched = Matched(entry, part, concept, path, by_code)
                for key in keys:
                    listed[key].append(matched)
        return dict(listed)

    def _hear_in(self, entry: Entry, chart: Chart) -> None:
        """What its texts name."""
        for path, source, written in written_in(entry):
            if len(written) > TEXT_LENGTH:
                chart.report(entry, path, f"is read to its character {TEXT_LENGTH} only")
            for one in self._heard(written):
                told = one.told
                if not told.idle:
                    chart.prose.append(
                        Said(entry, path, source, one, one.sentence, told.by_concept)
                    )

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


def _length(concept: Coded) -> int:
    return sum(map(len, concept.names))


def _without_future(record: Record, usable: Sequence[Entry]) -> Record:
    """The record of what is usable; what was set aside leaves its type silent about nothing."""
    left = {entry.reference for entry in usable}
    ahead = {one.type for one in record.entries if one.reference not in left}
    lacking = record.unavailable | (ahead & _NEVER_PLANNED)
    return replace(record, entries=tuple(usable), unavailable=lacking)


def _begun(entry: Entry, chart: Chart) -> Entry | None:
    """The entry, if it is not of the future; a period that has begun is dated by its start."""
    if entry.date is None or not is_future(entry.date, chart.as_of):
        return entry
    if entry.start is not None and not is_future(entry.start, chart.as_of):
        return msgspec.structs.replace(entry, date=entry.start)
    chart.report(entry, "date", "lies in the future; set aside", set_aside=True)
    return None
