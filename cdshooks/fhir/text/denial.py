"""Denial and doubt: what the cues of a sentence do to a phrase in it.

- *Negation* holds inside one part of a sentence (up to a comma, "but", "aber" ...): from the word
  that denies to a phrase that begins within 8 words, or directly after the phrase.
- *Doubt* gives no reading either: questions, "possible", "cannot be excluded". "Consistent with"
  is not doubt: pathology says it of what it affirms.
- "No liver, bone or nodal lesion": a comma ends the part, so "nodal lesion" is not denied; but the
  "or" says that the list goes on, so it is in doubt and never affirmed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from cdshooks.fhir.text.cues import (
    ANSWERS_NO,
    BEGINS_A_PART,
    DENIES_NEXT_WORD,
    DENIES_NEXT_WORDS,
    DENIES_PART_BEFORE,
    DENIES_WORD_BEFORE,
    DOUBTS_NEXT_WORDS,
    DOUBTS_PART_BEFORE,
    DOUBTS_WORD_BEFORE,
    EXCLUDES,
    JOINS_A_LIST,
    LOOKS_LIKE_A_CUE,
    MEANS_NOTHING,
    NAMES_FAMILY,
    Mark,
)
from cdshooks.fhir.text.sentences import Sentence

_REACH: Final = 8  # words over which a denying or doubting word holds
_BEHIND: Final = 12  # and from the end of a phrase, behind which its place may stand
_DENIES: Final = "denies"
_DOUBTS: Final = "doubts"


def denied_and_doubted(sentence: Sentence, first: int, last: int) -> tuple[bool, bool]:
    """Is the phrase from word `first` to word `last` denied, and is it in doubt?"""
    negated, doubtful = _by_cues(sentence, first, last) if sentence.marks else (False, False)
    asked = bool(sentence.doubted) and sentence.part(first) in sentence.doubted
    return negated, doubtful or asked


def _by_cues(sentence: Sentence, first: int, last: int) -> tuple[bool, bool]:
    near = _near(sentence.marks, first, last)
    if not near:
        return False, False
    across = [mark for mark in near if mark.first < first <= mark.last]
    before = [mark for mark in near if mark.last < first]
    after = [mark for mark in near if mark.first > last]
    roles = _across(across) | _before(sentence, before, first) | _after(sentence, after, last)
    negated = _DENIES in roles
    doubtful = _DOUBTS in roles or (
        not negated and _in_denied_list(sentence, before, after, first, last)
    )
    return negated, doubtful


def _near(marks: Sequence[Mark], first: int, last: int) -> Sequence[Mark]:
    """The cues within reach, however many the sentence has."""
    if len(marks) <= 2 * _REACH:
        return [
            mark for mark in marks if first - _REACH <= mark.last and mark.first <= last + _BEHIND
        ]
    low = bisect_left(marks, first - _REACH, key=_last)
    return marks[low : bisect_right(marks, last + _BEHIND, key=_first)]


_first: Final = attrgetter("first")
_last: Final = attrgetter("last")


def _across(marks: Sequence[Mark]) -> set[str]:
    """What a cue does that begins before the phrase and shares a word with it.

    In "no increase in size" the cue "no increase" means little for what follows it, but "increase
    in size" is denied.
    """
    return {
        _DENIES if {LOOKS_LIKE_A_CUE, DENIES_WORD_BEFORE} & mark.roles else _DOUBTS
        for mark in marks
        if not {MEANS_NOTHING, BEGINS_A_PART, NAMES_FAMILY} & mark.roles
    }


def _before(sentence: Sentence, marks: Sequence[Mark], first: int) -> set[str]:
    """What the cues before word `first` do to it."""
    done: set[str] = set()
    part = sentence.part(first)
    for mark in marks:
        new = _done_by(sentence, mark, first) - done
        if new and sentence.part(mark.last) == part and not _apart(sentence, mark, first):
            done |= new
    return done


def _done_by(sentence: Sentence, mark: Mark, first: int) -> set[str]:
    """What a cue does to word `first` behind it, if both are of one part."""
    done = set()
    if DENIES_NEXT_WORDS in mark.roles or _denies_next_word(sentence, mark, first):
        done.add(_DENIES)
    if DOUBTS_NEXT_WORDS in mark.roles:
        done.add(_DOUBTS)
    return done


def _apart(sentence: Sentence, mark: Mark, first: int) -> bool:
    """Does the cue stand in brackets that close before the phrase?"""
    between = "".join(sentence.gaps[mark.last + 1 : first + 1])
    return ")" in between and "(" not in between.partition(")")[0]


def _denies_next_word(sentence: Sentence, mark: Mark, first: int) -> bool:
    """The "negative" of "FDG-negative SSTR expression" belongs to the word that it hangs on."""
    follows = mark.last == first - 1 and DENIES_NEXT_WORD in mark.roles
    return follows and sentence.gaps[mark.first] != "-"


def _after(sentence: Sentence, marks: Sequence[Mark], last: int) -> set[str]:
    """What the cues after word `last` do to it."""
    done: set[str] = set()
    next_word, part = last + 1, sentence.part(last)
    for mark in marks:
        if sentence.part(mark.first) != part:
            break
        direct = mark.first == next_word
        if direct and MEANS_NOTHING in mark.roles:
            next_word = mark.last + 1
        if not direct and _FROM_AFAR.isdisjoint(mark.roles):
            continue
        done |= _denied_by(sentence, mark, marks, last, direct=direct)
        if _doubts_before(sentence, mark, direct):
            done.add(_DOUBTS)
    return done


def _denied_by(
    sentence: Sentence, mark: Mark, marks: Sequence[Mark], last: int, *, direct: bool
) -> set[str]:
    """What a cue that denies does to the phrase that ends before it with word `last`."""
    if EXCLUDES in mark.roles and _is_denied(mark, marks):
        return {_DOUBTS}
    if _denies_before(sentence, mark, direct):
        return {_DENIES}
    return set() if direct else _behind_its_place(sentence, mark, marks, last)


# The other cues only hold for the phrase directly before them.
_FROM_AFAR: Final = frozenset(
    {EXCLUDES, DENIES_PART_BEFORE, DENIES_WORD_BEFORE, DOUBTS_PART_BEFORE, DOUBTS_WORD_BEFORE}
)
# Behind a phrase these begin its place.
_WHERE: Final = frozenset(
    {
        *("in", "of", "at", "within", "by", "to", "on", "from", "due", "involving", "along"),
        *("around", "near", "inside", "through", "throughout", "im", "am", "an", "der"),
        *("des", "dans", "du", "de", "d", "au", "aux", "en", "del", "do", "da", "na", "no"),
    }
)


def _is_denied(excludes: Mark, marks: Sequence[Mark]) -> bool:
    """Does a denying word stand shortly before it ("cannot be entirely excluded")?"""
    return any(
        DENIES_NEXT_WORDS in mark.roles and 0 < excludes.first - mark.last <= 4 for mark in marks
    )


def _denies_before(sentence: Sentence, mark: Mark, direct: bool) -> bool:
    if DENIES_PART_BEFORE in mark.roles:
        return True
    if direct and ANSWERS_NO in mark.roles and set(sentence.gaps[mark.first]) & set(":=|"):
        return True
    return direct and DENIES_WORD_BEFORE in mark.roles


def _behind_its_place(sentence: Sentence, mark: Mark, marks: Sequence[Mark], last: int) -> set[str]:
    """What a denying cue does to a phrase that has its place behind it.

    "Uptake in the liver is not seen" denies the uptake. Where the verb is missing, or the part goes
    on, it may be the liver that is denied ("lesions in segments not seen before"): doubt.
    """
    if DENIES_WORD_BEFORE not in mark.roles or sentence.words[last + 1] not in _WHERE:
        return set()
    verb = any(MEANS_NOTHING in one.roles and one.last == mark.first - 1 for one in marks)
    closes = _closes_part(sentence, mark)
    return {_DENIES} if verb and closes else {_DOUBTS} if verb or closes else set()


def _doubts_before(sentence: Sentence, mark: Mark, direct: bool) -> bool:
    if DOUBTS_PART_BEFORE in mark.roles:
        return True
    return DOUBTS_WORD_BEFORE in mark.roles and (direct or _closes_part(sentence, mark))


def _closes_part(sentence: Sentence, mark: Mark) -> bool:
    """Is it the last of its part? ("Metastasis in segment 4 suspected")."""
    following = mark.last + 1
    return following == len(sentence.words) or _begins_part(sentence, following)


def _begins_part(sentence: Sentence, at: int) -> bool:
    return sentence.part(at) != sentence.part(at - 1)


def _in_denied_list(
    sentence: Sentence, before: Sequence[Mark], after: Sequence[Mark], first: int, last: int
) -> bool:
    """Does it go on a list that began as denied ("no liver, bone or nodal lesion")?"""
    if not before:
        return False
    denied: int | None = None
    joined = any(
        JOINS_A_LIST in mark.roles
        and (mark.first == last + 1 or _begins_part(sentence, mark.first))
        for mark in after
    )
    for mark in before:
        if BEGINS_A_PART in mark.roles:
            denied = None
        elif DENIES_NEXT_WORDS in mark.roles:
            denied = sentence.part(mark.last)
        elif JOINS_A_LIST in mark.roles and denied is not None:
            joined = joined or sentence.part(mark.first) != denied
    return joined and denied is not None and denied != sentence.part(first)
