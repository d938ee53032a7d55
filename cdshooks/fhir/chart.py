"""The record as readers ask it: entries by concept, prose by sentence."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import msgspec

from cdshooks.clinical.fact import Problem, Provenance
from cdshooks.fhir.coding import Coded, CodeIndex, coded
from cdshooks.fhir.reading import where
from cdshooks.fhir.record import Entry, Record
from cdshooks.fhir.text.lexicon import Hit, Lexicon, Mention
from cdshooks.fhir.text.sentences import Sentence
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept

NO_NAMES = frozenset[str]()
LETTER = re.compile(r"[^\W\d_]")


# These are Structs, which are made in a fifth of the time: a chart has dozens.
class Matched(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An entry, or one component of it, that is about a concept. `part` holds its value."""

    entry: Entry
    part: Mapping[str, Any]
    coded: Coded
    path: str
    by_code: bool


class Told(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The concepts found in a sentence, and in every other of its shape.

    `found` are those of which a word is there that is a reason to read the sentence. Without any
    such word it is `idle`: only who knows what it is about reads it, as an answer of a scan.
    """

    mentions: Sequence[tuple[Mention, tuple[str, ...]]]
    found: AbstractSet[str]
    by_concept: Mapping[str, Sequence[Mention]]
    idle: bool


class Heard(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A sentence with what is found in it."""

    sentence: Sentence
    told: Told

    def about(self, concept: str) -> Sequence[Mention]:
        return self.told.by_concept.get(concept, ())


class Said(msgspec.Struct, eq=False, gc=False):
    """One sentence of the record's prose, with the concepts found in it.

    `source` is where it stands: value, note, report, condition or procedure. `sentence` and `named`
    are those of what is `heard`: every reader asks for them.
    """

    entry: Entry
    path: str
    source: str
    heard: Heard
    sentence: Sentence
    named: Mapping[str, Sequence[Mention]]
    _place: Provenance | None = None

    @property
    def place(self) -> Provenance:
        """The place of what is read from it; most are read by several readers, or by none."""
        if self._place is None:
            self._place = where(self.entry, self.path, self.sentence.printed, from_text=True)
        return self._place

    def about(self, concept: str) -> Sequence[Mention]:
        return self.named.get(concept, ())


def of_patient(lexicon: Lexicon, sentence: Sentence) -> list[Hit]:
    """What a sentence names, without what it tells of a relative."""
    found = lexicon.find(sentence)
    if sentence.family_from == len(sentence.words):
        return found
    return [hit for hit in found if hit.last_token < sentence.family_from]


class Chart(msgspec.Struct, eq=False):
    """A record opened for reading. Readers ask `matching` and `prose`, and report problems."""

    record: Record
    as_of: date
    systems: CodeSystems
    index: CodeIndex
    named: Callable[[str], frozenset[str]]
    names_of: Callable[[Coded], AbstractSet[str]]  # `names_in` of what a code is called
    heard: Callable[[str], Sequence[Heard]]  # every sentence of a text
    prose: list[Said] = []
    matched: dict[str, list[Matched]] = {}
    problems: list[Problem] = []
    concepts: AbstractSet[str] = frozenset()  # the keys of all that an entry or a sentence names
    by_type: dict[str, list[Entry]] = {}
    holders: list[Entry] = []  # results and reports that list others
    present: dict[int, bool] = {}  # by the id of a Condition's entry
    spoken: frozenset[str] = frozenset()  # those of them that a sentence names
    # What the reader of diagnoses found: the NET, and metastases that can be of nothing else.
    tumours: AbstractSet[str] = frozenset()
    metastases: AbstractSet[str] = frozenset()

    def matching(self, concept: Concept, *types: str) -> Sequence[Matched]:
        """Entries and components about `concept`, of the given resource types."""
        found = self.matched.get(concept.key)
        return [matched for matched in found if matched.entry.type in types] if found else ()

    def of_type(self, kind: str) -> Sequence[Entry]:
        return self.by_type.get(kind, ())

    def said(self, *sources: str) -> Iterator[Said]:
        return (said for said in self.prose if said.source in sources)

    def saying(self, concept: Concept) -> Sequence[Said]:
        """The sentences that name `concept`, in order."""
        key = concept.key
        if key not in self.spoken:
            return ()
        return [said for said in self.prose if key in said.named]

    def saying_any(self, keys: AbstractSet[str]) -> Sequence[Said]:
        """The sentences that name a concept with one of these keys, in order."""
        spoken = self.spoken.intersection(keys)
        if not spoken:
            return ()
        return [said for said in self.prose if not spoken.isdisjoint(said.named)]

    def names(self, concept: Concept) -> bool:
        """Does an entry or a sentence name `concept` at all?"""
        return concept.key in self.concepts

    def names_in(self, written: Iterable[str]) -> AbstractSet[str]:
        """The keys of the concepts that some names name, and do not deny."""
        # A bare number names nothing, and is not worth a place among the texts remembered.
        named = [self.named(text) for text in written if LETTER.search(text)]
        return named[0] if len(named) == 1 else NO_NAMES.union(*named)

    def report(self, entry: Entry, path: str, problem: str, *, set_aside: bool = False) -> None:
        """Name what could not be used; `set_aside` if it was a value that may be the one needed."""
        self.problems.append(Problem(entry.reference, path, problem, set_aside))

    def coded(self, concept: Any) -> Coded:
        return coded(concept, self.systems)
