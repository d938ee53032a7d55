"""The number of a FHIR value, whether a Quantity, a Range, a Ratio or a text; and its unit.

Nothing is rounded or guessed: a spelling with two meanings is not read.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from msgspec import structs

from cdshooks.fhir.number.digits import NumberText, NumberUnreadable
from cdshooks.fhir.number.span import (
    NumberSpan,
    ParsedNumber,
    divided,
    limited,
    multiplied,
    sane_decimal,
)
from cdshooks.fhir.number.text import first_number, says_more
from cdshooks.fhir.number.units import dimension, folded_unit_key, without_annotations
from cdshooks.fhir.number.value import value_at
from cdshooks.fhir.text.folding import fold_line

_UCUM: Final = frozenset({"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
_LONGEST_TEXT: Final = 200  # characters of a text that is a number


def from_quantity(quantity: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Quantity; None if its value or comparator cannot be used.

    The unit is the code if that is UCUM, else the unit as printed. "< 3" begins at 0, like all that
    is measured here. A value below 0 is read, for the caller to refuse it by name.

    >>> from_quantity({"value": Decimal("3.5"), "comparator": "<", "unit": "percent"})
    ParsedNumber(span=NumberSpan(low=Decimal('0'), high=Decimal('3.5'), low_open=False, \
high_open=True, approximate=False), unit='%')
    """
    value = sane_decimal(quantity.get("value"))
    if value is None:
        return None
    if "comparator" not in quantity:
        return ParsedNumber(NumberSpan(value, value), unit_of(quantity))
    span = limited(quantity["comparator"], value)
    return None if span is None else ParsedNumber(span, unit_of(quantity))


def from_range(given: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Range, both ends included. Without a low end it begins at 0; without a high, open."""
    ends = [_end(given[name]) for name in ("low", "high") if name in given]
    if not ends or None in ends:
        return None
    units = {end.unit for end in ends if end and end.unit}
    low = ends[0] if "low" in given else None
    high = ends[-1] if "high" in given else None
    span = _between(low.span.low if low else None, high.span.high if high else None)
    return None if span is None or len(units) > 1 else ParsedNumber(span, next(iter(units), None))


def from_ratio(ratio: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Ratio as one number: 40/1000 is 0.04 in "1", 3 to 2 mm2 is 1.5 in "/mm2"."""
    numerator, denominator = ratio.get("numerator"), ratio.get("denominator")
    if not isinstance(numerator, Mapping):
        return None
    above, below = from_quantity(numerator), _end(denominator)
    if above is None or below is None or below.span.low is None or below.span.low <= 0:
        return None
    over, under = dimension(above.unit), dimension(below.unit)
    if over and not under and below.span.low != 1:  # 4 % of 100: of what?
        return None
    unit = "1" if over == under else f"{over}/{under}" if under else over
    return ParsedNumber(divided(above.span, below.span.low), unit_key(unit))


def parse_number_text(text: str) -> ParsedNumber | None:
    """The number that a text is; None if it is none, or more than one, or has several meanings.

    >>> [str(parse_number_text(text).span.high) for text in ("4,0 %", "%1'den az", "3 to 5")]
    ['4.0', '1', '5']
    >>> parse_number_text("14/100"), parse_number_text("pending"), parse_number_text("1,000")
    (None, None, None)
    """
    if len(text) > _LONGEST_TEXT:
        return None
    whole = NumberText.of(text, is_prose=False)
    try:
        if whole.low.startswith("-"):
            return _negative(whole.part(1))
        found = first_number(whole, words_between=0)
        return None if found is None or says_more(whole, found.end) else found.parsed
    except NumberUnreadable:
        return None


def _negative(text: NumberText) -> ParsedNumber | None:
    """A number below 0 is read, for its reader to refuse it by name; "- 4" is not one."""
    found = value_at(text, 0) if text.low[:1].isdigit() else None
    if found is None or found.end != len(text.low):
        return None
    span = found.parsed.span
    if span.high is None or span.low != span.high:
        return None
    return structs.replace(found.parsed, span=NumberSpan(-span.high, -span.high))


def _between(low: Decimal | None, high: Decimal | None) -> NumberSpan | None:
    if low is None and high is not None:
        return limited("<=", high)
    return None if low is not None and high is not None and low > high else NumberSpan(low, high)


def _end(quantity: object) -> ParsedNumber | None:
    """One end of a Range, or what a Ratio divides by: a Quantity without a comparator."""
    if not isinstance(quantity, Mapping) or "comparator" in quantity:
        return None
    return from_quantity(quantity)


def unit_of(quantity: Mapping[str, object]) -> str | None:
    """The unit of a Quantity, as `unit_key` spells it."""
    return _unit_sent(quantity.get("system"), quantity.get("code"), quantity.get("unit"))


@lru_cache(maxsize=1024)  # a laboratory sends a few dozen units
def _unit_sent(system: object, code: object, unit: object) -> str | None:
    chosen = code if system in _UCUM and isinstance(code, str) else unit
    return unit_key(chosen) if isinstance(chosen, str) and chosen.strip() else None


@lru_cache(maxsize=1024)  # likewise
def unit_key(unit: str) -> str:
    """One spelling for the spellings of a unit; the case stays, for UCUM needs it.

    >>> [unit_key(unit) for unit in ("Prozent", "µmol/L", "x 10^9/l", "/10 HPF", "mitoses/2 mm²")]
    ['%', 'umol/L', '10*9/L', 'per 10 HPF', 'per 2 mm2']
    """
    return folded_unit_key(fold_line(unit))


def convert(
    span: NumberSpan, unit: str | None, accepted: Mapping[str, Decimal]
) -> NumberSpan | None:
    """The span times the factor of its unit; None if that is not listed. No unit is listed as "".

    Upper and lower case differ (in UCUM "ML" is a megalitre). An annotation counts where it is
    listed ("{ratio}"); else "10*9/L{cells}" is "10*9/L". One that divides ("mL/min/{1.73_m2}") or
    that has a number in it never goes unnoticed.

    >>> convert(NumberSpan(Decimal(4), None), "cm", {"mm": Decimal(1), "cm": Decimal(10)}).low
    Decimal('40')
    """
    if unit is None or unit in accepted:
        factor = accepted.get(unit or "")
    else:
        factor = _factor(unit, accepted)
    if factor is None:
        return None
    if factor == 1:
        return span
    if not factor.is_finite() or factor <= 0:
        raise ValueError("the factor of a unit is a number above 0")
    return multiplied(span, factor)


def _factor(unit: str, accepted: Mapping[str, Decimal]) -> Decimal | None:
    """The factor of a unit that is not listed as it is spelt."""
    listed = {unit_key(name): factor for name, factor in accepted.items()}
    key = unit_key(unit)
    if not key or key in listed:
        return listed.get(key)
    bare = without_annotations(key)
    return listed.get(bare) if bare else None
