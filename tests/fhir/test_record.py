"""Whose resource it is, which version counts, and what is unreadable (rows E1, E2, E5, E11)."""

import json

import pytest

from tests.records import AS_OF, bundle, condition, encoded, observation
from tests.shipped import ENGINE

NET = condition("ICD-10-CM#C7A.012")


def ki67(percent=8, **more):
    return observation("LOINC#29593-1", valueQuantity={"value": percent, "unit": "%"}, **more)


def assessed(document, patient=0):
    return ENGINE.assess_body(encoded(document), AS_OF)[patient]


def read(*resources, **patient):
    """(Ki-67 values, problems) of a patient with a NET and these resources."""
    found = assessed(bundle(NET, *resources, **patient))
    spans = found["facts"]["tumour.ki67"].get("possible", [])
    return [span["low"] for span in spans], found.get("problems", [])


SERVER = "https://ehr.example/fhir"


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p"},
        {"reference": "Patient/p/_history/3"},
        {"reference": f"{SERVER}/Patient/p"},
        {"reference": f"{SERVER}/Patient/p/_history/3"},
    ],
)
def test_e1_every_way_to_refer_to_the_patient_counts(subject):
    assert read(ki67(subject=subject))[0] == ["8"]


def test_e1_a_urn_uuid_counts_when_the_patient_was_delivered_under_it():
    document = bundle(NET, ki67())
    urn = "urn:uuid:0f0f0f0f-1111-4222-8333-444444444444"
    document["entry"][0]["fullUrl"] = urn
    for entry in document["entry"][1:]:
        entry["resource"]["subject"] = {"reference": urn}
    assert assessed(document)["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"


def test_e1_an_identifier_counts_when_the_patient_carries_it():
    document = bundle(NET, ki67(subject={"identifier": {"system": "urn:mrn", "value": "7"}}))
    assert "possible" not in assessed(document)["facts"]["tumour.ki67"]
    document["entry"][0]["resource"]["identifier"] = [{"system": "urn:mrn", "value": "7"}]
    assert "possible" in assessed(document)["facts"]["tumour.ki67"]


STRANGERS = [
    {"reference": "Patient/q"},
    {"reference": "Patient/P"},
    {"reference": "Patient/pp"},
    {"reference": "Patient/p/extra"},
    {"reference": "Patient/p#q"},
    {"reference": "Patient/p?x=1"},
    {"reference": "Group/p"},
    {"reference": "Practitioner/p"},
    {"reference": "p"},
    {"reference": "#p"},
    {"reference": ""},
    {"reference": "urn:uuid:0f0f0f0f-1111-4222-8333-444444444444"},
    {"reference": "https://ehr.example/fhir/Patient/q"},
    {"reference": ["Patient/p"]},
    {"reference": None},
    {"identifier": {"system": "urn:mrn", "value": "8"}},
    {"identifier": {"value": "7"}},
    {"display": "The patient"},
    {},
    None,
]


@pytest.mark.parametrize("subject", STRANGERS)
def test_e1_another_patients_resource_is_set_aside_and_named(subject):
    """Twenty ways in which a Ki-67 is not this patient's: never used, always named."""
    values, problems = read(ki67(subject=subject))
    assert values == []
    assert any("set aside" in problem["problem"] for problem in problems)


def allergy(**more):
    """A serious allergy to octreotide."""
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "criticality": "high",
        "code": {"text": "Octreotide"},
    } | more


REFUTED = {"coding": [{"code": "refuted"}]}
ANOTHERS = [
    {"reference": "Patient/q"},
    {"reference": "Patient/P"},
    {"reference": "Patient/q/_history/3"},
    {"reference": f"{SERVER}/Patient/q"},
    {"reference": "https://within.example/fhir/Patient/q"},
    {"identifier": {"system": "urn:mrn", "value": "8"}},
    {"reference": "urn:uuid:1"},
]


