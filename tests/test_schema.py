"""cdshooks/assessment.schema.json: what a reader of assessment documents may rely on."""

import copy
import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from cdshooks.engine import Engine
from cdshooks.faces.fixtures import default_root, load_cases

SCHEMA = json.loads((files("cdshooks") / "assessment.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

DOCUMENT = {
    "asOf": "2026-11-15",
    "jurisdiction": "us",
    "knowledge": {
        "version": "2026.11.0",
        "digest": "sha256:" + "0" * 64,
        "localCodes": "sha256:" + "1" * 64,
    },
    "facts": {
        "net.status": {
            "possible": ["active"],
            "readings": [
                {
                    "reference": "Condition/net1",
                    "path": "code",
                    "date": "2025-03-01",
                    "printed": "C7A.012",
                }
            ],
        },
        "tumour.ki67": {
            "possible": [{"low": "0", "high": "3", "unit": "%", "highOpen": True}],
            "readings": [{"reference": "DiagnosticReport/1", "fromText": True}],
            "notes": ["Read from an approximate value."],
        },
        "tumour.grade_class": {"possible": ["G1", "G2"], "derivedFrom": ["tumour.ki67"]},
        "symptom.obstruction": {"possible": [False], "assumed": True},
        "syndrome.types": {"possible": ["none"], "excluded": ["carcinoid"]},
        "patient.ecog": {"whyAbsent": "not documented"},
    },
    "treatments": [
        {
            "id": "prrt",
            "covers": ["T18"],
            "outcome": "offer-check",
            "because": ["Ki-67: < 3 %. Reason."],
            "needs": ["lab.platelets"],
            "sources": ["netter1"],
        },
        {"id": "ssa", "outcome": "blocked", "blockedBy": ["Allergy: yes. Reason."]},
        {"id": "nec", "outcome": "not-offered", "because": ["Grade class: G1. Reason."]},
    ],
    "requests": [
        {"id": "platelets", "covers": ["D11"], "facts": ["lab.platelets"], "for": ["prrt"]}
    ],
    "warnings": [{"id": "grade", "covers": ["D07"], "text": "Conflict", "sources": ["who2019"]}],
    "problems": [{"reference": "Observation/x", "path": "valueString", "problem": "is no text"}],
    "cards": [
        {
            "uuid": "0b9e9bd5-1111-5222-8333-444455556666",
            "summary": "One option",
            "indicator": "info",
            "source": {
                "label": "cdshooks-net",
                "topic": {"system": "urn:x", "code": "options", "display": "Options"},
            },
        }
    ],
}


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_whole_document_is_valid():
    assert [error.message for error in VALIDATOR.iter_errors(DOCUMENT)] == []


def test_the_document_of_every_shipped_patient_is_valid():
    engine = Engine.load()
    cases = load_cases(default_root())
    assert len(cases) >= 12
    for case in cases:
        for document in engine.assess_body(case.body(), case.as_of, case.jurisdiction):
            faults = [
                (list(error.path), error.message) for error in VALIDATOR.iter_errors(document)
            ]
            assert (case.name, faults) == (case.name, [])


def test_the_problems_of_an_unreadable_line_stand_alone():
    assert VALIDATOR.is_valid({"problems": [{"reference": "a.ndjson:3", "problem": "is no JSON"}]})
    assert not VALIDATOR.is_valid({"problems": []})
    assert not VALIDATOR.is_valid({})


def places(value, path=()):
    """The path of every member and element of a document."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in children:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def put(path, value):
    changed = copy.deepcopy(DOCUMENT)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize("empty", [None, "", [], {}], ids=repr)
def test_nothing_may_be_null_or_empty(empty):
    """Whichever member of the document it is."""
    paths = list(places(DOCUMENT))
    assert len(paths) > 60
    assert [path for path in paths if VALIDATOR.is_valid(put(path, empty))] == []


def objects(value, path=()):
    if isinstance(value, dict):
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in children:
        if isinstance(inner, dict | list):
            yield from objects(inner, (*path, key))


def test_no_object_has_a_member_that_is_not_named():
    """The facts alone are open: their names are those of the vocabulary."""
    for path in objects(DOCUMENT):
        changed = put((*path, "surprise"), "x")
        assert not VALIDATOR.is_valid(changed), path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asOf",), "2026-11"),
        (("jurisdiction",), "uk"),
        (("treatments", 0, "outcome"), "offered"),
        (("treatments", 1, "outcome"), "offer"),  # with something that blocks it
        (("treatments", 2, "outcome"), "hold"),  # with nothing that holds it
        (("treatments", 2, "needs"), ["tumour.ki67"]),  # not offered asks for nothing
        (("treatments", 0, "covers"), ["T1"]),
        (("facts", "tumour.ki67", "possible"), [3]),
        (("facts", "tumour.ki67", "possible"), [{"unit": "%"}]),
        (("facts", "patient.ecog", "possible"), ["0"]),  # known, and why it is not
        (("facts", "symptom.obstruction", "assumed"), False),
        (("cards", 0, "summary"), "x" * 140),
        (("cards", 0, "indicator"), "hard-stop"),
    ],
    ids=str,
)
def test_a_value_that_makes_no_sense_is_refused(path, value):
    assert not VALIDATOR.is_valid(put(path, value))
