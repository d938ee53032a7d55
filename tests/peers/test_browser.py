"""A real browser at the service: its page, and a card as an EHR draws it."""

import re
from urllib.parse import urlsplit

import orjson
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

from tests.peers.charts import cases
from tests.peers.conftest import SERVICE, cds_service

pytestmark = [pytest.mark.peer, pytest.mark.browser]

# What an EHR that lets raw HTML through, as the public sandbox does, would draw or load.
HOSTILE = (
    '<img src="http://attack.invalid/pixel"><script>document.title = "attacked"</script>'
    " ![pixel](http://attack.invalid/pixel) [here](http://attack.invalid/page)"
    " <http://attack.invalid/auto> http://attack.invalid/bare\n\n# Heading\n\n- item\n\n    code"
)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {
    "A",
    "BLOCKQUOTE",
    "BR",
    "CODE",
    "EM",
    "H2",
    "H3",
    "H4",
    "LI",
    "OL",
    "P",
    "STRONG",
    "UL",
}


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
    page.asked, page.complaints = [], []
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


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_card_shows_chart_text_as_text(case, engine, page, tmp_path):
    """Whatever stands in the texts of a chart, it is neither markup nor a link nor a request."""
    (document, *_) = engine.assess_body(poisoned(case), case.as_of, case.jurisdiction)
    cards = document.get("cards", [])
    drawn = "".join(MARKDOWN.render(card["detail"]) for card in cards)
    page.set_content(f"<body>{drawn}</body>", wait_until="networkidle")
    page.screenshot(path=tmp_path / "cards.png", full_page=True)
    tags = page.eval_on_selector_all("body *", "found => found.map(one => one.tagName)")
    links = page.eval_on_selector_all("a", "found => found.map(one => one.href)")
    assert set(tags) <= HARMLESS
    assert [link for link in links if "attack.invalid" in link] == []
    assert page.title() == ""
    assert page.asked == []
    assert [card["summary"] for card in cards if "<" in card["summary"]] == []


def poisoned(case):
    """The bundle of a case with something hostile behind every text that a person reads."""

    def visit(node, key=""):
        if isinstance(node, dict):
            return {name: visit(child, name) for name, child in node.items()}
        if isinstance(node, list):
            return [visit(child, key) for child in node]
        readable = re.fullmatch("text|display|title|conclusion|valueString|unit", key)
        return f"{node} {HOSTILE}" if readable and isinstance(node, str) else node

    return orjson.dumps(visit(case.bundle))
