"""Laboratory values and fitness: units, ages, upper limits, look-alikes."""

from datetime import timedelta

import pytest

from cdshooks.clinical.value import Span
from tests.fhir.readers.small import (
    AS_OF,
    concept,
    facts,
    measured,
    observation,
    problems,
    quantity,
    read,
    report,
    value,
)

GFR = "mL/min/{1.73_m2}"


@pytest.mark.parametrize(
    ("fact", "name", "number", "unit", "expected"),
    [
        ("lab.creatinine_clearance", "LOINC#35591-7", 45, "mL/min", "45 mL/min"),
        ("lab.creatinine_clearance", "LOINC#2164-2", 45, "ml/min", "45 mL/min"),
        ("lab.creatinine_clearance", "LOINC#2164-2", 0.75, "mL/s", "45 mL/min"),
        ("lab.creatinine_clearance", "Creatinine clearance (Cockcroft-Gault)", 39, "mL/min", "39"),
        ("lab.creatinine_clearance", "LOINC#35591-7", 45, GFR, None),
        ("lab.creatinine_clearance", "LOINC#35591-7", 45, None, None),
        ("lab.creatinine_clearance", "LOINC#62238-1", 45, "mL/min", None),
        (
            "lab.creatinine_clearance",
            "Creatinine clearance normalised to 1.73 m2",
            45,
            "mL/min",
            None,
        ),
        ("lab.egfr", "LOINC#62238-1", 45, GFR, "45"),
        ("lab.egfr", "LOINC#33914-3", 45, "mL/min/1.73m2", "45"),
        ("lab.egfr", "LOINC#98979-8", 45, "mL/min/1.73 m2", "45"),
        ("lab.egfr", "LOINC#48642-3", 45, "mL/min/1.73m²", "45"),
        ("lab.egfr", "eGFR (CKD-EPI)", 45, "mL/min/{1.73_m2}", "45 mL/min/1.73m2"),
        ("lab.egfr", "LOINC#62238-1", 45, "mL/min", "45"),
        ("lab.egfr", "LOINC#62238-1", 45, "%", None),
        ("lab.egfr", "LOINC#35591-7", 45, "mL/min", None),
        ("lab.platelets", "LOINC#777-3", 74, "10*9/L", "74 x10^9/L"),
        ("lab.platelets", "LOINC#26515-7", 74, "10*3/uL", "74"),
        ("lab.platelets", "Platelets", 74000, "/uL", "74 "),
        ("lab.platelets", "Platelet count", 74, "K/uL", "74"),
        ("lab.platelets", "PLT", 74, "G/L", "74"),
        ("lab.platelets", "Thrombocytes", 74, "x10^9/L", "74"),
        ("lab.platelets", "LOINC#777-3", 74, "x10⁹/L", "74"),
        ("lab.platelets", "LOINC#777-3", 74, "10^3/µL", "74"),
        ("lab.platelets", "LOINC#777-3", 74, "10*12/L", None),
        ("lab.platelets", "LOINC#777-3", 74, None, None),
        ("lab.platelets", "Mean platelet volume", 9, "10*9/L", None),
        ("lab.leucocytes", "LOINC#6690-2", 1.9, "10*9/L", "1.9"),
        ("lab.leucocytes", "LOINC#26464-8", 1900, "/uL", "1.9 "),
        ("lab.leucocytes", "WBC", 1.9, "K/uL", "1.9"),
        ("lab.leucocytes", "WBC urine sediment", 5, "/uL", None),
        ("lab.leucocytes", "Leucocytes in CSF", 5, "/uL", None),
        ("lab.neutrophils", "LOINC#751-8", 1.4, "10*9/L", "1.4"),
        ("lab.neutrophils", "LOINC#26499-4", 1400, "{cells}/uL", "1.4 "),
        ("lab.neutrophils", "Absolute neutrophil count", 1.4, "10*3/uL", "1.4"),
        ("lab.neutrophils", "Neutrophils/100 leukocytes", 60, "%", None),
        ("lab.haemoglobin", "LOINC#718-7", 7.9, "g/dL", "7.9 g/dL"),
        ("lab.haemoglobin", "LOINC#718-7", 79, "g/L", "7.9"),
        ("lab.haemoglobin", "Haemoglobin", 4.9, "mmol/L", "7.8939"),
        ("lab.haemoglobin", "Hb", 79, "g/l", "7.9"),
        ("lab.haemoglobin", "LOINC#718-7", 79, None, None),
        ("lab.haemoglobin", "Hemoglobin A1c", 6, "g/dL", None),
        ("lab.haemoglobin", "Mean corpuscular hemoglobin concentration", 33, "g/dL", None),
        ("lab.haemoglobin", "Free haemoglobin in plasma", 0.1, "g/L", None),
        ("lab.bilirubin_mgdl", "LOINC#1975-2", 2.1, "mg/dL", "2.1 mg/dL"),
        ("lab.bilirubin_mgdl", "Bilirubin, total", 17.1, "umol/L", "1"),
        ("lab.bilirubin_mgdl", "Bilirubin, direct", 3, "mg/dL", None),
        ("lab.bilirubin_mgdl", "LOINC#1975-2", 2.1, "mmol/L", None),
        ("lab.albumin", "LOINC#1751-7", 29, "g/L", "29 g/L"),
        ("lab.albumin", "LOINC#1751-7", 2.9, "g/dL", "29"),
        ("lab.albumin", "Serum albumin", 29, "g/L", "29"),
        ("lab.albumin", "Albumin in urine", 0.03, "g/L", None),
        ("lab.albumin", "Albumin/creatinine ratio", 30, "g/L", None),
        ("lab.albumin", "Serum-ascites albumin gradient", 1.2, "g/dL", None),
        ("lab.albumin", "Pre-albumin", 0.2, "g/L", None),
    ],
)
def test_h2_each_unit_is_brought_to_one_and_no_other_is_guessed(fact, name, number, unit, expected):
    read_value = value(fact, measured(name, number, unit))
    assert read_value == expected or (expected and read_value and read_value.startswith(expected))


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        ({"valueString": "<10 x10^9/L"}, "0", "10"),
        ({"valueString": "Platelets 74 x10^9/L"}, "74", "74"),
        ({"valueQuantity": quantity(75, "10*9/L", comparator="<")}, "0", "75"),
        ({"valueQuantity": quantity(75, "10*9/L", comparator=">=")}, "75", None),
        (
            {"valueRange": {"low": quantity(70, "10*9/L"), "high": quantity(80, "10*9/L")}},
            "70",
            "80",
        ),
    ],
)
def test_a_value_keeps_its_ends(shape, low, high):
    span = facts(observation("LOINC#777-3", **shape))["lab.platelets"].value
    assert isinstance(span, Span)
    assert (str(span.low), span.high and str(span.high)) == (low, high)


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (
            {"valueQuantity": quantity(74, "10*12/L")},
            "has a unit that is not accepted here; not used",
        ),
        ({"valueQuantity": quantity(-1, "10*9/L")}, "is no value that this can have; not used"),
        ({"valueString": "clotted"}, "holds no number that can be read"),
    ],
)
def test_what_cannot_be_used_is_named(shape, problem):
    assert problem in problems(observation("LOINC#777-3", **shape))


