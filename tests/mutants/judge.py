"""Which test notices a mutant: a fixture, or one of the tables that people wrote by hand."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import getsource
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from cdshooks.clinical.assess import Assessment, assess
from cdshooks.clinical.derive import Derivation, derive
from cdshooks.clinical.document import fact_json
from cdshooks.clinical.fact import Fact, Facts, Problem
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.value import Choice
from cdshooks.engine import DEFAULT_JURISDICTION
from cdshooks.errors import KnowledgeInvalid
from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.record import patient_ids
from cdshooks.knowledge.load import Knowledge
from tests.knowledge.encoding import KNOWLEDGE, told
from tests.mutants.edits import Mutant, knowledge_with
from tests.test_fixtures import BOARD, CASES, Case, shown

KNOWLEDGE_TESTS = Path(__file__).parents[1] / "knowledge"
# These tables are about how facts are read, the others about what follows from them.
ABOUT_FACTS = ("test_codes", "test_limits")
# These compare and ask no patient.
COMPARED = ("test_codes", "test_limits", "test_thresholds")

Read: TypeAlias = tuple[Facts, tuple[Problem, ...]]


def killer(mutant: Mutant) -> str:
    """The first that fails: "loader", a fixture, or a table; empty if the mutant survives."""
    try:
        with knowledge_with(mutant) as knowledge:
            return next(failing(mutant.folder, knowledge), "")
    except KnowledgeInvalid:
        return "loader"


def failing(folder: str, knowledge: Knowledge) -> Iterator[str]:
    """Everything that notices a change in a folder of mappings/, the cheapest first.

    Of the fixtures those first of whom a changed treatment is said.
    """
    changed = {one.fact.name for one in _changed_tables(knowledge)}
    treatments = {*_changed_treatments(knowledge)} if not changed else set()
    rows = {row for one in knowledge.treatments if one.id in treatments for row in one.covers}
    cases = sorted(CASES, key=lambda case: rows.isdisjoint(case.told["expect"]))
    yield from _failing_fixtures(cases, folder, knowledge, bool(changed))
    for module in sorted(tables(), key=lambda one: _later(one, changed)):
        name = module.__name__.rpartition(".")[2]
        if (folder == "facts") == (name in ABOUT_FACTS) and _asked(module, changed, treatments):
            yield from (f"table {name}" for _ in module.against(knowledge))


def _later(module: ModuleType, tables: set[str]) -> tuple[bool, bool]:
    """What only compares comes first, then the encodings of a table that changed."""
    return not module.__name__.endswith(COMPARED), tables.isdisjoint(getattr(module, "TABLES", ()))


def _asked(module: ModuleType, tables: set[str], treatments: set[str]) -> bool:
    """Does a module say anything of what changed? Rows are about the treatments that they name."""
    if hasattr(module, "TABLES"):
        return bool(tables & set(module.TABLES))
    rows = treatments and module.__name__.endswith("_rows")
    return not rows or any(f'"{name}"' in getsource(module) for name in treatments)


def _changed_treatments(knowledge: Knowledge) -> Iterator[str]:
    """The ids of the treatments of which some statement changed."""
    for one, was in zip(knowledge.treatments, KNOWLEDGE.treatments, strict=True):
        if _lists(one) != _lists(was):
            yield one.id


def _lists(treatment: Treatment) -> list[Any]:
    lists = (treatment.consider, treatment.block, treatment.hold, treatment.caution)
    said = [[one.when for one in treatment.sayings if one.when]]
    return [[*map(told, one)] for one in (*lists, *said)]


def _failing_fixtures(
    cases: list[Case], folder: str, knowledge: Knowledge, derive_anew: bool
) -> Iterator[str]:
    extractor = Extractor(knowledge.facts, knowledge.systems) if folder == "facts" else None
    for case in cases:
        facts, problems = _read(case, extractor) if extractor else _facts(case.name)
        anew = extractor or derive_anew
        facts = derive(facts, knowledge.derivations) if anew else _derived(case.name)
        if not _as_told(case, facts, problems, knowledge):
            yield f"fixture {case.name}"


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


def _cost(name: str) -> tuple[bool, bool, str]:
    """The short tables, then the encodings of what changed, then the rows that ask everything."""
    return name.endswith("_rows"), name.startswith("test_second_encoding"), name


# ---- fixtures -----------------------------------------------------------------------------------

Read = tuple[Facts, tuple[Problem, ...]]


@cache
def _shipped() -> Extractor:
    return Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)


@cache
def _facts(name: str) -> Read:
    return _read(next(case for case in CASES if case.name == name), _shipped())


@cache
def _derived(name: str) -> Facts:
    return derive(_facts(name)[0], KNOWLEDGE.derivations)


def _read(case: Case, extractor: Extractor) -> Read:
    record = extractor.record_reader.read(*_record(case.name))
    facts, problems = extractor.extract(record, case.head.as_of)
    country = case.head.jurisdiction or DEFAULT_JURISDICTION
    return facts.having([Fact("config.jurisdiction", Choice(frozenset({country})))]), problems


@cache
def _record(name: str) -> tuple[Any, str]:
    """The bodies of a case and the id of its patient."""
    bodies = (("Bundle", next(case for case in CASES if case.name == name).head.body()),)
    return bodies, patient_ids(bodies)[0]


def _as_told(case: Case, facts: Facts, problems: tuple[Problem, ...], knowledge: Knowledge) -> bool:
    """Does a patient get what case.yaml says, by this knowledge?"""
    for name, value in case.told.get("facts", {}).items():
        if shown(fact_json(facts[name])) != value:
            return False
    found = assess(
        knowledge.treatments,
        knowledge.requests,
        knowledge.warnings,
        facts,
        knowledge.vocabulary,
        problems,
    )
    return (
        _outcomes(found) == case.told["expect"]
        and {one.request.id for one in found.requests} == set(case.told["requests"])
        and {one.caveat.id for one in found.warnings} == set(case.told.get("warnings", ()))
    )


def _outcomes(found: Assessment) -> dict[str, str]:
    """Row to outcome as in case.yaml: without what is not offered and without the board."""
    return {
        row: one.outcome
        for one in found.treatments
        for row in one.treatment.covers
        if one.outcome != "not-offered" and row not in BOARD
    }
