"""Contradictory and implausible values: named, warned of in one line, and never used."""

from datetime import date
from functools import cache

import orjson
import pytest

from cdshooks.engine import Engine
from tests.fhir.readers.small import concept, measured, net, observation, patient, report

AS_OF = date(2026, 11, 15)
KI67 = "LOINC#29593-1"
METASTATIC = report("Metastatic disease.", on="2026-10-01")


@cache
def engine():
    return Engine.load()


def document(*resources):
    entries = [{"resource": one} for one in (patient(), net(), METASTATIC, *resources)]
    body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    (found,) = engine().assess_body(body, AS_OF, "us")
    return found


def warnings(found):
    return {one["id"]: one["text"] for one in found.get("warnings", ())}


@pytest.mark.parametrize(
    ("made", "fact", "problem"),
    [
        (measured(KI67, -1, "%", id="odd"), "tumour.ki67", "no Ki-67 between 0 and 100 %"),
        (measured(KI67, 140, "%", id="odd"), "tumour.ki67", "no Ki-67 between 0 and 100 %"),
        (measured(KI67, 0.02, id="odd"), "tumour.ki67", "its unit is not sure"),
        (measured(KI67, 5, "%", on="2030-01-01", id="odd"), "tumour.ki67", "lies in the future"),
        (
            measured("LOINC#777-3", 200, "furlong", id="odd"),
            "lab.platelets",
            "has a unit that is not accepted",
        ),
        (
            observation("Mitotic count", valueInteger=12, id="odd"),
            "tumour.mitoses",
            "per which area",
        ),
    ],
)
def test_e7_e8_h2_a_value_that_cannot_be_is_named_warned_of_and_not_used(made, fact, problem):
    found = document(made)
    assert "possible" not in found["facts"][fact]
    (named,) = found["problems"]
    assert named["reference"] == "Observation/odd"
    assert problem in named["problem"]
    text = f"Data on file were not used: Observation {named['path']} {named['problem']}"
    assert warnings(found) == {"set_aside_data": text}
    assert not [one for one in found["treatments"] if one["outcome"] in ("offer", "hold")
                and one["covers"] != ["T41", "T42"]]  # fmt: skip


def test_h3_a_stated_g1_with_a_ki67_of_30_percent_is_for_pathology_and_the_higher_counts():
    stated = observation("Tumour grade", valueCodeableConcept=concept("G1"))
    found = document(measured(KI67, 30, "%"), stated)
    assert "grade_discordance" in warnings(found)
    assert found["facts"]["tumour.grade_class"]["possible"] == ["HG-UNDET"]
    assert "problems" not in found


def test_h4_a_scan_of_a_year_ago_is_named_with_its_date_and_asked_for_again():
    scan = report("Intense DOTATATE uptake in all lesions.", on="2025-11-14", id="pet")
    found = document(measured(KI67, 5, "%"), {**scan, "code": concept("Ga-68 DOTATATE PET/CT")})
    assert warnings(found) == {
        "stale_data": "Key data are out of date: Somatostatin receptors (SSTR) (2025-11-14)"
    }
    assert "sstr_imaging" in {one["id"] for one in found["requests"]}
    (safety,) = [c for c in found["cards"] if c["source"]["topic"]["code"] == "safety"]
    assert (
        "newest value of 2025-11-14 is too old to be used. `DiagnosticReport/pet`"
        in (safety["detail"])
    )


@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": {"value": 150, "unit": "%"}},
        {"valueQuantity": {"value": -3, "unit": "%"}},
        {"valueQuantity": {"value": 5, "unit": "mg"}},
        {"valueQuantity": {"value": "2", "unit": "%"}},
        {"valueQuantity": {"value": True, "unit": "%"}},
        {"valueQuantity": {"value": 1e35, "unit": "%"}},
        {"valueQuantity": {"value": 5, "unit": "%"}, "on": "2099-01-01"},
    ],
)
def test_fresh_data_that_are_not_used_are_never_called_out_of_date(value):
    found = document(observation(KI67, id="odd", **value))
    assert list(warnings(found)) == ["set_aside_data"]
    assert not any("out of date" in card["summary"] + card["detail"] for card in found["cards"])


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("LOINC#777-3", {"valueQuantity": {"value": "200", "unit": "10*9/L"}}),
        ("LOINC#777-3", {"valueQuantity": {"value": -1, "unit": "10*9/L"}}),
        ("Mitotic count", {"valueQuantity": {"value": True, "unit": "/2mm2"}}),
        ("Tumour size", {"valueQuantity": {"value": "4", "unit": "mm"}}),
    ],
)
def test_a_number_that_cannot_be_is_warned_of_whatever_it_measures(code, value):
    found = document(measured(KI67, 5, "%"), observation(code, id="odd", **value))
    assert list(warnings(found)) == ["set_aside_data"]


def test_a_text_that_holds_no_number_is_named_and_no_value_that_was_set_aside():
    found = document(observation(KI67, valueString="pending", id="odd"))
    assert [one["reference"] for one in found["problems"]] == ["Observation/odd"]
    assert warnings(found) == {}


def test_old_data_and_data_that_are_not_used_are_two_warnings_each_with_its_own_reason():
    scan = report("Intense DOTATATE uptake in all lesions.", on="2025-11-14", id="pet")
    odd = measured(KI67, 150, "%", id="odd")
    found = document(odd, {**scan, "code": concept("Ga-68 DOTATATE PET/CT")})
    told = warnings(found)
    assert list(told) == ["set_aside_data", "stale_data"]
    assert "Ki-67" not in told["stale_data"]
    assert "SSTR" not in told["set_aside_data"]
