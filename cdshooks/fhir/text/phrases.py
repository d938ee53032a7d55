"""Phrases by their first word: which of them stand in a text, and where.

A phrase is a run of whole words; `*` ends a stem. One without a lower-case letter is found in upper
case only. The time grows with the text and not with the number of phrases; no pattern here can
backtrack.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from cdshooks.fhir.text.folding import fold_prose

_WORD: Final = re.compile(r"([^\W_]+)")
_ASCII_WORD: Final = re.compile(r"([A-Za-z0-9]+)")  # the same, in two thirds of the time
_SOFT: Final = " \t-_"  # "non functioning" is "non-functioning"; any other sign counts
_STEM_LENGTH: Final = 4
_OTHERWISE: Final = ""  # any second word that is not listed


def words_and_gaps(folded: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a folded text, and what stands before each of them and after the last."""
    pieces = (_ASCII_WORD if folded.isascii() else _WORD).split(folded)
    return tuple(pieces[1::2]), tuple(pieces[0::2])


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of some keys, with what is to be checked of each of its words.

    A check is (how many words on, word, is it a stem, signs before it). A first word that is whole
    needs none: the table that led here has looked it up. `upper` phrases are checked as printed.
    """

    keys: tuple[str, ...]
    text: str
    words: tuple[str, ...]
    length: int
    first_is_stem: bool
    second: str
    checks: tuple[tuple[int, str, bool, str], ...]
    upper: bool

    def stands_in(self, spelt: Sequence[str], gaps: Sequence[str], at: int) -> bool:
        """Is it there from word `at`?"""
        if at + self.length > len(spelt):
            return False
        for offset, word, is_stem, signs in self.checks:
            there = spelt[at + offset]
            if there != word and not (is_stem and there.startswith(word)):
                return False
            if offset and gaps[at + offset].strip(_SOFT) != signs:
                return False
        return True


def _listed(listed: Mapping[str, Sequence[str]]) -> list[Phrase]:
    """Each text once, with its keys: many concepts share their words.

    Of two texts of one key that differ in accents only, the first.
    """
    keys: dict[str, dict[str, None]] = {}
    known: set[tuple[Any, ...]] = set()
    for key, texts in listed.items():
        for text in texts:
            spelt = _spelt(text)
            if not spelt:
                raise ValueError(f"a phrase of {key} has no word: {text!r}")
            if (key, *spelt) not in known:
                known.add((key, *spelt))
                keys.setdefault(text, {})[key] = None
    return [Phrase(tuple(of), text, *_spelt(text)) for text, of in keys.items()]


@lru_cache(maxsize=20_000)  # the same phrases go into several lexicons
def _spelt(text: str) -> tuple[Any, ...]:
    """What a phrase is found by, its fields from `words` on; nothing if it has no word."""
    spelt, gaps = words_and_gaps(fold_prose(text))
    upper = text.isupper()
    words = tuple(word if upper else word.lower() for word in spelt)
    if not words:
        return ()
    stems = [gap.startswith("*") for gap in gaps[1:]]
    signs = [gap.replace("*", "").strip(_SOFT) for gap in gaps]
    checks = tuple(zip(range(len(words)), words, stems, signs, strict=False))
    needed = checks if upper or stems[0] else checks[1:]
    return words, len(words), stems[0], _second(words, stems), needed, upper


def _second(words: Sequence[str], stems: Sequence[bool]) -> str:
    """What the second word is found by: the word, the first letters of its stem, or nothing."""
    if len(words) == 1 or (stems[1] and len(words[1]) < _STEM_LENGTH):
        return _OTHERWISE
    return words[1].lower()[: _STEM_LENGTH if stems[1] else None]


# By the second word: phrases, and whether they stand there without any further check.
_Bucket: TypeAlias = dict[str, tuple[list[Phrase], bool]]


class Phrases:
    """Phrases by the word that they begin with, and in there by the word that follows.

    A word may begin a phrase as a whole or with a stem; what no whole word begins stands under the
    first letters of its stem.
    """

    def __init__(self, listed: Mapping[str, Sequence[str]]):
        phrases = _listed(listed)
        stemmed = [phrase for phrase in phrases if phrase.first_is_stem]
        self._prefix = min([_STEM_LENGTH, *(len(phrase.words[0]) for phrase in stemmed)])
        whole: dict[str, list[Phrase]] = {}
        stems: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            word = phrase.words[0].lower()
            if phrase.first_is_stem:
                stems.setdefault(word[: self._prefix], []).append(phrase)
            else:
                whole.setdefault(word, []).append(phrase)
        for word, begun in whole.items():
            begun.extend(stems.get(word[: self._prefix], ()))
        self._whole = {word: _bucket(begun) for word, begun in whole.items()}
        self._stems = {letters: _bucket(begun) for letters, begun in stems.items()}

    def find(
        self, words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]
    ) -> Iterator[tuple[int, list[Phrase]]]:
        """(position, phrases that stand there), in order, the longest phrase first."""
        whole, stems, prefix = self._whole, self._stems, self._prefix
        begun = [at for at, w in enumerate(words) if w in whole or w[:prefix] in stems]
        last = len(words) - 1
        for at in begun:
            word = words[at]
            bucket = whole[word] if word in whole else stems[word[:prefix]]
            following = words[at + 1] if at < last else _OTHERWISE
            there, sure = (
                bucket.get(following) or bucket.get(following[:_STEM_LENGTH]) or bucket[_OTHERWISE]
            )
            if not sure:
                there = [
                    phrase
                    for phrase in there
                    if not phrase.checks
                    or phrase.stands_in(printed if phrase.upper else words, gaps, at)
                ]
            if there:
                yield at, there


def _bucket(phrases: Sequence[Phrase]) -> _Bucket:
    """The phrases that may stand, by the second word, or by the first letters of its stem.

    `_OTHERWISE` is for any word not listed.
    """
    ordered = sorted(phrases, key=lambda phrase: -len(phrase.words))
    listed = {
        second: [p for p in ordered if p.second in (second, second[:_STEM_LENGTH], _OTHERWISE)]
        for second in {_OTHERWISE, *(phrase.second for phrase in ordered)}
    }
    return {second: (of, not any(p.checks for p in of)) for second, of in listed.items()}
