"""Rows P66 to P93: the answers of the whole service for shipped patients, to every kind of client.

On each push the patients with a critical card and every eighth other; with CDSHOOKS_SOAK=1 all.
"""

import json
import os
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt

from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.example import example_request
from cdshooks.hooks.profile import CDS_HOOKS_1, EPIC, EVERYTHING, ORACLE_HEALTH, Profile
from tests.protocol.conformance import is_absolute, our_faults, response_faults
from tests.shipped import ENGINE

CASES = load_cases(default_root())
GRAVE = [case for case in CASES if '"critical"' in case.cards.read_text(encoding="utf-8")]
SOME = CASES if os.environ.get("CDSHOOKS_SOAK") else [*GRAVE, *CASES[::8]]
SERVICE = ENGINE.services["net-patient-view"]

TIGHT = Profile(
    link_hosts=frozenset({"doi.org"}),
    one_card_an_option=True,
    critical=False,
    detail_at_most=600,
    suggestions=False,
    override_reasons=False,
)
PROFILES = {
    "everything": EVERYTHING,
    "cds-hooks-1": CDS_HOOKS_1,
    "oracle-health": ORACLE_HEALTH,
    "epic": EPIC,
    "tight": TIGHT,
}
LINK = re.compile(r'href="([^"]*)"')
ADDRESS = re.compile(r"(?:https?://|www\.)([^/\s)]+)")
PLACES = re.compile(r" `[^`]*`(, `[^`]*`)*( and \d+ more)?")
OF_SAFETY = re.compile(
    r"- \*\*(Caution|Still to check)|- Nothing on file|\*\*(Not assessed|Ruled out|On hold)"
)