def of_whom(subject, **changes):
    """What is known of allergies with one whose `patient` is `subject`, and the problems.

    The Patient came from SERVER with an MRN, and beside it another one under urn:uuid:1.
    """
    one = {key: value for key, value in allergy(patient=subject).items() if value is not None}
    document = bundle(NET, one | changes)
    if subject is None:
        del document["entry"][2]["resource"]["patient"]
    document["entry"][0]["fullUrl"] = f"{SERVER}/Patient/p"
    document["entry"][0]["resource"]["identifier"] = [{"system": "urn:mrn", "value": "7"}]
    other = {"resourceType": "Patient", "id": "q"}
    document["entry"].append({"fullUrl": "urn:uuid:1", "resource": other})
    found = assessed(document)
    return found["facts"]["risk.hypersensitivity"], found.get("problems", [])


@pytest.mark.parametrize("subject", ANOTHERS)
def test_e1_what_names_another_patient_is_dropped_and_named(subject):
    fact, problems = of_whom(subject)
    assert fact == {"possible": ["none"], "assumed": True}
    assert [one["problem"] for one in problems] == ["is not the patient in context; set aside"]


@pytest.mark.parametrize(
    "subject",
    [
        None,  # not there at all
        {},
        [],
        "Patient/p",
        {"display": "The patient"},
        {"reference": None},
        {"reference": ""},
        {"reference": "/Patient/p"},
        {"reference": "./Patient/p"},
        {"reference": "#p"},
        {"reference": "urn:uuid:2"},
        {"reference": "Patient?identifier=urn:mrn|7"},
        {"reference": "https://within.example/fhir/Patient/p"},
        {"reference": "http://ehr.example/fhir/Patient/p"},
        {"reference": "https://ehr.example:8443/fhir/Patient/p"},
        {"reference": "https://ehr.example/FHIR/Patient/p"},
        {"identifier": {"system": "urn:visit", "value": "7"}},
        {"identifier": {"system": "urn:mrn", "value": ""}},
        {"identifier": {"value": "7"}},
    ],
)
def test_e1_f5_what_may_be_the_patients_is_neither_used_nor_a_no(subject):
    """Such an allergy does not rule the drug out, and nothing rests on there being none."""
    fact, problems = of_whom(subject)
    assert "possible" not in fact
    assert fact["whyAbsent"] == "not assessed: AllergyIntolerance not available"
    said = [one["problem"] for one in problems if one["path"] == "subject"]
    assert said == ["is not known to be the patient in context; set aside"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code": {"text": "Oats"}},
        {"resourceType": "Observation", "status": "final"},
        {"resourceType": "Coverage"},
    ],
)
def test_e1_what_no_fact_is_read_from_leaves_no_doubt_whosever_it_is(changes):
    assert of_whom({"display": "The patient"}, **changes)[0]["possible"] == ["none"]


@pytest.mark.parametrize("status", ["final", "entered-in-error"])
def test_e1_e2_a_result_that_does_not_count_leaves_no_doubt_whosever_it_is(status):
    found = assessed(bundle(NET, ki67(30, status=status, subject={"display": "P"}), ki67(2)))
    told = found["facts"]["tumour.ki67"]["possible"][0]
    assert ("high" in told) is (status != "final")


