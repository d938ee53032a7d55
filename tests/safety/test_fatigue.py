"""Few cards: three at most, and one more only where harm happens while nobody looks."""

from datetime import date
from random import Random

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.value import Choice
from cdshooks.hooks.compose import compose
from tests.knowledge.encoding import KNOWLEDGE, SOAK, facts
from tests.property.strategies import POOL, random_patient
from tests.safety.patients import CASES, assessed

RANDOM = 10_000 if SOAK else 400
CRITICAL = {one.id for one in KNOWLEDGE.warnings if one.indicator == "critical"}
RUNNING = Choice(frozenset({"current"}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h13_a_patient_gets_three_cards_at_most_and_a_critical_one_only_for_harm_now(case):
    found = assessed(case)
    indicators = [card["indicator"] for card in found.get("cards", ())]
    assert len(indicators) <= 3 + ("critical" in indicators)
    assert indicators.count("critical") <= 1
    running = [
        name
        for name, fact in found["facts"].items()
        if name.startswith("prior.") and fact.get("possible") == ["current"]
    ]
    emergencies = CRITICAL & {one["id"] for one in found.get("warnings", ())}
    assert "critical" not in indicators or running or emergencies


def generated(number):
    """The assessment of a random patient, in whom treatments may be running."""
    random = Random(f"fatigue {number}")
    plain = random_patient(random)
    for name in random.sample([one for one in POOL if one.startswith("prior.")], 3):
        plain[name] = random.choice(("current", "past", "none"))
    plain["patient.pregnant"] = random.choice((True, False, None))
    plain["symptom.cord_compression"] = random.random() < 0.1
    return assess(
        *(KNOWLEDGE.treatments, KNOWLEDGE.requests, KNOWLEDGE.warnings),
        *(facts(plain), KNOWLEDGE.vocabulary),
    )


def test_h13_no_generated_patient_gets_more():
    """Both kinds occur: with an emergency or a harm under way, and without."""
    seen = set()
    for number in range(RANDOM):
        found = generated(number)
        cards = compose(found, KNOWLEDGE, "p", date(2026, 11, 15))
        critical = [card for card in cards if card.indicator == "critical"]
        assert len(cards) - len(critical) <= 3
        assert len(critical) <= 1
        grave = any(one.caveat.indicator == "critical" for one in found.warnings)
        running = any(
            fact.value == RUNNING for fact in found.facts if fact.name.startswith("prior.")
        )
        assert not critical or grave or running
        assert not grave or critical or not cards
        seen.add(bool(critical))
    assert seen == {True, False}
