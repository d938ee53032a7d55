"""A number counts in the units that its code lists, and in no other: nothing is guessed.

What cannot be told apart (a fraction and a percentage, a field and an area, two assays of one
marker) leaves the fact unknown, and the value is named among what could not be used.
"""

import pytest

from tests.fhir.readers.small import measured, observation, plain, read
from tests.safety.patients import assess_resources, card_of, outcomes, tumour

KI67, PLATELETS, EGFR, CLEARANCE = ("LOINC#29593-1", "LOINC#777-3", "LOINC#62238-1", "LOINC#2164-2")
BILIRUBIN, ALBUMIN, HAEMOGLOBIN = ("LOINC#1975-2", "LOINC#1751-7", "LOINC#718-7")
CREATININE = "LOINC#2160-0"
GFR = "mL/min/{1.73_m2}"
UCUM = {"system": "http://unitsofmeasure.org"}
UNKNOWN = None

# (fact, name of the test, number, unit, what is read)
TABLE = [
    # Ki-67: a fraction only where the unit says so
    ("tumour.ki67", KI67, 15, "%", "15 %"),
    ("tumour.ki67", KI67, 0.15, "{ratio}", "15 %"),
    ("tumour.ki67", KI67, 0.15, "1", "15 %"),
    ("tumour.ki67", KI67, 0.15, "%", "0.15 %"),
    ("tumour.ki67", KI67, 0.15, None, UNKNOWN),
    ("tumour.ki67", KI67, 1, None, UNKNOWN),
    ("tumour.ki67", KI67, 15, None, "15 %"),
    ("tumour.ki67", KI67, 15, "1", UNKNOWN),
    ("tumour.ki67", KI67, 15, "/10 HPF", UNKNOWN),
    ("tumour.ki67", KI67, 15, "ng/mL", UNKNOWN),
    ("tumour.ki67", KI67, 150, "%", UNKNOWN),
    # mitoses: per area or per ten fields, and the two are not one
    ("tumour.mitoses", "Mitotic count", 4, "/2 mm2", "4 per 2 mm2"),
    ("tumour.mitoses", "Mitotic count", 4, "/mm2", "8 per 2 mm2"),
    ("tumour.mitoses", "Mitotic count", 4, "/10 HPF", "4 per 2 mm2"),
    ("tumour.mitoses", "Mitotic count", 4, "/HPF", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/50 HPF", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/100 HPF", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/10.[HPF]", "4 per 2 mm2"),
    ("tumour.mitoses", "Mitotic count", 4, "/(2.mm2)", "4 per 2 mm2"),
    ("tumour.mitoses", "Mitotic count", 4, "/0.2 mm2", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/10 mm2", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/10.mm2", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "/12 mm2", UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, None, UNKNOWN),
    ("tumour.mitoses", "Mitotic count", 4, "%", UNKNOWN),
    # kidney: a clearance is not indexed, an eGFR is; creatinine alone is neither
    ("lab.creatinine_clearance", CLEARANCE, 45, "mL/min", "45 mL/min"),
    ("lab.creatinine_clearance", CLEARANCE, 0.75, "mL/s", "45 mL/min"),
    ("lab.creatinine_clearance", CLEARANCE, 45, GFR, UNKNOWN),
    ("lab.creatinine_clearance", CLEARANCE, 45, "ML/min", UNKNOWN),
    ("lab.creatinine_clearance", CREATININE, 45, "umol/L", UNKNOWN),
    ("lab.creatinine_clearance", CREATININE, 1.1, "mg/dL", UNKNOWN),
    ("lab.egfr", EGFR, 45, GFR, "45 mL/min/1.73m2"),
    ("lab.egfr", EGFR, 45, "%", UNKNOWN),
    ("lab.egfr", CREATININE, 45, "umol/L", UNKNOWN),
    # blood
    ("lab.platelets", PLATELETS, 74, "10*9/L", "74 x10^9/L"),
    ("lab.platelets", PLATELETS, 74000, "/uL", "74 x10^9/L"),
    ("lab.platelets", PLATELETS, 74, "10*12/L", UNKNOWN),
    ("lab.platelets", PLATELETS, 74, "fL", UNKNOWN),
    ("lab.platelets", PLATELETS, 74, None, UNKNOWN),
    ("lab.haemoglobin", HAEMOGLOBIN, 79, "g/L", "7.9 g/dL"),
    ("lab.haemoglobin", HAEMOGLOBIN, 79, None, UNKNOWN),
    ("lab.haemoglobin", HAEMOGLOBIN, 7.9, "%", UNKNOWN),
    # liver: milligrams and micromoles, never millimoles, and no unit is no number
    ("lab.bilirubin_mgdl", BILIRUBIN, 2.1, "mg/dL", "2.1 mg/dL"),
    ("lab.bilirubin_mgdl", BILIRUBIN, 34.2, "umol/L", "2 mg/dL"),
    ("lab.bilirubin_mgdl", BILIRUBIN, 2.1, "mmol/L", UNKNOWN),
    ("lab.bilirubin_mgdl", BILIRUBIN, 2.1, None, UNKNOWN),
    ("lab.albumin", ALBUMIN, 3.5, "g/dL", "35 g/L"),
    ("lab.albumin", ALBUMIN, 3.5, None, UNKNOWN),
    ("lab.albumin", ALBUMIN, 530, "umol/L", UNKNOWN),
    # length
    ("tumour.size_mm", "LOINC#21889-1", 2, "cm", "20 mm"),
    ("tumour.size_mm", "LOINC#21889-1", 2, "mm", "2 mm"),
    ("tumour.size_mm", "LOINC#21889-1", 2, None, UNKNOWN),
    ("tumour.size_mm", "LOINC#21889-1", 2, "m", UNKNOWN),
]


def rounded(text):
    """A number that was converted, to three places."""
    number, _, unit = text.partition(" ")
    return f"{round(float(number), 3):g} {unit}" if text[:1].isdigit() else text


@pytest.mark.parametrize(("fact", "name", "number", "unit", "expected"), TABLE)
def test_h2_a_number_counts_only_in_the_units_of_its_code(fact, name, number, unit, expected):
    known, problems = read(measured(name, number, unit, id="value"))
    found = plain(known[fact])
    assert (found and rounded(found)) == expected
    code_is_read = name != CREATININE
    if expected is UNKNOWN and code_is_read:
        assert "Observation/value" in {one.reference for one in problems}


def test_h2_the_table_has_forty_rows():
    assert len(TABLE) >= 40


# Assays of chromogranin A differ by antibody, calibrator and unit; none converts into another, and
# no fact is read from any. So are tests whose units look like one another's.
MARKERS = [
    ("LOINC#9811-1", 300, "ng/mL"),
    ("LOINC#9811-1", 6.1, "nmol/L"),
    ("LOINC#9811-1", 30, "U/L"),
    ("LOINC#9811-1", 300, None),
    ("Chromogranin A", 300, "ug/L"),
    ("Neuron specific enolase", 40, "ng/mL"),
    ("LOINC#31203-3", 80, "mg/(24.h)"),
    ("LOINC#31203-3", 418, "umol/(24.h)"),
]


@pytest.mark.parametrize(("name", "number", "unit"), MARKERS)
def test_h2_a_tumour_marker_moves_no_treatment_in_any_unit(name, number, unit):
    """At most it asks for a work-up of hormones; no option and no status of the disease follows."""
    plain_record = assess_resources(*tumour())
    found = assess_resources(*tumour(), measured(name, number, unit))
    assert outcomes(found) == outcomes(plain_record)
    for fact in ("progression.status", "syndrome.types", "tumour.ki67", "tumour.grade_class"):
        assert found["facts"][fact].get("possible") == plain_record["facts"][fact].get("possible")


@pytest.mark.parametrize(
    ("fact", "made"),
    [
        ("tumour.ki67", measured(KI67, 0.15, id="odd")),
        ("tumour.mitoses", measured("Mitotic count", 4, "/HPF", id="odd")),
        ("lab.platelets", measured(PLATELETS, 74, "fL", id="odd")),
        ("lab.creatinine_clearance", measured(CLEARANCE, 45, GFR, id="odd")),
        ("tumour.ki67", observation(KI67, valueString="0.15", id="odd")),
        (
            "tumour.ki67",
            observation(KI67, valueQuantity={"value": 15, "code": "kg", **UCUM}, id="odd"),
        ),
    ],
)
def test_h2_a_value_that_was_not_used_is_named_on_a_card(fact, made):
    found = assess_resources(*tumour(graded=False), made)
    assert "possible" not in found["facts"][fact]
    assert "Observation/odd" in card_of(found, "safety")["detail"]