def test_asked_but_not_known_is_unknown_and_no_problem():
    asked = observation("LOINC#777-3", dataAbsentReason=concept("not performed"))
    found, said = read(asked)
    assert found["lab.platelets"].value is None
    assert said == ()


def test_a_component_of_a_panel_is_read():
    count = {"code": concept("LOINC#777-3"), "valueQuantity": quantity(74, "10*9/L")}
    panel = observation("Full blood count", component=[count])
    assert value("lab.platelets", panel) == "74 x10^9/L"


# ---- the upper limit of normal -------------------------------------------------------------------

MG = {"referenceRange": [{"high": quantity(1.0, "mg/dL")}]}


@pytest.mark.parametrize(
    ("fact", "name", "number", "unit", "more", "expected", "assumed"),
    [
        ("lab.bilirubin_uln", "LOINC#1975-2", 3.0, "mg/dL", MG, "3", False),
        ("lab.bilirubin_uln", "LOINC#1975-2", 3.6, "mg/dL", {}, "3", True),
        ("lab.bilirubin_uln", "Total bilirubin", 61.5, "umol/L", {}, "3", True),
        ("lab.bilirubin_uln", "Total bilirubin", 61.5, "µmol/L", {}, "3", True),
        ("lab.bilirubin_uln", "LOINC#1975-2", 61.5, "umol/L", MG, "3", True),
        ("lab.bilirubin_uln", "LOINC#1975-2", 3.6, "g/dL", {}, None, False),
        ("lab.alt_uln", "LOINC#1742-6", 120, "U/L", {}, "3", True),
        ("lab.alt_uln", "LOINC#1742-6", 120, "[iU]/L", {}, "3", True),
        (
            "lab.alt_uln",
            "ALT",
            123,
            "IU/L",
            {"referenceRange": [{"high": quantity(41, "IU/L")}]},
            "3",
            False,
        ),
        (
            *("lab.alt_uln", "ALT", 99, "U/L"),
            {"referenceRange": [{"high": quantity(41, "U/L")}, {"high": quantity(33, "U/L")}]},
            *("3", False),
        ),
        (
            "lab.alt_uln",
            "ALT",
            99,
            "U/L",
            {"referenceRange": [{"high": {"value": 33}}]},
            "3",
            False,
        ),
        ("lab.alt_uln", "ALT", 120, "U/L", {"referenceRange": [{"text": "< 40"}]}, "3", True),
        (
            "lab.alt_uln",
            "ALT",
            120,
            "U/L",
            {"referenceRange": [{"high": quantity(0, "U/L")}]},
            "3",
            True,
        ),
    ],
)
def test_multiples_of_the_upper_limit(fact, name, number, unit, more, expected, assumed):
    """That of the result, of several the lowest; else the assumed one, and the fact says so."""
    found = facts(measured(name, number, unit, **more))[fact]
    assert (found.value and f"{found.value.low.normalize():f}") == expected
    assert bool(found.notes) is assumed


