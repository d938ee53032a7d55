"""The mutants themselves: each edit is made, noticed where it matters, and taken back."""

from collections import Counter

import pytest

from tests.knowledge import test_systemic_rows
from tests.knowledge.encoding import KNOWLEDGE, told
from tests.knowledge.rows import failing
from tests.mutants.edits import Mutant, equivalents, every_mutant, knowledge_with
from tests.mutants.judge import killer, tables

MUTANTS = tuple(every_mutant())


def of(file, kind, was, became):
    (found,) = (
        one
        for one in MUTANTS
        if (one.file, one.kind, one.was, one.became) == (file, kind, was, became)
    )
    return found


def test_h14_every_kind_of_edit_is_made():
    kinds = Counter(mutant.kind for mutant in MUTANTS)
    assert set(kinds) == {
        *("threshold", "statement", "group", "limit"),
        *("codes", "never", "words", "never_words", "helps"),
    }


def test_h14_a_threshold_is_moved_down_up_and_across():
    edits = [
        one.became
        for one in MUTANTS
        if (one.file, one.kind) == ("blocks/prrt-fitness-holds.yaml", "threshold")
        if one.was == "lab.platelets < 75 x10^9/L"
    ]
    assert edits == [f"lab.platelets {rest} x10^9/L" for rest in ("< 70", "< 80", "<= 75")]


def test_an_edit_is_read_by_the_loader_and_taken_back():
    mutant = of("blocks/prrt-blocks.yaml", "statement", "patient.pregnant", "(dropped)")
    with knowledge_with(mutant) as without:
        assert not _pregnancy_blocks_prrt(without)
    with knowledge_with(Mutant("blocks/", 0, "none", "", "", lambda: lambda: None)) as whole:
        assert _pregnancy_blocks_prrt(whole)
        assert [*map(told, whole.derivations)] == [*map(told, KNOWLEDGE.derivations)]


def _pregnancy_blocks_prrt(knowledge):
    prrt = next(one for one in knowledge.treatments if one.id == "prrt-lu177-dotatate")
    return "patient.pregnant" in str([told(criterion) for criterion in prrt.block])


@pytest.mark.parametrize(
    ("file", "kind", "was", "became"),
    [
        ("blocks/prrt-blocks.yaml", "statement", "patient.pregnant", "(dropped)"),
        ("blocks/prrt-fitness-holds.yaml", "threshold", "patient.ecog > 2", "patient.ecog >= 2"),
        ("derived/tumour-ki67-step.yaml", "threshold", "tumour.ki67 < 3 %", "tumour.ki67 <= 3 %"),
        ("facts/lab-platelets.yaml", "limit", "unknown_after: 91 days", "98 days"),
    ],
)
def test_h14_an_edit_that_matters_is_noticed(file, kind, was, became):
    assert killer(of(file, kind, was, became))


def test_an_edit_that_changes_nothing_survives():
    assert killer(Mutant("requests/", 0, "none", "", "", lambda: lambda: None)) == ""


def test_the_tables_and_the_encodings_are_found():
    names = {module.__name__.rpartition(".")[2] for module in tables()}
    assert names >= {
        *("test_thresholds", "test_cautions", "test_limits", "test_codes", "test_requests"),
        *("test_liver_rows", "test_surgery_rows", "test_systemic_rows"),
        *("test_second_encoding_grade", "test_second_encoding_kidney"),
        *("test_second_encoding_derived", "test_second_encoding_neighbours"),
    }


def test_a_row_test_fails_with_a_knowledge_that_says_otherwise():
    mutant = of("treatments/sunitinib.yaml", "statement", "tumour.site is pancreas", "(dropped)")
    with knowledge_with(mutant) as without:
        failed = {name for name, _ in failing(test_systemic_rows, without)}
    assert "test_a_row_reaches_its_outcome" in failed
    assert [*failing(test_systemic_rows, KNOWLEDGE)] == []


def test_h14_what_is_listed_as_equivalent_is_a_mutant_and_has_its_reason():
    reasons = equivalents(MUTANTS)
    assert all(len(reason) > 20 for reason in reasons.values())
    assert len(reasons) < len(MUTANTS) / 100, "the list is for exceptions"
