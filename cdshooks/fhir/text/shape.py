"""The shape of a sentence: its words without those that stand in no phrase at all.

Reports differ in their numbers and names, by which nothing is found. Sentences of one shape name
the same at the same places, so what one of them names is asked once. Whatever is asked of a shape
cannot depend on what is left out of it: a shape has nothing else.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, TypeAlias

import msgspec

from cdshooks.fhir.text.cues import CUE_WORDS, Mark
from cdshooks.fhir.text.folding import fold_prose
from cdshooks.fhir.text.memory import RememberedWords
from cdshooks.fhir.text.sentences import Sentence

# Words as printed, of those that stand in no phrase the length; then what else tells sentences
# apart: gaps, cues, starts of parts, parts in doubt, and where a relative is spoken of.
Shape: TypeAlias = tuple[
    tuple[str | int, ...],
    tuple[str, ...],
    tuple[Mark, ...],
    tuple[int, ...],
    frozenset[int],
    int,
]

_WORD: Final = re.compile(r"[^\W_]+\*?")
# Of a phrase to a line: numbers that it begins with, or that stand behind a point in it.
_NUMBER: Final = re.compile(r"(?:^[\W_]*|[.,][\W_]*)(\d+)", re.MULTILINE)
_BEGUN: Final = 4  # letters by which most stems are found
_BLANK: Final = "\N{REPLACEMENT CHARACTER}"  # no letter of any word


class _Words(msgspec.Struct, frozen=True, gc=False):
    """The words of phrases, the first letters of stems, and the stems that are shorter.

    `numbers`: those that may stand in a phrase, though a point is before them.
    """

    whole: frozenset[str]
    begun: frozenset[str]
    short: tuple[str, ...]
    numbers: frozenset[str]


class Shapes:
    """Makes shapes of sentences in which some phrases, and cues, are looked for."""

    def __init__(self, phrases: Iterable[str]):
        self._phrases = {*phrases, *(text for texts in CUE_WORDS.values() for text in texts)}
        self._part_of = RememberedWords(self._part)

    def of(self, sentence: Sentence) -> Shape:
        printed, gaps = sentence.printed_words, sentence.gaps
        words = list(map(self._part_of, printed))
        at = -1
        for _ in range(gaps.count(".")):  # "2" may be a grade, but not that of "12.2"
            at = gaps.index(".", at + 1)
            if at < len(words) and printed[at].isdigit() and printed[at] not in self._words.numbers:
                words[at] = len(printed[at])
        return (
            *(tuple(words), gaps, sentence.marks),
            *(sentence.part_starts, sentence.doubted, sentence.family_from),
        )

    def _part(self, printed: str) -> str | int:
        """The word, or its length if no phrase has it."""
        known, word = self._words, printed.lower()
        if word in known.whole or word[:_BEGUN] in known.begun or word.startswith(known.short):
            return printed
        return len(printed)

    # Not before the first sentence is heard: there are fifteen thousand words.
    @cached_property
    def _words(self) -> _Words:
        plain = "\n".join([text for text in self._phrases if text.isascii()])
        other = "\n".join([text for text in self._phrases if not text.isascii()])
        every = f"{fold_prose(plain)}\n{fold_prose(other)}".lower()
        found = frozenset(_WORD.findall(every))
        stems = [word[:-1] for word in found if word[-1] == "*"]
        begun = frozenset([stem[:_BEGUN] for stem in stems if len(stem) >= _BEGUN])
        short = tuple(sorted(stem for stem in stems if len(stem) < _BEGUN))
        return _Words(found.union(stems), begun, short, frozenset(_NUMBER.findall(every)))


def length(shape: Shape) -> int:
    """The characters of a sentence of this shape."""
    words, gaps, *_ = shape
    return sum([one if isinstance(one, int) else len(one) for one in words]) + sum(map(len, gaps))


def any_of(shape: Shape) -> Sentence:
    """A sentence of this shape, for who asks what all of them name: it has words, and no text."""
    words, gaps, marks, starts, doubted, family_from = shape
    printed = tuple([_BLANK * one if isinstance(one, int) else one for one in words])
    spelt = tuple([word.lower() for word in printed])
    return Sentence("", "", "", spelt, printed, gaps, starts, marks, doubted, family_from)
