"""The number of a name in a sentence, and the first number of a text.

A number follows its name. What stands before a name ("8 % Ki-67") belongs to it only where the
caller says so: `number_before_name`, for "3 mitoses per 2 mm2". After "nearly", "not" or "pending"
no number is read.
"""

import re
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import structs

from cdshooks.fhir.number.digits import NumberText, NumberUnreadable
from cdshooks.fhir.number.lookalikes import NO_VALUE, OTHER_MARKER, past_lookalike
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.fhir.number.units import UNIT_OF_NAME, folded_unit_key
from cdshooks.fhir.number.value import NumberValue, value_at
from cdshooks.fhir.number.words import CONNECTIVES, STOPS, STOPS_AFTER
from cdshooks.fhir.text.folding import fold_line
from cdshooks.fhir.text.memory import Remembered

_WINDOW: Final = 300  # characters in which the number after a name is looked for
_LOOK_AHEAD: Final = 60  # characters that may still belong to a number
_WORDS_BETWEEN: Final = 8
_WORD: Final = re.compile(r"[^\W\d_]+")
_GLUED: Final = re.compile(r"[.,][0-9]")
# Signs of ordinary writing. Any other (<, ?, ≮, ±) says something about a number to come.
_NEUTRAL: Final = re.compile(r"(?!=>|[.,][0-9])[.,:;=|\"'*#/!&()\[\]_•·-]")
# After these a word that says something belongs to another finding.
_CLAUSE: Final = re.compile(
    r",(?![0-9])|(?:and|with|und|mit|et|avec|y|con|com|ve)(?![^\W_])(?! ?[0-9])"
)
_CLOSES: Final = MappingProxyType({"(": ")", "[": "]"})


def number_after_name(sentence_text: str, name_end: int) -> ParsedNumber | None:
    """The first number after a name that ends there.

    Dates, block numbers, ratios and marker names are passed over; a number directly after another
    marker is that marker's. Up to 8 words may stand between, but none after a comma or an "and",
    and the number then needs a unit: "Ki-67 raised, see note 2" has none.

    >>> text = "ki-67 (mib-1, block a3, 2026-03-01): approx. 12 % in 500 cells"
    >>> number_after_name(text, 5).unit, number_after_name(text, 5).span.approximate
    ('%', True)
    """
    return plain_percentage(sentence_text, name_end) or _number_after((sentence_text, name_end))


def _after(key: tuple[str, int]) -> ParsedNumber | None:
    sentence_text, name_end = key
    return after_by_rules(sentence_text[name_end:])


# As nearly all reports write it, ": 12.5 %" before a comma or the end: nothing there can change it.
_PLAIN: Final = re.compile(r"[ :=]{0,2}([0-9]{1,2}(?:\.[0-9]{1,2})?) ?%(?:\Z|(?=[,;)]))")


def plain_percentage(text: str, start: int = 0) -> ParsedNumber | None:
    """The percentage that stands there, if it takes no rules to read it."""
    found = _PLAIN.match(text, start)
    if found is None:
        return None
    value = Decimal(found[1])
    return ParsedNumber(NumberSpan(value, value), "%")


def after_by_rules(wanted: str) -> ParsedNumber | None:
    """The first number of a text that follows a name."""
    window = NumberText.of(wanted[:_WINDOW], is_prose=True)
    try:
        found = (
            None if _GLUED.match(window.low) else first_number(window, words_between=_WORDS_BETWEEN)
        )
    except NumberUnreadable:
        return None
    is_cut = len(wanted) > _WINDOW
    if found is None or (is_cut and found.end > len(window.low) - _LOOK_AHEAD):
        return None
    return found.parsed


def number_before_name(sentence_text: str, name_start: int) -> ParsedNumber | None:
    """The number directly before a name, with the unit that follows either of them.

    >>> number_before_name("3 mitoses per 2 mm2", 2).unit
    'per 2 mm2'
    """
    return _number_before((sentence_text, name_start))


def _before(key: tuple[str, int]) -> ParsedNumber | None:
    sentence_text, name_start = key
    left = sentence_text[max(0, name_start - _LOOK_AHEAD) : name_start]
    if name_start > _LOOK_AHEAD:  # do not begin inside a number
        left = left.partition(" ")[2]
    before = fold_line(left)
    right = sentence_text[name_start : name_start + _LOOK_AHEAD]
    try:
        return _ending_at(NumberText.of(f"{before} {right}", is_prose=True), len(before))
    except NumberUnreadable:
        return None


