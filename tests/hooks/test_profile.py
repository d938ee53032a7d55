"""What a profile takes away, on cards and lines by hand."""

from dataclasses import replace

import pytest

from cdshooks.hooks.card import Action, Card, Coding, Link, Source, Suggestion
from cdshooks.hooks.compose import compose
from cdshooks.hooks.length import fitted, whole
from cdshooks.hooks.profile import CDS_HOOKS_1, EVERYTHING, Profile
from cdshooks.hooks.shape import shape

HOSTS = Profile(link_hosts=frozenset({"ok.example"}))
CARD = Card(
    "u",
    "Summary",
    "warning",
    Source("label", "https://ok.example/source", Coding("urn:x", "options", "Options")),
    "Detail",
    (Suggestion("Draft", "s", (Action("create", "Draft", {"resourceType": "Task"}),)),),
    override_reasons=(Coding("urn:y", "no", "No"),),
    links=(
        Link("Page", "https://ok.example/page"),
        Link("App", "https://other.example/launch", "smart", "{}"),
    ),
)


def shaped(profile):
    (card,) = shape([CARD], profile)
    return card.as_json()


@pytest.mark.parametrize(
    "url",
    [
        "https://ok.example/a?b#c",
        "https://OK.example:8443/",
        "http://ok.example",
    ],
)
def test_p88_a_link_to_a_host_of_the_list_is_allowed(url):
    assert HOSTS.may_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://ok.example.evil/",
        "https://evil/ok.example",
        "https://ok.example@evil/",
        "https://sub.ok.example/",
        "https://ok.example./",
        "//ok.example/",
        "/ok.example",
        "javascript://ok.example/%0aalert(1)",
        "mailto:a@ok.example",
        "https://[ok.example/",
        "",
    ],
)
def test_p88_any_other_link_is_not(url):
    assert not HOSTS.may_link(url)
    assert EVERYTHING.may_link(url)


def test_p74_p88_links_to_other_hosts_are_taken_away():
    assert shaped(HOSTS)["links"] == [
        {"label": "Page", "url": "https://ok.example/page", "type": "absolute"}
    ]
    assert shaped(HOSTS)["source"]["url"] == "https://ok.example/source"
    none = shaped(Profile(link_hosts=frozenset()))
    assert "links" not in none
    assert set(none["source"]) == {"label", "topic"}


def test_p90_an_app_context_is_a_string_on_a_smart_link_and_may_be_forbidden():
    app = {"label": "App", "url": "https://other.example/launch", "type": "smart"}
    assert shaped(EVERYTHING)["links"][1] == {**app, "appContext": "{}"}
    assert shaped(Profile(app_context=False))["links"][1] == app
    page = Link("Page", "https://ok.example", "absolute", "never sent")
    assert "appContext" not in page.as_json()


def test_p76_p78_p87_cds_hooks_1_0_knows_fewer_members():
    card = shaped(CDS_HOOKS_1)
    assert set(card) == {
        *("summary", "detail", "indicator", "source"),
        *("suggestions", "selectionBehavior", "links"),
    }
    assert set(card["source"]) == {"label", "url"}
    assert card["selectionBehavior"] == "at-most-one"


def test_suggestions_and_override_reasons_may_be_left_out():
    assert not {"suggestions", "selectionBehavior"} & set(shaped(Profile(suggestions=False)))
    assert "overrideReasons" not in shaped(Profile(override_reasons=False))
    assert shaped(EVERYTHING) == CARD.as_json()


LINES = [
    ("**Title**", "kept"),
    ("- finding", "finding"),
    ("- first reason", "kept"),
    ("- reason one", "reason"),
    ("- reason two", "reason"),
    ("- **Caution:** stays", "kept"),
    ("- note", "note"),
    ("- source one", "source"),
    ("- source two", "source"),
]
WHOLE = whole(LINES[:-2], LINES[-2:])


def test_a_detail_without_a_limit_or_within_it_is_whole():
    assert fitted(LINES, len(WHOLE)) == WHOLE
    assert WHOLE.endswith("- note\n\n**Sources**\n- source one\n- source two")


@pytest.mark.parametrize("at_most", range(0, len(WHOLE) + 1, 3))
def test_a_detail_is_cut_by_whole_lines_in_order_and_says_how_many_of_what(at_most):
    text = fitted(LINES, at_most)
    lines = text.splitlines()
    order = ["source", "finding", "note", "reason", "kept"]
    kept = [order.index(part) for line, part in LINES if line in lines]
    gone = [order.index(part) for line, part in LINES if line not in lines]
    assert order.index("kept") not in gone
    if gone:
        assert min(kept) >= max(gone)
        assert lines[-1].startswith("Left out for length: ")
    assert len(text) <= at_most or set(kept) == {order.index("kept")}


def test_the_last_line_counts_what_was_left_out():
    assert fitted(LINES, 0).splitlines() == [
        "**Title**",
        "- first reason",
        "- **Caution:** stays",
        "",
        "Left out for length: 2 sources, 1 finding, 1 note, 2 reasons.",
    ]


# ---- composed for a profile ---------------------------------------------------------------------


def composed(bench, profile, *facts, **changed):
    knowledge = replace(bench.knowledge, **changed)
    assessed = bench.assess(*facts, knowledge=knowledge)
    return compose(assessed, knowledge, "p1", knowledge.edition.issued, profile=profile)


def test_a_therapy_that_may_do_harm_is_named_however_short_the_card(bench):
    facts = (
        *bench.progressive,
        bench.choice("prior.prrt", "current", "Procedure/prrt"),
        bench.flag("patient.pregnant", so=True, reference="Observation/hcg"),
    )
    card = composed(bench, Profile(detail_at_most=0, critical=False), *facts)[0]
    assert card.indicator == "warning"
    assert "`Procedure/prrt`" in card.detail
    assert "`Observation/hcg`" in card.detail
    assert card.summary.startswith("Urgent: ")


def test_the_last_card_of_one_card_an_option_says_what_is_not_assessed(bench):
    """The board has a card of its own; without it the last option has to say so."""
    edition = replace(bench.knowledge.edition, not_assessed="gaps")
    facts = (*bench.progressive, *bench.safe)
    for treatments in (
        bench.knowledge.treatments,
        tuple(one for one in bench.knowledge.treatments if one.place == "option"),
    ):
        changed = {"edition": edition, "treatments": treatments}
        cards = composed(bench, Profile(one_card_an_option=True), *facts, **changed)
        options = [card for card in cards if card.source.topic.code == "options"]
        assert len(options) > 1
        said = ["Not assessed in this edition:** gaps" in card.detail for card in options]
        assert said == [False] * (len(options) - 1) + [True]