# ---- age and ties --------------------------------------------------------------------------------

LABS = [
    ("lab.creatinine_clearance", "LOINC#35591-7", "mL/min"),
    ("lab.egfr", "LOINC#62238-1", GFR),
    ("lab.platelets", "LOINC#777-3", "10*9/L"),
    ("lab.leucocytes", "LOINC#6690-2", "10*9/L"),
    ("lab.neutrophils", "LOINC#751-8", "10*9/L"),
    ("lab.haemoglobin", "LOINC#718-7", "g/dL"),
    ("lab.bilirubin_uln", "LOINC#1975-2", "mg/dL"),
    ("lab.bilirubin_mgdl", "LOINC#1975-2", "mg/dL"),
    ("lab.alt_uln", "LOINC#1742-6", "U/L"),
    ("lab.albumin", "LOINC#1751-7", "g/L"),
]


def days_ago(days):
    return (AS_OF - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(("fact", "name", "unit"), LABS)
@pytest.mark.parametrize(
    ("days", "known", "aged"),
    [(0, True, False), (28, True, False), (29, True, True), (91, True, True), (92, False, False)],
)
def test_h4_a_lab_value_warns_after_4_weeks_and_is_gone_after_3_months(
    fact, name, unit, days, known, aged
):
    found = facts(measured(name, 10, unit, on=days_ago(days)))[fact]
    assert (found.value is not None, found.aged) == (known, aged)


@pytest.mark.parametrize(("fact", "name", "unit"), LABS)
def test_h4_an_undated_lab_value_is_not_used(fact, name, unit):
    found = facts(measured(name, 10, unit, on=None))[fact]
    assert found.value is None
    assert "no date" in found.why_absent


@pytest.mark.parametrize(
    ("days", "known", "aged"),
    [(91, True, False), (92, True, True), (365, True, True), (366, False, False)],
)
def test_h4_ecog_warns_after_3_and_is_gone_after_12_months(days, known, aged):
    found = facts(observation("LOINC#89247-1", on=days_ago(days), valueInteger=1))["patient.ecog"]
    assert (found.value is not None, found.aged) == (known, aged)


@pytest.mark.parametrize(
    ("fact", "name", "unit", "worse"),
    [
        ("lab.platelets", "LOINC#777-3", "10*9/L", "50"),
        ("lab.creatinine_clearance", "LOINC#35591-7", "mL/min", "50"),
        ("lab.albumin", "LOINC#1751-7", "g/L", "50"),
        ("lab.bilirubin_mgdl", "LOINC#1975-2", "mg/dL", "60"),
    ],
)
def test_of_two_values_of_one_day_the_worse_counts(fact, name, unit, worse):
    twice = [measured(name, 50, unit), measured(name, 60, unit)]
    assert value(fact, *twice).split()[0] == worse
    assert value(fact, *reversed(twice)).split()[0] == worse


def test_the_newest_value_counts():
    old = measured("LOINC#777-3", 50, "10*9/L", on="2026-11-01")
    new = measured("LOINC#777-3", 150, "10*9/L", on="2026-11-02")
    assert value("lab.platelets", old, new) == "150 x10^9/L"


# ---- clotting ------------------------------------------------------------------------------------


def flagged(code):
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {"interpretation": [{"coding": [{"system": system, "code": code}]}]}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (measured("LOINC#6301-6", 1.5, "{INR}"), False),
        (measured("LOINC#6301-6", 1.51, "{INR}"), True),
        (measured("LOINC#6301-6", 1.6), True),
        (measured("INR", 1.2, "1"), False),
        (measured("INR target", 2.5), None),
        (measured("LOINC#6301-6", 1.3, "{INR}", **flagged("H")), False),
        (observation("LOINC#6301-6", valueString="1.4-1.6"), None),
        (observation("LOINC#6301-6", **flagged("H")), True),
        (measured("Prothrombin time", 19, "s", **flagged("H")), True),
        (measured("Prothrombin time", 12, "s", **flagged("N")), False),
        (measured("Prothrombin time", 19, "s"), None),
        (observation("Prothrombin time", valueString="prolonged"), True),
        (measured("Partial prothrombin time", 60, "s", **flagged("H")), None),
    ],
)
def test_clotting_is_prolonged_above_an_inr_of_1_5(made, expected):
    assert value("lab.pt_prolonged", made) is expected


