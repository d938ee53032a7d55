"""The request that a client would send for a patient."""

import json
from datetime import date

import pytest

from cdshooks.hooks.example import example_request
from cdshooks.hooks.prefetch import collect
from cdshooks.hooks.request import parse_request
from cdshooks.knowledge.services import PrefetchTemplate, Service

TEMPLATES = (
    ("patient", "Patient/{{context.patientId}}", "Patient"),
    ("observations", "Observation?patient={{context.patientId}}", "Observation"),
    ("medicationRequests", "MedicationRequest?patient={{context.patientId}}", "MedicationRequest"),
)
SERVICE = Service(
    id="net-patient-view",
    hook="patient-view",
    title="Title",
    description="Description",
    usage_requirements="",
    version="2.0.1",
    prefetch=tuple(
        PrefetchTemplate(key, template, required=True, resource_type=kind, why="Because.")
        for key, template, kind in TEMPLATES
    ),
)


@pytest.fixture
def bundle():
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p1"}},
            {
                "fullUrl": "urn:uuid:2",
                "resource": {
                    "resourceType": "Observation",
                    "id": "o1",
                    "subject": {"reference": "urn:uuid:1"},
                },
                "request": {"method": "PUT", "url": "Observation/o1"},
            },
            {
                "resource": {
                    "resourceType": "MedicationRequest",
                    "id": "m1",
                    "medicationReference": {"reference": "urn:uuid:4"},
                }
            },
            {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "Medication", "id": "x"}},
            {"fullUrl": "urn:uuid:5", "resource": {"resourceType": "Medication", "id": "y"}},
            {"fullUrl": "urn:uuid:6", "resource": {"resourceType": "Organization", "id": "z"}},
        ],
    }


def test_a_bundle_is_split_into_the_keys_of_the_service(bundle):
    prefetch = example_request(bundle, SERVICE)["prefetch"]
    assert list(prefetch) == ["patient", "observations", "medicationRequests"]
    assert prefetch["patient"] == {"resourceType": "Patient", "id": "p1"}
    assert prefetch["observations"] == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "entry": [
            {
                "resource": {
                    "resourceType": "Observation",
                    "id": "o1",
                    "subject": {"reference": "Patient/p1"},
                },
                "search": {"mode": "match"},
            }
        ],
    }


def test_what_a_resource_points_to_comes_with_it(bundle):
    entries = example_request(bundle, SERVICE)["prefetch"]["medicationRequests"]["entry"]
    found = [(entry["resource"]["id"], entry["search"]["mode"]) for entry in entries]
    assert found == [("m1", "match"), ("x", "include")]


def test_a_resource_without_an_id_gets_one_as_a_server_would_give_it(bundle):
    del bundle["entry"][1]["resource"]["id"]
    (entry,) = example_request(bundle, SERVICE)["prefetch"]["observations"]["entry"]
    assert entry["resource"]["id"] == "2"


def test_a_type_without_resources_is_an_empty_searchset(bundle):
    del bundle["entry"][2]
    assert example_request(bundle, SERVICE)["prefetch"]["medicationRequests"] == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }


def test_the_service_itself_takes_the_request(bundle):
    request = example_request(bundle, SERVICE, date(2026, 11, 15), "eu")
    parsed = parse_request(json.dumps(request).encode(), hook="patient-view", sandbox=True)
    assert (parsed.patient_id, parsed.as_of, parsed.jurisdiction) == (
        "p1",
        date(2026, 11, 15),
        "eu",
    )
    collected = collect(parsed, SERVICE)
    assert collected.not_assessed == {}
    assert collected.problems == ()


def test_no_extension_without_a_day_and_a_jurisdiction(bundle):
    assert "extension" not in example_request(bundle, SERVICE)


def test_the_same_bundle_gives_the_same_request(bundle):
    assert example_request(bundle, SERVICE) == example_request(bundle, SERVICE)


def test_a_bundle_without_a_patient_is_refused(bundle):
    del bundle["entry"][0]
    with pytest.raises(ValueError, match="no Patient"):
        example_request(bundle, SERVICE)
