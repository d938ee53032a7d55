"""Two editions in words: what changed, where no new version says so, and for which patients."""

import pytest

from cdshooks.knowledge.diff import WIDTH, differences, patient_differences
from cdshooks.knowledge.load import load
from tests.knowledge.editions import copied


@pytest.fixture(scope="module")
def shipped():
    return load()


def changed(folder, *changes):
    """Another edition: texts of files replaced, or files (without a text) removed."""
    mappings = copied(folder)
    for file, *texts in changes:
        path = mappings / file
        if not texts:
            path.unlink()
            continue
        old, new = texts
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    return load(mappings)


def test_an_edition_does_not_differ_from_itself(shipped):
    assert list(differences(shipped, load())) == []


def test_h9_what_changed_is_told_once_in_words(shipped, tmp_path):
    new = changed(
        tmp_path,
        ("treatments/ssa-tumour-control.yaml", "tumour.ki67 < 10 %", "tumour.ki67 < 8 %"),
        ("facts/lab-albumin.yaml", "unknown_after: 91 days", "unknown_after: 60 days"),
        ("facts/lab-albumin.yaml", "[albumin, serum albumin,", "[albumin, albuminum,"),
        ("requests/albumin.yaml", "title: ", "title: New "),
        ("derived/tumour-ki67-step.yaml", "then: G1", "then: G2"),
        ("sources.yaml", "N Engl J Med 2014;371:224-233", "N Engl J Med 2014"),
        ("warnings/grade_discordance.yaml",),
    )
    told = list(differences(shipped, new))
    text = " ".join(" ".join(told).split())
    assert "was Ki-67 is below 10 %. CLARINET" in text
    assert "now Ki-67 is below 8 %. CLARINET" in text
    assert "was warns after 28 days; not used after 91 days" in text
    assert "now warns after 28 days; not used after 60 days" in text
    assert "word “serum albumin”" in text
    assert "warnings/grade_discordance is gone" in text
    assert any(line.startswith("requests/albumin changed") for line in told)
    assert any(line.startswith("derived/tumour.ki67_step changed") for line in told)
    assert any(line.startswith("sources changed") for line in told)
    assert [line for line in told if len(line) > WIDTH] == []


@pytest.mark.parametrize(("version", "still"), [("1", True), ("2", False)])
def test_h9_a_change_without_a_new_version_is_named(shipped, tmp_path, version, still):
    file = "treatments/ssa-tumour-control.yaml"
    new = changed(
        tmp_path,
        (file, "tumour.ki67 < 10 %", "tumour.ki67 < 8 %"),
        (file, 'version: "1"', f'version: "{version}"'),
    )
    (told,) = (one for one in differences(shipped, new) if one.startswith("treatments/"))
    assert told.endswith("still version 1") == still


def test_a_code_that_goes_or_comes_is_told(shipped, tmp_path):
    new = changed(tmp_path, ("facts/lab-platelets.yaml", 'LOINC#777-3 "', 'LOINC#26515-7 "'))
    text = "\n".join(differences(shipped, new))
    assert "code LOINC#777-3" in text
    assert "code LOINC#26515-7" in text


def document(outcome, requests=(), summary="A card"):
    return {
        "treatments": [{"id": "prrt", "outcome": outcome}, {"id": "x", "outcome": "not-offered"}],
        "requests": [{"id": one} for one in requests],
        "cards": [{"indicator": "info", "summary": summary, "detail": "**One**\n\n- line"}],
    }


def test_patients_without_a_difference_are_not_told_of():
    same = {"a": [document("offer")]}
    assert list(patient_differences(same, same)) == []


def test_h9_another_outcome_request_or_card_of_a_patient_is_told():
    old = {"a": [document("offer")], "b": [document("offer")]}
    new = {"a": [document("hold", ["platelets"], "Another card")], "b": [document("offer")]}
    assert list(patient_differences(old, new)) == [
        "patient a",
        "  outcome was prrt: offer",
        "  outcome now prrt: hold",
        "  request new platelets",
        "  card was info: A card",
        "  card now info: Another card",
    ]