@pytest.fixture(scope="module", params=dict.fromkeys(SOME), ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture(params=PROFILES)
def profile(request):
    return PROFILES[request.param]


@lru_cache(maxsize=16)  # the tests ask for the answers of one patient after another
def answered(case, profile):
    body = example_request(case.bundle(), SERVICE, case.as_of, case.jurisdiction)
    caller = Caller("test", profile=profile, chooses_setting=True)
    return json.loads(ENGINE.answer(SERVICE.id, json.dumps(body).encode(), caller))


def answer_text(case, profile):
    return json.dumps(answered(case, profile), ensure_ascii=False)


def details(case, profile):
    return [card["detail"] for card in answered(case, profile)["cards"]]


def statements_of_safety(case, profile):
    """The lines that speak for caution, without the places in the chart that they name."""
    told = set()
    for card in answered(case, profile)["cards"]:
        lines = card["detail"].partition("**Sources**")[0].splitlines()
        about = card["summary"] in summaries_of_safety(case, profile)
        chosen = [line for line in lines if about or OF_SAFETY.match(line)]
        told |= {PLACES.sub("", line) for line in chosen if "As above:" not in line}
    return told - {""}


def summaries_of_safety(case, profile):
    """A client of CDS Hooks 1.0 gets no topic, so the cards are known by what they say."""
    known = answered(case, replace(profile, card_members="2.0"))["cards"]
    grave = ("safety", "immediate-harm")
    return {card["summary"] for card in known if card["source"]["topic"]["code"] in grave}


def test_p3_p4_p66_to_p93_every_answer_is_conforming(case, profile):
    assert response_faults(answered(case, profile), profile.card_members) == []


def test_p71_p75_p77_a_client_of_2_0_gets_ids_topics_and_no_markup_in_summaries(case):
    assert our_faults(answered(case, EVERYTHING)) == []


def test_p67_p81_p86_p91_nothing_acts_by_itself_and_nothing_is_preferred(case, profile):
    text = answer_text(case, profile)
    for member in ("systemActions", "isRecommended", "actionSelectionBehavior", "autolaunchable"):
        assert f'"{member}"' not in text


def test_p70_p71_a_detail_makes_no_tag_but_its_own(case, profile):
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for detail in details(case, profile):
        tags = set(re.findall(r"</?([a-z0-9]+)", renderer.render(detail)))
        assert tags <= {"p", "strong", "em", "ul", "li", "code", "a"}


def test_p74_p88_p89_no_link_leads_to_a_host_that_the_client_does_not_allow(case, profile):
    """Nor does an address in the text, of which a client would make a link."""
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    cards = answered(case, profile)["cards"]
    found = [link for card in cards for link in LINK.findall(renderer.render(card["detail"]))]
    found += [card["source"]["url"] for card in cards if "url" in card["source"]]
    found += [link["url"] for card in cards for link in card.get("links", ())]
    assert all(map(is_absolute, found))
    if profile.link_hosts is not None:
        assert {urlsplit(link).hostname for link in found} <= profile.link_hosts
        text = " ".join(part for card in cards for part in (card["detail"], card["summary"]))
        assert set(ADDRESS.findall(text)) <= profile.link_hosts


def test_p72_a_client_that_is_not_to_be_interrupted_is_told_how_urgent_it_is(case, profile):
    cards = answered(case, profile)["cards"]
    grave = [
        card for card in answered(case, EVERYTHING)["cards"] if card["indicator"] == "critical"
    ]
    if profile.critical:
        assert sum(card["indicator"] == "critical" for card in cards) == len(grave)
        return
    assert all(card["indicator"] != "critical" for card in cards)
    urgent = [card for card in cards if card["detail"].startswith("**Urgent: ")]
    assert len(urgent) == len(grave)
    assert all(card["indicator"] == "warning" for card in urgent)
    assert all(card["summary"].startswith("Urgent: ") for card in urgent)


def test_no_client_is_told_less_of_what_speaks_for_caution(case, profile):
    told = statements_of_safety(case, replace(EVERYTHING, critical=profile.critical))
    assert told <= statements_of_safety(case, profile)


def test_a_long_detail_is_cut_to_what_may_not_be_left_out(case):
    """Whoever cuts says so; and nothing but titles, cautions and standing lines is left then."""
    for detail in details(case, TIGHT):
        if len(detail) > TIGHT.detail_at_most:
            assert "**Sources**" not in detail
            assert "- **Note" not in detail
    whole = details(case, replace(TIGHT, detail_at_most=None))
    for short, long in zip(details(case, TIGHT), whole, strict=True):
        *kept, told = short.splitlines()
        assert (told.startswith("Left out for length: ")) is (short != long)
        left = len(set(long.splitlines()) - set(short.splitlines()) - {"**Sources**"})
        assert sum(map(int, re.findall(r"\d+", told))) == left if short != long else kept


def test_one_card_an_option_names_each_option_and_what_speaks_for_caution_comes_first(case):
    topics, summaries = [], []
    for card in answered(case, replace(EVERYTHING, one_card_an_option=True))["cards"]:
        topics.append(card["source"]["topic"]["code"])
        summaries.append(card["summary"])
    order = ["immediate-harm", "safety", "options", "missing-data"]
    assert topics == sorted(topics, key=order.index)
    assert len(set(summaries)) == len(summaries)
    offered = re.compile(r"\*\* may be considered")
    one = sum(len(offered.findall(detail)) for detail in details(case, EVERYTHING))
    assert max(topics.count("options") - 1, 0) == one


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_p78_the_selection_behaviour_stands_beside_suggestions_and_nowhere_else(case, version):
    for card in answered(case, replace(EVERYTHING, card_members=version))["cards"]:
        behaviour = {"1.0": "at-most-one", "2.0": "any"}[version]
        assert card.get("selectionBehavior") == (behaviour if "suggestions" in card else None)


# ---- public examples ----------------------------------------------------------------------------

EXAMPLES = {
    "empty-good": (),
    "empty": (),
    "good": (),
    "two-cards": (),
    "link": (),
    "no-link": (),
    "empty-bad": ("body: is empty", "body.cards: is missing"),
    "empty2": ("body: is empty", "body.cards: is missing"),
    "empty-source": (
        "body.cards[0].source: is empty",
        "body.cards[0].source.label: is missing",
        "body.cards[0].links[0].type: is missing",
    ),
    # Sent by a real service of 2022; a client may cut or drop these.
    "source-link": (
        "body.cards[0].summary: has 140 characters or more",
        "body.cards[0].links[0].type: is missing",
    ),
    "suggestion": (
        "body.cards[0].summary: has 140 characters or more",
        "body.cards[0].selectionBehavior: is missing beside suggestions",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_p66_to_p90_the_public_examples_are_judged_as_the_text_has_it(name):
    if "CORPORA" not in os.environ:
        pytest.skip("CORPORA does not name a folder with cds-hooks/")
    folder = Path(os.environ["CORPORA"]) / "cds-hooks"
    body = json.loads((folder / f"cdshooks-response-{name}.json").read_text(encoding="utf-8"))
    assert tuple(response_faults(body)) == EXAMPLES[name]
