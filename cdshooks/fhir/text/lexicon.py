"""Reading prose: the concepts that a sentence names, each affirmed, denied or in doubt."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cdshooks.fhir.text.denial import denied_and_doubted
from cdshooks.fhir.text.phrases import Phrase, Phrases
from cdshooks.fhir.text.sentences import Sentence


class Hit(NamedTuple):
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
        there = self._phrases.find(sentence.words, sentence.printed_words, sentence.gaps)
        return _hits(there, sentence) if there else []


def _hits(there: list[tuple[int, list[Phrase]]], sentence: Sentence) -> list[Hit]:
    hits = []
    reached: dict[str, int] = {}
    starts = sentence.word_starts()
    for at, phrases in there:
        # Many concepts share a phrase: whether it is denied is asked once for each length.
        judged: dict[int, tuple[int, int, bool, bool]] = {}
        for phrase in phrases:
            key, last = phrase.key, at + phrase.length - 1
            if last > reached.get(key, -1):
                reached[key] = last
                if last not in judged:
                    end = starts[last] + len(sentence.words[last])
                    judged[last] = (starts[at], end, *denied_and_doubted(sentence, at, last))
                hits.append(Hit(key, phrase.text, at, last, *judged[last]))
    return hits
