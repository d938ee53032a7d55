"""The number of a result: what is read at once is what all the rules would read."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.number.span import NumberSpan
from cdshooks.fhir.readers.numbers import (
    in_listed_unit,
    in_unit,
    number_of,
    printed_value,
    usable,
)
from tests.shipped import KNOWLEDGE

RULES = [
    rule
    for definition in KNOWLEDGE.facts.definitions
    if definition.type.kind == "number"
    for rule in definition.rules
]
UNITS = sorted({unit for rule in RULES for unit in rule.units} | {"furlong", "x 10^9/l", "ml/min"})
# Those of which a plain quantity is the value.
PLAIN = [rule for rule in RULES if not (rule.answers or rule.upper_limit or rule.table)]
IN_UNIT = [rule for rule in PLAIN if 1 in rule.units.values()]
NUMBERS = st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(0, 500, places=2)
QUANTITIES = st.fixed_dictionaries(
    {},
    optional={
        "value": NUMBERS | st.integers(-5, 500) | st.booleans() | st.just("12"),
        "unit": st.sampled_from(UNITS),
        "code": st.sampled_from(UNITS),
        "system": st.just("http://unitsofmeasure.org"),
        "comparator": st.sampled_from(("<", ">=", "about")),
    },
)


@given(st.sampled_from(PLAIN), QUANTITIES)
def test_a_plain_quantity_is_read_as_the_rules_read_it(rule, quantity):
    part = {"valueQuantity": quantity}
    sent = in_listed_unit(part, rule.units)
    if sent is not None:
        number, (exact, printed) = number_of(part), sent
        assert printed_value(part) == ("valueQuantity", printed)
        assert number is not None
        span, note = in_unit(number, rule, part)
        assert span is not None
        assert usable(span, rule) == NumberSpan(exact, exact)
        assert (note, span.approximate) == ("", False)
        assert str(exact) == str(span.low)


@given(st.sampled_from(IN_UNIT), st.decimals(0, 500, places=1), st.data())
def test_a_number_in_the_unit_of_its_fact_takes_no_rules(rule, number: Decimal, data):
    unit = data.draw(st.sampled_from([unit for unit, factor in rule.units.items() if factor == 1]))
    part = {"valueQuantity": {"value": number, "unit": unit}}
    assert in_listed_unit(part, rule.units) == (number, f"{number} {unit}".strip())


@given(st.sampled_from(RULES), QUANTITIES.filter(lambda one: "comparator" in one))
def test_a_number_with_a_comparator_is_for_the_rules(rule, quantity):
    assert in_listed_unit({"valueQuantity": quantity}, rule.units) is None
