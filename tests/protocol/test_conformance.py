"""The checker itself: one mistake at a time, each of which it has to see and name."""

import copy

import pytest

from tests.protocol.conformance import discovery_faults, our_faults, response_faults

UUID = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
ACTION = {"type": "create", "description": "Draft", "resource": {"resourceType": "Task"}}
REASON = {"code": "no", "system": "urn:x", "display": "No"}
LINK = {"label": "Page", "url": "https://example.org", "type": "absolute"}
CARD = {
    "uuid": UUID,
    "summary": "x" * 139,
    "detail": "Detail",
    "indicator": "info",
    "source": {
        "label": "L",
        "url": "https://example.org",
        "icon": "https://example.org/i.png",
        "topic": {"code": "c", "system": "urn:x"},
    },
    "suggestions": [
        {"label": "Draft", "uuid": UUID[:-1] + "0", "isRecommended": True, "actions": [ACTION]}
    ],
    "selectionBehavior": "at-most-one",
    "overrideReasons": [REASON],
    "links": [LINK, {**LINK, "type": "smart", "appContext": "{}", "autolaunchable": False}],
    "extension": {"org.example": {"anything": 1}},
}


def changed(value, path, new):
    """A copy with one member set, or taken away where `new` is ..."""
    copied = copy.deepcopy(value)
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = copied
    for part in above:
        inner = inner[part]
    if new is ...:
        del inner[last]
    else:
        inner[last] = new
    return copied


def test_a_card_with_everything_is_conforming():
    assert response_faults({"cards": [CARD]}) == []
    assert our_faults({"cards": [CARD]}) == []
    assert response_faults({"cards": [], "systemActions": [ACTION], "extension": {"a": 1}}) == []


MISTAKES = [
    ("P3", "detail", "", "detail: is empty"),
    ("P3", "extension", {"deep": [{"a": None}]}, "deep[0].a: is empty"),
    ("P4", "suggestions.0.actions.0.resource", "{}", "resource: is no FHIR resource"),
    ("P68", "summary", ..., "summary: is missing"),
    ("P69", "summary", "x" * 140, "140 characters"),
    ("P70", "detail", 7, "detail: is no string"),
    ("P72", "indicator", "hard-stop", "indicator: is not one of"),
    ("P73", "source.label", ..., "label: is missing"),
    ("P74", "source.url", "/relative", "url: is no absolute URL"),
    ("P74", "source.icon", "icon.png", "icon: is no absolute URL"),
    ("P75", "source.topic", "options", "topic: is no object"),
    ("P75", "source.topic", {"display": "Options"}, "code: is missing"),
    ("P76", "suggestions.0.uuid", UUID, "a uuid is given twice"),
    ("P78", "selectionBehavior", ..., "selectionBehavior: is missing"),
    ("P78", "selectionBehavior", "many", "selectionBehavior: is not one of"),
    ("P79", "suggestions.0.label", ..., "label: is missing"),
    ("P80", "suggestions.0.uuid", 7, "uuid: is no string"),
    ("P81", "suggestions.0.isRecommended", "yes", "isRecommended: is no boolean"),
    ("P81", "suggestions", [CARD["suggestions"][0]] * 2, "more than one is recommended"),
    ("P82", "suggestions.0.actions.0.type", "CREATE", "type: is not one of"),
    ("P83", "suggestions.0.actions.0.description", ..., "description: is missing"),
    ("P84", "suggestions.0.actions.0.resource", ..., "resource: is no FHIR resource"),
    ("P84", "suggestions.0.actions.0.resource.id", "1", "a create has none"),
    ("P84", "suggestions.0.actions.0.type", "update", "an update names the id"),
    ("P85", "suggestions.0.actions.0.type", "delete", "stands beside a delete"),
    ("P85", "suggestions.0.actions.0", {**ACTION, "type": "delete"}, "resourceId: is no Type/id"),
    ("P86", "suggestions.0.actionSelectionBehavior", "any", "is not a member"),
    ("P87", "overrideReasons.0.display", ..., "display: is missing"),
    ("P88", "links.0.url", "example.org", "url: is no absolute URL"),
    ("P88", "links.0.label", ..., "label: is missing"),
    ("P89", "links.0.type", "relative", "type: is not one of"),
    ("P90", "links.0.appContext", "{}", "launches no app"),
    ("P90", "links.1.appContext", {"a": 1}, "appContext: is no string"),
    ("P91", "links.1.autoLaunchable", True, "is not a member"),
    ("P91", "links.1.autolaunchable", "yes", "is no boolean"),
    ("P92", "recommendation", "x", "is not a member"),
    ("P93", "extension", [1], "extension: is no object"),
]


