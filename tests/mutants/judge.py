"""Which test notices a mutant: a fixture, or one of the tables that people wrote by hand."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from cdshooks.clinical.assess import assess
from cdshooks.clinical.criterion import leaves
from cdshooks.clinical.derive import Derivation, derive
from cdshooks.clinical.document import document, fact_json
from cdshooks.clinical.fact import Fact, Facts, Problem
from cdshooks.clinical.value import Choice
from cdshooks.clinical.weigh import asks_outcomes
from cdshooks.engine import DEFAULT_JURISDICTION
from cdshooks.errors import KnowledgeInvalid
from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.record import patient_ids
from cdshooks.knowledge.load import Knowledge
from tests.knowledge.encoding import KNOWLEDGE
from tests.knowledge.test_second_encoding_neighbours import told
from tests.mutants.edits import Mutant, knowledge_with
from tests.test_fixtures import CASES, Case, ids, outcomes, shown

KNOWLEDGE_TESTS = Path(__file__).parents[1] / "knowledge"
# These tables are about how facts are read, the others about what follows from them.
ABOUT_FACTS = ("test_codes", "test_limits")

Read: TypeAlias = tuple[Facts, tuple[Problem, ...]]


def killer(mutant: Mutant) -> str:
    """The first that fails: "loader", a fixture, or a table; empty if the mutant survives."""
    try:
        with knowledge_with(mutant) as knowledge:
            return next(_failing(mutant.folder, knowledge), "")
    except KnowledgeInvalid:
        return "loader"
    finally:
        leaves.cache_clear()  # they would keep every mutant alive
        asks_outcomes.cache_clear()


def failing_fixtures(folder: str, knowledge: Knowledge) -> Iterator[str]:
    extractor = Extractor(knowledge.facts, knowledge.systems) if folder == "facts" else None
    for case in CASES:
        read = _read(case, extractor) if extractor else _facts(case.name)
        if not _as_told(case, *read, knowledge):
            yield f"fixture {case.name}"


def _failing(folder: str, knowledge: Knowledge) -> Iterator[str]:
    yield from failing_fixtures(folder, knowledge)
    changed = {one.fact.name for one in _changed_tables(knowledge)}
    for module in tables():
        name = module.__name__.rpartition(".")[2]
        asked = changed & set(getattr(module, "TABLES", changed)) or not hasattr(module, "TABLES")
        if asked and (folder == "facts") == (name in ABOUT_FACTS):
            yield from (f"table {name}" for _ in module.against(knowledge))


def _changed_tables(knowledge: Knowledge) -> Iterator[Derivation]:
    was = {one.fact.name: told(one) for one in KNOWLEDGE.derivations}
    return (one for one in knowledge.derivations if told(one) != was[one.fact.name])


@cache
def tables() -> tuple[Any, ...]:
    """Every test module with a function `against`: what in a knowledge differs from its table.

    One that names the derived facts that it asks (`TABLES`) is asked only if one of them changed.
    """
    names = sorted((path.stem for path in KNOWLEDGE_TESTS.glob("test_*.py")), key=_cost)
    modules = [import_module(f"tests.knowledge.{name}") for name in names]
    return tuple(module for module in modules if hasattr(module, "against"))


def _cost(name: str) -> tuple[bool, str]:
    """The tables before the encodings, which ask thousands of patients."""
    return name.startswith("test_second_encoding"), name


# ---- fixtures -----------------------------------------------------------------------------------


@cache
def _shipped() -> Extractor:
    return Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)


@cache
def _facts(name: str) -> Read:
    return _read(next(case for case in CASES if case.name == name), _shipped())


def _read(case: Case, extractor: Extractor) -> Read:
    record = extractor.record_reader.read(*_record(case.name))
    facts, problems = extractor.extract(record, case.head.as_of)
    country = case.head.jurisdiction or DEFAULT_JURISDICTION
    jurisdiction = Fact("config.jurisdiction", Choice(frozenset({country})))
    return facts.having([jurisdiction]), problems


@cache
def _record(name: str) -> tuple[Any, str]:
    """The bodies of a case and the id of its patient."""
    bodies = (("Bundle", next(case for case in CASES if case.name == name).head.body()),)
    return bodies, patient_ids(bodies)[0]


def _as_told(case: Case, base: Facts, problems: tuple[Problem, ...], knowledge: Knowledge) -> bool:
    """Does a patient get what case.yaml says, by this knowledge?"""
    facts = derive(base, knowledge.derivations)
    for name, value in case.told.get("facts", {}).items():
        if shown(fact_json(facts[name])) != value:
            return False
    rules = (knowledge.treatments, knowledge.requests, knowledge.warnings)
    found = assess(*rules, facts, knowledge.vocabulary, problems)
    shape = document(found, knowledge.vocabulary, case.head.as_of, case.head.jurisdiction, {})
    return (
        outcomes(shape) == case.told["expect"]
        and ids(shape, "requests") == set(case.told["requests"])
        and ids(shape, "warnings") == set(case.told.get("warnings", ()))
    )
