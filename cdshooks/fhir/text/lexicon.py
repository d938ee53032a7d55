"""Reading prose: the concepts that a sentence names, each affirmed, denied or in doubt."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import msgspec

from cdshooks.fhir.text.denial import denied_and_doubted
from cdshooks.fhir.text.phrases import Phrase, Phrases
from cdshooks.fhir.text.sentences import Sentence

_There: TypeAlias = tuple[int, list[Phrase]]


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A concept named in a sentence: from word to word, and from `start` to `end` of its text.

    It affirms if it is neither denied nor in doubt, and denies if it is denied and not in doubt.
    """

    concept: str
    phrase: str
    first_token: int
    last_token: int
    start: int
    end: int
    negated: bool
    doubtful: bool


_Found: TypeAlias = tuple[list[Hit], dict[str, list[Hit]]]
_FoundWith: TypeAlias = tuple[bool, list[Hit], dict[str, list[Hit]]]


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
        return _hits(self._there(sentence), sentence)[0]

    def names_any(self, sentence: Sentence) -> bool:
        """Is any concept named? `find` would say which, and whether it is denied."""
        return bool(self._there(sentence))

    def find_with(self, reasons: AbstractSet[str], sentence: Sentence) -> _FoundWith:
        """Is one of the `reasons` there; and what is named of the patient and not of a relative.

        `reasons` are phrases: the one look at the words tells whether there is a reason, too.
        The hits in order, and by their concepts.
        """
        there = self._there(sentence)
        if sentence.family_from < len(sentence.words):
            there = _until(sentence.family_from, there)
        if not there:  # as in most sentences
            return False, [], {}
        is_asked = any(phrase.text in reasons for _, phrases in there for phrase in phrases)
        return is_asked, *_hits(there, sentence)

    def _there(self, sentence: Sentence) -> list[_There]:
        return self._phrases.find(sentence.words, sentence.printed_words, sentence.gaps)


def _until(end: int, there: Iterable[_There]) -> list[_There]:
    """The phrases that end before word `end`."""
    ended = ((at, [p for p in phrases if at + p.length <= end]) for at, phrases in there)
    return [(at, phrases) for at, phrases in ended if phrases]


def _hits(there: Iterable[_There], sentence: Sentence) -> _Found:
    hits: list[Hit] = []
    by_concept: dict[str, list[Hit]] = {}
    starts: list[int] = []
    is_plain = not (sentence.marks or sentence.doubted)  # nothing in it is denied or in doubt
    for at, phrases in there:
        starts = starts or sentence.word_starts()
        # Many concepts share a phrase: whether it is denied is asked once for each length.
        judged, end, negated, doubtful = -1, 0, False, False
        for phrase in phrases:
            last, text = at + phrase.length - 1, phrase.text
            for key in phrase.keys:
                known = by_concept.get(key)
                if known is not None and last <= known[-1].last_token:
                    continue
                if last != judged:
                    judged, end = last, starts[last] + len(sentence.words[last])
                    if not is_plain:
                        negated, doubtful = denied_and_doubted(sentence, at, last)
                hit = Hit(key, text, at, last, starts[at], end, negated, doubtful)
                hits.append(hit)
                if known is None:
                    by_concept[key] = [hit]
                else:
                    known.append(hit)
    return hits, by_concept
