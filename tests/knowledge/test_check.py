"""`cdshooks check`: every problem at once, each with file, line and what would be accepted (G7)."""

from pathlib import Path

import pytest

from cdshooks.errors import KnowledgeInvalid
from cdshooks.knowledge.load import check, load, load_version
from tests.knowledge.editions import replaced

PRRT = "treatments/prrt-lu177-dotatate.yaml"
PLATELETS = "facts/lab-platelets.yaml"


def test_the_shipped_knowledge_has_no_problem():
    assert check() == ()


MUTATIONS = [
    (PRRT, "id: prrt-lu177-dotatate", "id: prrt", "stands in"),
    (PRRT, "title:", "titel:", "there is no key 'titel'"),
    (PRRT, "status: draft", "status: final", "'final' is not accepted"),
    (PRRT, 'version: "1"', 'version: "1"\nversion: "2"', "given twice"),
    (PRRT, "- use: active-net", "- use: active-nets", "there is no block"),
    (PRRT, "net.family is NET", "net.family is NETS", "is never 'NETS'"),
    (PRRT, "net.family is NET", "net.famly is NET", "there is no fact"),
    (PRRT, "net.family is NET", "net.family > 3", "cannot be asked of it"),
    (PRRT, "source: lutathera-smpc", "source: lutathera", "there is no source"),
    (PRRT, "rank: ", "rank: x", "is no rank"),
    ("blocks/prrt-fitness-holds.yaml", "< 75 x10^9/L", "< 75 g/L", "is not in 'g/L'"),
    ("blocks/prrt-holds.yaml", "why: ", "wy: ", "there is no key 'wy'"),
    (PLATELETS, "LOINC#777-3", "LOINC#777-4", "check digit"),
    (PLATELETS, "LOINC#777-3", "LONC#777-3", "there is no code system"),
    (PLATELETS, "type: number", "type: numbers", "'numbers' is not accepted"),
    (PLATELETS, "unknown_after: 91 days", "unknown_after: 3 months", "is no number of days"),
    (PLATELETS, "fact: lab.platelets", "fact: lab.platelet", "the file is named"),
    ("derived/tumour-ki67-step.yaml", "then: G1", "then: G0", "is never 'G0'"),
    ("requests/sstr_imaging.yaml", "imaging.sstr_status", "imaging.sstr", "there is no fact"),
    ("sources.yaml", "url: https://", "url: http://", "needs its address"),
    ("systems.yaml", "uri:", "ury:", "there is no key 'ury'"),
    ("knowledge.yaml", "issued: 2026", "issued: 20x6", "is no date"),
    ("services/net-patient-view.yaml", "why:", "because:", "there is no key 'because'"),
    (PRRT, "consider_when_all:", "consider_when_all: [", "not YAML"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), MUTATIONS)
def test_a_broken_file_is_refused_with_file_line_and_cure(mappings, file, old, new, said):
    line = replaced(mappings, file, old, new)
    found = [problem for problem in check(mappings) if said in problem.problem]
    assert found, [str(problem) for problem in check(mappings)]
    assert found[0].file == f"{mappings}/{file}"
    assert abs(found[0].line - line) <= 2 or "stands" in said or "named" in said
    assert found[0].accepted


def test_every_problem_is_reported_at_once_and_nothing_is_half_loaded(mappings):
    for file, old, new, _ in MUTATIONS[2:6]:
        replaced(mappings, file, old, new)
    replaced(mappings, PLATELETS, "LOINC#777-3", "LOINC#777-4")
    with pytest.raises(KnowledgeInvalid) as refused:
        load(mappings)
    assert len(refused.value.problems) >= 4


def test_a_summary_longer_than_a_card_takes_is_refused(mappings):
    replaced(mappings, PRRT, 'summary: "', 'summary: "' + "x" * 140)
    assert any("characters" in problem.problem for problem in check(mappings))


def test_facts_that_derive_from_each_other_are_refused(mappings):
    replaced(
        mappings,
        "derived/tumour-counted-step.yaml",
        "highest_of: [tumour.ki67_step",
        "highest_of: [tumour.who_step",
    )
    replaced(
        mappings,
        "derived/tumour-who-step.yaml",
        "highest_of: [tumour.ki67_step",
        "highest_of: [tumour.counted_step",
    )
    assert any("derive from each other" in problem.problem for problem in check(mappings))


def test_an_outcome_that_waits_for_another_outcome_is_refused(mappings):
    """T04 asks for that of resection, so resection may ask for no outcome in turn."""
    replaced(
        mappings,
        "treatments/curative-resection.yaml",
        "consider_when_all:\n",
        "consider_when_all:\n  - {if: outcome.net-mdt is offer, why: First., source: policy}\n",
    )
    (problem,) = check(mappings)
    assert problem.file.endswith("minimally-invasive-approach.yaml")
    assert "asks for the outcome of curative-resection" in problem.problem


def test_a_missing_file_is_a_problem_and_no_traceback(mappings):
    (mappings / "sources.yaml").unlink()
    assert any(problem.file == f"{mappings}/sources.yaml" for problem in check(mappings))
    assert check(mappings / "nowhere")[0].problem == "the folder is missing"
    for folder in (mappings.parent, mappings / "nowhere"):
        for problem in check(folder):
            assert problem.file.startswith(f"{folder}")
            assert problem.problem.endswith("is missing")


def test_another_byte_is_another_digest(mappings):
    before = load(mappings).edition.digest
    replaced(mappings, PRRT, "# ", "#  ") if "# " in (mappings / PRRT).read_text() else replaced(
        mappings, PRRT, "title: ", "title:  "
    )
    assert load(mappings).edition.digest != before


def test_the_version_that_is_announced_is_the_one_of_the_whole_knowledge():
    assert load_version() == load().edition.version


@pytest.mark.parametrize("written", ["", "x", "issued: 2026-11-01"])
def test_no_version_is_announced_of_knowledge_that_names_none(mappings, monkeypatch, written):
    (mappings / "knowledge.yaml").write_text(written)
    monkeypatch.setattr("cdshooks.knowledge.load.default_root", lambda: mappings)
    with pytest.raises(KnowledgeInvalid):
        load_version()


def test_a_problem_names_a_file_that_can_be_opened_from_here(mappings, monkeypatch):
    """As it was named, and short where it lies below."""
    (mappings / "sources.yaml").write_text("[", encoding="utf-8")
    (mappings / "elsewhere").mkdir()
    for here, named, said in (
        (mappings.parent, mappings, "mappings/sources.yaml"),
        (mappings.parent, Path("mappings"), "mappings/sources.yaml"),
        (mappings, mappings, "sources.yaml"),
        (mappings / "elsewhere", Path(".."), "../sources.yaml"),
        (mappings / "elsewhere", mappings, f"{mappings}/sources.yaml"),
    ):
        monkeypatch.chdir(here)
        assert said in {problem.file for problem in check(named)}
        assert all(Path(problem.file).is_file() for problem in check(named))
    codes = Path("local.yaml")
    codes.write_text("map: []\n", encoding="utf-8")
    with pytest.raises(KnowledgeInvalid) as caught:
        load(local_codes=codes)
    assert {problem.file for problem in caught.value.problems} == {"local.yaml"}
