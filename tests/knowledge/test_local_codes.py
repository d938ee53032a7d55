"""A site's code map: what it says, and every mistake in it at once, with its cure."""

import pytest

from cdshooks.knowledge.codes import read_systems
from cdshooks.knowledge.facts import read_facts
from cdshooks.knowledge.load import READERS, default_root
from cdshooks.knowledge.local import read_local_codes

LAB = "http://hospital.example/lab"
SYSTEMS = read_systems(default_root(), [])
FACTS = read_facts(default_root(), SYSTEMS, READERS, [])


def written(tmp_path, text):
    path = tmp_path / "local.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def one_code(means, system=LAB, code="X", display="Name"):
    shown = f", display: {display}" if display else ""
    return f"maps:\n  - system: {system}\n    codes:\n      {code}: {{means: '{means}'{shown}}}\n"


def read(path):
    """(the systems with the codes of the file, its problems)."""
    problems = []
    local = read_local_codes(path, SYSTEMS, FACTS, problems)
    return SYSTEMS.with_local(local), problems


def mistakes(tmp_path, text):
    return read(written(tmp_path, text))[1]


def test_a_map_gives_each_local_code_its_standard_one(tmp_path):
    text = one_code("ICD-10-CM#C7A.012", system=LAB + "/", code='"4711"')
    systems, problems = read(written(tmp_path, text))
    assert not problems
    assert systems.normal(LAB, "4711") == systems.normal(
        "http://hl7.org/fhir/sid/icd-10-cm", "C7A.012"
    )
    assert systems.normal(LAB, "4712") is None
    assert systems.normal("http://elsewhere.example", "4711") is None


def test_a_code_of_a_chapter_that_is_read_as_a_whole_can_be_meant(tmp_path):
    assert read(written(tmp_path, one_code("ICD-10-CM#C34.1")))[0].local


MISTAKES = [
    (one_code("LOINK#777-3"), 4, "there is no code system 'LOINK'", "LOINC, SNOMED"),
    (one_code("LOINC#2345-7"), 4, "no fact is read from LOINC#2345-7", "LOINC#"),
    (one_code("LOINC#777-4"), 4, "check digit", "loinc.org"),
    (one_code("LOINC#85330-9"), 4, "look-alike", "LOINC#29593-1"),
    (one_code("ICD-10-CM#C7A*"), 4, "means one code", "without *"),
    (one_code("Ki-67"), 4, "cannot read the code", "SYSTEM#code"),
    (one_code("LOINC#777-3", system="http://loinc.org"), 2, "this is LOINC itself", "of the site"),
    (one_code("LOINC#777-3", system="urn:oid:2.16.840.1.113883.6.1"), 2, "LOINC itself", "site"),
    (one_code("LOINC#777-3", system="lab"), 2, "is no URI", "URI"),
    (one_code("LOINC#777-3", display=""), 4, "'display' is missing", "display"),
    (
        one_code("LOINC#777-3") + one_code("LOINC#718-7", system=LAB + "/").replace("maps:\n", ""),
        7,
        "mapped twice",
        "once",
    ),
    ("maps:\n  - system: http://a.example\n", 2, "'codes' is missing", "codes"),
    ("map: []\n", 1, "there is no key 'map'", "maps"),
    ("maps: [\n", 2, "not YAML", "YAML"),
    ("", 1, "empty", ""),
]


@pytest.mark.parametrize(("text", "line", "problem", "accepted"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_cure(tmp_path, text, line, problem, accepted):
    found = mistakes(tmp_path, text)
    said = [one for one in found if problem in one.problem]
    assert said, found
    assert (said[0].line, accepted in said[0].accepted) == (line, True), said
    assert said[0].file.endswith("local.yaml")


def test_all_mistakes_are_told_at_once(tmp_path):
    text = one_code("LOINK#1") + one_code("LOINC#2345-7", code="Y").replace("maps:\n", "")
    assert len(mistakes(tmp_path, text)) == 2


def test_a_file_that_is_not_there_is_a_problem_and_no_crash(tmp_path):
    _, (problem,) = read(tmp_path / "absent.yaml")
    assert "is missing" in problem.problem
