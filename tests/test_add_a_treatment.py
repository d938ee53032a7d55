"""The way of the README's "Add a treatment": one YAML file and one case folder, and no Python."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from cdshooks.engine import Engine
from cdshooks.errors import InputUnreadable
from cdshooks.faces.fixtures import load_cases
from cdshooks.faces.terminal.cases import new_case
from cdshooks.knowledge.load import check

MAPPINGS = Path(__file__).parents[1] / "mappings"
AS_OF = date(2026, 11, 15)
BONE_PAIN = """\
id: radiotherapy-bone-pain
title: Radiotherapy of a painful bone metastasis
covers: [T99]
version: "1"
status: draft
rank: 800
summary: "Painful bone metastasis of a NET: discuss radiotherapy"
indicator: info
consider_when_all:
  - use: active-net
  - if: symptom.bone_pain
    why: Radiotherapy relieves the pain of bone metastases.
    source: seed-s001
block_when_any:
  - if: patient.pregnant
    why: Radiation harms the unborn child.
    source: policy
orders:
  - label: Draft a referral for radiotherapy
    resource:
      resourceType: ServiceRequest
      code: {text: "Referral to radiation oncology: painful bone metastasis"}
"""


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    copied = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, copied)
    (copied / "treatments" / "radiotherapy-bone-pain.yaml").write_text(BONE_PAIN)
    return copied


def assessed(folder: Path, engine: Engine) -> dict[str, str]:
    """Row to outcome of the one case under `folder`."""
    (case,) = load_cases(folder)
    (document,) = engine.assess_body(case.body(), case.as_of, case.jurisdiction)
    return {row: one["outcome"] for one in document["treatments"] for row in one["covers"]}


def test_one_file_and_one_case_are_a_new_treatment(tmp_path: Path, mappings: Path) -> None:
    assert check(mappings) == ()
    facts = {
        "patient.gender": "male",
        "patient.age": "61",
        "tumour.site": "jejunum-ileum",
        "tumour.ki67": "2 %",
        "extent.stage": "metastatic",
        "symptom.bone_pain": "true",
    }
    fixtures = tmp_path / "fixtures"
    folder = new_case(fixtures, "ileum-bone-pain", facts, AS_OF, "Ileal NET with bone pain")
    assert yaml.safe_load((folder / "case.yaml").read_text())["expect"] == {}

    before = assessed(fixtures, Engine.load(MAPPINGS))
    after = assessed(fixtures, Engine.load(mappings))
    assert "T99" not in before
    assert after == {**before, "T99": "offer"}


def test_unknown_stays_unknown_in_a_new_treatment(tmp_path: Path, mappings: Path) -> None:
    """At 45 a pregnancy is neither known nor excluded: an option, with what is to be asked."""
    facts = {"patient.gender": "female", "patient.age": "45", "symptom.bone_pain": "true"}
    fixtures = tmp_path / "fixtures"
    new_case(fixtures, "net-bone-pain", facts, AS_OF, "NET with bone pain")
    assert assessed(fixtures, Engine.load(mappings))["T99"] == "offer-check"


def test_a_case_is_written_once_and_under_a_name_that_tells(tmp_path: Path) -> None:
    new_case(tmp_path, "net-suspected", {"net.status": "suspected"}, AS_OF, "Suspected NET")
    for name in ("net-suspected", "patient1", "NET case", "../net-elsewhere", ""):
        with pytest.raises(InputUnreadable):
            new_case(tmp_path, name, {}, AS_OF, "Again")
    assert [folder.name for folder in tmp_path.iterdir()] == ["net-suspected"]


def test_a_case_that_cannot_be_built_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadable, match="accepted is"):
        new_case(tmp_path, "net-of-the-knee", {"tumour.site": "knee"}, AS_OF, "NET of the knee")
    assert list(tmp_path.iterdir()) == []


def test_the_case_says_what_it_was_built_from_and_what_is_to_be_done(tmp_path: Path) -> None:
    folder = new_case(tmp_path, "net-new", {"tumour.ki67": "3-20 %"}, AS_OF, 'A "new" NET', "eu")
    text = (folder / "case.yaml").read_text()
    assert "tumour.ki67=3-20 %" in text
    assert "By hand" in text
    told = yaml.safe_load(text)
    assert (told["title"], told["jurisdiction"], told["as_of"]) == ('A "new" NET', "eu", AS_OF)
