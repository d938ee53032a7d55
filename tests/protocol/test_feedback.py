"""Rows P94 to P104: feedback is not taken yet, and nobody is made to believe that it is."""

import pytest

ENTRY = {"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719", "outcomeTimestamp": "2026-11-15T10:00:00Z"}
BODIES = {
    "overridden": {"feedback": [{**ENTRY, "outcome": "overridden"}]},
    "accepted": {
        "feedback": [{**ENTRY, "outcome": "accepted", "acceptedSuggestions": [{"id": "1"}]}]
    },
    "malformed": b"{",
    "empty": b"",
}


@pytest.mark.parametrize("service", ["net-patient-view", "unknown"])
@pytest.mark.parametrize("name", BODIES)
def test_p94_p103_feedback_is_404_for_every_service(name, service, post):
    """A 200 would tell a client that its feedback was kept."""
    answered = post(BODIES[name], f"/cds-services/{service}/feedback")
    assert answered.status_code == 404
    assert answered.json["issue"][0]["code"] == "not-found"


def test_p104_another_method_is_405(client):
    answered = client.get("/cds-services/net-patient-view/feedback")
    assert (answered.status_code, answered.headers["Allow"]) == (405, "OPTIONS, POST")


def test_p24_p120_its_preflight_is_answered_all_the_same(client):
    asked = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    answered = client.options("/cds-services/net-patient-view/feedback", headers=asked)
    assert answered.status_code == 204
    assert "Authorization" in answered.headers["Access-Control-Allow-Headers"]
