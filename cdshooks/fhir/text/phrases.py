"""Phrases by their first word: which of them stand in a text, and where.

A phrase is a run of whole words; `*` ends a stem. One without a lower-case letter is found in upper
case only. The time grows with the text and not with the number of phrases; no pattern here can
backtrack.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from cdshooks.fhir.text.folding import fold_prose

_WORD: Final = re.compile(r"([^\W_]+)")
_ASCII_WORD: Final = re.compile(r"([A-Za-z0-9]+)")  # the same, in two thirds of the time
_FIRST_WORD: Final = re.compile(r"([^\W_]+)(\*?)")
_SOFT: Final = " \t-_"  # "non functioning" is "non-functioning"; any other sign counts
_STEM_LENGTH: Final = 4
_OTHERWISE: Final = ""  # any second word that is not listed

_Pair: TypeAlias = tuple[str, str]  # a key, and the text of a phrase that names it


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


def _listed(pairs: Iterable[_Pair]) -> list[Phrase]:
    """Each text once, with its keys: many concepts share their words.

    Of two texts of one key that differ in accents only, the first.
    """
    keys: dict[str, dict[str, None]] = {}
    known: set[tuple[Any, ...]] = set()
    for key, text in pairs:
        spelt = _spelt(text)
        if (key, *spelt) not in known:
            known.add((key, *spelt))
            keys.setdefault(text, {})[key] = None
    return [Phrase(tuple(of), text, *_spelt(text)) for text, of in keys.items()]


@lru_cache(maxsize=20_000)  # the same phrases go into several lexicons
def _beginning(text: str) -> tuple[str, bool]:
    """The first word of a phrase in lower case, "" if it has none, and whether it is a stem."""
    word = text.partition(" ")[0]
    if word.isascii() and word.isalnum():  # as most begin
        return word.lower(), False
    # Of a text in ASCII only the decimal comma is folded, which ends a word as the point does.
    folded = text if text.isascii() else fold_prose(text)
    first = _FIRST_WORD.search(folded)
    return (first[1].lower(), bool(first[2])) if first else ("", False)


@lru_cache(maxsize=20_000)  # likewise
def _spelt(text: str) -> tuple[Any, ...]:
    """What a phrase is found by, its fields from `words` on."""
    spelt, gaps = words_and_gaps(fold_prose(text))
    upper = text.isupper()
    words = tuple(word if upper else word.lower() for word in spelt)
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


class _Buckets(dict[str, _Bucket]):
    """Buckets by what their phrases begin with, each made when a text first has that word.

    A text has few of the thousands of words that begin a phrase, and to make all buckets would take
    longer than all else that is done at the start.
    """

    def __init__(self, pairs_of: Callable[[str], Iterable[_Pair]]):
        super().__init__()
        self._pairs_of = pairs_of

    def __missing__(self, begun: str) -> _Bucket:
        return self.setdefault(begun, _bucket(_listed(self._pairs_of(begun))))


class Phrases:
    """Phrases by the word that they begin with, and in there by the word that follows.

    A word may begin a phrase as a whole or with a stem; what no whole word begins stands under the
    first letters of its stem.
    """

    def __init__(self, listed: Mapping[str, Sequence[str]]):
        self._whole: dict[str, list[_Pair]] = {}
        self._stems: dict[str, list[_Pair]] = {}
        stemmed: list[tuple[str, _Pair]] = []
        for key, texts in listed.items():
            for text in texts:
                word, is_stem = _beginning(text)
                if not word:
                    raise ValueError(f"a phrase of {key} has no word: {text!r}")
                if is_stem:
                    stemmed.append((word, (key, text)))
                else:
                    self._whole.setdefault(word, []).append((key, text))
        self._prefix = min([_STEM_LENGTH, *(len(word) for word, _ in stemmed)])
        for word, pair in stemmed:
            self._stems.setdefault(word[: self._prefix], []).append(pair)
        self._of_whole = _Buckets(self._begun_by)
        self._of_stem = _Buckets(self._stems.__getitem__)

    def _begun_by(self, word: str) -> list[_Pair]:
        return [*self._whole[word], *self._stems.get(word[: self._prefix], ())]

    def find(
        self, words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]
    ) -> list[tuple[int, list[Phrase]]]:
        """(position, phrases that stand there), in order, the longest phrase first."""
        found = []
        whole, stems, prefix = self._whole, self._stems, self._prefix
        of_whole, of_stem = self._of_whole, self._of_stem
        begun = [at for at, w in enumerate(words) if w in whole or w[:prefix] in stems]
        last = len(words) - 1
        for at in begun:
            word = words[at]
            bucket = of_whole[word] if word in whole else of_stem[word[:prefix]]
            following = words[at + 1] if at < last else _OTHERWISE
            there, sure = (
                bucket.get(following) or bucket.get(following[:_STEM_LENGTH]) or bucket[_OTHERWISE]
            )
            if not sure:
                there = _standing(there, words, printed, gaps, at)
            if there:
                found.append((at, there))
        return found


def _standing(
    phrases: Iterable[Phrase],
    words: Sequence[str],
    printed: Sequence[str],
    gaps: Sequence[str],
    at: int,
) -> list[Phrase]:
    """Those of some phrases that are there from word `at`; in one loop, for it runs most of all."""
    found, left = [], len(words) - at
    for phrase in phrases:
        if phrase.length > left:
            continue
        spelt = printed if phrase.upper else words
        for offset, word, is_stem, signs in phrase.checks:
            there = spelt[at + offset]
            if there != word and not (is_stem and there.startswith(word)):
                break
            if offset and gaps[at + offset].strip(_SOFT) != signs:
                break
        else:
            found.append(phrase)
    return found


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
