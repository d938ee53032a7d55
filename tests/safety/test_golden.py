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


@pytest.mark.parametrize(("file", "was", "becomes", "patient"), CHANGES)
def test_h9_a_changed_rule_changes_cards_on_file_and_is_told_in_words(
    tmp_path, file, was, becomes, patient
):
    """What the golden test compares no longer agrees, and the report names rule and patient."""
    mappings = copied(tmp_path)
    replaced(mappings, file, was, becomes)
    changed, case = load(mappings), CASE[patient]
    (found,) = Engine(changed).assess_body(case.body(), case.as_of, case.jurisdiction)
    on_file = json.loads(case.cards.read_text(encoding="utf-8"))
    assert found["cards"] != on_file == assessed(case)["cards"]
    told = "\n".join(differences(KNOWLEDGE, changed))
    assert file.removesuffix(".yaml") in told
    assert "still version 1" in told  # nobody has signed the change
    report = [*patient_differences({patient: [assessed(case)]}, {patient: [found]})]
    assert report[0] == f"patient {patient}"