# ---- performance status --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (observation("LOINC#89247-1", valueInteger=0), "0"),
        (observation("LOINC#89247-1", valueInteger=5), "5"),
        (observation("LOINC#89247-1", valueInteger=6), None),
        (observation("LOINC#89247-1", valueQuantity=quantity(2, "{score}")), "2"),
        (observation("LOINC#89247-1", valueQuantity=quantity(2)), "2"),
        (observation("LOINC#89247-1", valueQuantity=quantity(1.5)), None),
        (observation("LOINC#89247-1", valueString="1"), "1"),
        (observation("LOINC#89247-1", valueString="ECOG PS 0-1"), "<= 1"),
        (observation("LOINC#89247-1", valueCodeableConcept=concept("ECOG 3")), "3"),
        (observation("LOINC#89247-1", valueCodeableConcept=concept("Completely disabled")), "4"),
        (observation("ECOG performance status", valueQuantity=quantity(2, "%")), None),
        (report("Fit patient, ECOG 1."), "1"),
        (report("ECOG PS: 2"), "2"),
        (report("ECOG-ACRIN E2211 enrolled 144 patients."), None),
        (report("The trial required ECOG 0-1."), None),
        (observation("LOINC#89243-0", valueInteger=100), "0"),
        (observation("LOINC#89243-0", valueInteger=90), "1"),
        (observation("LOINC#89243-0", valueInteger=80), "1"),
        (observation("LOINC#89243-0", valueQuantity=quantity(70, "%")), "2"),
        (observation("LOINC#89243-0", valueInteger=60), "2"),
        (observation("LOINC#89243-0", valueInteger=50), "3"),
        (observation("LOINC#89243-0", valueInteger=40), "3"),
        (observation("LOINC#89243-0", valueInteger=30), "4"),
        (observation("LOINC#89243-0", valueInteger=10), "4"),
        (observation("LOINC#89243-0", valueInteger=75), None),
        (observation("LOINC#89243-0", valueString="70-80"), "1-2"),
        (report("KPS 80 %"), "1"),
    ],
)
def test_performance_status_is_0_to_5_and_karnofsky_is_brought_to_it(made, expected):
    assert value("patient.ecog", made) == expected


def test_the_worse_performance_status_of_a_day_counts():
    ecog = observation("LOINC#89247-1", valueInteger=1)
    karnofsky = observation("LOINC#89243-0", valueInteger=60)
    assert value("patient.ecog", ecog, karnofsky) == "2"