@pytest.mark.parametrize(
    ("delivered", "named"),
    [
        (SERVER, "https://EHR.Example/fhir"),
        (SERVER, "HTTPS://ehr.example:443/fhir"),
        ("https://ehr.example:443/fhir", SERVER),
        ("http://EHR.example:80/fhir", "http://ehr.example/fhir"),
        ("https://ehr.example:8443/fhir", "https://EHR.example:8443/fhir"),
    ],
)
def test_e1_a_server_is_the_same_however_its_host_and_usual_port_are_written(delivered, named):
    document = bundle(NET, ki67(subject={"reference": f"{named}/Patient/p"}))
    document["entry"][0]["fullUrl"] = f"{delivered}/Patient/p"
    assert assessed(document)["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"
    relative = at(named, bundle(NET, ki67()))
    relative["entry"][0]["fullUrl"] = f"{delivered}/Patient/p"
    assert assessed(relative)["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"


def test_e1_an_absolute_reference_to_another_server_is_not_used():
    document = bundle(NET, ki67(subject={"reference": "https://other.example/fhir/Patient/p"}))
    document["entry"][0]["fullUrl"] = f"{SERVER}/Patient/p"
    assert "possible" not in assessed(document)["facts"]["tumour.ki67"]


def test_e1_a_bundle_of_two_patients_gives_a_document_for_each():
    document = bundle(NET, ki67(8))
    other = bundle({**NET, "id": "n2"}, ki67(30, id="k2"), patient="q")
    document["entry"] += other["entry"]
    first, second = ENGINE.assess_body(encoded(document), AS_OF)
    assert first["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"
    assert second["facts"]["tumour.ki67"]["possible"][0]["low"] == "30"


@pytest.mark.parametrize(
    "status", ["entered-in-error", "cancelled", "registered", "unknown", "bogus"]
)
def test_e2_a_result_that_is_no_result_is_not_used(status):
    assert read(ki67(status=status))[0] == []


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_e2_a_result_that_stands_is_used(status):
    assert read(ki67(status=status))[0] == ["8"]


def test_e2_a_preliminary_result_is_named_and_not_used():
    values, problems = read(ki67(status="preliminary"))
    assert values == []
    assert problems[0]["problem"] == "is preliminary: not used until it is final"


def test_e11_the_newest_version_of_a_resource_counts_once():
    old = ki67(30, id="k", meta={"versionId": "2"})
    new = ki67(8, id="k", meta={"versionId": "10"})
    assert read(old, new)[0] == read(new, old)[0] == ["8"]
    older = ki67(30, id="k", meta={"lastUpdated": "2026-01-01T00:00:00Z"})
    newer = ki67(8, id="k", meta={"lastUpdated": "2026-02-01T00:00:00Z"})
    assert read(newer, older)[0] == ["8"]


def test_e5_an_odd_entry_never_costs_the_ki67():
    document = bundle(NET, ki67())
    odd = [
        {},
        {"resource": {}},
        {"resource": {"resourceType": "Nonsense", "id": "x"}},
        {"resource": {"resourceType": "OperationOutcome", "issue": []}},
        {"fullUrl": 7, "resource": {"resourceType": "Observation"}},
        {"resource": []},
        {"resource": "<html>"},
        None,
        7,
        {"request": {"method": "DELETE", "url": "Observation/1"}},
    ]
    document["entry"] += odd
    found = assessed(document)
    assert found["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"
    assert len(found["problems"]) >= 5


def test_e5_e10_an_odd_element_of_the_same_resource_never_costs_the_ki67():
    dirty = ki67(
        note="not a list",
        extension=[{"url": "x", "valueNonsense": 1}],
        performer="nobody",
        effectiveDateTime="2026-10-01T10:00:00",
    )
    dirty["text"] = {"status": "generated", "div": "<p>Ki-67 90 %</p>"}
    dirty["code"]["text"] = {"not": "a text"}
    values, problems = read(dirty)
    assert values == ["8"]
    assert {
        "reference": "Observation/r1",
        "path": "effectiveDateTime",
        "problem": "has no time zone",
    } in problems
    assert any(problem["path"].startswith("note") for problem in problems)


def test_e5_a_key_given_twice_makes_a_resource_unreadable_and_named():
    body = encoded(bundle(NET, ki67())).replace(b'"value": 8', b'"value": 8, "value": 80')
    found = ENGINE.assess_body(body, AS_OF)[0]
    assert "possible" not in found["facts"]["tumour.ki67"]
    assert {
        "reference": "Observation/r1",
        "path": "Observation",
        "problem": "gives a key twice",
    } in found["problems"]


@pytest.mark.parametrize("number", [b"1" + b"0" * 5000, b"1e99999999999999999999"])
def test_e5_a_number_too_long_to_be_one_is_called_so_and_not_bad_json(number):
    body = encoded(bundle(NET, ki67())).replace(b'"value": 8', b'"value": ' + number)
    assert number in body
    (problem,) = ENGINE.assess_body(body, AS_OF)[0]["problems"]
    assert problem["reference"] == "Observation/r1"
    assert problem["problem"] == "has a number that nobody can have measured"


def test_e5_a_hook_request_with_a_number_too_large_for_a_float_is_assessed_without_it():
    document = bundle(NET, ki67())
    patient, *others = [one["resource"] for one in document["entry"]]
    found = {"resourceType": "Bundle", "type": "searchset"}
    found["entry"] = [{"resource": one} for one in others]
    request = {
        "hook": "patient-view",
        "hookInstance": "20088bbc-de02-5e9f-8ae2-84df36ca2d07",
        "context": {"userId": "Practitioner/a", "patientId": patient["id"]},
        "prefetch": {"patient": patient, "conditions": found, "observations": found},
    }
    body = encoded(request).replace(b'"value": 8', b'"value": 1e999')
    (found,) = ENGINE.assess_body(body, AS_OF)
    assert "possible" not in found["facts"]["tumour.ki67"]
    assert "holds no Ki-67 that can be read" in [one["problem"] for one in found["problems"]]


@pytest.mark.parametrize("kind", ["searchset", "collection", "batch", "transaction", "document"])
def test_e5_every_kind_of_bundle_is_read(kind):
    document = bundle(NET, ki67()) | {"type": kind}
    assert assessed(document)["facts"]["tumour.ki67"]["possible"]


def test_e4_bundles_in_bundles_are_read_to_a_bound():
    inner = bundle(NET, ki67())
    for _ in range(3):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    assert assessed(inner)["facts"]["tumour.ki67"]["possible"]
    for _ in range(100):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    assert "nested too deep" in assessed(inner)["problems"][0]["problem"]


def test_no_problem_repeats_a_value_of_the_chart():
    canary = "CANARY-7f3a"
    dirty = [
        ki67(note=canary),
        observation("LOINC#29593-1", valueString=canary),
        observation("LOINC#29593-1", valueQuantity={"value": canary}),
        observation("LOINC#29593-1", effectiveDateTime=canary, date=None),
        ki67(subject={"reference": canary}),
    ]
    problems = read(*dirty)[1]
    assert problems
    assert canary not in json.dumps(problems)


def test_medications_are_found_contained_and_by_reference():
    drug = {"resourceType": "Medication", "id": "m", "code": {"text": "lanreotide 120 mg"}}
    contained = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "contained": [drug],
        "medicationReference": {"reference": "#m"},
        "authoredOn": "2026-03-01",
    }
    referred = contained | {"contained": [], "medicationReference": {"reference": "Medication/m"}}
    for resources in ([contained], [referred, drug | {"subject": None}]):
        found = assessed(bundle(NET, *resources))
        assert found["facts"]["prior.ssa"]["possible"] == ["current"]


def test_e8_a_drug_that_runs_until_next_year_is_running():
    """The end of a period may lie ahead; only what has not begun is of the future."""
    drug = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "lanreotide"},
    }
    running = drug | {"effectivePeriod": {"start": "2026-03-01", "end": "2027-03-01"}}
    planned = drug | {"effectivePeriod": {"start": "2027-03-01", "end": "2027-06-01"}}
    assert assessed(bundle(NET, running))["facts"]["prior.ssa"]["possible"] == ["current"]
    found = assessed(bundle(NET, planned))
    assert found["facts"]["prior.ssa"]["possible"] == ["none"]
    assert "lies in the future" in found["problems"][0]["problem"]


def test_e5_null_is_read_as_not_there():
    dirty = ki67(note=None, bodySite={"coding": [None], "text": None}, interpretation=None)
    assert read(dirty)[0] == ["8"]


DRUG = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "authoredOn": "2026-03-01",
}


