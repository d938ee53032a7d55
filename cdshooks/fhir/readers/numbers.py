"""The number of an Observation or component, whatever value[x] it comes in."""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Span
from cdshooks.fhir.number.quantity import (
    convert,
    from_quantity,
    from_range,
    from_ratio,
    parse_number_text,
    unit_of,
)
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.knowledge.facts import ReadRule

ASSUMED_LIMIT = (
    "Told in multiples of an assumed upper limit of normal: the result gives none of its own."
)
_EXACT = Context(prec=200)
_ONE = Decimal(1)
# Who sends one of these sends a number: what cannot be read of it may be the one needed. A text may
# as well say that there is none ("pending").
NUMERIC = frozenset({"valueQuantity", "valueRange", "valueRatio", "valueInteger"})
_FEW_DIGITS = 30  # of a number that needs no rounding, limit or exponent


def number_of(part: Mapping[str, Any]) -> ParsedNumber | None:
    """The number with its unit as sent; None if there is none, or it cannot be read for sure."""
    if "valueQuantity" in part:
        return from_quantity(part["valueQuantity"])
    return _number_of_other(part)


def _number_of_other(part: Mapping[str, Any]) -> ParsedNumber | None:
    if "valueRange" in part:
        return from_range(part["valueRange"])
    if "valueRatio" in part:
        return from_ratio(part["valueRatio"])
    if "valueInteger" in part:
        return from_quantity({"value": part["valueInteger"]})
    element, printed = printed_value(part)
    return parse_number_text(printed) if element else None


def printed_value(part: Mapping[str, Any]) -> tuple[str, str]:
    """(element, its value as a clinician would read it) of value[x]; ('', '') if there is none."""
    if "valueQuantity" in part:  # as most have
        return "valueQuantity", quantity_printed(part["valueQuantity"])
    for element, show in _SHOWN.items():
        if element in part:
            return element, show(part[element])
    return "", ""


def in_unit(
    number: ParsedNumber, rule: ReadRule, part: Mapping[str, Any]
) -> tuple[NumberSpan | None, str]:
    """The number in the unit of the fact, and a note; None if its unit is not accepted."""
    if not rule.upper_limit:
        return _tidy(convert(number.span, number.unit, rule.units)), ""
    limit, note = _upper_limit(number.unit, rule, part)
    if limit is None:
        return None, ""
    low, high = number.span.low, number.span.high
    # Divided, not multiplied by 1 / limit: 3 x 41 must be exactly 3.
    span = NumberSpan(
        None if low is None else low / limit,
        None if high is None else high / limit,
        number.span.low_open,
        number.span.high_open,
        number.span.approximate,
    )
    return _tidy(span), note


def in_listed_unit(
    part: Mapping[str, Any], units: Mapping[str, Decimal]
) -> tuple[Decimal, str] | None:
    """A plain Quantity in a unit that is listed, in that of the fact, and as printed.

    None: `in_unit` has to tell. What the rule limits or reads by a table is not asked here.
    """
    quantity = part.get("valueQuantity")
    if quantity is None or "comparator" in quantity:
        return None
    value = quantity.get("value")
    # How it is printed tells at once what else is asked of a number one by one: of so few digits,
    # without sign, exponent or NaN, it is sane.
    spelt = str(value)
    is_plain = len(spelt) <= _FEW_DIGITS and spelt.replace(".", "", 1).isdigit()
    factor = units.get(unit_of(quantity) or "") if is_plain else None
    if factor is None:
        return None
    if not isinstance(value, Decimal):
        if not isinstance(value, int):
            return None
        value = Decimal(value)
    if factor != 1:
        exact = _short(_EXACT.multiply(value, factor))
    else:
        exact = _short(value) if spelt[-1] == "0" and "." in spelt else value
    unit = quantity["unit"] if "unit" in quantity else quantity.get("code", "")
    return exact, f"{spelt} {unit}".strip()


def _tidy(span: NumberSpan | None) -> NumberSpan | None:
    """Without the zeros that a factor has left behind the point: 74000/uL is 74, not 74.000."""
    if span is None:
        return None
    low = None if span.low is None else _short(span.low)
    high = low if span.high is span.low else None if span.high is None else _short(span.high)
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)


