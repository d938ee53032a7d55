"""Sentences: where each ends, its words, its parts, and the cues in it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress
from operator import add, methodcaller
from typing import Final

import msgspec

from cdshooks.fhir.text.cues import (
    BEGINS_A_PART,
    BRINGS_A_RELATIVE,
    NAMES_FAMILY,
    OF_WHOM,
    SPEAKS_FOR_THE_PATIENT,
    Mark,
    marks,
)
from cdshooks.fhir.text.folding import fold_prose
from cdshooks.fhir.text.memory import SHORT, Remembered
from cdshooks.fhir.text.phrases import words_and_gaps

TEXT_LIMIT: Final = 20_000  # characters read of one text
_SHORT_FOLDED: Final = 18 * SHORT  # no limit to a short text: one character folds to 18 at most
# Points after these do not end a sentence; single letters in a row ("e.g.", "z. B.") neither.
_ABBREVIATIONS: Final = frozenset(
    {
        *("approx", "aprox", "ca", "vs", "cf", "dr", "prof", "mr", "mrs", "ms", "st", "fig", "abb"),
        *("resp", "bzw", "ggf", "evtl", "env", "yakl", "pat", "max", "min", "incl", "inkl", "excl"),
        *("al", "nr", "sog"),
    }
)
_LONG_WORD: Final = max(map(len, _ABBREVIATIONS)) + 1
# "12. Mai 2025": the point is inside a date.
_MONTH_AND_YEAR: Final = re.compile(
    r" ?(?:jan|feb|mar|mär|mrz|apr|avr|abr|may|mai|jun|jui|jul|aug|aou|aoû|ago|sep|oct|okt|nov|dec"
    r"|déc|dez|dic|ene|fev|fév|set|out|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara)[^\W\d_]{0,7}\.? ?"
    r"(?:19|20)[0-9]{2}"
)


class Sentence(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One sentence: as printed, folded, and word by word.

    `text` is folded to lower case; `cased` is the same with the case printed, letter for letter, so
    an offset into the one is good in the other ("mL" is told from "ML" there).
    `gaps[n]` is what stands before word n; the last gap follows the last word. `part_starts` are
    the words that begin another part, and `doubted` the parts under a question mark. From word
    `family_from` on it speaks of a relative, and gives no fact of the patient.
    """

    printed: str
    text: str
    cased: str
    words: tuple[str, ...]
    printed_words: tuple[str, ...]
    gaps: tuple[str, ...]
    part_starts: tuple[int, ...]
    marks: tuple[Mark, ...]
    doubted: frozenset[int]
    family_from: int

    @property
    def about_family(self) -> bool:
        """Does all of it speak of a relative?"""
        return self.family_from == 0

    def word_starts(self) -> list[int]:
        """Where each word begins in `text`."""
        steps = map(add, map(len, self.gaps[1:]), map(len, self.words))
        return list(accumulate(steps, initial=len(self.gaps[0])))

    def part(self, at: int) -> int:
        """The number of the part that word `at` stands in."""
        return bisect_right(self.part_starts, at)


def sentences(text: str, limit: int = TEXT_LIMIT) -> tuple[Sentence, ...]:
    """The sentences that have a word in them, in order.

    Only the first `limit` characters are read; the sentence that the limit falls into is left out,
    for what denies it may stand behind. The caller names a text that is longer.

    >>> [s.text for s in sentences("Ki-67 ca. 4,5 %. No mets; stable vs. 2025.")]
    ['ki-67 ca. 4.5 %', 'no mets', 'stable vs. 2025']
    """
    if len(text) <= SHORT and limit >= _SHORT_FOLDED:
        return _of_short(text)
    return tuple(each_sentence(text, limit))


# Whether a text is worth reading is asked by its sentences, and then they are read.
_of_short: Final = Remembered[str, tuple["Sentence", ...]](
    lambda text: tuple(each_sentence(text, _SHORT_FOLDED))
)


def each_sentence(text: str, limit: int) -> Iterator[Sentence]:
    """The same one by one, for who may have read enough before the end."""
    left = limit
    for piece, is_question in _pieces(text, limit):
        if len(piece) <= SHORT:
            sentence = _of_piece((piece, is_question))
            left -= len(sentence.cased)
        else:
            folded = fold_prose(piece)
            left -= len(folded)  # one character may fold to eighteen
            sentence = _sentence(piece, folded if left >= 0 else "", is_question)
        if left < 0:
            break
        if sentence.words:
            yield sentence


# A report that nobody has seen is made of sentences that others have, too.
_of_piece: Final = Remembered[tuple[str, bool], "Sentence"](
    lambda key: _sentence(key[0], fold_prose(key[0]), key[1]), length=lambda key: len(key[0])
)


_NEWLINES: Final = "\n\r\v\f\x85\u2028\u2029"
# One class first: an alternation of two takes four times as long to find nothing. The point in 13.4
# is no end, and the most frequent one.
_END: Final = re.compile(
    r"[.;!?．；！？。\n\r\v\f\x85\u2028\u2029](?!(?<=[0-9]\.)[0-9])"
    r"(?:(?<=[.;!?．；！？。])[.;!?．；！？。]{1,99})?"
)
_LAST_WORD: Final = re.compile(r"[^\W_]{1,12}\Z")
_INITIAL_AHEAD: Final = re.compile(r" ?[^\W\d_]\.")
_INITIAL_BEHIND: Final = re.compile(r"(?<![^\W_])[^\W\d_]\. ?\Z")


