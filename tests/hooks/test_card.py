"""Cards as JSON, and the two ways in which text enters them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.hooks.card import (
    _ADDRESS,
    _ESCAPED,
    CHART_AT_MOST,
    SUMMARY_AT_MOST,
    Action,
    Card,
    Coding,
    Link,
    Source,
    Suggestion,
    escape,
    one_line,
    place,
    plain,
    prose,
)
from cdshooks.hooks.overrides import OVERRIDE_REASONS, SYSTEM
from tests.dirty.texts import HOSTILE, LITERAL_LINK, corpus, rendered

NASTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/?p=1)",
    "<http://evil.example>",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "# heading\n\n- list\n\n1. one\n\n    code\n\n```\nfence\n```\n\n---",
    "*a* _b_ **c** ~~d~~ `e`",
    "[a]: http://evil.example\n[a]",
    "&lt;b&gt; &#60;b&#62; &#x3c;b>",
    "a\u202egnp.exe\u202c \u200bzero\ufeff \u2066x\u2069",
    "back\\slash \\<b>",
    "tab\tand\x00nul\x1b[31mred\x7f",
    "\ud800 lone surrogate",
    "…" * 500,
    "",
)


def tags(markdown: str) -> set[str]:
    html = rendered(markdown)
    return {part.split(">")[0].strip("/ ") for part in html.split("<")[1:]}


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_e9_text_of_a_chart_is_shown_and_does_nothing(text):
    """In a paragraph, as a list item, and in the cell of bold text no tag comes of it."""
    assert tags(f"Reading: {escape(text)}") <= {"p"}
    assert tags(f"- {escape(text)}") <= {"ul", "li"}
    assert tags(f"**{escape('x' + text)}**") <= {"p", "strong"}


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_e9_a_reference_that_is_not_formed_like_one_is_escaped(text):
    assert tags(f"x {place(text)}") <= {"p", "code"}


def test_e9_no_naughty_string_makes_a_tag():
    strings = corpus()
    if not strings:
        pytest.skip("CORPORA does not name a folder with naughty-strings/blns.json")
    assert [text for text in strings if not tags(f"Reading: {escape(text)}") <= {"p"}] == []
    assert [text for text in strings if set("<>&") & set(plain(text))] == []
    assert len(strings) > 500


@pytest.mark.parametrize(
    "text",
    ["http://a.example", "(HTTPS://a", "_www.a.example", "a.b+c@d-e.example", "x://y@z.example"],
)
def test_e9_a_bare_address_is_no_link_where_addresses_become_links(text):
    """Renderers that follow GitHub look for them in the text that is left after escapes."""
    assert LITERAL_LINK.search(rendered(f"See {text} there"))
    for one in (text, *HOSTILE, *corpus()):
        assert not LITERAL_LINK.search(rendered(f"See {escape(one)} there"))


@given(st.text(st.sampled_from("wW@:/.a "), max_size=12).map(one_line))
def test_e9_addresses_are_looked_for_only_where_one_may_stand(text):
    """And that finds all that the pattern itself finds."""
    assert escape(text) == _ADDRESS.sub(" ", text).translate(_ESCAPED)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_e9_whatever_is_written_stays_text(text):
    escaped = escape(text)
    assert tags(f"Reading: {escaped}") <= {"p"}
    assert "\n" not in escaped
    assert all(unicodedata.category(char)[0] != "C" for char in escaped)


@given(st.text(max_size=400))
def test_e9_a_summary_is_short_and_has_no_markup(text):
    summary = plain(text)
    assert len(summary) <= SUMMARY_AT_MOST
    assert not set("<>&\n") & set(summary)


@given(st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=CHART_AT_MOST))
def test_e9_escaping_loses_nothing(text):
    """Rendered, the words are the words of the chart; a space parts addresses."""
    html = rendered(f"Reading: {escape(text)}").removeprefix("<p>").removesuffix("</p>\n")
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, char)
    shown = html.removeprefix("Reading:")
    assert "".join(shown.split()) == "".join(text.split())


def test_e9_long_text_is_cut_with_an_ellipsis():
    assert escape("x" * 1000) == "x" * (CHART_AT_MOST - 1) + "…"
    assert escape("*" * 1000, 5) == r"\*\*\*\*…"
    assert len(plain("y" * 1000)) == SUMMARY_AT_MOST


def test_signs_in_a_summary_become_words():
    assert plain("Ki-67 <10 %, platelets >= 75 & rising") == (
        "Ki-67 under 10 %, platelets at least 75 and rising"
    )


def test_a_sentence_of_ours_stays_readable_without_a_renderer():
    sentence = "Ki-67: < 3 % (2026-03-01). G1/G2, 70-75 x10^9/L."
    assert prose(sentence) == sentence
    assert tags(prose("a <b> *c* [d](e) `f` &lt; x")) == {"p"}


def test_a_card_has_no_null_and_no_empty_member():
    card = Card("u", "Summary", "info", Source("label"))
    assert card.as_json() == {
        "uuid": "u",
        "summary": "Summary",
        "indicator": "info",
        "source": {"label": "label"},
    }


def test_a_whole_card_as_a_client_reads_it():
    create = Action("create", "Draft", {"resourceType": "ServiceRequest"})
    delete = Action("delete", "Remove", resource_id="ServiceRequest/1")
    card = Card(
        "u",
        "Summary",
        "warning",
        Source("label", "https://example.org", Coding("urn:x", "options", "Options")),
        "Detail",
        (Suggestion("Draft it", "s", (create, delete)),),
        override_reasons=(Coding("urn:y", "no", "No"),),
        links=(Link("Page", "https://example.org/page"),),
    )
    assert card.as_json() == {
        "uuid": "u",
        "summary": "Summary",
        "detail": "Detail",
        "indicator": "warning",
        "source": {
            "label": "label",
            "url": "https://example.org",
            "topic": {"code": "options", "system": "urn:x", "display": "Options"},
        },
        "suggestions": [
            {
                "label": "Draft it",
                "uuid": "s",
                "actions": [
                    {
                        "type": "create",
                        "description": "Draft",
                        "resource": {"resourceType": "ServiceRequest"},
                    },
                    {
                        "type": "delete",
                        "description": "Remove",
                        "resourceId": "ServiceRequest/1",
                    },
                ],
            }
        ],
        "selectionBehavior": "any",
        "overrideReasons": [{"code": "no", "system": "urn:y", "display": "No"}],
        "links": [{"label": "Page", "url": "https://example.org/page", "type": "absolute"}],
    }


def test_override_reasons_have_code_system_and_display():
    """P87. Codes and displays as published; they are few enough for a menu."""
    codes = [reason.code for reason in OVERRIDE_REASONS]
    assert len(set(codes)) == len(codes) <= 10
    assert all(reason.system == SYSTEM and reason.display for reason in OVERRIDE_REASONS)
    assert set(codes) <= {
        "cds-not-applicable",
        "cds-suboptimal-context",
        "recipient-disagrees-evidence",
        "recipient-concerns-outcomes",
        "does-not-align-preferences",
        "not-convenient-feasible",
        "action-completed",
        "patient-contraindication",
        "patient-refuses",
        "too-costly-uncovered",
        "service-not-available",
        "recipient-does-not-understand",
    }