@pytest.mark.parametrize(
    "resource",
    [
        DRUG | {"medicationReference": {"reference": "Medication/not-sent"}},
        DRUG | {"medicationCodeableConcept": {"text": "octreotide"}, "doNotPerform": "true"},
        DRUG | {"medicationCodeableConcept": {"text": "octreotide"}, "intent": ["plan"]},
        DRUG | {"medicationCodeableConcept": {"text": "octreotide"}, "modifierExtension": []},
    ],
)
def test_e5_h1_silence_is_not_a_no_beside_a_therapy_that_cannot_be_read(resource):
    found = assessed(bundle(NET, resource))
    assert "possible" not in found["facts"]["prior.ssa"]
    assert "MedicationRequest" in found["facts"]["prior.ssa"]["whyAbsent"]
    assert found["problems"][0]["reference"] == "MedicationRequest/r1"


def test_a_drug_is_found_by_a_versioned_or_absolute_reference():
    drug = {"resourceType": "Medication", "id": "m", "code": {"text": "lanreotide"}}
    for reference in ("Medication/m/_history/2", f"{SERVER}/Medication/m"):
        resource = DRUG | {"medicationReference": {"reference": reference}}
        found = assessed(bundle(NET, resource, drug | {"subject": None}))
        assert found["facts"]["prior.ssa"]["possible"] == ["current"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"verificationStatus": "refuted"}, "none"),
        ({"clinicalStatus": "resolved"}, "history"),
        ({"clinicalStatus": "active"}, "active"),
    ],
)
def test_e2_e5_a_status_written_as_before_r4_keeps_its_meaning(changes, status):
    found = assessed(bundle(NET | changes))
    assert found["facts"]["net.status"]["possible"] == [status]


