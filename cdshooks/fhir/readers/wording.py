"""Which concepts stand where in one sentence: in the same part, before, after, directly beside."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import TypeAlias

import msgspec

from cdshooks.fhir.chart import Heard, Said, Told, of_patient
from cdshooks.fhir.text.lexicon import Hit, Lexicon, Mention
from cdshooks.fhir.text.memory import Remembered
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.knowledge.facts import Family


class Wording(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The hits of a family in a sentence, by the name of their concept.

    A part of a sentence ends at a comma or a "but": what it says is not said of the next part.
    """

    sentence: Sentence
    _hits: Sequence[tuple[str, Hit]]
    _by_name: Mapping[str, Sequence[Hit]]

    def has(self, names: AbstractSet[str]) -> bool:
        """Is one of these concepts heard? A quick question, before any of the others."""
        return not self._by_name.keys().isdisjoint(names)

    def of(self, *names: str) -> list[Hit]:
        """The hits of these concepts, in the order of the sentence."""
        if len(names) == 1:
            return list(self._by_name.get(names[0], ()))
        if self._by_name.keys().isdisjoint(names):
            return []
        found = [hit for name in names for hit in self._by_name.get(name, ())]
        return sorted(found, key=_place)

    def affirmed(self, *names: str) -> list[Hit]:
        """The hits that are neither denied nor in doubt."""
        found = self.of(*names)
        return [hit for hit in found if not (hit.negated or hit.doubtful)] if found else found

    def denied(self, *names: str) -> list[Hit]:
        """The hits that are denied for sure."""
        return [hit for hit in self.of(*names) if hit.negated and not hit.doubtful]

    def named(self) -> Sequence[tuple[str, Hit]]:
        """Every hit with the name of its concept, in order."""
        return self._hits

    def part(self, hit: Hit) -> int:
        return self.sentence.part(hit.first_token)

    def ends_part(self, hit: Hit) -> bool:
        """Is its last word the last of its part?"""
        after = hit.last_token + 1
        return after in (len(self.sentence.words), *self.sentence.part_starts)

    def length(self, part: int) -> int:
        """How many words the part has."""
        words = range(len(self.sentence.words))
        return sum(self.sentence.part(at) == part for at in words)

    def within(self, part: int, *names: str) -> list[Hit]:
        found = self.of(*names)
        return [hit for hit in found if self.part(hit) == part] if found else found

    def after(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        """Hits of the same part that begin at most `reach` words after `hit` (1: the next word)."""
        near = [h for h in self.of(*names) if 0 < distance(hit, h) <= reach]
        return [h for h in near if self.part(h) == self.part(hit)] if near else near

    def before(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        """Hits of the same part that end at most `reach` words before `hit`."""
        near = [h for h in self.of(*names) if 0 < distance(h, hit) <= reach]
        return [h for h in near if self.part(h) == self.part(hit)] if near else near

    def around(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        return [*self.before(hit, reach, *names), *self.after(hit, reach, *names)]


# The hits of a family, with the names of their concepts, in order; and by name.
_Named: TypeAlias = tuple[Sequence[tuple[str, Hit]], Mapping[str, Sequence[Hit]]]


def _named(found: Iterable[tuple[str, Hit]]) -> _Named:
    hits, by_name = tuple(found), dict[str, list[Hit]]()
    for name, hit in hits:
        by_name.setdefault(name, []).append(hit)
    return hits, by_name


def _place(hit: Hit) -> tuple[int, int]:
    return hit.first_token, hit.last_token


def distance(one: Hit, other: Hit) -> int:
    """Words from the end of `one` to the beginning of `other`; 1 if it follows at once."""
    return other.first_token - one.last_token


def overlaps(one: Mention, others: Iterable[Mention]) -> bool:
    """Does it share a word with one of `others`?"""
    return any(
        one.first_token <= other.last_token and other.first_token <= one.last_token
        for other in others
    )


class Vocabulary:
    """The concepts of a family: what finds a sentence, and all that is heard in it.

    A sentence that found one of the `keys` is read for this family; `names` are their names.
    """

    def __init__(self, family: Family):
        concepts = family.concepts.items()
        self.names = {concept.key: name for name, concept in concepts}
        self.keys = frozenset(self.names)
        self._lexicon = Lexicon({name: c.heard for name, c in concepts if c.heard})
        self._told: dict[str, dict[str, str]] = {}
        for name, concept in concepts:
            for what, value in concept.says.items():
                self._told.setdefault(what, {})[name] = value
        self.spoken = Remembered(self._spoken)
        self.own = Remembered(self._own, length=lambda heard: len(heard.sentence.text))
        # Of a shape and no text, so that its length is that of its phrases.
        self._of_family = Remembered(self._of_family_in, length=lambda told: len(told.mentions))
        self.hear = Remembered(self._hear, length=lambda sentence: len(sentence.text))

    def _spoken(self, text: str) -> tuple[Wording, ...]:
        """The sentences of a name or a bare answer, with what is heard in them."""
        return tuple([self.hear(sentence) for sentence in sentences(text)])

    def saying(self, what: str) -> Mapping[str, str]:
        """What the concepts of the family say of something, by their names, in order."""
        return self._told.get(what, {})

    def heard(self, said: Said) -> Wording:
        """What the chart heard in a sentence, for this family."""
        return self.own(said.heard)

    def _own(self, heard: Heard) -> Wording:
        return Wording(heard.sentence, *self._of_family(heard.told))

    def _of_family_in(self, told: Told) -> _Named:
        names = self.names
        return _named(
            (names[concept], mention.of(concept))
            for mention, concepts in told.mentions
            for concept in concepts
            if concept in names
        )

    def _hear(self, sentence: Sentence) -> Wording:
        """What is heard in a sentence that the chart has not read: a name, a bare answer."""
        found = of_patient(self._lexicon, sentence)
        return Wording(sentence, *_named((hit.concept, hit) for hit in found))


@lru_cache(maxsize=8)
def vocabulary(family: Family) -> Vocabulary:
    """The vocabulary of a family, compiled once."""
    return Vocabulary(family)
