"""What holds for the cards of every shipped patient, with the shipped knowledge."""

import json
import re

import pytest
from fhir.resources.R4B import get_fhir_model_class
from markdown_it import MarkdownIt

from cdshooks.engine import Engine
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.example import example_request

CASES = load_cases(default_root())
REFERENCE = re.compile(r"`[A-Za-z0-9\-._/:#\[\]]+`")
CITED = re.compile(r" \*[^*]+\*$")


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def cards(engine, case):
    (document,) = engine.assess_body(case.body(), case.as_of, case.jurisdiction)
    return document.get("cards", [])


def without_uuids(cards):
    dropped = json.loads(json.dumps(cards))
    for card in dropped:
        del card["uuid"]
        for suggestion in card.get("suggestions", ()):
            del suggestion["uuid"]
    return dropped


def test_h13_three_cards_at_most_and_one_more_for_immediate_harm(cards):
    topics = [card["source"]["topic"]["code"] for card in cards]
    assert len(set(topics)) == len(topics)
    assert set(topics) <= {"immediate-harm", "options", "safety", "missing-data"}
    critical = [card["indicator"] for card in cards].count("critical")
    assert critical == topics.count("immediate-harm")


def test_h12_every_bullet_names_a_resource_or_a_source(cards):
    bullets = [
        line
        for card in cards
        for line in card["detail"].partition("**Sources**")[0].splitlines()
        if line.startswith("- ")
    ]
    assert [one for one in bullets if not REFERENCE.search(one) and not CITED.search(one)] == []


def test_h12_every_named_resource_is_in_the_record(cards, case):
    """A clinician can open what a card points to."""
    entries = [entry["resource"] for entry in case.bundle()["entry"]]
    known = {f"{one['resourceType']}/{one.get('id')}" for one in entries}
    known |= {
        f"{one['resourceType']}/{one.get('id')}#{inner['id']}"
        for one in entries
        for inner in one.get("contained", ())
    }
    named = {
        mark.strip("`")
        for card in cards
        for mark in REFERENCE.findall(card["detail"])
        if re.fullmatch(r"`[A-Z][A-Za-z]+/[^`]+`", mark)
    }
    assert named <= known


def test_every_draft_is_valid_and_of_this_patient(cards, case):
    drafts = [
        action["resource"]
        for card in cards
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]
    (patient,) = [
        entry["resource"]["id"]
        for entry in case.bundle()["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    ]
    for draft in drafts:
        get_fhir_model_class(draft["resourceType"]).model_validate(draft)
    assert {draft["subject"]["reference"] for draft in drafts} <= {f"Patient/{patient}"}
    assert {draft["status"] for draft in drafts} <= {"draft"}


def test_e9_markdown_makes_no_tag_but_its_own(cards):
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for card in cards:
        tags = set(re.findall(r"</?([a-z0-9]+)", renderer.render(card["detail"])))
        assert tags <= {"p", "strong", "em", "ul", "li", "code", "a"}
        assert not set("<>&") & set(card["summary"])
        assert len(card["summary"]) <= 139


def test_the_hook_gives_the_cards_that_the_command_line_gives(engine, cards, case):
    service = next(iter(engine.services.values()))
    request = example_request(case.bundle(), service, case.as_of, case.jurisdiction)
    answer = json.loads(engine.answer(service.id, json.dumps(request).encode(), sandbox_caller()))
    assert without_uuids(answer["cards"]) == without_uuids(cards)