def test_e6_a_string_is_no_boolean():
    """ "false" is a text, and a text that is not empty would read as yes."""
    dirty = observation("LOINC#82810-3", valueBoolean="false")
    found = assessed(bundle(NET, dirty, gender="female", birth="1990-01-01"))
    assert "possible" not in found["facts"]["patient.pregnant"]


def test_e11_a_newer_version_that_is_withdrawn_takes_the_older_with_it():
    old = ki67(30, id="k", meta={"versionId": "1"})
    gone = {"resourceType": "Observation", "id": "k", "status": "entered-in-error"}
    assert read(old, gone | {"code": {}, "meta": {"versionId": "2"}})[0] == []


@pytest.mark.parametrize(
    "subject", [{"reference": "Patient/q"}, {"reference": f"{SERVER}/Patient/q"}, {"display": "P"}]
)
@pytest.mark.parametrize("meta", [None, {"versionId": "99"}])
def test_e1_e11_what_is_not_the_patients_is_no_version_of_what_is(subject, meta):
    """Ids are unique on one server only: another's allergy 1 does not replace the patient's."""
    own = allergy(id="1")
    other = own | {"patient": subject, "meta": meta, "code": {"text": "Oats"}}
    for sent in ((own, other), (other, own)):
        found = assessed(bundle(NET, *sent))
        assert found["facts"]["risk.hypersensitivity"]["possible"] == ["ssa"]
        assert [one["path"] for one in found["problems"]] == ["subject"]
    newer = allergy(id="1", meta={"versionId": "2"}, verificationStatus=REFUTED)
    found = assessed(bundle(NET, own, other, newer))
    assert found["facts"]["risk.hypersensitivity"]["possible"] == ["none"]


def test_e1_e11_the_newest_version_of_the_patient_says_by_what_identifiers_it_is_known():
    for identifier, known in (("7", True), ("8", False)):
        document = bundle(NET, ki67(subject={"identifier": {"system": "urn:mrn", "value": "7"}}))
        newer = document["entry"][0]["resource"] | {
            "identifier": [{"system": "urn:mrn", "value": identifier}],
            "meta": {"versionId": "2"},
        }
        for entries in (
            [*document["entry"], {"resource": newer}],
            [{"resource": newer}, *document["entry"]],
        ):
            found = assessed(document | {"entry": entries})
            assert ("possible" in found["facts"]["tumour.ki67"]) is known


def test_e11_e12_two_versions_without_a_number_are_named_and_read_alike_in_any_order():
    one, other = ki67(8, id="k"), ki67(30, id="k")
    assert read(one, other) == read(other, one)
    assert "stands twice" in read(one, other)[1][0]["problem"]


