"""One number at its place in a text: alone, as a limit or as a range, with the unit that follows.

A spelling with two meanings is not read. "Up to 5" and "maximal 5" are 0 to 5; "20 +/- 5" and "3/4"
are not read.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from cdshooks.fhir.number.digits import NumberText, NumberUnreadable, digits_at, number_printed
from cdshooks.fhir.number.lookalikes import NO_VALUE
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber, limited
from cdshooks.fhir.number.units import PER_VOLUME, folded_unit_key, special_unit_at
from cdshooks.fhir.number.words import (
    AND,
    BETWEEN,
    FOLLOWERS,
    IS_IN_TURKISH,
    NEEDS_A_SECOND,
    PREFIX,
    SIGN_NAMES,
    TO,
    TRAILING_LIMITS,
    WORD_ENDS,
)

_GOES_ON: Final = re.compile(r" ?- ?[0-9]")
# A sign that is not of ordinary writing changes a number in ways not known here: +, /, ‰, ?.
_SPOILS: Final = re.compile(r" ?[^\w\s.,:;!()\[\]\"|-]|_| ?x ?[0-9]")
_SPOILS_A_BARE_NUMBER: Final = re.compile(r"-[a-z0-9]| [0-9]")
_OTHER_UNIT: Final = re.compile(
    r"(?!x ?[0-9])(?:/ ?)?[a-zμ][a-z0-9μ]{0,11}(?:[/.*^][a-z0-9μ{}._]{1,12}){0,4}(?: ?m2)?"
    + WORD_ENDS
)


@dataclass(frozen=True, slots=True)
class _Term:
    """A number with what stands directly around it."""

    sign: str
    approximate: bool
    number: Decimal
    unit: str | None
    number_end: int
    end: int


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number, limit or range; `number_end` is where its last digit ends, `end` its unit."""

    parsed: ParsedNumber
    number_end: int
    end: int


def value_at(text: NumberText, at: int) -> NumberValue | None:
    """What begins at `at`; None if no number does."""
    between = BETWEEN.match(text.low, at)
    start = between.end() if between else at
    first = None if NO_VALUE.match(text.low, start) else _term(text, start)
    if first is None:
        return None
    second = _second_term(text, first, between is not None)
    if second is not None:
        return _range(text, first, second)
    if between and between[1] in NEEDS_A_SECOND:  # "from 3 %" says what it no longer is
        raise NumberUnreadable
    return _single(text, first)


def _single(text: NumberText, term: _Term) -> NumberValue:
    sign, end = term.sign, term.end
    for pattern, trailing in TRAILING_LIMITS:
        if match := pattern.match(text.low, end):
            if sign != "=":
                raise NumberUnreadable
            sign, end = trailing, match.end()
            break
    span = limited(sign, term.number)
    if span is None:
        raise NumberUnreadable
    if term.approximate:
        span = replace(span, approximate=True)
    return _checked(text, NumberValue(ParsedNumber(span, term.unit), term.number_end, end))


def _range(text: NumberText, first: _Term, second: _Term) -> NumberValue:
    wrong_signs = first.sign in ("<", "<=") or second.sign in (">", ">=")
    if wrong_signs or first.number > second.number or _GOES_ON.match(text.low, second.end):
        raise NumberUnreadable
    if any(pattern.match(text.low, second.end) for pattern, _ in TRAILING_LIMITS):
        raise NumberUnreadable
    about = first.approximate or second.approximate
    open_ends = first.sign == ">", second.sign == "<"
    span = NumberSpan(first.number, second.number, *open_ends, approximate=about)
    parsed = ParsedNumber(span, second.unit or first.unit)
    return _checked(text, NumberValue(parsed, second.number_end, second.end))


def _checked(text: NumberText, value: NumberValue) -> NumberValue:
    """The value, if what follows leaves it as it is."""
    turkish_is = IS_IN_TURKISH.match(text.low, value.end)
    if turkish_is:
        value = replace(value, end=turkish_is.end())
    end = value.end
    if _SPOILS.match(text.low, end):
        raise NumberUnreadable
    is_bare = value.parsed.unit is None and _SPOILS_A_BARE_NUMBER.match(text.low, end)
    if is_bare and not NO_VALUE.match(text.low, end + 1):  # a date may follow, a number may not
        raise NumberUnreadable
    return value


def _second_term(text: NumberText, first: _Term, is_between: bool) -> _Term | None:
    """The upper end of a range, if one follows."""
    to = None if is_between else TO.match(text.low, first.end)
    match = to or AND.match(text.low, first.end)
    if match is None or NO_VALUE.match(text.low, match.end()):
        return None
    second = _term(text, match.end())
    if second is None:
        return None
    same_unit = not first.unit or not second.unit or first.unit == second.unit
    if match.group().strip() == "-" and not same_unit:  # a dash between two findings
        return None
    # "> 2 and < 20" is a range; "5 and 12" are two numbers.
    is_range = to or is_between or (first.sign in (">", ">=") and second.sign in ("<", "<="))
    if not same_unit or not is_range:
        raise NumberUnreadable
    return second


def _term(text: NumberText, at: int) -> _Term | None:
    before: list[str] = []
    for _ in range(4):
        match = PREFIX.match(text.low, at)
        if match is None or match.lastgroup is None:
            break
        before.append(match.lastgroup)
        at = _past_space(text, match.end())
    digits = digits_at(text, at)
    if digits is None:
        return None
    signs = [SIGN_NAMES[name] for name in before if name in SIGN_NAMES]
    if len(signs) > 1:
        raise NumberUnreadable
    unit, end = _unit(text, digits.end())
    is_count = PER_VOLUME.match(text.low, digits.end()) is not None
    number = number_printed(digits.group(), is_count=is_count)
    if "percent" in before:
        unit, end = "%", end if unit == "%" else digits.end()
    sign = signs[0] if signs else "="
    return _Term(sign, "about" in before, number, unit, digits.end(), end)


def _past_space(text: NumberText, at: int) -> int:
    return at + 1 if text.low[at : at + 1] == " " else at


def _unit(text: NumberText, at: int) -> tuple[str | None, int]:
    """The unit that follows, and where it ends."""
    start = _past_space(text, at)
    if end := special_unit_at(text.low, start):
        return folded_unit_key(text.printed[start:end]), end
    if any(pattern.match(text.low, at) for pattern, _ in TRAILING_LIMITS):
        return None, at
    match = _OTHER_UNIT.match(text.low, start)
    if match is None or match.group() in FOLLOWERS:
        return None, at
    return folded_unit_key(text.printed[start : match.end()]), match.end()
