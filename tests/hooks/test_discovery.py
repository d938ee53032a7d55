"""Discovery: rows P5 to P21, and the definition of the service that mappings/ ships."""

import json
import re
from pathlib import Path

import pytest

from cdshooks.errors import KnowledgeProblem
from cdshooks.hooks.discovery import PrefetchTemplate, Service, discovery, query
from cdshooks.knowledge.services import read_services

MAPPINGS = Path(__file__).parents[2] / "mappings"
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
    words = {"id": "a", "hook": "patient-view", "title": "A", "description": "B"}
    rest = {"usage_requirements": "C", "version": "2.0.1", "prefetch": ()}
    return Service(**{**words, **rest, **parts})


def test_p6_without_services_there_is_an_empty_list():
    assert discovery([]) == {"services": []}


def test_p7_to_p13_a_service_shows_its_members_under_their_names():
    template = PrefetchTemplate("patient", "Patient/{{context.patientId}}", True, "Patient", "D")
    announced = discovery([service(prefetch=(template,))])
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
    (announced,) = discovery([service(title="", usage_requirements="")])["services"]
    assert set(announced) == {"hook", "description", "id", "version"}


def test_p16_a_token_is_filled_in_percent_encoded_or_the_query_is_not_asked():
    template = "Observation?patient={{context.patientId}}"
    assert query(template, {"context.patientId": "a&b=c"}) == "Observation?patient=a%26b%3Dc"
    assert query(template, {"context.patientId": ""}) is None
    assert query(template, {}) is None


@pytest.fixture(scope="module")
def shipped():
    problems: list[KnowledgeProblem] = []
    (service,) = read_services(MAPPINGS, problems)
    assert problems == []
    return service


def test_the_shipped_service_asks_for_the_keys_of_the_contract(shipped):
    assert [template.key for template in shipped.prefetch] == KEYS
    required = [template.key for template in shipped.prefetch if template.required]
    assert required == ["conditions", "observations"]
    assert (shipped.id, shipped.hook) == ("net-patient-view", "patient-view")


def test_p13_it_announces_the_published_version_of_cds_hooks(shipped):
    assert shipped.version == "2.0.1"


def test_every_key_says_why_it_is_asked_for(shipped):
    assert all(template.why.endswith(".") for template in shipped.prefetch)


def test_p9_p16_p17_p18_its_templates_use_what_clients_of_every_version_know(shipped):
    """Root-level tokens, token equality, and no parameter given twice."""
    for template in shipped.prefetch:
        shape = r"[A-Z][A-Za-z]+(/|\?patient=)\{\{context\.patientId\}\}"
        assert re.fullmatch(shape, template.template)
    assert re.fullmatch(r"[a-z-]+", shipped.id)


def test_p12_it_says_what_it_needs(shipped):
    assert "412" in shipped.usage_requirements
    assert json.dumps(discovery([shipped]), ensure_ascii=False).isascii()
