"""What the knowledge alone says is formed once, and is the same for every patient."""

import gc
import os
import uuid
import weakref
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cdshooks.clinical.assess import Assessment, assess
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.value import Span
from cdshooks.engine import Engine
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.hooks.card import one_line, prose
from cdshooks.hooks.compose import compose
from cdshooks.hooks.finding import Findings
from cdshooks.hooks.ids import NewUuid, RandomUuids
from cdshooks.hooks.profile import CDS_HOOKS_1, EVERYTHING, ORACLE_HEALTH
from cdshooks.hooks.shape import response, shape
from cdshooks.hooks.wording import TEXTS_AT_MOST, Formed, wording_of
from tests.knowledge.encoding import KNOWLEDGE, facts
from tests.property.strategies import random_patient

AS_OF = date(2026, 11, 15)
CASES = load_cases(default_root())
PROFILES = {"2.0.1": EVERYTHING, "1.0": CDS_HOOKS_1, "small pane": ORACLE_HEALTH}
PIECE = st.text(st.sampled_from("ab 1<>&#;~*_[]`\\.!/:|-\u200b\n"), max_size=12).map(one_line)
BETWEEN = ("; ", ", ", " ", ": ")


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECE.filter(bool), min_size=1, max_size=4), st.sampled_from(BETWEEN))
def test_markdown_of_parts_is_drawn_as_the_markdown_of_the_whole(pieces, between):
    """So that sentences of the knowledge may be made Markdown before a patient comes."""
    whole, parts = prose(between.join(pieces)), between.join(map(prose, pieces))
    draw = MarkdownIt("gfm-like", {"html": True, "linkify": False}).renderInline
    assert draw(f"x {parts}") == draw(f"x {whole}")


@pytest.mark.parametrize("end", ["&amp", "&#60", "R&D"])
def test_an_entity_that_only_the_next_part_would_end_begins_none(end):
    assert prose(end) + "; next" == prose(f"{end}; next")


NUMBERS = [one for one in KNOWLEDGE.vocabulary if one.kind == "number"]
END = st.none() | st.decimals(0, 10_000, places=1)


@given(st.sampled_from(NUMBERS), END, END, st.booleans(), st.sampled_from([None, "[x]_y"]))
def test_a_number_is_told_as_its_markdown_would_be(fact_type, low, high, is_open, other_unit):
    """That no markup can be made of it is known before the patient comes."""
    value = Span(low, high, other_unit or fact_type.unit, is_open, is_open)
    read = Fact(fact_type.name, value, (Provenance("Observation/1", "value", "2026-11-02"),))
    found = Findings(Facts({read.name: read}), wording_of(KNOWLEDGE))[read.name]
    assert found.markdown == prose(value_text(read, KNOWLEDGE.vocabulary))


def numbered() -> NewUuid:
    number = count()
    return lambda: f"uuid-{next(number)}"


def assessed(plain: dict) -> Assessment:
    knowledge = KNOWLEDGE
    rules = (knowledge.treatments, knowledge.requests, knowledge.warnings)
    return assess(*rules, facts(plain, knowledge=knowledge), knowledge.vocabulary)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_words_that_are_ready_are_those_that_would_be_formed_anew(profile):
    """For patients of every kind, by words that have served all those before them, and by none."""
    for seed in range(2_000 if "SOAK" in os.environ else 25):
        found = assessed(random_patient(Random(seed)))
        cards = [
            [card.as_json() for card in compose(found, knowledge, "p1", AS_OF, numbered(), profile)]
            for knowledge in (KNOWLEDGE, replace(KNOWLEDGE))
        ]
        assert cards[0] == cards[1], seed


def test_cards_do_not_depend_on_who_came_before():
    some, told = CASES if "SOAK" in os.environ else CASES[::10], []
    for order in (some, some[::-1]):
        engine = Engine(replace(KNOWLEDGE))
        told.append(
            {
                case.name: engine.assess_body(case.body(), case.as_of, case.jurisdiction)
                for case in order
            }
        )
    assert told[0] == told[1]


def test_the_words_of_a_knowledge_are_forgotten_with_it():
    """Whoever loads one edition after the other holds the words of the last one only."""
    knowledge = replace(KNOWLEDGE)
    words = weakref.ref(wording_of(knowledge))
    assert words() is wording_of(knowledge)
    compose(assessed(random_patient(Random(1))), knowledge, "p1", AS_OF)
    del knowledge
    gc.collect()
    assert words() is None


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_response_has_the_cards_as_they_stand(profile):
    """What is written before the patient comes, such as most of a draft, is what each card has."""
    drafted = 0
    for seed in range(10):
        found = assessed(random_patient(Random(seed)))
        cards = compose(found, KNOWLEDGE, "p1", AS_OF, profile=profile)
        drafted += sum(len(card.suggestions) for card in cards)
        assert orjson.loads(response(cards, profile)) == {
            "cards": [card.as_json() for card in shape(cards, profile)]
        }
    assert drafted > 10


def test_what_is_formed_once_is_bounded_and_the_same_when_it_is_formed_again():
    formed = Formed(str)
    numbers = (*range(TEXTS_AT_MOST + 1), *range(TEXTS_AT_MOST + 1))
    assert [formed[number] for number in numbers] == [*map(str, numbers)]
    assert len(formed) <= TEXTS_AT_MOST
    assert formed[10**6] is formed[10**6]


def test_of_several_places_the_newest_is_told_first_and_one_without_a_date_last():
    dates = {"a": "2026-01-02", "b": None, "c": "2026-03-02"}
    places = [Provenance(f"Observation/{one}", "value", day) for one, day in dates.items()]
    name = NUMBERS[0].name
    read = Fact(name, Span(Decimal(1), Decimal(1), NUMBERS[0].unit), tuple(places))
    found = Findings(Facts({name: read}), wording_of(KNOWLEDGE))[name]
    assert found.where == "`Observation/c`, `Observation/a` and 1 more"


def test_a_random_uuid_is_one_of_version_4_and_of_no_other_card():
    """Of one answer, and of several."""
    of_one = RandomUuids()
    found = [uuid.UUID(new_uuid()) for new_uuid in (of_one, RandomUuids()) for _ in range(500)]
    assert {(one.version, one.variant) for one in found} == {(4, uuid.RFC_4122)}
    assert len(set(found)) == len(found)
    assert len({one.hex[16] for one in found}) == 4
