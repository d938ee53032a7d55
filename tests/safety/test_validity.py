"""Knowledge has a last day of its validity and a last day of its use, both right to the day."""

import shutil
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from cdshooks.engine import Engine
from cdshooks.errors import KnowledgeInvalid
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.example import example_request
from cdshooks.knowledge.load import check, default_root, load
from tests.knowledge.editions import copied, replaced
from tests.safety.patients import CASE, CASES
from tests.shipped import ENGINE, KNOWLEDGE

EDITION = KNOWLEDGE.edition
VALID, USED = EDITION.valid_until, EDITION.not_used_after
DAY = timedelta(days=1)
EDITION_FILE = "knowledge.yaml"
WARNS = f"was valid until {VALID}"
STOPS = f"is not used after {USED}"
# One patient of each standing of the tumour; of the last there is nothing to say.
OF_EACH_STATUS = {
    "active": "ileum-prrt-liver-dominant",
    "suspected": "ileum-net-suspected",
    "history": "rectum-net-history",
    "none": "breast-cancer-only",
}


def document(case, day):
    (found,) = ENGINE.assess_body(case.body(), day, case.jurisdiction)
    return found


def problems(found):
    return [one["problem"] for one in found.get("problems", ()) if one.get("path") == "knowledge"]


@pytest.mark.parametrize("status", ["active", "suspected", "history"])
@pytest.mark.parametrize(
    ("day", "warns", "stops"),
    [
        (EDITION.issued, False, False),
        (VALID - DAY, False, False),
        (VALID, False, False),
        (VALID + DAY, True, False),
        (USED - DAY, True, False),
        (USED, True, False),
        (USED + DAY, False, True),
        (USED + 3650 * DAY, False, True),
    ],
)
def test_h8_cards_warn_after_the_last_valid_day_and_stop_after_the_last_day_of_use(
    status, day, warns, stops
):
    found = document(CASE[OF_EACH_STATUS[status]], day)
    cards = found["cards"]
    assert [WARNS in card["detail"] for card in cards] == [warns or stops] * len(cards)
    assert [STOPS in card["detail"] for card in cards] == [stops] * len(cards)
    assert bool(problems(found)) is stops
    if warns:
        assert {card["indicator"] for card in cards} <= {"warning", "critical"}
    if stops:
        (card,) = cards
        assert card["indicator"] == "warning"
        assert "suggestions" not in card


@pytest.mark.parametrize("day", [VALID + DAY, USED + DAY])
def test_h8_no_card_of_old_knowledge_where_there_is_no_tumour(day):
    """Only whoever would have had advice is told that there is none."""
    assert "cards" not in document(CASE[OF_EACH_STATUS["none"]], day)


def test_h8_after_the_last_day_of_use_no_patient_gets_a_draft_or_a_treatment():
    named = {one.title for one in KNOWLEDGE.treatments}
    for case in CASES:
        for card in document(case, USED + DAY).get("cards", ()):
            assert STOPS in card["detail"], case.name
            assert "suggestions" not in card, case.name
            assert not [title for title in named if title in card["detail"]], case.name


def test_h8_the_hook_follows_the_clock_of_the_service():
    case, clock = CASE["ileum-prrt-liver-dominant"], [VALID]
    engine = Engine(KNOWLEDGE, today=lambda: clock[0])
    service = next(iter(engine.services.values()))
    request = orjson.dumps(example_request(case.bundle(), service))
    for day, told in ((VALID, ""), (VALID + DAY, WARNS), (USED + DAY, STOPS)):
        clock[0] = day
        answer = engine.answer(service.id, request, sandbox_caller())
        (card, *_) = orjson.loads(answer)["cards"]
        assert (told or "Knowledge") in card["detail"]
        assert (STOPS in card["detail"]) is (told == STOPS)


SAID_OF_THE_LAST_DAYS = [
    (f"not_used_after: {USED}", "", "'not_used_after' is missing"),
    (f"not_used_after: {USED}", f"not_used_after: {VALID - DAY}", "is before valid_until"),
    (f"valid_until: {VALID}", "valid_until: 2020-01-01", "is before issued"),
    (f"not_used_after: {USED}", "not_used_after: never", "is no date"),
]


@pytest.mark.parametrize(("was", "becomes", "said"), SAID_OF_THE_LAST_DAYS)
def test_h8_a_last_day_that_is_missing_or_wrong_is_a_problem(tmp_path, was, becomes, said):
    """Of the file of the edition alone: what the other files lack has another path."""
    shutil.copy(default_root() / EDITION_FILE, tmp_path)
    assert not problems_of_the_edition(tmp_path)
    replaced(tmp_path, EDITION_FILE, was, becomes)
    assert said in str(problems_of_the_edition(tmp_path))


def problems_of_the_edition(mappings):
    return [one.problem for one in check(mappings) if EDITION_FILE in one.file]


def test_h8_knowledge_without_a_last_day_is_not_loaded(tmp_path):
    was, becomes, said = SAID_OF_THE_LAST_DAYS[0]
    mappings = copied(tmp_path)
    replaced(mappings, EDITION_FILE, was, becomes)
    with pytest.raises(KnowledgeInvalid) as refused:
        load(mappings)
    assert [one.problem for one in refused.value.problems] == [said]


def test_h8_another_edition_has_days_of_its_own():
    edition = replace(EDITION, valid_until=date(2026, 1, 1), not_used_after=date(2026, 2, 1))
    engine = Engine(replace(KNOWLEDGE, edition=edition))
    (found,) = engine.assess_body(CASE["ileum-prrt-liver-dominant"].body(), date(2026, 11, 15))
    assert "is not used after 2026-02-01" in found["cards"][0]["detail"]
