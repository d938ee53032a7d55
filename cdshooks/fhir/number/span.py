"""Spans: every value that a reported number may have, and the arithmetic that rounds none of them.

"< 3 %" is every value from 0 up to and without 3; "3-20 %" is every value between. Numbers are
Decimal from end to end and products are exact, so 2.9999999 stays below 3.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Final

import msgspec

_MOST_DIGITS: Final = 60
_LARGEST_EXPONENT: Final = 30
_EXACT: Final = Context(prec=200)  # the default of 28 digits would round 2.999... up to 3


# Structs are made in a fifth of the time, and a chart has dozens of numbers.
class NumberSpan(msgspec.Struct, frozen=True, gc=False):
    """Every value that a reported number may have. None: open to infinity.

    `approximate`: the report said "about"; the ends are what it said it about.
    """

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False
    approximate: bool = False


class ParsedNumber(msgspec.Struct, frozen=True, gc=False):
    """A number and its unit as `quantity.unit_key` spells it; None where no unit was given."""

    span: NumberSpan
    unit: str | None


def sane_decimal(value: object) -> Decimal | None:
    """A number of a sane size; None for text, floats, booleans, NaN and infinities."""
    if not isinstance(value, Decimal):
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return Decimal(value) if value.bit_length() <= 100 else None
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return None
    # Printed it has at least as many characters as digits, which is sooner known.
    is_short = len(str(value)) <= _MOST_DIGITS or len(value.as_tuple().digits) <= _MOST_DIGITS
    return value if is_short else None


def limited(comparator: object, value: Decimal) -> NumberSpan | None:
    """The values that a comparator leaves; None for one that FHIR R4 does not know, or for none."""
    from_zero = Decimal(0) if value >= 0 else None
    match comparator:
        case "=":
            return NumberSpan(value, value)
        case "<":
            return NumberSpan(from_zero, value, high_open=True) if value else None
        case "<=":
            return NumberSpan(from_zero, value)
        case ">":
            return NumberSpan(value, None, low_open=True)
        case ">=":
            return NumberSpan(value, None)
    return None


def multiplied(span: NumberSpan, by: Decimal) -> NumberSpan:
    return _each_end(span, lambda end: _EXACT.multiply(end, by))


def divided(span: NumberSpan, by: Decimal) -> NumberSpan:
    return _each_end(span, lambda end: _EXACT.divide(end, by))


def _each_end(span: NumberSpan, change: Callable[[Decimal], Decimal]) -> NumberSpan:
    low = None if span.low is None else change(span.low)
    # Most numbers are one value, and both ends the same.
    high = low if span.high is span.low else None if span.high is None else change(span.high)
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)