def _pieces(text: str, limit: int) -> Iterator[tuple[str, bool]]:
    """(sentence without its end, whether a question mark ends it)."""
    start = 0
    for match in _END.finditer(text, 0, limit):
        end, at = match.group(), match.start()
        if at == start and end in _NEWLINES:
            start = at + 1
            continue
        if _inner_point(text, at) if end == "." else _goes_on(text, at, end):
            continue
        # "Stable.?liver lesion": the question mark belongs to what follows.
        asks_ahead = (
            len(end) > 1 and end[-1] == "?" and text[match.end() : match.end() + 1].isalnum()
        )
        yield text[start:at].strip(), not asks_ahead and ("?" in end or "？" in end)
        start = match.end() - asks_ahead
    if len(text) <= limit:
        yield text[start:].strip(), False


def _goes_on(text: str, at: int, end: str) -> bool:
    """Is the sign at `at`, which is no point, inside a sentence?"""
    # "? liver lesion" doubts what follows, "liver lesion?" asks.
    return end in ("?", "？") and (at == 0 or not text[at - 1].isalnum())


def _inner_point(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if before.isdigit():
        return after.isdigit() or _MONTH_AND_YEAR.match(text[at + 1 : at + 20].lower()) is not None
    if not before.isalnum() or (at >= _LONG_WORD and text[at - _LONG_WORD : at].isalnum()):
        return False  # as most ends are: no abbreviation is so long
    match = _LAST_WORD.search(text[max(0, at - 13) : at])
    if match is None:
        return False
    word = match.group().lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and _is_initial(text, at))


def _is_initial(text: str, at: int) -> bool:
    """One of the single letters of "e.g." or "z. B."."""
    if _INITIAL_AHEAD.match(text, at + 1):
        return True
    return _INITIAL_BEHIND.search(text[max(0, at - 5) : at - 1]) is not None


def _sentence(printed: str, folded: str, is_question: bool) -> Sentence:
    spelt, gaps = words_and_gaps(folded)
    words = tuple(map(str.lower, spelt))
    cues = marks(words, spelt, gaps)
    has_comma = "," in folded
    starts = _part_starts(words, gaps, cues, has_comma) if cues or has_comma else ()
    asked = frozenset(range(len(starts) + 1)) if is_question else _NONE
    if "?" in folded:
        asked |= _asked(gaps, starts)
    family = _family_from(words, gaps, starts, cues) if cues else len(words)
    return Sentence(
        printed, folded.lower(), folded, words, spelt, gaps, starts, cues, asked, family
    )


_BESIDE: Final = 3  # words between "accompanied by" and the relative
_NONE: Final = frozenset[int]()


def _family_from(
    words: Sequence[str], gaps: Sequence[str], starts: Sequence[int], cues: Sequence[Mark]
) -> int:
    """The word from which on a relative is spoken of; the number of words if none is.

    "NET of the ileum, mother had breast cancer": the relative's part says something by itself, so
    that what stands before it is the patient's. In "carcinoid, in her mother" it is the mother's.
    """
    named = [cue for cue in cues if NAMES_FAMILY in cue.roles]
    if named:
        named = _not_beside(named, cues)
    if not named:
        return len(words)
    part, bounds = bisect_right(starts, named[0].first), (0, *starts, len(words))
    begin = named[0].first if "(" in gaps[named[0].first] else bounds[part]
    spoken = {at for cue in named for at in range(cue.first, cue.last + 1)}
    told = [words[at] for at in range(begin, bounds[part + 1]) if at not in spoken]
    return begin if any(word not in OF_WHOM for word in told) else 0


def _not_beside(relatives: Sequence[Mark], cues: Sequence[Mark]) -> list[Mark]:
    """Without those who are only there ("accompanied by her mother", "daughter reports")."""
    brought = {
        cue.last + ahead
        for cue in cues
        if BRINGS_A_RELATIVE in cue.roles
        for ahead in range(1, _BESIDE + 1)
    }
    speaking = {cue.first - 1 for cue in cues if SPEAKS_FOR_THE_PATIENT in cue.roles}
    return [one for one in relatives if one.first not in brought and one.last not in speaking]


def _part_starts(
    words: Sequence[str], gaps: Sequence[str], cues: Sequence[Mark], has_comma: bool
) -> tuple[int, ...]:
    """The words, besides the first, that begin a part of the sentence."""
    starts = {cue.first for cue in cues if BEGINS_A_PART in cue.roles}
    if has_comma:
        commas = compress(range(len(gaps)), map(_commas, gaps))
        starts.update([at for at in commas if _divides(words, gaps, at)])
    return tuple(sorted(starts)) if starts else ()


_commas: Final = methodcaller("count", ",")


def _divides(words: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Does the comma before word `at` begin a part? Not the one inside 12,000."""
    if at == 0 or at == len(words):
        return False
    return gaps[at] != "," or not (words[at - 1][-1].isdigit() and words[at][0].isdigit())


def _asked(gaps: Sequence[str], starts: Sequence[int]) -> frozenset[int]:
    """The parts with a loose question mark: that of the word after it, or the last part."""
    return frozenset(bisect_right(starts, at) for at, gap in enumerate(gaps) if "?" in gap)
