"""Rows P1 to P4 and P54 to P65 on the whole service: whatever comes, JSON goes back."""

import json

import pytest

from tests.protocol.conformance import response_faults

CALL = "/cds-services/net-patient-view"


def broken(good, **changes):
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


REFUSED = {
    "malformed": (400, lambda _: b'{"hook": '),
    "a list": (400, lambda _: b"[]"),
    "not a number": (400, lambda good: json.dumps({**good, "a": float("nan")}).encode()),
    "nested deeply": (400, lambda _: b"[" * 100_000),
    "not UTF-8": (400, lambda _: b'{"hook": "\xff"}'),
    "a key twice": (400, lambda _: b'{"hook": "patient-view", "hook": "patient-view"}'),
    "another hook": (400, lambda good: broken(good, hook="order-sign")),
    "no instance": (400, lambda good: broken(good, hookInstance=...)),
    "no context": (400, lambda good: broken(good, context=...)),
    "prefetch of text": (400, lambda good: broken(good, prefetch="<html>")),
    "access without server": (400, lambda good: broken(good, fhirAuthorization={})),
    "no data": (412, lambda good: broken(good, prefetch={})),
    "another patient": (
        412,
        lambda good: broken(good, context={**good["context"], "patientId": "other"}),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_p2_p3_p46_p56_p57_p58_p63_p64_whatever_is_refused_is_refused_in_json(name, post, good):
    status, make = REFUSED[name]
    answered = post(make(good))
    assert answered.status_code == status
    assert answered.content_type == "application/json"
    (issue,) = answered.json["issue"]
    assert answered.json == {"resourceType": "OperationOutcome", "issue": [issue]}
    assert all(issue[part] for part in ("severity", "code", "diagnostics"))
    assert "Traceback" not in answered.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", CALL, 405),
        ("PUT", CALL, 405),
        ("POST", "/cds-services", 405),
        ("POST", "/cds-services/net-order-sign", 404),
        ("GET", "/nothing-here", 404),
    ],
)
def test_p2_p59_p60_p63_what_is_not_there_is_json_too(client, method, path, status):
    answered = client.open(path, method=method, json={})
    assert answered.status_code == status
    assert answered.content_type == "application/json"
    assert answered.json["resourceType"] == "OperationOutcome"
    assert ("Allow" in answered.headers) is (status == 405)


def test_p4_a_draft_is_an_object_and_never_a_string(post, good):
    answered = post(good)
    assert answered.status_code == 200
    assert response_faults(answered.json) == []
    drafts = [
        action["resource"]
        for card in answered.json["cards"]
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]
    assert drafts
    assert all(isinstance(draft["resourceType"], str) for draft in drafts)


def test_p54_p55_without_advice_the_answer_is_an_empty_list_of_cards(post, good):
    nothing = {key: {"resourceType": "Bundle", "type": "searchset"} for key in good["prefetch"]}
    answered = post({**good, "prefetch": nothing})
    assert answered.status_code == 200
    assert answered.json["cards"] == []
