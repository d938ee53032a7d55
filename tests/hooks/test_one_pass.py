"""A request that is read in one pass says what one says that is read member by member."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdshooks.errors import RequestInvalid
from cdshooks.faces import fixtures
from cdshooks.fhir.members import Members
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.envelope import envelope
from cdshooks.hooks.page import Kind, state
from cdshooks.hooks.request import parse_request
from tests.shipped import ENGINE, KNOWLEDGE
from tests.test_fixtures import CASES

SERVICE = KNOWLEDGE.services["net-patient-view"]
KEYS = [template.key for template in SERVICE.prefetch]
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1960"}
SEARCHSET = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 2,
    "entry": [
        {"resource": {"resourceType": "Observation", "id": "é"}, "search": {"mode": "match"}},
        {
            "fullUrl": "https://ehr.example/Observation/2",
            "resource": {"resourceType": "Observation"},
        },
    ],
}
REQUEST = {
    "hook": "patient-view",
    "hookInstance": "1",
    "context": {"userId": "Practitioner/x", "patientId": "p"},
    "prefetch": {"patient": PATIENT, "observations": SEARCHSET, "conditions": None},
    "extension": {"a": [1, 2]},
}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def together(value):
    return value.together() if isinstance(value, Members) else bytes(value)


def read_along(body):
    """What was read in one pass; None if it was not."""
    try:
        fields, values = envelope(body, KEYS)
    except RequestInvalid:
        return None
    if values is None:
        return None
    meant = {name: json.loads(bytes(raw)) for name, raw in fields.items()}
    return meant | {"prefetch": {key: json.loads(together(one)) for key, one in values.items()}}


def test_a_request_without_spaces_is_read_in_one_pass():
    assert read_along(compact(REQUEST)) == REQUEST
    empty = REQUEST | {"prefetch": {"observations": {"resourceType": "Bundle", "entry": []}}}
    assert read_along(compact(empty)) == empty
    del empty["prefetch"]
    assert read_along(compact(empty)) == empty | {"prefetch": {}}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"hook":', '"hook": '),
        ('"hook":', '"hoo\\u006b":'),
        ('"hook":', '"unknown":1,"hook":'),
        ('"hook":', '"hook":"x","hook":'),
        ('"hook":"patient-view"', '"hook":"patient-view","hook":"patient-view"'),
        ('"prefetch":{', '"prefetch":{},"prefetch":{'),
        ('"prefetch":{', '"prefetch":{"others":null,'),
        ('"prefetch":{', '"prefetch":{"patient":null,'),
        ('"patient":{', '"patient":{"id":"p",'),
        ('"patient":{', '"patient":{"unknown":"p",'),
        ('"conditions":null', '"conditions":null,"observations":{"resourceType":"Bundle"}'),
        ('"total":2', '"total":2,"total":3'),
        ('"total":2', '"entry":[],"total":2'),
        ('"total":2', '"entry":[{"resource":{}},{"resource":{}}],"total":2'),
        ('"conditions":null', '"conditions":3'),
        ('"conditions":null', '"conditions":"null"'),
        ('"entry":[', '"entry":[ '),
    ],
)
def test_d5_whatever_else_is_written_is_read_member_by_member(written, instead):
    """Among it every key that stands twice: an object with one is longer than its members."""
    body = compact(REQUEST).decode()
    assert written in body
    assert read_along(body.replace(written, instead, 1).encode()) is None


@pytest.mark.parametrize(
    ("written", "twice", "path"),
    [
        ('"hookInstance":"1"', '"hookInstance":"1","hookInstance":"1"', "body"),
        ('"prefetch":{', '"prefetch":{"patient":null,', "prefetch"),
        ('"patientId":"p"', '"patientId":"q","patientId":"p"', "context"),
    ],
)
def test_d5_a_key_that_stands_twice_is_refused_where_it_stands(written, twice, path):
    body = compact(REQUEST).decode().replace(written, twice, 1).encode()
    with pytest.raises(RequestInvalid, match=f"^{path}: a key is given twice$"):
        parse_request(body, hook="patient-view", sandbox=True, keys=KEYS)


@pytest.mark.parametrize("twice", ['"total":2,', '"entry":[],', '"resourceType":"Bundle",'])
def test_d5_a_bundle_with_a_key_that_stands_twice_is_not_used(twice):
    body = compact(REQUEST).decode().replace('"type":', f'{twice}"type":', 1).encode()
    request = parse_request(body, hook="patient-view", sandbox=True, keys=KEYS)
    assert state(request.prefetch["observations"], "Observation").kind is Kind.JUNK


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
names = st.sampled_from([*Members.__struct_fields__[:12], "x"])
sent = st.none() | st.dictionaries(names, values, max_size=4)
requests = st.fixed_dictionaries(
    {"hook": values},
    optional={
        "prefetch": st.dictionaries(st.sampled_from([*KEYS[:3], "y"]), sent, max_size=3),
        "context": values,
        "z": values,
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(requests, st.data())
def test_d5_what_is_read_in_one_pass_is_what_was_written_and_nothing_twice(request, data):
    """A piece of the request is written twice somewhere, or nothing is."""
    body = compact(request).decode()
    at = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(at, len(body)))
    broken = body[:end] + body[at:end] + body[end:]
    for one in (body, broken):
        found = read_along(one.encode())
        if found is not None:
            written = json.loads(one, object_pairs_hook=Pairs)
            prefetch = written.get("prefetch") or Pairs([])
            levels = [written, prefetch, *(each for each in prefetch.values() if each)]
            assert found == written | {"prefetch": prefetch}
            assert all(level.once for level in levels)


class Pairs(dict):
    """An object that knows whether each of its keys was written once."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.once = len(self) == len(pairs)


@pytest.mark.parametrize("case", CASES[::25], ids=lambda case: case.name)
def test_spaces_in_a_request_change_no_answer(case):
    body = json.loads(fixtures.request_of(case.head, SERVICE))
    bodies = (compact(body), json.dumps(body, indent=1).encode())
    answers = [json.loads(ENGINE.answer(SERVICE.id, one, sandbox_caller())) for one in bodies]
    for answer in answers:
        for card in answer["cards"]:
            del card["uuid"]
            for suggestion in card.get("suggestions", ()):
                del suggestion["uuid"]
    assert answers[0] == answers[1]
