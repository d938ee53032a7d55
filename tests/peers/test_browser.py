"""A real browser at the service: its page, and a card as an EHR draws it."""

import os
from urllib.parse import urlsplit

import orjson
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

from tests.dirty.calls import answer, call, chart
from tests.dirty.texts import HOSTILE as NAUGHTY
from tests.dirty.texts import WORDS, corpus, rendered
from tests.dirty.texts import poisoned as poisoned_all
from tests.peers.charts import cases
from tests.peers.conftest import SERVICE, cds_service

pytestmark = [pytest.mark.peer, pytest.mark.browser]

# What an EHR that lets raw HTML through, as the public sandbox does, would draw or load. None has a
# full stop: it must stay in one sentence with what is read, since a card quotes that sentence.
HOSTILE = {
    "image": '<img src="http://attack/p">',
    "script": "<script>document.title = 'attack'</script>",
    "style": "<p style='background:url(//attack)'>",
    "comment": "<!-- attack",
    "entity": "&lt;img src=//a&gt; attack",
    "markdown image": "![p](http://attack/p)",
    "markdown link": "[p](http://attack/p)",
    "reference": "[p]: http://attack/p",
    "autolink": "<http://attack/p>",
    "backslash": "\\<img src=//attack>\\",
    "code": "`` attack `<img src=//a>",
    "fence": "```attack <img src=//a>",
    "heading": "# attack",
    "list": "- attack <img src=//a>",
    "table": "|attack|<img src=//a>|",
    "emphasis": "**attack** _a_ ~~b~~",
    "quote": "attack” <img src=//a>",
}
# Patients with a report, of whom cards quote most.
REPORTED = [case for case in cases() if b'"conclusion"' in case.body][:6]
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TEXTS = ("text", "display", "title", "conclusion", "valueString")
IDS = ("id",)
HARMLESS = {"A", "CODE", "EM", "LI", "P", "STRONG", "UL"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with cds_service(tmp_path_factory.mktemp("site")) as service:
        yield service


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser):
    """A page in a fresh profile that notes what it asks for and what it complains of."""
    context = browser.new_context()
    page = context.new_page()
    page.asked, page.complaints, page.dialogs = [], [], []
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            page.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    yield page
    context.close()


def test_the_page_lists_the_services_and_the_patients(site, page, tmp_path):
    page.goto(f"{site.root}/", wait_until="networkidle")
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    shown = page.inner_text("body")
    assert SERVICE in shown
    assert [case.name for case in cases() if case.name not in shown] == []
    assert page.complaints == []
    assert {urlsplit(url).netloc for url in page.asked} == {urlsplit(site.root).netloc}


def test_what_the_page_copies_gets_cards(site, page):
    """The request body of a patient goes from the page to the clipboard, and from there to us."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.root)
    page.goto(f"{site.root}/")
    patient = page.locator("article", has_text="ileum-g1-progressive-after-ssa")
    patient.get_by_role("button", name="Copy the body").click()
    page.get_by_text("Copied.").wait_for()
    answer = site.post(orjson.loads(page.evaluate("navigator.clipboard.readText()")))
    assert answer.status_code == 200, answer.text
    assert answer.json()["cards"] != []


@pytest.mark.parametrize("where", [TEXTS, IDS], ids=["text", "id"])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_e9_a_card_shows_chart_text_as_text(hostile, where, engine, page, tmp_path):
    """Whatever stands in the texts and ids of a chart is neither markup nor link nor request."""
    cards = [
        card
        for case in REPORTED
        for document in engine.assess_body(poisoned(case, hostile, where), case.as_of)
        for card in document.get("cards", [])
    ]
    drawn = "".join(MARKDOWN.render(card["detail"]) for card in cards)
    page.set_content(f"<body>{drawn}</body>", wait_until="networkidle")
    page.screenshot(path=tmp_path / "cards.png")
    tags = page.eval_on_selector_all("body *", "found => found.map(one => one.tagName)")
    links = page.eval_on_selector_all("a", "found => found.map(one => one.href)")
    styled = page.eval_on_selector_all("[style], [class]", "found => found.length")
    assert set(tags) <= HARMLESS
    assert [link for link in links if not link.startswith("https://")] == []
    assert (page.title(), page.asked, styled) == ("", [], 0)
    assert [card["summary"] for card in cards if "attack" in card["summary"]] == []
    if where == TEXTS:  # so that there was something to escape
        assert "attack" in page.inner_text("body")


@pytest.mark.parametrize("keys", [WORDS, {"id"}], ids=["words", "id"])
def test_e9_no_naughty_string_does_anything(keys, page):
    """All their cards on one page: no tag but ours, no request, no dialog, no script."""
    strings = [*NAUGHTY, *corpus()]
    own = chart("ileum-g1-progressive-after-ssa")
    step = 1 if os.environ.get("SOAK") else 1 + len(strings) // 40
    cards = [
        card
        for turn in range(0, len(strings), step)
        for card in answer(call(own, poisoned_all(own.entries, strings, turn, keys)))[0]
    ]
    drawn = "".join(rendered(card["detail"]) for card in cards)
    page.set_content(f"<body>{drawn}</body>", wait_until="networkidle")
    tags = page.eval_on_selector_all("body *", "found => found.map(one => one.tagName)")
    links = page.eval_on_selector_all("a", "found => found.map(one => one.href)")
    styled = page.eval_on_selector_all(
        "body *", "all => all.filter(one => one.attributes.length && one.tagName != 'A').length"
    )
    assert set(tags) <= HARMLESS
    assert [link for link in links if not link.startswith("https://")] == []
    assert (page.title(), page.asked, page.dialogs, styled) == ("", [], [], 0)
    assert len(cards) > 80


def poisoned(case, hostile, where):
    """The bundle of a case with something hostile before each text that a person reads."""

    def visit(node, key=""):
        if isinstance(node, dict):
            if node.get("resourceType") == "Patient":
                return node
            return {name: visit(child, name) for name, child in node.items()}
        if isinstance(node, list):
            return [visit(child, key) for child in node]
        return f"{hostile} {node}" if key in where and isinstance(node, str) else node

    return orjson.dumps(visit(case.bundle))
