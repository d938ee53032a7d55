"""What a code is decides, not what it is called; and a code is its system and its code."""

import pytest

from tests.fhir.readers import small

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
KI67 = {"system": LOINC, "code": "29593-1"}
NET = {"system": ICD, "code": "C7A.012"}
LOCAL = {"system": "urn:site:lab", "code": "KI-67"}
OF_A_BREAST = {"system": LOINC, "code": "85330-9"}


def ki67(*codings, text=None):
    """(the Ki-67, what is named) of a result with these codings."""
    code = {"coding": list(codings), **({"text": text} if text else {})}
    made = small.resource(
        "Observation",
        status="final",
        effectiveDateTime="2026-11-10",
        code=code,
        valueQuantity=small.quantity(12, "%"),
    )
    facts, problems = small.read(made)
    return small.plain(facts["tumour.ki67"]), [one.problem for one in problems]


READ, NOTHING = ("12 %", []), (None, [])


@pytest.mark.parametrize(
    ("codings", "found"),
    [
        ([KI67], READ),
        ([KI67 | {"display": "Ki-67"}], READ),
        # The display contradicts: the code decides.
        ([KI67 | {"display": "Heart rate"}], READ),
        ([OF_A_BREAST | {"display": "Ki-67 index"}], NOTHING),
        ([OF_A_BREAST, LOCAL | {"display": "Ki-67"}], NOTHING),
        ([OF_A_BREAST, KI67], NOTHING),
        # Another spelling of the same system and code.
        ([KI67 | {"code": " 29593-1 "}], READ),
        ([KI67 | {"code": "29593-1\n"}], READ),
        ([KI67 | {"system": "http://loinc.org/"}], READ),
        ([KI67 | {"system": "https://loinc.org"}], READ),
        ([KI67 | {"system": " http://loinc.org "}], READ),
        ([KI67 | {"system": "urn:oid:2.16.840.1.113883.6.1"}], READ),
        ([KI67 | {"version": "2.46"}], READ),
        ([KI67 | {"userSelected": False}], READ),
        # The code in another system, or in none, is another code.
        ([KI67 | {"system": SNOMED}], NOTHING),
        ([KI67 | {"system": "HTTP://LOINC.ORG"}], NOTHING),
        ([KI67 | {"system": "urn:site:lab"}], NOTHING),
        ([KI67 | {"system": "http://loinc.org.evil.example"}], NOTHING),
        ([KI67 | {"system": "http://evil.example/http://loinc.org"}], NOTHING),
        ([{"code": "29593-1"}], NOTHING),
        ([KI67 | {"system": ""}], NOTHING),
        ([KI67 | {"code": "29593"}], NOTHING),
        ([KI67 | {"code": "29593-10"}], NOTHING),
        ([KI67 | {"code": "029593-1"}], NOTHING),
        ([KI67 | {"code": "２９５９３-1"}], NOTHING),
        # Translations: one known code is enough, in any place.
        ([LOCAL, KI67], READ),
        ([KI67, LOCAL], READ),
        ([LOCAL, {"display": "no code"}, KI67 | {"display": "Ki67"}], READ),
        # Only a code of the site: its name speaks, if it has one.
        ([LOCAL], NOTHING),
        ([LOCAL | {"display": "Ki-67 proliferation index"}], READ),
        ([LOCAL | {"display": "Sodium"}], NOTHING),
    ],
    ids=str,
)
def test_e13_system_and_code_decide_what_a_result_is(codings, found):
    assert ki67(*codings) == found


@pytest.mark.parametrize(
    ("codings", "text", "found"),
    [
        ([], "Ki-67", READ),
        ([], " ki67 INDEX ", READ),
        ([OF_A_BREAST], "Ki-67", (None, ["is named one thing and coded another; not used"])),
        ([LOCAL], "Ki-67", READ),
        ([], "Heart rate", NOTHING),
        ([KI67], "Heart rate", READ),
    ],
    ids=str,
)
def test_e13_a_name_speaks_only_where_no_known_code_stands(codings, text, found):
    assert ki67(*codings, text=text) == found


def test_e13_spaces_around_a_code_cost_nothing_and_a_code_of_spaces_is_none():
    made = small.allergy("Octreotide", criticality=" high ")
    made["verificationStatus"]["coding"][0]["code"] = " refuted\n"
    assert small.value("risk.hypersensitivity", made) == set()
    assert ki67(KI67 | {"code": "  "})[0] is None
    assert small.value("prior.prrt", small.procedure("PRRT", status=" completed")) == "past"


@pytest.mark.parametrize("code", ["C7A.012", "c7a.012", " C7A.012 ", "C7A012"])
def test_e13_a_diagnosis_is_known_in_each_spelling_of_its_code(code):
    made = small.condition() | {"code": {"coding": [NET | {"code": code}]}}
    assert small.value("net.status", made) == "active"
