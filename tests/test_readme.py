"""What the README shows and promises."""

import re
import shlex
import textwrap
from pathlib import Path

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from cdshooks.faces.fixtures import curl
from cdshooks.faces.terminal.announce import SHOWN_FIRST
from cdshooks.faces.terminal.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES_OF_A_SCREEN = 40


def shown_card() -> str:
    """The part between the marks, as quoted Markdown."""
    found = re.search(r"<!-- card:begin.*?-->\n(.*?)<!-- card:end -->", README, re.DOTALL)
    assert found
    return found[1]


def current_card() -> str:
    """The card of the first fixture that `serve` names, to the end of its first option."""
    cards = orjson.loads((ROOT / "fixtures" / SHOWN_FIRST / "cards.json").read_bytes())
    options = next(card for card in cards if card["source"]["topic"]["code"] == "options")
    detail = options["detail"].split("\n\n**Discussion")[0]
    body = [f"**{options['summary']}** ({options['indicator']})", "", *detail.split("\n")]
    quoted = [f"> {line}".rstrip() for line in body]
    return "\n".join(quoted) + "\n"


def test_the_card_in_the_readme_is_the_card_of_today():
    assert shown_card() == current_card()


def test_a_real_card_begins_on_the_first_screen():
    before = README.split("<!-- card:begin")[0]
    assert before.count("\n") < LINES_OF_A_SCREEN / 2


def test_the_readme_curl_is_the_one_that_serve_prints():
    assert curl("http://127.0.0.1:8080", SHOWN_FIRST, "net-patient-view") in README


def test_every_command_of_the_readme_exists():
    named = set(re.findall(r"^\| `cdshooks ([a-z]+)", README, re.MULTILINE))
    assert named == {
        *("serve", "assess", "check", "case", "golden", "export"),
        *("config", "trust"),
    }
    for name in named:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


@pytest.fixture
def example() -> dict[str, str]:
    """The commands and the file of "Add a treatment"."""
    part = README.split("## Add a treatment")[1].split("\n## ")[0]
    command = re.search(r"cdshooks case new (.*?)\n\s*```", part, re.DOTALL)
    file = re.search(r"```yaml\n(.*?)```", part, re.DOTALL)
    assert command
    assert file
    return {"command": command[1].replace("\\\n", " "), "file": textwrap.dedent(file[1])}


def test_the_case_of_add_a_treatment_can_be_written(example, tmp_path):
    arguments = shlex.split(example["command"])
    made = CliRunner().invoke(app, ["case", "new", *arguments, "--fixtures", str(tmp_path)])
    assert made.exit_code == 0, made.output
    assert (tmp_path / arguments[0] / "bundle.json").exists()


def test_the_file_of_add_a_treatment_is_yaml(example):
    assert yaml.safe_load(example["file"])["covers"] == ["T99"]
