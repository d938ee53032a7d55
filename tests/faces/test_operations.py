"""docs/operations.md says what there is: each route with its policy, each key of the log."""

import re
from pathlib import Path

from cdshooks.faces.log import KEYS
from cdshooks.faces.policy import ROUTES

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def named(heading):
    """What the first column of the first table below a heading names."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_b12_every_route_is_documented_with_its_policy():
    assert sorted(named("Who may call what")) == sorted(ROUTES)


def test_c2_every_key_of_the_log_is_documented_and_no_other():
    assert sorted(named("The log")) == sorted(KEYS)