def _short(number: Decimal) -> Decimal:
    is_whole = number == number.to_integral_value()
    return _EXACT.quantize(number, _ONE) if is_whole else _EXACT.normalize(number)


def _upper_limit(
    unit: str | None, rule: ReadRule, part: Mapping[str, Any]
) -> tuple[Decimal | None, str]:
    """The limit of the result itself (of several the lowest), else the one that the rule gives."""
    own = _own_limits(unit, part)
    if own:
        return min(own), ""
    # convert() knows every spelling of a listed unit: one of that unit is the limit itself.
    limit = convert(NumberSpan(Decimal(1), Decimal(1)), unit, rule.upper_limit)
    return (limit.high, ASSUMED_LIMIT) if limit else (None, "")


def _own_limits(unit: str | None, part: Mapping[str, Any]) -> list[Decimal]:
    return [
        end.span.high
        for given in part.get("referenceRange", ())
        if (end := from_quantity(given.get("high", {}))) is not None
        and end.unit in (None, unit)
        and end.span.high
        and end.span.high > 0
    ]


def above_own_range(part: Mapping[str, Any]) -> bool:
    """Is the number surely above the reference range that its result gives?"""
    number = number_of(part)
    own = _own_limits(number.unit, part) if number else []
    low = number.span.low if number else None
    return bool(own) and low is not None and low > min(own)


def usable(span: NumberSpan, rule: ReadRule) -> NumberSpan | None:
    """The value on the scale of the fact; None below zero or off that scale."""
    low, high = span.low, span.high
    if (low is not None and low < 0) or (high is not None and high < 0):
        return None
    return on_scale(span, rule.table) if rule.table else span


def is_beyond(span: NumberSpan, rule: ReadRule) -> bool | None:
    """Does every value lie beyond a limit of the rule? None if only some do."""
    measured = Span(span.low, span.high, "", span.low_open, span.high_open)
    truths = [
        measured.above(rule.above) if rule.above is not None else Truth.NO,
        measured.below(rule.below) if rule.below is not None else Truth.NO,
    ]
    if Truth.YES in truths:
        return True
    return None if Truth.UNKNOWN in truths else False


def on_scale(span: NumberSpan, table: Mapping[Decimal, Decimal]) -> NumberSpan | None:
    """The values that the numbers of another scale stand for; None for one that it does not have.

    >>> karnofsky = {Decimal(80): Decimal(1), Decimal(70): Decimal(2)}
    >>> found = on_scale(NumberSpan(Decimal(70), Decimal(80)), karnofsky)
    >>> (found.low, found.high)
    (Decimal('1'), Decimal('2'))
    """
    ends = [end for end in (span.low, span.high) if end is not None]
    values = [value for number, value in table.items() if _lies_in(number, span)]
    exact = span.low == span.high or not (span.low_open or span.high_open)
    if not values or (exact and not all(end in table for end in ends if end)):
        return None
    return NumberSpan(min(values), max(values), approximate=span.approximate)


def _lies_in(number: Decimal, span: NumberSpan) -> bool:
    low, high = span.low, span.high
    if low is not None and (number < low or (span.low_open and number == low)):
        return False
    return high is None or number < high or (number == high and not span.high_open)


def quantity_printed(value: Mapping[str, Any]) -> str:
    """A Quantity as a clinician would read it."""
    unit = value["unit"] if "unit" in value else value.get("code", "")
    return f"{value.get('comparator', '')}{value.get('value', '')} {unit}".strip()


def _range(value: Mapping[str, Any]) -> str:
    return f"{quantity_printed(value.get('low', {}))} - {quantity_printed(value.get('high', {}))}"


def _ratio(value: Mapping[str, Any]) -> str:
    ends = [quantity_printed(value.get(end, {})) for end in ("numerator", "denominator")]
    return " / ".join(ends)


def _concept(value: Mapping[str, Any]) -> str:
    if "text" in value:
        return str(value["text"])
    shown = [c.get("display", c.get("code", "")) for c in value.get("coding", ())]
    return str(shown[0]) if shown else ""


_SHOWN: Mapping[str, Any] = {
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueInteger": str,
    "valueString": str,
    "valueBoolean": lambda value: "yes" if value else "no",
    "valueCodeableConcept": _concept,
    "valueDateTime": str,
}
