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
def test_h2_a_value_that_cannot_be_is_named_warned_of_and_not_used(made, fact, problem):
    found = document(made)
    assert "possible" not in found["facts"][fact]
    (named,) = found["problems"]
    assert named["reference"] == "Observation/odd"
    assert problem in named["problem"]
    text = f"Key data are out of date: Observation {named['path']} {named['problem']}"
    assert warnings(found) == {"stale_data": text}
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