def _length(key: tuple[str, int]) -> int:
    return len(key[0])


# Several readers ask about the same words.
_number_after: Final = Remembered(_after, length=_length)
_number_before: Final = Remembered(_before, length=_length)


def _ending_at(text: NumberText, end: int) -> ParsedNumber | None:
    at = 0
    while at < end:
        passed = NO_VALUE.match(text.low, at)
        value = None if passed else value_at(text, at)
        if value and end in (value.number_end, value.end):
            return value.parsed
        word = _WORD.match(text.low, at)
        ends = [match.end() for match in (passed, word) if match]
        at = value.number_end if value else max([*ends, at + 1])
    return None


def first_number(text: NumberText, words_between: int) -> NumberValue | None:
    """The first value, if no more than so many words that say something stand before it."""
    at, unknown, of_marker = 0, 0, False
    unit: str | None = None  # "(per 2 mm2): 4", "[%] 12"
    while at < len(text.low) and unknown <= words_between:
        if clause := _CLAUSE.match(text.low, at):
            if unknown:
                return None
            at, words_between = clause.end(), 0
            of_marker = of_marker and clause.group() != ","
        elif passed := past_lookalike(text.low, at):
            of_marker = of_marker or OTHER_MARKER.match(text.low, at) is not None
            at = passed
        elif value := value_at(text, at) or _in_brackets(text, at):
            return None if of_marker else _with_unit(value, unit, is_unit_needed=unknown > 0)
        elif text.low[at] in _CLOSES:
            at, unit = _past_brackets(text, at, unit)
        elif match := UNIT_OF_NAME.match(text.low, at):
            at, unit = match.end(), folded_unit_key(match.group())
        else:
            at, says_something = _past_word(text, at)
            unknown += says_something
    return None


def _past_word(text: NumberText, at: int) -> tuple[int, bool]:
    """(end of the word or sign, whether it says something)."""
    match = _WORD.match(text.low, at)
    if match is None:
        if not _NEUTRAL.match(text.low, at):
            raise NumberUnreadable
        return at + 1, False
    if match.group() in STOPS:
        raise NumberUnreadable
    return match.end(), match.group() not in CONNECTIVES


def _with_unit(value: NumberValue, unit: str | None, *, is_unit_needed: bool) -> NumberValue:
    if value.parsed.unit or unit is None:
        if value.parsed.unit is None and is_unit_needed:
            raise NumberUnreadable
        return value
    return structs.replace(value, parsed=structs.replace(value.parsed, unit=unit))


def _in_brackets(text: NumberText, at: int) -> NumberValue | None:
    """The value of a remark in brackets that is one: "Ki-67 (12 %)"."""
    start, end = _inside(text, at)
    if end <= start:
        return None
    try:
        found = first_number(text.part(start, end), words_between=0)
    except NumberUnreadable:
        return None
    if found is None:
        return None
    return structs.replace(found, number_end=found.number_end + start, end=found.end + start)


def _inside(text: NumberText, at: int) -> tuple[int, int]:
    """Where the brackets that open at `at` begin and end inside; nothing if none do."""
    if text.low[at] not in _CLOSES:
        return at, at
    return at + 1, text.low.find(_CLOSES[text.low[at]], at)


def _past_brackets(text: NumberText, at: int, unit: str | None) -> tuple[int, str | None]:
    start, end = _inside(text, at)
    if end <= start:
        return at + 1, unit
    match = UNIT_OF_NAME.search(text.low, start, end)
    return end + 1, folded_unit_key(match.group()) if match else unit


def says_more(text: NumberText, at: int) -> bool:
    """Does what follows a value hold another one, or a word that puts it in question?"""
    while at < len(text.low):
        passed = past_lookalike(text.low, at)
        word = _WORD.match(text.low, at) or UNIT_OF_NAME.match(text.low, at)
        if passed is None and (value_at(text, at) or not (word or _NEUTRAL.match(text.low, at))):
            return True
        if word and word.group() in STOPS_AFTER:
            return True
        at = passed or (word.end() if word else at + 1)
    return False
