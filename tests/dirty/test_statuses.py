"""Each status code of each type that is read, and what is read under it."""

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.fhir.readers import small

PRRT = "Lutathera 7.4 GBq"
KI67 = {"valueQuantity": {"value": 12, "unit": "%"}}
REPORT = "Ki-67: 12 %."
UNCLEAR = "is missing, unknown or no status: not used"
NO_RESULT = "is missing, or no status of a result: not used"


def not_final(status):
    return f"is {status}: not used until it is final"


def none(*statuses):
    return dict.fromkeys(statuses, ("none", None))


def open_(*statuses, problem=None):
    return dict.fromkeys(statuses, (None, problem))


# Type: the fact, and for each code of R4 its value and what is named; None is no status at all.
TABLE = {
    "Observation": ("tumour.ki67", dict.fromkeys(("final", "amended", "corrected"), ("12", None))
        | open_("preliminary", problem=not_final("preliminary"))
        | open_("registered", "cancelled", "entered-in-error", "unknown")
        | open_(None, "bogus", "Final", problem=NO_RESULT)),
    "DiagnosticReport": ("tumour.ki67",
        dict.fromkeys(("final", "amended", "corrected", "appended"), ("12", None))
        | open_("preliminary", problem=not_final("preliminary"))
        | open_("partial", problem=not_final("partial"))
        | open_("registered", "cancelled", "entered-in-error", "unknown")
        | open_(None, "bogus", "Final", problem=NO_RESULT)),
    "Procedure": ("prior.prrt",
        dict.fromkeys(("in-progress", "on-hold"), ("current", None))
        | dict.fromkeys(("completed", "stopped"), ("past", None))
        | none("preparation", "not-done", "entered-in-error")
        | open_("unknown", None, "bogus", "Completed", problem=UNCLEAR)),
    "MedicationRequest": ("prior.prrt",
        dict.fromkeys(("active", "on-hold"), ("current", None))
        | dict.fromkeys(("completed", "stopped"), ("past", None))
        | none("draft", "cancelled", "entered-in-error")
        | open_("unknown", None, "bogus", "Active", problem=UNCLEAR)),
    "MedicationStatement": ("prior.prrt",
        dict.fromkeys(("active", "on-hold"), ("current", None))
        | dict.fromkeys(("completed", "stopped"), ("past", None))
        | none("intended", "not-taken", "entered-in-error")
        | open_("unknown", None, "bogus", "Active", problem=UNCLEAR)),
    "MedicationAdministration": ("prior.prrt",
        {"in-progress": ("current", None)}
        | dict.fromkeys(("completed", "stopped", "on-hold"), ("past", None))
        | none("not-done", "entered-in-error")
        | open_("unknown", None, "bogus", "Completed", problem=UNCLEAR)),
}  # fmt: skip
MADE = {
    "Observation": lambda status: small.observation("LOINC#29593-1", status=status, **KI67),
    "DiagnosticReport": lambda status: small.report(REPORT) | {"status": status},
    "Procedure": lambda status: small.procedure("PRRT", status=status),
    "MedicationRequest": lambda status: small.request(PRRT, status=status),
    "MedicationStatement": lambda status: small.statement(PRRT, status=status),
    "MedicationAdministration": lambda status: small.administration(PRRT, status=status),
}
EACH = [
    (kind, status, *told) for kind, (_, codes) in TABLE.items() for status, told in codes.items()
]


@pytest.mark.parametrize(("kind", "status", "value", "problem"), EACH)
def test_e2_a_status_decides_what_counts(kind, status, value, problem):
    made = MADE[kind](status)
    if status is None:
        made.pop("status", None)
    facts, problems = small.read(made)
    assert small.plain(facts[TABLE[kind][0]]) == (f"{value} %" if value == "12" else value)
    assert [one.problem for one in problems] == ([problem] if problem else [])


@pytest.mark.parametrize("kind", TABLE)
def test_e2_the_table_has_every_status_of_r4(kind):
    told = get_fhir_model_class(kind).model_fields["status"].json_schema_extra["enum_values"]
    assert set(TABLE[kind][1]) >= set(told) - {"+"}  # the library's mark of a code of its parent


# ---- Conditions and allergies --------------------------------------------------------------------

CLINICAL = {
    **dict.fromkeys((None, "active", "recurrence", "relapse", "bogus"), "active"),
    **dict.fromkeys(("inactive", "remission", "resolved"), "history"),
}
VERIFIED = {
    **dict.fromkeys((None, "confirmed", "bogus"), None),  # the clinical status decides
    **dict.fromkeys(("unconfirmed", "provisional", "differential"), "suspected"),
    **dict.fromkeys(("refuted", "entered-in-error"), "none"),
}
LOCAL = {"system": "urn:local", "code": "4711", "display": "Confirmed"}


