"""A Ki-67 in every spelling, at every boundary, and beyond: no wrong grade comes of any."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdshooks.errors import InputUnreadable
from tests.dirty.calls import AS_OF, SOAK
from tests.fhir.readers import small
from tests.shipped import ENGINE

UCUM = "http://unitsofmeasure.org"
UNSURE = "is no Ki-67 between 0 and 100 %, or its unit is not sure"
UNREAD = "holds no Ki-67 that can be read"


def document(*resources):
    entries = [{"resource": one} for one in (small.patient(), small.net(), *resources)]
    body = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (found,) = ENGINE.assess_body(orjson.dumps(body), AS_OF, "us")
    return found


def ki67(**value):
    return small.observation("LOINC#29593-1", id="ki67", **value)


def told(**value):
    """(the span as printed, grades that are possible, what is named of the Observation)."""
    found = document(ki67(**value))
    facts = [found["facts"][name] for name in ("tumour.ki67", "tumour.grade_class")]
    spans, grades = (fact.get("possible", []) for fact in facts)
    return (
        " or ".join(map(printed, spans)),
        " or ".join(grades),
        [one["problem"] for one in found.get("problems", ())],
    )


def printed(span):
    low = f"{'over ' if span.get('lowOpen') else ''}{span['low']}"
    high = f"{'under ' if span.get('highOpen') else ''}{span['high']}"
    return low if low == high else f"{low} to {high}"


def quantity(value, unit=None, **more):
    return {"valueQuantity": small.quantity(value, unit, **more)}


def ranged(low=None, high=None):
    ends = {"low": low, "high": high}
    return {"valueRange": {name: small.quantity(v, "%") for name, v in ends.items() if v}}


def ratio(above, below, unit=None):
    return {
        "valueRatio": {
            "numerator": small.quantity(above, unit),
            "denominator": small.quantity(below),
        }
    }


BOTH, OVER_3, OVER_20 = "G1 or G2", "G2 or HG-UNDET", "HG-UNDET"
# How it is charted, the span, and the grades that it may mean.
READ = [
    (quantity(2, "%"), "2", "G1"),
    (quantity(2), "2", "G1"),
    (quantity(2, "percent"), "2", "G1"),
    (quantity(2, " Prozent "), "2", "G1"),
    (quantity(0.15, "1"), "15", "G2"),
    (quantity(0.15, "{ratio}"), "15", "G2"),
    (quantity(15, system=UCUM, code="%"), "15", "G2"),
    (quantity(0.15, "%", system=UCUM, code="1"), "15", "G2"),
    (quantity(3, "%", comparator="<"), "0 to under 3", "G1"),
    (quantity(3, "%", comparator="<="), "0 to 3", BOTH),
    (quantity(3, "%", comparator=">"), "over 3 to 100", OVER_3),
    (quantity(20, "%", comparator=">"), "over 20 to 100", OVER_20),
    (quantity(20, "%", comparator=">="), "20 to 100", OVER_3),
    ({"valueInteger": 5}, "5", "G2"),
    (ranged(2, 5), "2 to 5", BOTH),
    (ranged(5, 10), "5 to 10", "G2"),
    (ranged(15, 25), "15 to 25", OVER_3),
    (ranged(high=2), "0 to 2", "G1"),
    (ranged(25), "25 to 100", OVER_20),
    (ratio(40, 1000), "4", "G2"),
    ({"valueCodeableConcept": {"text": "12 %"}}, "12", "G2"),
    ({"valueCodeableConcept": {"text": "<3 %"}}, "0 to under 3", "G1"),
    ({"valueCodeableConcept": {"coding": [{"code": "LA-1", "display": "12 %"}]}}, "12", "G2"),
    *(
        ({"valueString": text}, span, grade)
        for text, span, grade in (
            ("12 %", "12", "G2"),
            ("12%\n", "12", "G2"),
            ("12,5 %", "12.5", "G2"),
            ("12.5%", "12.5", "G2"),
            ("%12", "12", "G2"),
            ("12％", "12", "G2"),
            ("12 percent", "12", "G2"),
            ("12 % of tumour cells", "12", "G2"),
            ("Ki67 12%", "12", "G2"),
            ("3", "3", "G2"),
            ("<3", "0 to under 3", "G1"),
            ("< 3%", "0 to under 3", "G1"),
            ("less than 3 %", "0 to under 3", "G1"),
            ("Ki-67 <3 %, G1", "0 to under 3", "G1"),
            ("≤2 %", "0 to 2", "G1"),
            ("up to 2 %", "0 to 2", "G1"),
            ("up to 3 %", "0 to 3", BOTH),
            ("about 5 %", "5", "G2"),
            ("~5 %", "5", "G2"),
            ("5-10 %", "5 to 10", "G2"),
            ("5 – 10 %", "5 to 10", "G2"),
            ("5 %-10 %", "5 to 10", "G2"),
            ("2-5 %", "2 to 5", BOTH),
            ("2 to 5 %", "2 to 5", BOTH),
            ("between 2 and 5 %", "2 to 5", BOTH),
            ("not less than 3 %", "3 to 100", OVER_3),
            ("more than 20 %", "over 20 to 100", OVER_20),
            (">20 %", "over 20 to 100", OVER_20),
            # Of several specimens the highest counts.
            ("12 % (hot spot 18 %)", "18", "G2"),
            ("12 % in the liver, 4 % in the primary", "12", "G2"),
            ("12 % vs 30 %", "30", OVER_20),
        )
    ),
]
# A unit that is not sure, or a number that is none.
ODD = [
    (quantity(0.02), UNSURE),
    (quantity(1), UNSURE),  # one per cent, or all?
    (quantity(15, "1"), UNSURE),
    (quantity(15, "%", system=UCUM, code="/100{cells}"), UNSURE),
    (quantity(15, "cells"), UNSURE),
    (quantity(-1, "%"), UNSURE),
    (quantity(100.0001, "%"), UNSURE),
    (quantity(1e9, "%"), UNSURE),
    (quantity(5, "%", comparator="~"), UNREAD),
    (quantity("5", "%"), UNREAD),
    ({"valueQuantity": {"unit": "%"}}, UNREAD),
    ({"valueInteger": "5"}, UNREAD),
    (ranged(10, 5), UNREAD),
    (ratio(3, 0), UNREAD),
    (ratio(3, 100, "%"), UNREAD),
    ({"valueCodeableConcept": {"text": "low"}}, UNREAD),
    ({"valueBoolean": True}, UNREAD),
    ({"valueDateTime": "2012"}, UNREAD),
    ({"interpretation": [{"text": "12 %"}]}, UNREAD),
    *(({"valueString": text}, UNSURE) for text in ("0.12", "12 p.c.", "−5 %", "less than 1")),
    *(
        ({"valueString": text}, UNREAD)
        for text in (
            *("12/100", "14/1000 cells", "1,000", "1e1 %", "0x10", "١٢ %", "20-3 %"),
            *("12 ?", "12 +/- 3 %", "< 1 and < 3 %", "twelve percent", "zwölf Prozent"),
            *("+", "++", "low", "G2", "pending", "not done", "N/A", "?", "no", "-"),
        )
    ),
]


@pytest.mark.parametrize(("value", "span", "grades"), READ, ids=lambda one: str(one)[:60])
def test_e6_a_value_is_read_where_it_has_one_meaning(value, span, grades):
    """A span across a limit leaves both grades possible."""
    assert told(**value) == (span, grades, [])


@pytest.mark.parametrize(("value", "problem"), ODD, ids=lambda one: str(one)[:60])
def test_e6_e7_h2_any_other_value_is_named_and_gives_no_grade(value, problem):
    assert told(**value) == ("", "", [problem])


def test_e6_there_are_sixty_spellings_and_more():
    assert len(READ) + len(ODD) >= 60


@pytest.mark.parametrize("reason", ["unknown", "error", "not-performed", "masked", "asked-unknown"])
def test_e6_h1_a_value_that_is_said_to_be_absent_is_no_value(reason):
    absent = {"dataAbsentReason": {"coding": [{"code": reason}]}}
    assert told(**absent) == ("", "", [])
    assert told(**absent, **quantity(12, "%"))[:2] == ("", "")


def test_e6_two_values_of_one_result_are_no_value():
    span, grades, problems = told(**quantity(2, "%"), valueString="30 %")
    assert (span, grades) == ("", "")
    assert problems


def test_e6_the_value_may_stand_in_a_component_or_a_note():
    component = {"code": small.concept("LOINC#29593-1"), **quantity(12, "%")}
    panel = small.observation("Pathology", component=[component])
    noted = small.observation("Pathology", note=[{"text": "Ki-67: 12 %."}])
    for made in (panel, noted):
        assert small.value("tumour.ki67", made) == "12 %"


# ---- exact arithmetic ----------------------------------------------------------------------------


def grade(percent):
    """WHO 2019/2022: below 3 % G1, 3 to 20 % G2, above it G3 or NEC."""
    return "G1" if percent < 3 else "G2" if percent <= 20 else OVER_20


def graded(number, unit="%"):
    """(grades, problems) of a number as it is written, which no float of the test has passed."""
    entries = [{"resource": one} for one in (small.patient(), small.net(), ki67(valueQuantity={}))]
    body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    value = f'"valueQuantity":{{"value":{number},"unit":"{unit}"}}'
    body = body.replace(b'"valueQuantity":{}', value.encode())
    (found,) = ENGINE.assess_body(body, AS_OF, "us")
    return found["facts"]["tumour.grade_class"].get("possible"), found.get("problems", [])


@pytest.mark.parametrize(
    ("number", "grades"),
    [
        ("0", "G1"),
        ("-0", "G1"),
        ("0.0", "G1"),
        ("2.9999999", "G1"),
        ("2.99999999999999999999", "G1"),  # 3.0 for a float
        ("3", "G2"),
        ("3.0", "G2"),
        ("3.000", "G2"),
        ("3e0", "G2"),
        ("30E-1", "G2"),
        ("20", "G2"),
        ("20.0", "G2"),
        ("2e1", "G2"),
        ("20.00000000000000000001", OVER_20),  # 20.0 for a float
        ("100", OVER_20),
        ("100.0", OVER_20),
    ],
)
def test_e7_a_boundary_is_exact_however_the_number_is_written(number, grades):
    assert graded(number) == ([grades], [])


@pytest.mark.parametrize(
    "number",
    [
        *("-1", "-0.0000001", "100.0001", "100.00000000000000000001", "1e9", "1e400", "-1e400"),
        *("9" * 5000, "1e999999999", "1e-999999999", f"1e{'9' * 20}", f"0.{'0' * 5000}1"),
    ],
)
def test_e7_a_number_that_cannot_be_is_named_and_gives_no_grade(number):
    grades, problems = graded(number)
    assert grades is None
    assert problems


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "03", "+3", ".5", "3."])
def test_d5_e7_a_number_that_json_does_not_know_is_refused_with_its_body(number):
    with pytest.raises(InputUnreadable):
        graded(number)


NEAR = st.sampled_from(["3", "20"]).flatmap(
    lambda limit: st.tuples(st.just(Decimal(limit)), st.integers(-10, 10), st.integers(1, 24))
)


@settings(deadline=None, max_examples=5_000 if SOAK else 60)
@given(NEAR)
@example((Decimal(3), -1, 24))
@example((Decimal(20), 1, 24))
def test_e7_around_3_and_20_every_decimal_has_its_grade(near):
    limit, steps, digits = near
    number = limit + Decimal(steps).scaleb(-digits)
    assert graded(f"{number:f}") == ([grade(number)], [])
    fraction = number.scaleb(-2)
    if fraction < 1:
        assert graded(f"{fraction:f}", "1") == ([grade(number)], [])