def test_a_version_that_is_no_number_and_a_subject_that_is_no_text_do_no_harm():
    odd = ki67(8, id="k", meta={"versionId": "²"})
    assert read(odd, ki67(8, id="k", meta={"versionId": "9" * 5000}))[0] == ["8"]
    assert read(ki67(subject={"identifier": {"system": ["a"], "value": "x"}}))[0] == []


def test_a_note_after_a_line_break_and_the_end_of_a_long_report_are_read():
    noted = observation(text="Comment", note=[{"text": "First line.\nKi-67: 5 %"}])
    assert read(noted)[0] == ["5"]
    long = observation(text="Report", valueString="Nothing here. " * 2_000 + "Ki-67: 6 %.")
    assert read(long)[0] == ["6"]


def at(base, document):
    """The Bundle as a server at `base` delivers it; "" leaves the entries without a full URL."""
    for entry in document["entry"]:
        own = entry["resource"]
        entry["fullUrl"] = f"{base}/{own['resourceType']}/{own['id']}"
    return document


def test_e1_a_relative_reference_is_relative_to_the_server_of_its_own_entry():
    document = at(SERVER, bundle(NET, ki67()))
    assert assessed(document)["facts"]["tumour.ki67"]["possible"][0]["low"] == "8"
    document["entry"][2]["fullUrl"] = "https://elsewhere.example/fhir/Observation/r1"
    found = assessed(document)
    assert "possible" not in found["facts"]["tumour.ki67"]
    assert found["problems"][0]["problem"].startswith("is not known to be the patient in context")


CONTAINED = {
    "resourceType": "Observation",
    "id": "k",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
    "valueQuantity": {"value": 8.5, "unit": "%"},
}


def holding(result, **more):
    """A pathology report that contains its one result."""
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "Pathology: neuroendocrine tumour"},
        "effectiveDateTime": "2026-09-01",
        "contained": [result],
        "result": [{"reference": f"#{result['id']}"}],
    } | more


def test_a_contained_result_is_its_containers_patients_and_has_its_date():
    found = assessed(bundle(NET, holding(CONTAINED)))["facts"]["tumour.ki67"]
    assert found["possible"][0]["low"] == "8.5"
    assert found["readings"][0]["date"] == "2026-09-01"
    own = CONTAINED | {"effectiveDateTime": "2026-08-01"}
    assert assessed(bundle(NET, holding(own)))["facts"]["tumour.ki67"]["readings"][0]["date"] == (
        "2026-08-01"
    )


@pytest.mark.parametrize(
    "report",
    [
        holding(CONTAINED, status="preliminary"),
        holding(CONTAINED, status="entered-in-error"),
        holding(CONTAINED, subject={"reference": "Patient/q"}),
        holding(CONTAINED | {"subject": {"reference": "Patient/q"}}),
        holding(CONTAINED | {"subject": {"reference": "#relative"}}),
        holding(CONTAINED | {"status": "entered-in-error"}),
        holding(CONTAINED, code={"text": "Left breast biopsy"}),
    ],
)
def test_e1_e2_a_contained_result_counts_no_more_than_its_container(report):
    assert read(report)[0] == []


@pytest.mark.parametrize("contained", [None, "odd", ["odd"], [{}], [{"resourceType": 7}], [[]]])
def test_e5_an_odd_contained_resource_costs_nothing(contained):
    assert read(ki67(), holding(CONTAINED) | {"contained": contained, "result": []})[0] == ["8"]


@pytest.mark.parametrize(
    ("focus", "counts"),
    [
        ("Patient/p", True),
        ("Condition/r0", True),
        ("Patient/child", False),
        ("RelatedPerson/mother", False),
        ("Condition/other", False),
    ],
)
def test_e1_a_result_in_the_patients_record_may_be_about_someone_else(focus, counts):
    values, problems = read(ki67(focus=[{"reference": focus}]))
    assert values == (["8"] if counts else [])
    named = any("someone else" in one["problem"] for one in problems)
    assert named is (focus in ("Patient/child", "RelatedPerson/mother"))