def status(code, *before):
    return {"coding": [*before, {"system": "urn:hl7", "code": code}]} if code else None


def with_statuses(made, clinical, verified):
    made |= {"clinicalStatus": clinical, "verificationStatus": verified}
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("verified", VERIFIED)
@pytest.mark.parametrize("clinical", CLINICAL)
def test_e2_clinical_and_verification_status_decide_how_a_diagnosis_stands(clinical, verified):
    """A dialysis that is only suspected, or over, is no dialysis now; the NET is told by how.

    A status that FHIR does not know supports no treatment of a NET, and takes no danger away.
    """
    stands = VERIFIED[verified] or CLINICAL[clinical]
    statuses = status(clinical), status(verified)
    net = with_statuses(small.net(), *statuses)
    is_unclear = verified == "bogus" and stands == "active"
    assert small.value("net.status", net) == ("suspected" if is_unclear else stands)
    dialysis = with_statuses(small.condition("ICD-10-CM#Z99.2"), *statuses)
    assert small.value("risk.dialysis", small.net(), dialysis) is (stands == "active")


@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
@pytest.mark.parametrize(
    "form",
    [
        lambda code: code,
        lambda code: {"text": code},
        lambda code: {"coding": [{"code": f" {code.upper()} "}]},
        lambda code: status(code, LOCAL),
        lambda code: status(code, {"display": "no code"}, LOCAL),
    ],
    ids=["as before R4", "text", "spelling", "after a local code", "after two"],
)
def test_e2_e13_a_refuted_diagnosis_is_none_however_that_is_written(form, verified):
    refuted = with_statuses(small.net(), status("active"), form(verified))
    assert small.value("net.status", refuted) == "none"


@pytest.mark.parametrize(
    ("verified", "problems"),
    [
        (status("confirmed", LOCAL), []),
        ({"text": "Confirmed"}, []),
        ({"coding": [{"system": "urn:local"}]}, []),
        (status("bogus", LOCAL), ["is no status of a diagnosis; read as suspected"]),
        ({"text": "as told"}, ["is no status of a diagnosis; read as suspected"]),
    ],
)
def test_e2_a_diagnosis_whose_verification_says_nothing_known_is_named(verified, problems):
    facts, named = small.read(with_statuses(small.net(), status("active"), verified))
    assert [one.problem for one in named] == problems
    assert small.plain(facts["net.status"]) == ("suspected" if problems else "active")


GERMAN = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


@pytest.mark.parametrize(
    ("certainty", "stands"), [("G", "active"), ("V", "suspected"), ("Z", "history"), ("A", "none")]
)
@pytest.mark.parametrize("verified", [None, "bogus"])
def test_e2_a_german_certainty_stands_for_a_status_that_says_nothing(certainty, stands, verified):
    net = with_statuses(small.net(), status("active"), status(verified))
    net["code"]["coding"][0]["extension"] = [{"url": GERMAN, "valueCoding": {"code": certainty}}]
    facts, problems = small.read(net)
    assert (small.plain(facts["net.status"]), problems) == (stands, ())


@pytest.mark.parametrize("verified", [None, "confirmed", "unconfirmed", "refuted", "bogus"])
@pytest.mark.parametrize("clinical", [None, "active", "inactive", "resolved", "bogus"])
def test_e2_an_allergy_counts_unless_it_is_over_refuted_or_in_error(clinical, verified):
    made = with_statuses(
        small.allergy("Octreotide", criticality="high"), status(clinical), status(verified)
    )
    counts = clinical not in ("inactive", "resolved") and verified != "refuted"
    assert small.value("risk.hypersensitivity", made) == ({"ssa"} if counts else set())


def test_e2_an_allergy_in_error_does_not_count():
    made = with_statuses(
        small.allergy("Octreotide", criticality="high"), None, status("entered-in-error", LOCAL)
    )
    assert small.value("risk.hypersensitivity", made) == set()


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_e2_a_drug_that_is_only_meant_was_not_given(intent):
    assert small.value("prior.prrt", small.request(PRRT, intent=intent)) == "none"


@pytest.mark.parametrize(
    "intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"]
)
def test_e2_a_drug_that_is_ordered_counts_by_its_status(intent):
    assert small.value("prior.prrt", small.request(PRRT, intent=intent)) == "current"


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
def test_e2_an_unclear_status_of_a_drug_that_is_read_for_nothing_leaves_no_doubt(kind):
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "Aspirin 100 mg"}}
    made = MADE[kind]("unknown") | {"medicationReference": {"reference": "Medication/m"}}
    del made["medicationCodeableConcept"]
    facts, problems = small.read(made, medication)
    assert (small.plain(facts["prior.prrt"]), problems) == ("none", ())
