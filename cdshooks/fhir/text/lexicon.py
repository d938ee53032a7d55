"""Reading prose: the concepts that a sentence names, each affirmed, denied or in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdshooks.fhir.text.denial import denied_and_doubted
from cdshooks.fhir.text.phrases import Phrase, Phrases
from cdshooks.fhir.text.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Hit:
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
        hits = []
        reached: dict[str, int] = {}
        starts: list[int] = []
        there = self._phrases.find(sentence.words, sentence.printed_words, sentence.gaps)
        for at, phrases in there:
            starts = starts or sentence.word_starts()
            for phrase in phrases:
                last = at + len(phrase.words) - 1
                if last > reached.get(phrase.key, -1):
                    reached[phrase.key] = last
                    hits.append(_hit(phrase, sentence, at, last, starts))
        return hits


def _hit(phrase: Phrase, sentence: Sentence, first: int, last: int, starts: list[int]) -> Hit:
    start, end = starts[first], starts[last] + len(sentence.words[last])
    negated, doubtful = denied_and_doubted(sentence, first, last)
    return Hit(phrase.key, phrase.text, first, last, start, end, negated, doubtful)
