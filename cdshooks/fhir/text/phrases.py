"""Phrases by their first word: which of them stand in a text, and where.

A phrase is a run of whole words; `*` ends a stem. One without a lower-case letter is found in upper
case only. The time grows with the text and not with the number of phrases; no pattern here can
backtrack.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any, Final, TypeAlias

from cdshooks.fhir.text.folding import fold_prose
from cdshooks.fhir.text.memory import RememberedWords

_WORD: Final = re.compile(r"([^\W_]+)")
_ASCII_WORD: Final = re.compile(r"([A-Za-z0-9]+)")  # the same, in two thirds of the time
_FIRST_WORD: Final = re.compile(r"([^\W_]+)(\*?)")
_SOFT: Final = " \t-_"  # "non functioning" is "non-functioning"; any other sign counts
_STEM_LENGTH: Final = 4
_MANY: Final = 200  # phrases that are worth a memory of words
_OTHERWISE: Final = ""  # any second word that is not listed

_Pair: TypeAlias = tuple[str, str]  # a key, and the text of a phrase that names it


def words_and_gaps(folded: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a folded text, and what stands before each of them and after the last."""
    pieces = (_ASCII_WORD if folded.isascii() else _WORD).split(folded)
    return tuple(pieces[1::2]), tuple(pieces[0::2])


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of some keys, with what it is found by.

    Of `words` those that `stems` marks are the beginnings of words; it is empty if none is. `signs`
    stand between the words; it is empty if only spaces and hyphens do. An `upper` phrase is looked
    for as printed, any other in lower case.
    """

    keys: tuple[str, ...]
    text: str
    words: tuple[str, ...]
    length: int
    stems: tuple[bool, ...]
    second: str
    signs: tuple[str, ...]
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
    stems = tuple(gap.startswith("*") for gap in gaps[1:])
    signs = _signs([gap.replace("*", "") for gap in gaps[1:-1]])
    return words, len(words), stems if any(stems) else (), _second(words, stems), signs, upper


def _second(words: Sequence[str], stems: Sequence[bool]) -> str:
    """What the second word is found by: the word, the first letters of its stem, or nothing."""
    if len(words) == 1 or (stems[1] and len(words[1]) < _STEM_LENGTH):
        return _OTHERWISE
    return words[1].lower()[: _STEM_LENGTH if stems[1] else None]


# Phrases that may stand there, and whether they do without any further check.
_Candidates: TypeAlias = tuple[list[Phrase], bool]
# Those whatever word follows, and by the second word those of some word, too.
_Bucket: TypeAlias = tuple[_Candidates, dict[str, _Candidates]]


class _Buckets(dict[str, _Bucket]):
    """Buckets by what their phrases begin with, each made when a text first has that word.

    A text has few of the thousands of words that begin a phrase, and to make all buckets would take
    longer than all else that is done at the start.
    """

    def __init__(self, made: Callable[[str], _Bucket]):
        super().__init__()
        self._made = made

    def __missing__(self, begun: str) -> _Bucket:
        return self.setdefault(begun, self._made(begun))


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
        # Every word of every text is asked; but there are a thousand lexicons of a few phrases.
        begins, has_many = self._begins_any, len(self._whole) >= _MANY
        self._begins = RememberedWords(begins) if has_many else begins
        self._of_whole = _Buckets(self._begun_by)
        self._of_stem = _Buckets(lambda begun: _bucket(_listed(self._stems[begun]), ""))

    def _begins_any(self, word: str) -> bool:
        return word in self._whole or word[: self._prefix] in self._stems

    def _begun_by(self, word: str) -> _Bucket:
        # The word is known, and with it which of the stems it begins with.
        stems = self._stems.get(word[: self._prefix], ())
        begun = [(key, text) for key, text in stems if word.startswith(_beginning(text)[0])]
        return _bucket(_listed([*self._whole[word], *begun]), word)

    def find(
        self, words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]
    ) -> list[tuple[int, list[Phrase]]]:
        """(position, phrases that stand there), in order, the longest phrase first."""
        found = []
        whole, prefix = self._whole, self._prefix
        of_whole, of_stem = self._of_whole, self._of_stem
        begun = compress(range(len(words)), map(self._begins, words))
        last = len(words) - 1
        for at in begun:
            word = words[at]
            candidates, by_second = of_whole[word] if word in whole else of_stem[word[:prefix]]
            if by_second and at < last:
                following = words[at + 1]
                candidates = (
                    by_second.get(following)
                    or by_second.get(following[:_STEM_LENGTH])
                    or candidates
                )
            there, sure = candidates
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
    found = []
    for phrase in phrases:
        end, stems = at + phrase.length, phrase.stems
        there = printed[at:end] if phrase.upper else words[at:end]
        if there != phrase.words and not (stems and _begin(there, phrase.words, stems)):
            continue
        if phrase.length > 1 and _signs(gaps[at + 1 : end]) != phrase.signs:
            continue
        found.append(phrase)
    return found


def _begin(there: Sequence[str], words: Sequence[str], stems: Sequence[bool]) -> bool:
    """Are they all these words, or begin with those of them that are stems?"""
    if len(there) < len(words):
        return False
    spelt = zip(there, words, stems, strict=True)
    return all(one == word or (stem and one.startswith(word)) for one, word, stem in spelt)


def _signs(gaps: Sequence[str]) -> tuple[str, ...]:
    """What stands between words, besides what is soft; empty if nothing else does."""
    if not "".join(gaps).strip(_SOFT):
        return ()
    return tuple([gap.strip(_SOFT) for gap in gaps])


def _bucket(phrases: Sequence[Phrase], word: str) -> _Bucket:
    """The phrases that may stand, also by the second word, or by the first letters of its stem.

    `word` is the one that they begin with; "" if only the first letters of it are known.
    """
    ordered = sorted(phrases, key=lambda phrase: -phrase.length)
    by_second = {
        second: [p for p in ordered if p.second in (second, second[:_STEM_LENGTH], _OTHERWISE)]
        for second in {phrase.second for phrase in ordered} - {_OTHERWISE}
    }
    otherwise = [phrase for phrase in ordered if phrase.second == _OTHERWISE]
    return _judged(otherwise, word), {key: _judged(of, word) for key, of in by_second.items()}


def _judged(phrases: list[Phrase], word: str) -> _Candidates:
    """The phrases, and whether they are surely there: the table that led here looked them up."""
    return phrases, bool(word) and all(p.length == 1 and not p.upper for p in phrases)
