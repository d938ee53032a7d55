"""Which concepts stand where in one sentence: in the same part, before, after, directly beside."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cdshooks.fhir.text import Hit, Lexicon, Sentence
from cdshooks.knowledge.facts import Concept, Family


class Wording:
    """The hits of a lexicon in a sentence, by the name of their concept.

    A part of a sentence ends at a comma or a "but": what it says is not said of the next part.
    """

    def __init__(self, sentence: Sentence, lexicon: Lexicon):
        self.sentence = sentence
        self._hits = [(hit.concept, hit) for hit in lexicon.find(sentence)]

    def of(self, *names: str) -> list[Hit]:
        return [hit for name, hit in self._hits if name in names]

    def affirmed(self, *names: str) -> list[Hit]:
        """The hits that are neither denied nor in doubt."""
        return [hit for hit in self.of(*names) if not (hit.negated or hit.doubtful)]

    def denied(self, *names: str) -> list[Hit]:
        """The hits that are denied for sure."""
        return [hit for hit in self.of(*names) if hit.negated and not hit.doubtful]

    def named(self) -> list[tuple[str, Hit]]:
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
        return [hit for hit in self.of(*names) if self.part(hit) == part]

    def after(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        """Hits of the same part that begin at most `reach` words after `hit` (1: the next word)."""
        return [h for h in self.within(self.part(hit), *names) if 0 < distance(hit, h) <= reach]

    def before(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        """Hits of the same part that end at most `reach` words before `hit`."""
        return [h for h in self.within(self.part(hit), *names) if 0 < distance(h, hit) <= reach]

    def around(self, hit: Hit, reach: int, *names: str) -> list[Hit]:
        return [*self.before(hit, reach, *names), *self.after(hit, reach, *names)]


def distance(one: Hit, other: Hit) -> int:
    """Words from the end of `one` to the beginning of `other`; 1 if it follows at once."""
    return other.first_token - one.last_token


def overlaps(one: Hit, others: Iterable[Hit]) -> bool:
    """Does it share a word with one of `others`?"""
    return any(
        one.first_token <= other.last_token and other.first_token <= one.last_token
        for other in others
    )


def lexicon_of(family: Family) -> Lexicon:
    """The concepts of a family by their names, for sentences that are read anyway.

    Besides its `words`, a concept is found by what its `says` lists as `within-` a language: words
    too common to find a sentence or a resource by.
    """
    phrases = ((name, _phrases(concept)) for name, concept in family.concepts.items())
    return _compiled(tuple((name, listed) for name, listed in phrases if listed))


@lru_cache(maxsize=8)
def _compiled(phrases: tuple[tuple[str, tuple[str, ...]], ...]) -> Lexicon:
    return Lexicon(dict(phrases))


def _phrases(concept: Concept) -> tuple[str, ...]:
    within: Sequence[str] = [
        phrase.strip()
        for key, listed in concept.says.items()
        if key.startswith("within-")
        for phrase in listed.split(",")
    ]
    return (*concept.words, *within)
