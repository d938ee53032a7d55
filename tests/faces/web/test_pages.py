"""The page at /, and the requests of the fixture patients."""

import json
import re
import shutil
import threading
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from flask import Flask
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from cdshooks.errors import InputUnreadable
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.faces.web.pages import register_pages
from cdshooks.hooks.request import parse_request
from cdshooks.knowledge.services import PrefetchTemplate, Service

CASE = """\
title: "A <b>synthetic</b> patient & more"
as_of: 2026-11-15
jurisdiction: eu
shapes: [plain]
expect: {T18: offer}
"""
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}}],
}


class FakeEngine:
    def __init__(self):
        template = PrefetchTemplate(
            "patient", "Patient/{{context.patientId}}", True, "Patient", "Age."
        )
        service = Service(
            id="net-patient-view",
            hook="patient-view",
            title="NET options",
            description="What it does.",
            usage_requirements="Needs the patient.",
            version="2.0.1",
            prefetch=(template,),
        )
        self.services = {service.id: service}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "pancreas-g2"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE)
    (folder / "bundle.json").write_text(json.dumps(BUNDLE))
    return tmp_path


@pytest.fixture
def client(root):
    app = Flask("test", static_folder=None)
    register_pages(app, FakeEngine(), root)
    return app.test_client()


class Elements(HTMLParser):
    """Every start tag with its attributes, and whether all of them were closed in order."""

    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self, html):
        super().__init__()
        self.found, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.found if name in attrs]


def test_the_page_lists_services_and_patients_with_a_curl(client):
    html = client.get("/", base_url="http://127.0.0.1:8080").text
    assert "http://127.0.0.1:8080/cds-services/net-patient-view" in html
    assert "NET options" in html
    assert "Needs the patient." in html
    assert "A &lt;b&gt;synthetic&lt;/b&gt; patient &amp; more" in html
    assert (
        "curl -s http://127.0.0.1:8080/fixtures/pancreas-g2/request.json | curl -s -H "
        "&#39;Content-Type: application/json&#39; --data-binary @- "
        "http://127.0.0.1:8080/cds-services/net-patient-view"
    ) in html


@pytest.mark.parametrize(
    "sentence",
    [
        "options to discuss",
        "not yet signed by a NET board",
        "not for use in the care of patients",
        "synthetic",
        "never read as negative or normal",
        "For clinicians",
    ],
)
def test_intended_use_and_limits_are_stated(client, sentence):
    assert sentence in " ".join(client.get("/").text.split())


def test_the_page_is_well_formed_and_accessible(client):
    elements = Elements(client.get("/").text)
    assert elements.open == []
    tags = [tag for tag, _ in elements.found]
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert dict(elements.found)["html"] == {"lang": "en"}
    headings = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(headings))
    ids = elements.attributes("id")
    assert len(set(ids)) == len(ids)
    assert set(elements.attributes("aria-labelledby")) <= set(ids)
    assert {href[1:] for href in elements.attributes("href") if href[0] == "#"} <= set(ids)
    assert set(elements.attributes("data-copy")) <= set(ids)


def test_the_page_asks_no_other_server_and_runs_nothing_inline(client):
    response = client.get("/", base_url="http://127.0.0.1:8080")
    policy = dict(
        part.strip().split(" ", 1)
        for part in response.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)
    elements = Elements(response.text)
    addresses = [*elements.attributes("href"), *elements.attributes("src")]
    assert all(one.startswith(("/", "#", "http://127.0.0.1:8080/")) for one in addresses)
    assert not any(name.startswith("on") for _, attrs in elements.found for name in attrs)
    assert "style" not in [tag for tag, _ in elements.found]
    assert elements.attributes("style") == []


def test_every_linked_address_answers(client):
    elements = Elements(client.get("/").text)
    addresses = {*elements.attributes("href"), *elements.attributes("src")}
    addresses |= set(elements.attributes("data-copy-from"))
    own = {one for one in addresses if one.startswith("/")}
    assert {"/static/page.css", "/static/page.js", "/fixtures/pancreas-g2/request.json"} <= own
    for one in own:
        with client.get(one) as response:
            assert (one, response.status_code) == (one, 200)


def test_the_request_is_one_that_the_service_takes(client):
    response = client.get("/fixtures/pancreas-g2/request.json")
    assert response.content_type == "application/json"
    parsed = parse_request(response.data, hook="patient-view", sandbox=True)
    assert parsed.patient_id == "p1"
    assert (parsed.as_of.isoformat(), parsed.jurisdiction) == ("2026-11-15", "eu")
    assert set(parsed.prefetch) == {"patient"}


@pytest.mark.parametrize(
    "path",
    [
        "/fixtures/nobody/request.json",
        "/fixtures/../request.json",
        "/fixtures/%2e%2e/request.json",
        "/fixtures/pancreas-g2/bundle.json",
        "/fixtures/pancreas-g2/request.json?service=other",
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
    ],
)
def test_nothing_else_is_served(client, path):
    assert client.get(path).status_code == 404


def test_a_fixture_without_a_head_stops_the_start(root):
    (root / "pancreas-g2" / "case.yaml").write_text("title: x\n")
    with pytest.raises(InputUnreadable, match="'as_of' is missing"):
        register_pages(Flask("test", static_folder=None), FakeEngine(), root)


def test_no_fixtures_is_a_page_that_says_so(tmp_path):
    app = Flask("test", static_folder=None)
    register_pages(app, FakeEngine(), tmp_path)
    assert "There are no fixture patients here." in app.test_client().get("/").text


def test_every_shipped_patient_has_a_request():
    app = Flask("test", static_folder=None)
    register_pages(app, FakeEngine(), default_root())
    client = app.test_client()
    names = [case.name for case in load_cases(default_root())]
    assert len(names) >= 12
    for name in names:
        body = client.get(f"/fixtures/{name}/request.json").data
        assert parse_request(body, hook="patient-view", sandbox=True).as_of is not None


@pytest.mark.browser
def test_a_browser_copies_the_command_and_the_body_and_complains_of_nothing(root):
    """The policy of the page lets its own script and style run, and nothing else is asked for."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    app = Flask("test", static_folder=None)
    register_pages(app, FakeEngine(), root)
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page, complaints, asked = context.new_page(), [], []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda one: asked.append(one.url))
        page.goto(base)
        page.click("button[data-copy]")
        page.locator("#said", has_text="Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").startswith(f"curl -s {base}/")
        page.evaluate("document.getElementById('said').textContent = ''")
        page.click("button[data-copy-from]")
        page.locator("#said", has_text="Copied.").wait_for()
        assert json.loads(page.evaluate("navigator.clipboard.readText()"))["hook"] == "patient-view"
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        browser.close()
    server.shutdown()
    server.server_close()
    assert complaints == []
    assert all(url.startswith(base) for url in asked)
