"""Discovery: rows P5 to P21, and the definition of the service that mappings/ ships."""

import json
import re
from pathlib import Path

import pytest
import yaml

from cdshooks.hooks.discovery import PrefetchTemplate, Service, discovery

FILE = Path(__file__).parents[2] / "mappings" / "services" / "net-patient-view.yaml"
# The contract with every client that was ever configured.
KEYS = [
    "patient",
    "conditions",
    "observations",
    "procedures",
    "medicationRequests",
    "medicationStatements",
    "medicationAdministrations",
    "diagnosticReports",
    "allergies",
]


def service(**parts):
    return Service(**{"id": "a", "hook": "patient-view", "title": "A", "description": "B", **parts})


def test_p6_without_services_there_is_an_empty_list():
    assert discovery([]) == {"services": []}


def test_p7_to_p13_a_service_shows_its_members_under_their_names():
    templates = (PrefetchTemplate("patient", "Patient/{{context.patientId}}", required=True),)
    announced = discovery([service(usage_requirements="C", prefetch=templates)])
    assert announced["services"] == [
        {
            "hook": "patient-view",
            "title": "A",
            "description": "B",
            "id": "a",
            "prefetch": {"patient": "Patient/{{context.patientId}}"},
            "usageRequirements": "C",
            "version": "2.0.1",
        }
    ]


def test_p3_p11_p12_members_without_a_value_are_left_out():
    (announced,) = discovery([service(title="")])["services"]
    assert set(announced) == {"hook", "description", "id", "version"}


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        ("Patient/{{context.patientId}}", "Patient"),
        ("Observation?patient={{context.patientId}}&_count=1000", "Observation"),
        ("MedicationAdministration?patient={{context.patientId}}", "MedicationAdministration"),
    ],
)
def test_the_kind_of_resource_is_read_off_the_template(template, kind):
    assert PrefetchTemplate("key", template).resource_type == kind


def test_p16_a_token_is_filled_in_percent_encoded_or_the_query_is_not_asked():
    template = PrefetchTemplate("key", "Observation?patient={{context.patientId}}")
    assert template.query({"context.patientId": "a&b=c"}) == "Observation?patient=a%26b%3Dc"
    assert template.query({"context.patientId": ""}) is None
    assert template.query({}) is None


@pytest.fixture(scope="module")
def declared():
    return yaml.load(FILE.read_text(), yaml.BaseLoader)  # noqa: S506 - BaseLoader builds text only


def test_the_shipped_service_asks_for_the_keys_of_the_contract(declared):
    assert list(declared["prefetch"]) == KEYS
    required = [key for key, entry in declared["prefetch"].items() if entry.get("required")]
    assert required == ["patient", "conditions", "observations"]
    assert (declared["id"], declared["hook"]) == ("net-patient-view", "patient-view")
    assert declared["version"] == "2.0.1"


def test_every_key_says_why_it_is_asked_for(declared):
    assert all(entry["why"].endswith(".") for entry in declared["prefetch"].values())


def test_p9_p16_p17_p18_its_templates_use_what_clients_of_every_version_know(declared):
    """Root-level tokens, token equality, and no parameter given twice."""
    for entry in declared["prefetch"].values():
        shape = r"[A-Z][A-Za-z]+(/|\?patient=)\{\{context\.patientId\}\}"
        assert re.fullmatch(shape, entry["template"])
    assert re.fullmatch(r"[a-z-]+", declared["id"])


def test_p12_it_says_what_it_needs(declared):
    assert "412" in declared["usageRequirements"]
    assert json.dumps(declared).isascii()
