"""Rows P5 to P21 on the whole service: what it announces is conforming, and holds."""

import json
from dataclasses import replace

import pytest

from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import discovery, for_caller
from tests.protocol.conformance import discovery_faults
from tests.shipped import ENGINE

SERVICE = ENGINE.services["net-patient-view"]


@pytest.fixture
def announced(client):
    answered = client.get("/cds-services")
    assert answered.status_code == 200
    return answered.json


def test_p5_to_p13_p16_p17_p18_p21_what_is_announced_is_conforming(announced):
    assert discovery_faults(announced) == []


def test_p10_p12_it_says_more_than_it_must(announced):
    for service in announced["services"]:
        assert service["title"]
        assert "412" in service["usageRequirements"]


def test_p14_p19_nothing_is_announced_that_2_0_1_does_not_know(announced):
    known = {"hook", "title", "description", "id", "prefetch", "usageRequirements", "version"}
    for service in announced["services"]:
        assert set(service) <= known
        assert not any("%" in template for template in service["prefetch"].values())


def test_p15_each_id_is_announced_for_one_hook_only(announced):
    """One public client keeps services by their URL: two hooks of one id overwrite each other."""
    ids = [service["id"] for service in announced["services"]]
    assert len(set(ids)) == len(ids)


def test_p9_p20_p28_each_service_answers_at_its_id(announced, post, good):
    for service in announced["services"]:
        assert post(good, f"/cds-services/{service['id']}").status_code == 200


def test_p11_p41_what_is_announced_is_what_makes_a_call_complete(announced, post, good):
    for service in announced["services"]:
        assert set(good["prefetch"]) == set(service["prefetch"])
    assert post(good).status_code == 200


def test_p11_a_client_sees_its_own_templates_and_no_key_that_we_do_not_read():
    own = "Observation?patient={{context.patientId}}&_count=200"
    caller = replace(Caller("x"), templates={SERVICE.id: {"observations": own, "unknown": "X/1"}})
    (announced,) = discovery([for_caller(SERVICE, caller)])["services"]
    assert list(announced["prefetch"]) == [template.key for template in SERVICE.prefetch]
    assert announced["prefetch"]["observations"] == own
    assert json.loads(ENGINE.discovery(caller)) == {"services": [announced]}