@pytest.mark.parametrize(("row", "path", "new", "fault"), MISTAKES)
def test_each_mistake_of_a_response_is_seen(row, path, new, fault):
    found = response_faults({"cards": [changed(CARD, path, new)]})
    assert any(fault in one for one in found), (row, found)


def test_p66_p67_a_response_is_an_object_with_cards_and_no_empty_actions():
    assert response_faults([]) == ["body: is empty", "body: is no object"]
    assert response_faults({"card": []})
    assert response_faults({"cards": [], "systemActions": []})
    assert response_faults({"cards": [], "systemActions": [{**ACTION, "type": "draft"}]})


@pytest.mark.parametrize(
    ("path", "new"),
    [("uuid", UUID), ("overrideReasons", [REASON]), ("selectionBehavior", "any")],
)
def test_what_cds_hooks_1_0_does_not_know_is_seen(path, new):
    plain = {
        "summary": "S",
        "indicator": "info",
        "source": {"label": "L"},
        "suggestions": [{"label": "Draft"}],
        "selectionBehavior": "at-most-one",
    }
    assert response_faults({"cards": [plain]}, "1.0") == []
    assert response_faults({"cards": [{**plain, path: new}]}, "1.0")


@pytest.mark.parametrize(
    ("path", "new"),
    [("uuid", ...), ("uuid", "1"), ("source.topic.system", ...), ("summary", "Ki-67 < 3 %")],
)
def test_our_own_rules_are_seen_too(path, new):
    assert our_faults({"cards": [changed(CARD, path, new)]})


SERVICE = {
    "hook": "patient-view",
    "title": "T",
    "description": "D",
    "id": "a-service",
    "prefetch": {"patient": "Patient/{{context.patientId}}"},
    "usageRequirements": "U",
    "version": "2.0.1",
}


@pytest.mark.parametrize(
    ("row", "path", "new"),
    [
        ("P3", "title", ""),
        ("P7", "hook", ...),
        ("P7", "hook", "patient view"),
        ("P8", "id", ...),
        ("P8", "description", ...),
        ("P9", "id", "a/b"),
        ("P9", "id", "a b"),
        ("P11", "prefetch", ["Patient/1"]),
        ("P11", "prefetch.patient", {"query": "Patient/1"}),
        ("P12", "usage_requirements", "snake"),
        ("P12", "usageRequirements", 7),
        ("P13", "version", "2"),
        ("P16", "prefetch.patient", "Patient/{{Patient.id}}"),
        ("P17", "prefetch.patient", "Patient/{{context.draftOrders.ServiceRequest.id}}"),
        ("P18", "prefetch.patient", "Observation?patient={{context.patientId}}&_include=x"),
        ("P18", "prefetch.patient", "Observation?subject.name=x"),
        ("P18", "prefetch.patient", "Observation?status:not=final"),
        ("P21", "extension", []),
        ("P21", "contact", "x"),
    ],
)
def test_each_mistake_of_a_discovery_is_seen(row, path, new):
    assert discovery_faults({"services": [SERVICE]}) == []
    assert discovery_faults({"services": [changed(SERVICE, path, new)]}), row


def test_p6_p15_discovery_is_an_object_with_services_each_id_once_for_a_hook():
    assert discovery_faults({"services": []}) == []
    assert discovery_faults([SERVICE])
    assert discovery_faults({"services": [SERVICE, SERVICE]})
    assert discovery_faults({"services": [SERVICE, {**SERVICE, "hook": "order-sign"}]}) == []
