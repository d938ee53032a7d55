"""A change of a rule shows in the cards of some patient on file, and is told in words."""

import json

import pytest

from cdshooks.engine import Engine
from cdshooks.knowledge.diff import differences, patient_differences
from cdshooks.knowledge.load import load
from tests.knowledge.editions import copied, replaced
from tests.safety.patients import CASE, assessed
from tests.shipped import KNOWLEDGE

# (file, what stands there, what would stand there, the patient whose cards tell)
CHANGES = [
    ("treatments/ssa-tumour-control.yaml", "< 10 %", "< 8 %", "pancreas-ki67-8-untreated"),
    (
        "blocks/prrt-fitness-holds.yaml",
        "platelets < 75",
        "platelets < 50",
        "pancreas-ki67-15-platelets-70",
    ),
    (
        "treatments/sunitinib.yaml",
        "prior.sunitinib is none",
        "not prior.sunitinib is none",
        "pancreas-g2-progressive-many-options",
    ),
]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The knowledge with all the changes, and an engine of it."""
    mappings = copied(tmp_path_factory.mktemp("changed"))
    for file, was, becomes, _ in CHANGES:
        replaced(mappings, file, was, becomes)
    changed = load(mappings)
    return changed, Engine(changed)


@pytest.mark.parametrize("patient", [patient for *_, patient in CHANGES])
def test_h9_a_changed_rule_changes_cards_on_file(edition, patient):
    """What the golden test compares no longer agrees, and the report names the patient."""
    case = CASE[patient]
    (found,) = edition[1].assess_body(case.body(), case.as_of, case.jurisdiction)
    on_file = json.loads(case.cards.read_text(encoding="utf-8"))
    assert found["cards"] != on_file == assessed(case)["cards"]
    report = [*patient_differences({patient: [assessed(case)]}, {patient: [found]})]
    assert report[0] == f"patient {patient}"


@pytest.mark.parametrize("file", [file for file, *_ in CHANGES])
def test_h9_a_changed_rule_is_told_in_words(edition, file):
    told = "\n".join(differences(KNOWLEDGE, edition[0]))
    assert file.removesuffix(".yaml") in told
    assert "still version 1" in told  # nobody has signed the change
