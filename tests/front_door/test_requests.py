"""Mistakes in hook, instance and context, and whatever Hypothesis makes of a hook request."""

import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.front_door.real import SOAK, lean, post

GONE = object()


def changed(path, value):
    """A good request in which one member is another, or is gone."""
    sent = json.loads(lean())
    *above, last = path.split(".")
    place = sent
    for name in above:
        place = place[name]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return json.dumps(sent).encode()


NO_TEXTS = (GONE, None, 1, True, [], {}, ["patient-view"])
NO_IDS = (
    *("", " ", "a b", "Patient/1", "1/../2", "ä", "1\n", "x" * 65, "http://x/Patient/1", "a_b"),
    *("1?x=y", "%31", "1#2", "{{context.patientId}}"),
)
MISTAKES = [
    *(("hook", one) for one in (*NO_TEXTS, "", "order-sign", "patient-vieW", " patient-view")),
    *(("hookInstance", one) for one in (*NO_TEXTS, "", "x" * 257, "a\nb", "a\x00b", "\x7f")),
    *(("context", one) for one in (GONE, None, [], "context", 1)),
    *(("context.patientId", one) for one in (*NO_TEXTS, *NO_IDS)),
    *(
        ("context.userId", one)
        for one in (*NO_TEXTS, *NO_IDS[:2], "1", "Device/1", "Practitioner/")
    ),
    *(("context.userId", f"Practitioner/{one}") for one in NO_IDS if one),
    *(("context.encounterId", one) for one in (1, [], {}, "Encounter/1", "a b", "x" * 65)),
    *(("fhirAuthorization", one) for one in ({}, {"access_token": "t"})),  # without fhirServer
    *(("fhirServer", one) for one in (1, [], {}, True)),
    *(("prefetch", one) for one in ([], "prefetch", 1, True)),
    *(("extension", one) for one in ([], "extension", 1, True)),
]


@pytest.mark.parametrize(
    ("path", "value"),
    MISTAKES,
    ids=[f"{number}-{path}" for number, (path, _) in enumerate(MISTAKES)],
)
def test_d7_a_mistake_in_hook_instance_or_context_is_400_and_names_the_place(path, value):
    status, outcome = post(changed(path, value))
    assert (status, outcome["issue"][0]["code"]) == (400, "invalid")
    assert outcome["issue"][0]["diagnostics"].startswith(path)


@pytest.mark.parametrize("name", ["fhirServer", "fhirAuthorization", "prefetch", "extension"])
def test_d6_null_is_as_good_as_absent_where_a_member_is_optional(name):
    wanted = 412 if name == "prefetch" else 200
    assert post(changed(name, None))[0] == wanted


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("unknown", {"a": [1, None, {"b": "c"}]}),
        ("context.unknown", [1, None]),
        ("extension", {"org.example.other": {"a": 1}}),
        ("prefetch.unknown", {"resourceType": "Basic"}),
        ("", "an empty name"),
        ("prefetchh", None),
    ],
)
def test_d6_what_is_unknown_is_passed_over(path, value):
    assert post(changed(path, value))[0] == 200


# ---- whatever there is ---------------------------------------------------------------------------

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["Patient", "Bundle", "Observation", "final", "2026-01-01", "http://loinc.org"]
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def spoilt(draw):
    """A good request of which up to three places, wherever they are, hold something else."""
    sent = deepcopy(json.loads(lean()))
    sent["prefetch"]["observations"]["entry"] = [{"resource": draw(observations())}]
    for _ in range(draw(st.integers(1, 3))):
        place = sent
        while True:
            inner = [name for name, one in members(place) if isinstance(one, dict | list) and one]
            if not inner or draw(st.booleans()):
                break
            place = place[draw(st.sampled_from(inner))]
        name = draw(st.sampled_from([name for name, _ in members(place)]))
        place[name] = draw(VALUES)
    return sent


def members(place):
    return list(place.items() if isinstance(place, dict) else enumerate(place))


def observations():
    """One that would be read, as long as nothing in it is spoilt."""
    return st.just(
        {
            "resourceType": "Observation",
            "id": "ki67",
            "status": "final",
            "subject": {"reference": f"Patient/{json.loads(lean())['context']['patientId']}"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
            "effectiveDateTime": "2026-01-01",
            "valueQuantity": {"value": 2, "unit": "%", "code": "%"},
        }
    )


@settings(
    max_examples=20_000 if SOAK else 150,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
@given(spoilt() | VALUES)
def test_d6_whatever_stands_in_a_request_it_is_answered_or_refused_and_never_breaks(sent):
    status, answer = post(json.dumps(sent).encode())
    assert status in (200, 400, 412)
    assert ("cards" in answer) == (status == 200)
