"""Numbers of FHIR data types, and units: which are one, and which are converted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.number.quantity import (
    convert,
    from_quantity,
    from_range,
    from_ratio,
    parse_number_text,
    unit_key,
)
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber

UCUM = "http://unitsofmeasure.org"
PERCENT = {"%": Decimal(1), "1": Decimal(100), "{ratio}": Decimal(100)}


def show(parsed: ParsedNumber | None) -> str:
    """[3,5) % with ~ for approximate; "-" where nothing is read."""
    if parsed is None:
        return "-"
    span = parsed.span
    low, high = ("" if end is None else f"{end:f}" for end in (span.low, span.high))
    ends = f"{'(' if span.low_open else '['}{low},{high}{')' if span.high_open else ']'}"
    return f"{'~' if span.approximate else ''}{ends} {parsed.unit or ''}".rstrip()


@pytest.mark.parametrize(
    ("quantity", "read"),
    [
        ({"value": Decimal(4), "unit": "%"}, "[4,4] %"),
        ({"value": 4, "unit": "percent"}, "[4,4] %"),
        ({"value": Decimal("4.0"), "code": "%", "system": UCUM, "unit": "per 100"}, "[4.0,4.0] %"),
        ({"value": 4, "code": "%", "system": "urn:oid:2.16.840.1.113883.6.8"}, "[4,4] %"),
        ({"value": 4, "code": "%"}, "[4,4]"),
        ({"value": 4, "code": "P", "system": "http://local", "unit": "%"}, "[4,4] %"),
        ({"value": 4, "unit": "{%}"}, "[4,4] %"),
        ({"value": 4}, "[4,4]"),
        ({"value": 4, "unit": " "}, "[4,4]"),
        ({"value": Decimal("0.04"), "code": "{ratio}", "system": UCUM}, "[0.04,0.04] {ratio}"),
        ({"value": 3, "comparator": "<", "unit": "%"}, "[0,3) %"),
        ({"value": 3, "comparator": "<="}, "[0,3]"),
        ({"value": 20, "comparator": ">"}, "(20,]"),
        ({"value": 20, "comparator": ">="}, "[20,]"),
        ({"value": -1}, "[-1,-1]"),
        ({"value": -1, "comparator": "<"}, "[,-1)"),
        ({"value": 0, "comparator": "<="}, "[0,0]"),
        ({"value": Decimal("1e9")}, "[1000000000,1000000000]"),
        ({"value": 3, "unit": "/10.[HPF]"}, "[3,3] per 10 HPF"),
        ({"value": 3, "unit": "{mitoses}/2.mm2"}, "[3,3] per 2 mm2"),
        ({"value": 3, "code": "/mm2", "system": UCUM}, "[3,3] per mm2"),
        ({"value": 3, "code": "10*3/uL", "system": UCUM}, "[3,3] 10*3/uL"),
        ({}, "-"),
        ({"unit": "%"}, "-"),
        ({"value": None}, "-"),
        ({"value": True}, "-"),
        ({"value": "4"}, "-"),
        ({"value": 4.0}, "-"),
        ({"value": Decimal("NaN")}, "-"),
        ({"value": Decimal("sNaN")}, "-"),
        ({"value": Decimal("Infinity")}, "-"),
        ({"value": Decimal("-Infinity")}, "-"),
        ({"value": Decimal("1e31")}, "-"),
        ({"value": Decimal("1e-31")}, "-"),
        ({"value": Decimal("0e999999")}, "-"),
        ({"value": 10**40}, "-"),
        ({"value": Decimal("1." + "0" * 80)}, "-"),
        ({"value": 0, "comparator": "<"}, "-"),
        ({"value": 4, "comparator": "ad"}, "-"),
        ({"value": 4, "comparator": "~"}, "-"),
        ({"value": 4, "comparator": None}, "-"),
        ({"value": [4]}, "-"),
    ],
)
def test_a_quantity(quantity: dict[str, object], read: str):
    assert show(from_quantity(quantity)) == read


@pytest.mark.parametrize(
    ("low", "high", "read"),
    [
        ({"value": 3, "unit": "%"}, {"value": 5, "unit": "%"}, "[3,5] %"),
        ({"value": 3, "unit": "%"}, {"value": 5}, "[3,5] %"),
        ({"value": 3, "unit": "%"}, {"value": 5, "unit": "percent"}, "[3,5] %"),
        ({"value": 3}, None, "[3,]"),
        (None, {"value": 5}, "[0,5]"),
        ({"value": 3}, {"value": 3}, "[3,3]"),
        (None, None, "-"),
        ({"value": 5}, {"value": 3}, "-"),
        ({"value": 3, "unit": "mm"}, {"value": 5, "unit": "cm"}, "-"),
        ({"value": 3, "comparator": "<"}, {"value": 5}, "-"),
        ({"unit": "%"}, {"value": 5}, "-"),
        ({"value": 3}, {"value": True}, "-"),
        ({"value": 3}, 5, "-"),
    ],
)
def test_a_range(low: object, high: object, read: str):
    ends = {"low": low, "high": high}
    assert show(from_range({name: end for name, end in ends.items() if end is not None})) == read


@pytest.mark.parametrize(
    ("numerator", "denominator", "read"),
    [
        ({"value": 40}, {"value": 1000}, "[0.04,0.04] 1"),
        ({"value": 40, "unit": "{cells}"}, {"value": 1000, "unit": "{cells}"}, "[0.04,0.04] 1"),
        ({"value": 40, "unit": "{positive}"}, {"value": 1000, "unit": "1"}, "[0.04,0.04] 1"),
        ({"value": 12, "unit": "%"}, {"value": 1}, "[12,12] %"),
        ({"value": 12, "unit": "%"}, {"value": 100}, "-"),
        ({"value": 3}, {"value": 2, "unit": "mm2"}, "[1.5,1.5] per mm2"),
        ({"value": 100, "unit": "mg"}, {"value": 2, "unit": "dL"}, "[50,50] mg/dL"),
        ({"value": 1, "comparator": "<"}, {"value": 100}, "[0,0.01) 1"),
        ({"value": 1}, {"value": 0}, "-"),
        ({"value": 1}, {"value": -2}, "-"),
        ({"value": 1}, {"value": 2, "comparator": ">"}, "-"),
        ({"value": 1}, None, "-"),
        (None, {"value": 2}, "-"),
    ],
)
def test_a_ratio(numerator: object, denominator: object, read: str):
    assert show(from_ratio({"numerator": numerator, "denominator": denominator})) == read


@pytest.mark.parametrize(
    ("unit", "key"),
    [
        (" % ", "%"),
        ("percent", "%"),
        ("Percent", "%"),
        ("pct", "%"),
        ("{%}", "%"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("umol/L", "umol/L"),
        ("mL/min", "mL/min"),
        ("ML/min", "ML/min"),
        ("10*9/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("x10E9/L", "10*9/L"),
        ("x10(9)/L", "10*9/L"),
        ("×10⁹/l", "10*9/L"),
        ("10*3/uL", "10*3/uL"),
        ("/10 HPF", "per 10 HPF"),
        ("/10 hpf", "per 10 HPF"),
        ("/HPF", "per HPF"),
        ("{#}/[HPF]", "per HPF"),
        ("per 10 high-power fields", "per 10 HPF"),
        ("/[2.mm2]", "per 2 mm2"),
        ("/2 mm²", "per 2 mm2"),
        ("mitoses/2mm2", "per 2 mm2"),
        ("/mm2", "per mm2"),
        ("mm2", "mm2"),
        ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}"),
        ("", ""),
    ],
)
def test_one_key_for_the_spellings_of_a_unit(unit: str, key: str):
    assert unit_key(unit) == key
    assert unit_key(key) == key


PLATELETS = {"10*9/L": Decimal(1), "10*3/uL": Decimal(1), "/uL": Decimal("0.001")}
CLEARANCE = {"mL/min": Decimal(1)}
EGFR = {"mL/min/{1.73_m2}": Decimal(1), "mL/min/1.73 m2": Decimal(1)}
MITOSES = {"per 2 mm2": Decimal(1), "/mm2": Decimal(2)}
CGA = {"ng/mL": Decimal(1), "ug/L": Decimal(1)}


@pytest.mark.parametrize(
    ("unit", "accepted", "factor"),
    [
        ("%", PERCENT, "1"),
        ("percent", PERCENT, "1"),
        ("{%}", PERCENT, "1"),
        ("1", PERCENT, "100"),
        ("{ratio}", PERCENT, "100"),
        ("%{cells}", PERCENT, "1"),
        (None, PERCENT, None),
        ("", PERCENT, None),
        (None, {"": Decimal(1)}, "1"),
        ("{index}", PERCENT, None),
        ("‰", PERCENT, None),
        ("mm", PERCENT, None),
        ("10*9/L", PLATELETS, "1"),
        ("10^9/L", PLATELETS, "1"),
        ("x10E9/L", PLATELETS, "1"),
        ("10*9/L{cells}", PLATELETS, "1"),
        ("{cells}/uL", PLATELETS, "0.001"),
        ("/µL", PLATELETS, "0.001"),
        ("/UL", PLATELETS, None),
        ("10*9", PLATELETS, None),
        ("10*12/L", PLATELETS, None),
        ("K/uL", PLATELETS, None),
        ("mL/min", CLEARANCE, "1"),
        (" mL/min ", CLEARANCE, "1"),
        ("ML/min", CLEARANCE, None),
        ("ml/min", CLEARANCE, None),
        ("mL/s", CLEARANCE, None),
        ("mL/min/{1.73_m2}", CLEARANCE, None),
        ("mL/min/1.73 m2", CLEARANCE, None),
        ("mL/min{1.73_m2}", CLEARANCE, None),
        ("mL/min/{1.73_m2}", EGFR, "1"),
        ("mL/min/1.73 m2", EGFR, "1"),
        ("mL/min", EGFR, None),
        ("/2 mm2", MITOSES, "1"),
        ("/mm2", MITOSES, "2"),
        ("per mm²", MITOSES, "2"),
        ("/10 HPF", MITOSES, None),
        ("/HPF", MITOSES, None),
        ("/50 HPF", MITOSES, None),
        ("ng/mL", CGA, "1"),
        ("µg/L", CGA, "1"),
        ("nmol/L", CGA, None),
        ("U/L", CGA, None),
        ("pg/mL", CGA, None),
        ("ng/dL", CGA, None),
        ("ng", CGA, None),
    ],
)
def test_only_a_listed_unit_is_converted(
    unit: str | None, accepted: dict[str, Decimal], factor: str | None
):
    two = NumberSpan(Decimal(2), Decimal(2))
    converted = convert(two, unit, accepted)
    if factor is None:
        assert converted is None
    else:
        assert converted is not None
        assert converted.low == converted.high == 2 * Decimal(factor)


@pytest.mark.parametrize("factor", ["0", "-1", "NaN", "Infinity"])
def test_a_factor_that_turns_the_comparison_is_refused(factor: str):
    with pytest.raises(ValueError, match="factor"):
        convert(NumberSpan(Decimal(2), None), "x", {"x": Decimal(factor)})


# ---- laws ----------------------------------------------------------------------------------------

NUMBERS = st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4)
FACTORS = st.sampled_from([Decimal(n) for n in ("1", "10", "0.001", "17.1", "1.611", "100", "2")])


@st.composite
def spans(draw: st.DrawFn) -> NumberSpan:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    return NumberSpan(
        draw(st.sampled_from([low, None])),
        draw(st.sampled_from([high, None])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@given(spans(), FACTORS)
def test_converting_keeps_every_comparison(span: NumberSpan, factor: Decimal):
    converted = convert(span, "x", {"x": factor})
    assert converted is not None
    flags = (span.low_open, span.high_open, span.approximate)
    assert (converted.low_open, converted.high_open, converted.approximate) == flags
    for end, was in ((converted.low, span.low), (converted.high, span.high)):
        assert (end is None) == (was is None)
        assert end is None or was is None or end == was * factor


@given(st.integers(1, 50), st.sampled_from([Decimal(3), Decimal(20)]))
def test_e7_nothing_near_a_limit_is_rounded_over_it(places: int, limit: Decimal):
    """A Ki-67 of 2.999... % is below 3, with as many nines as a report can print."""
    printed = f"{limit - 1}." + "9" * places
    read = parse_number_text(f"{printed} %") if places <= 40 else None
    for span in (
        read.span if read else NumberSpan(Decimal(printed), Decimal(printed)),
        NumberSpan(Decimal(printed), Decimal(printed)),
    ):
        converted = convert(span, "%", PERCENT)
        assert converted is not None
        assert converted.high is not None
        assert converted.high < limit
