"""The set of values that a fact may have.

A report says "14 %", "< 3 %", "3-20 %" or nothing. Each of these is a set of values, and a
statement
is asked of every value in it. Nothing is rounded to a middle and nothing missing becomes a zero.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from cdshooks.clinical.truth import Truth, certain, negate


# These are tuples, which are made in a third of the time: a chart gives dozens. No two kinds can be
# equal, for they differ in their number of fields or in what the one field is.
class Span(NamedTuple):
    """Every value a measurement may have, in `unit` (UCUM). None: open to infinity.

    >>> Span(Decimal(3), Decimal(20), "%").above(Decimal(10))
    <Truth.UNKNOWN: 'unknown'>
    """

    low: Decimal | None
    high: Decimal | None
    unit: str
    low_open: bool = False
    high_open: bool = False

    def above(self, limit: Decimal) -> Truth:
        """Is every value greater than `limit`?"""
        low = self.low
        if low is not None and (low > limit or (low == limit and self.low_open)):
            return Truth.YES
        if self.high is not None and self.high <= limit:
            return Truth.NO
        return Truth.UNKNOWN

    def below(self, limit: Decimal) -> Truth:
        """Is every value smaller than `limit`?"""
        high = self.high
        if high is not None and (high < limit or (high == limit and self.high_open)):
            return Truth.YES
        if self.low is not None and self.low >= limit:
            return Truth.NO
        return Truth.UNKNOWN

    def compare(self, sign: str, limit: Decimal) -> Truth:
        """`sign` is one of < <= > >= =; the other comparisons are negations of above and below."""
        match sign:
            case ">":
                return self.above(limit)
            case "<":
                return self.below(limit)
            case "<=":
                return negate(self.above(limit))
            case ">=":
                return negate(self.below(limit))
            case "=":
                return self._equals(limit)
        raise ValueError(f"{sign} is not a comparison")

    def _equals(self, limit: Decimal) -> Truth:
        if self.low == self.high == limit:
            return Truth.YES
        if Truth.YES in (self.above(limit), self.below(limit)):
            return Truth.NO
        return Truth.UNKNOWN

    def __str__(self) -> str:
        unit = _UNIT_TEXT.get(self.unit, self.unit)
        return f"{_span_text(self)} {unit}" if unit else _span_text(self)


def exactly(number: Decimal | int, unit: str) -> Span:
    """The span of one value."""
    value = Decimal(number)
    return Span(value, value, unit)


def higher_of(one: Span, other: Span) -> Span:
    """The greater of two unknown values, end by end: [8, 10] and [2, 2] give [8, 10]."""
    low, low_open = _greater_low(one, other)
    high, high_open = _greater_high(one, other)
    return Span(low, high, one.unit, low_open, high_open)


def lower_of(one: Span, other: Span) -> Span:
    """The span of the smaller of two unknown values, end by end."""
    flipped = higher_of(_mirror(one), _mirror(other))
    return _mirror(flipped)


def _mirror(span: Span) -> Span:
    low = None if span.high is None else -span.high
    high = None if span.low is None else -span.low
    return Span(low, high, span.unit, span.high_open, span.low_open)


def _greater_low(one: Span, other: Span) -> tuple[Decimal | None, bool]:
    if one.low is None or other.low is None:
        kept = other if one.low is None else one
        return kept.low, kept.low_open
    if one.low == other.low:
        return one.low, one.low_open or other.low_open
    kept = one if one.low > other.low else other
    return kept.low, kept.low_open


def _greater_high(one: Span, other: Span) -> tuple[Decimal | None, bool]:
    if one.high is None or other.high is None:
        return None, False
    if one.high == other.high:
        return one.high, one.high_open and other.high_open
    kept = one if one.high > other.high else other
    return kept.high, kept.high_open


class Choice(NamedTuple):
    """One of a few named values; more than one member means that it is not known which."""

    possible: frozenset[str]

    def among(self, wanted: frozenset[str], reads_as: Mapping[str, frozenset[str]]) -> Truth:
        """Is it one of `wanted`? A value in `reads_as` stands for a doubt between others.

        >>> doubt = {"HG-UNDET": frozenset({"G3-NET", "NEC"})}
        >>> Choice(frozenset({"HG-UNDET"})).among(frozenset({"NEC"}), doubt)
        <Truth.UNKNOWN: 'unknown'>
        """
        meant = self.possible
        for value in meant & reads_as.keys() - wanted:
            meant = meant - {value} | reads_as[value]
        if meant.isdisjoint(wanted):
            return Truth.NO if meant else Truth.UNKNOWN
        return Truth.YES if meant <= wanted else Truth.UNKNOWN

    def __str__(self) -> str:
        return " or ".join(sorted(self.possible))


class Flag(NamedTuple):
    """Known to be so, or known not to be so."""

    so: bool

    def __str__(self) -> str:
        return "yes" if self.so else "no"


class Members(NamedTuple):
    """A fact that may hold several values at once: what is known to be in it, and what is not."""

    has: frozenset[str]
    lacks: frozenset[str]

    def contains(self, member: str) -> Truth:
        if member in self.has:
            return Truth.YES
        return certain(False) if member in self.lacks else Truth.UNKNOWN

    def __str__(self) -> str:
        return ", ".join(sorted(self.has)) or "none"


Value: TypeAlias = Span | Choice | Flag | Members
Kind: TypeAlias = Literal["number", "choice", "flag", "members"]


def narrower(one: Value, other: Value) -> bool:
    """Does `one` leave no value open that `other` excludes? The order of the monotonicity law."""
    match one, other:
        case Span(), Span():
            return _within(one, other)
        case Choice(), Choice():
            return one.possible <= other.possible
        case Members(), Members():
            return one.has >= other.has and one.lacks >= other.lacks
    return one == other


def _within(one: Span, other: Span) -> bool:
    return one.unit == other.unit and higher_of(one, other) == one and lower_of(one, other) == one


_LONG = -8  # decimals beyond which a number is the quotient of a division and no report's


def decimal_text(number: Decimal) -> str:
    """A number without an exponent, without trailing zeros, a quotient to four decimals.

    >>> decimal_text(Decimal("21.0")), decimal_text(Decimal(7) / 12)
    ('21', '0.5833')
    """
    text = str(number)
    if len(text) <= -_LONG and "E" not in text:  # as good as always
        return text.rstrip("0").rstrip(".") if "." in text else text
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _LONG:
        number = round(number, 4)
    return f"{number.normalize():f}"


def _span_text(span: Span) -> str:
    if span.low is not None and (span.low is span.high or span.low == span.high):
        return decimal_text(span.low)
    if span.low is None or (span.low == 0 and span.high is not None and not span.low_open):
        return (
            f"{'<' if span.high_open else '<='} {decimal_text(span.high)}"
            if span.high is not None
            else "any"
        )
    if span.high is None:
        return f"{'>' if span.low_open else '>='} {decimal_text(span.low)}"
    return f"{decimal_text(span.low)}-{decimal_text(span.high)}"


_UNIT_TEXT = {
    "1": "",
    "{score}": "",
    "a": "years",
    "mo": "months",
    "10*9/L": "x10^9/L",
    "per2mm2": "per 2 mm2",
    "xULN": "x ULN",
}
