"""Whose the diagnoses are: an empty answer would say that the patient has no NET."""

import json
from dataclasses import replace

import pytest

from cdshooks.errors import DataRequired
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.example import example_request
from tests.shipped import ENGINE

CASES = {case.name: case for case in load_cases(default_root())}
SERVICE = ENGINE.services["net-patient-view"]
WITH_A_NET, WITHOUT = "pancreas-g2-progressive-many-options", "breast-cancer-only"
EHR = "https://ehr.example/fhir"
PROBLEM_LIST = "Condition?patient={{context.patientId}}&category=problem-list-item"
LABORATORY = "Observation?patient={{context.patientId}}&category=laboratory"


def request(name, subject=None, full_url=None):
    """A call by EHR; `subject`, if given, in place of each subject, {id} for the patient's."""
    case = CASES[name]
    body = example_request(case.bundle(), SERVICE, case.as_of, case.jurisdiction)
    patient = body["context"]["patientId"]
    for entry in entries(body):
        own = entry["resource"]
        entry["fullUrl"] = f"{full_url or EHR}/{own['resourceType']}/{own['id']}"
        for key in {"subject", "patient"} & own.keys():
            told = subject or {"reference": "Patient/{id}"}
            own[key] = json.loads(json.dumps(told).replace("{id}", patient))
    return body | {"fhirServer": EHR}


def entries(body, *keys):
    wanted = keys or body["prefetch"]
    return [one for key in wanted for one in (body["prefetch"][key] or {}).get("entry", ())]


def answer(body, **templates):
    caller = replace(sandbox_caller(), templates={SERVICE.id: templates})
    return json.loads(ENGINE.answer(SERVICE.id, json.dumps(body).encode(), caller))["cards"]


def refused(body, **templates):
    """The reasons of the 412, by key."""
    with pytest.raises(DataRequired) as refusal:
        answer(body, **templates)
    return refusal.value.reasons


@pytest.mark.parametrize(
    ("subject", "full_url"),
    [
        ({"reference": "Patient/{id}"}, EHR),
        ({"reference": "Patient/{id}"}, "https://ehr.example:443/fhir"),
        ({"reference": "https://EHR.example/fhir/Patient/{id}"}, EHR),
    ],
)
def test_e1_the_patients_own_are_known_however_their_server_is_written(subject, full_url):
    assert answer(request(WITH_A_NET, subject, full_url))


@pytest.mark.parametrize(
    ("subject", "full_url"),
    [
        ({"reference": "Patient/{id}"}, "http://within.example/fhir"),
        ({"reference": "Patient/{id}"}, "http://ehr.example/fhir"),  # TLS ends at a proxy
        ({"reference": "https://within.example/fhir/Patient/{id}"}, EHR),
        ({"reference": "/Patient/{id}"}, EHR),
        ({"display": "Jane"}, EHR),
        ({"identifier": {"system": "urn:visit", "value": "1"}}, EHR),
    ],
)
@pytest.mark.parametrize(
    "templates", [{}, {"conditions": PROBLEM_LIST}, {"observations": LABORATORY}]
)
def test_e1_f5_a_net_that_may_be_the_patients_is_a_412_and_no_empty_answer(
    subject, full_url, templates
):
    """With templates of the client's own too, which ask for a part only."""
    reasons = refused(request(WITH_A_NET, subject, full_url), **templates)
    assert "nobody can tell" in reasons["conditions"]


@pytest.mark.parametrize("templates", [{}, {"conditions": PROBLEM_LIST}])
def test_e1_f5_one_diagnosis_that_may_be_the_patients_is_enough_for_a_412(templates):
    body = request(WITHOUT)
    stray = entries(request(WITH_A_NET, {"display": "Jane"}), "conditions")
    body["prefetch"]["conditions"]["entry"] += [
        {"resource": one["resource"] | {"id": f"stray-{number}"}}
        for number, one in enumerate(stray)
    ]
    body["prefetch"]["conditions"].pop("total", None)
    assert "nobody can tell" in refused(body, **templates)["conditions"]


@pytest.mark.parametrize("templates", [{}, {"conditions": PROBLEM_LIST}])
@pytest.mark.parametrize("name", [WITH_A_NET, WITHOUT])
def test_e1_diagnoses_that_all_name_another_patient_are_a_412_and_no_empty_answer(name, templates):
    body = request(name, {"reference": "Patient/other"})
    assert refused(body, **templates) == {
        "conditions": "all of it names another patient than the one in context"
    }


def test_e1_a_stray_diagnosis_of_another_patient_is_dropped():
    body = request(WITHOUT)
    stray = entries(request(WITH_A_NET, {"reference": "Patient/other"}), "conditions")
    body["prefetch"]["conditions"]["entry"] += stray
    assert answer(body) == []


def test_f5_no_diagnosis_on_file_is_an_empty_answer():
    body = request(WITHOUT, {"reference": "Patient/other"})
    body["prefetch"]["conditions"] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
    assert answer(body) == []
