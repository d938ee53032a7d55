"""What a special reader asks of its concepts is there, and is checked before the service starts."""

import ast
from collections import UserDict
from dataclasses import replace
from pathlib import Path

import pytest

from cdshooks.engine import Engine
from cdshooks.faces import fixtures
from cdshooks.fhir import readers
from cdshooks.knowledge.facts import Family
from cdshooks.knowledge.families import NAMED
from cdshooks.knowledge.load import check, load
from tests.knowledge.editions import replaced


class Asked(UserDict):
    """Concepts by name that remember which names were asked for."""

    def __init__(self, concepts):
        super().__init__(concepts)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

    def values(self):
        return self.data.values()

    def items(self):
        return self.data.items()


def spelled_out():
    """Every word in the code of the readers: what they find by going through is not asked for."""
    return {
        node.value
        for path in Path(readers.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_concept_that_a_reader_asks_for_by_name_is_one_that_must_be_there():
    """Else a file without it would be accepted, and the first patient would get an error."""
    knowledge = load()
    asked = {name: Asked(one.concepts) for name, one in knowledge.facts.families.items()}
    families = {name: Family(name, concepts) for name, concepts in asked.items()}
    engine = Engine(replace(knowledge, facts=replace(knowledge.facts, families=families)))
    for case in fixtures.load_cases(fixtures.default_root()):
        engine.assess_body(case.body(), case.as_of, case.jurisdiction)
    assert any(concepts.names for concepts in asked.values())
    lacking = {
        f"{name}/{one}"
        for name, concepts in asked.items()
        for one in (concepts.names & spelled_out()) - set(NAMED.get(name, ()))
    }
    assert lacking == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pathology", "  ki67:", "  ki-67:", "needs the concept 'ki67'"),
        ("prior-therapy", "{fact: prior.prrt,", "{fact: prior.prtt,", "fact is never 'prior.prtt'"),
        ("prior-therapy", "{start: each}", "{strat: each}", "knows no 'strat'"),
        ("net-diagnosis", "site: pancreas", "site: pancraes", "site is never 'pancraes'"),
        ("progression", "status: stable", "status: stabel", "status is never 'stabel'"),
        ("receptor-imaging", 'days: "183"', "days: half a year", "days is a number"),
        ("extent", "near: lung", "near: lungs", "near is never 'lungs'"),
    ],
)
def test_a_word_that_no_reader_knows_is_refused(mappings, file, old, new, said):
    replaced(mappings, f"facts/{file}.yaml", old, new)
    found = [one for one in check(mappings) if said in one.problem]
    assert found
    assert found[0].file == f"{mappings}/facts/{file}.yaml"
