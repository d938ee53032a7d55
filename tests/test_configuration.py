"""docs/configuration.md: every setting and key, with its default, and an example that loads."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from cdshooks.clients.client import Client
from cdshooks.clients.config import client_keys
from cdshooks.clients.connection import SERVER_KEYS
from cdshooks.clients.presets import PRESETS
from cdshooks.clients.profiles import PROFILE
from cdshooks.hooks.profile import Profile
from cdshooks.settings import NAMES, Settings, load_settings

DOCUMENT = (Path(__file__).parent.parent / "docs/configuration.md").read_text(encoding="utf-8")


def rows(heading):
    """The rows of the table under a heading: {first cell: second cell}."""
    part = re.split(r"^##+ ", DOCUMENT.split(f"# {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    found = re.findall(r"^\| `([^`]+)` \| *(.*?) *\|", part, re.MULTILINE)
    assert len(found) == len(dict(found))
    return dict(found)


def printed(default):
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if isinstance(default, int | float | str) else None


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Settings", NAMES),
        ("Clients", client_keys()),
        ("A URL as a table", SERVER_KEYS),
        ("Profile", PROFILE),
        ("Presets", PRESETS),
    ],
)
def test_every_name_has_its_row_and_no_other_has_one(heading, names):
    assert [*rows(heading)] == [*names] or sorted(rows(heading)) == sorted(names)


@pytest.mark.parametrize(
    ("heading", "defaults"),
    [
        ("Settings", {name: Settings.model_fields[name].default for name in NAMES}),
        ("Clients", {one.name: one.default for one in fields(Client)}),
        ("Profile", {one.name: one.default for one in fields(Profile)}),
    ],
)
def test_every_default_is_the_one_that_holds(heading, defaults):
    told = rows(heading)
    known = {name: printed(value) for name, value in defaults.items() if value is not MISSING}
    assert {name: told[name] for name, text in known.items() if text and name in told} == {
        name: text for name, text in known.items() if text and name in told
    }
    assert sum(text is not None for text in known.values()) >= 6


def test_the_example_of_the_document_is_right(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    path = tmp_path / "cdshooks.toml"
    path.write_text(example)
    settings = load_settings({}, config=path)
    north, south = settings.clients
    assert (settings.public_base, settings.workers) == ("https://cds.example.org/net", 2)
    assert (north.lifetime_seconds, north.fhir_servers[0].search) == (900, "post")
    assert (south.jurisdiction, south.services) == ("eu", {"net-patient-view"})


def test_b11_the_document_says_that_the_key_of_the_public_sandbox_is_public():
    assert "Its private key is public" in DOCUMENT
