"""Reading prose: the concepts that a sentence names, each affirmed, denied or in doubt."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import msgspec

from cdshooks.fhir.text.denial import denied_and_doubted
from cdshooks.fhir.text.phrases import Phrase, Phrases
from cdshooks.fhir.text.sentences import Sentence

_There: TypeAlias = tuple[int, list[Phrase]]


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A phrase that stands in a sentence: from word to word, and from `start` to `end` of its text.

    It affirms if it is neither denied nor in doubt, and denies if it is denied and not in doubt.
    """

    phrase: str
    first_token: int
    last_token: int
    start: int
    end: int
    negated: bool
    doubtful: bool

    def of(self, concept: str) -> "Hit":
        """The same, as a mention of that concept."""
        return Hit(
            *(self.phrase, self.first_token, self.last_token, self.start, self.end),
            *(self.negated, self.doubtful, concept),
        )


class Hit(Mention, frozen=True, gc=False):
    """A concept named in a sentence."""

    concept: str


# Each mention with the concepts that it counts for, in order; and by concept.
_Found: TypeAlias = tuple[list[tuple[Mention, tuple[str, ...]]], dict[str, Sequence[Mention]]]


class Lexicon:
    """Concepts by the phrases that name them, compiled once.

    A phrase is whole words. `*` ends a stem ("metasta*"). A hyphen and a space are the same, but
    list "nonfunctional" beside "non-functional". A phrase without a lower-case letter ("NET", "PD",
    also "R0") is found in upper case only; write "fdg" for what may be printed in any case.
    """

    def __init__(self, phrases: Mapping[str, Sequence[str]]):
        self._phrases = Phrases(phrases)

    def find(self, sentence: Sentence) -> list[Hit]:
        """Every concept named, in order; of one concept none inside a longer one.

        >>> from cdshooks.fhir.text.sentences import sentences
        >>> lexicon = Lexicon({"uptake": ["uptake"], "liver": ["liver lesion*"]})
        >>> hits = lexicon.find(*sentences("Uptake in pancreatic nodules, no liver lesions."))
        >>> [(hit.concept, hit.negated) for hit in hits]
        [('uptake', False), ('liver', True)]
        """
        found, _ = _mentions(self._there(sentence), sentence)
        return [mention.of(concept) for mention, concepts in found for concept in concepts]

    def names_any(self, sentence: Sentence) -> bool:
        """Is any concept named? `find` would say which, and whether it is denied."""
        return bool(self._there(sentence))

    def find_with(self, reasons: AbstractSet[str], sentence: Sentence) -> tuple[bool, _Found]:
        """Is one of the `reasons` there; and what is named of the patient and not of a relative.

        `reasons` are phrases: the one look at the words tells whether there is a reason, too.
        """
        there = self._there(sentence)
        if sentence.family_from < len(sentence.words):
            there = _until(sentence.family_from, there)
        if not there:  # as in most sentences
            return False, ([], {})
        named = [phrase.text for _, phrases in there for phrase in phrases]
        return not reasons.isdisjoint(named), _mentions(there, sentence)

    def _there(self, sentence: Sentence) -> list[_There]:
        return self._phrases.find(sentence.words, sentence.printed_words, sentence.gaps)


def _until(end: int, there: Iterable[_There]) -> list[_There]:
    """The phrases that end before word `end`."""
    ended = ((at, [p for p in phrases if at + p.length <= end]) for at, phrases in there)
    return [(at, phrases) for at, phrases in ended if phrases]


def _mentions(there: Sequence[_There], sentence: Sentence) -> _Found:
    """Of one concept none inside a longer one."""
    found: list[tuple[Mention, tuple[str, ...]]] = []
    by_concept: dict[str, Sequence[Mention]] = {}
    starts = sentence.word_starts() if there else ()
    is_plain = not (sentence.marks or sentence.doubted)  # nothing in it is denied or in doubt
    for at, phrases in there:
        # Whether it is denied is asked once for each length.
        judged, end, negated, doubtful = -1, 0, False, False
        for phrase in phrases:
            last, concepts = at + phrase.length - 1, phrase.keys
            # Many concepts share a phrase, and most of them are named once.
            is_first = by_concept.keys().isdisjoint(concepts)
            concepts = concepts if is_first else _reaching(last, concepts, by_concept)
            if not concepts:
                continue
            if last != judged:
                judged, end = last, starts[last] + len(sentence.words[last])
                if not is_plain:
                    negated, doubtful = denied_and_doubted(sentence, at, last)
            mention = Mention(phrase.text, at, last, starts[at], end, negated, doubtful)
            found.append((mention, concepts))
            if is_first:
                by_concept.update(dict.fromkeys(concepts, (mention,)))
            else:
                _add(mention, concepts, by_concept)
    return found, by_concept


def _reaching(
    last: int, concepts: Iterable[str], by_concept: Mapping[str, Sequence[Mention]]
) -> tuple[str, ...]:
    """The concepts that nothing has named up to word `last`."""
    named = by_concept.get
    return tuple(
        [one for one in concepts if not (known := named(one)) or last > known[-1].last_token]
    )


def _add(
    mention: Mention, concepts: Iterable[str], by_concept: dict[str, Sequence[Mention]]
) -> None:
    for one in concepts:
        known = by_concept.get(one, ())
        if isinstance(known, list):
            known.append(mention)
        else:  # it is shared by others that were named with it
            by_concept[one] = [*known, mention]
