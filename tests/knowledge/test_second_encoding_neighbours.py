"""Every patient one value away from an offer, by both encodings.

Around each patient to whom a treatment is offered, every value of the pool and both sides of every
threshold are tried in turn: what a single statement decides is decided by one of these patients.
With SOAK=1 all of them, else one in 5; the random patients are asked too.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.derive import inputs_of
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Choice
from cdshooks.clinical.vocabulary import OUTCOME_PREFIX
from cdshooks.clinical.weigh import asks_outcomes, weigh
from tests.knowledge.encoding import DERIVATIONS, KNOWLEDGE, SOAK, facts, told
from tests.knowledge.second_encoding_systemic import ORDERED
from tests.knowledge.test_second_encoding_derived import completed
from tests.knowledge.test_second_encoding_treatments import NEVER, outcome
from tests.knowledge.test_thresholds import THRESHOLDS
from tests.property.strategies import CASES, NEAR, POOL, consistent, random_patient

ENCODINGS = (
    "test_second_encoding_treatments",
    *sorted(path.stem for path in Path(__file__).parent.glob("second_encoding_*.py")),
)
# Around the patients to whom it is offered; what follows another treatment around that one's, and
# what is always on hold around those to whom that is said.
AROUND = {
    **CASES,
    "chemotherapy-gut-net-ordered": ORDERED,
    "intra-arterial-prrt": [
        case | {"extent.pattern": "liver-only"} for case in CASES["prrt-lu177-dotatate"]
    ],
    "minimally-invasive-approach": [*CASES["curative-resection"], *CASES["liver-resection"]],
}
RANDOM = 6_000 if SOAK else 1_500


class Neighbour(NamedTuple):
    """A patient in plain values and as facts, and the outcomes by hand."""

    plain: dict[str, Any]
    facts: Facts
    by_hand: dict[str, str]


@cache
def criteria_by_hand():
    """The functions that give (consider, block, hold) by treatment, one for each file of them."""
    return tuple(import_module(f"tests.knowledge.{name}").criteria for name in ENCODINGS)


def outcomes_by_hand(plain):
    patient = completed(plain)
    lists = {name: three for one in criteria_by_hand() for name, three in one(patient).items()}
    return {name: outcome(*three) for name, three in lists.items()}


@cache
def pool():
    """The values worth trying, with the two sides of every threshold."""
    values = {name: list(tried) for name, tried in POOL.items()}
    for text, sides in THRESHOLDS.items():
        name = text.split()[0]
        if name not in DERIVATIONS:
            values.setdefault(name, []).extend(map(float, sides))
    return {name: tuple(dict.fromkeys(tried)) for name, tried in values.items()}


@cache
def changes(treatment):
    """(case, name, value) around the offers of a treatment, in random order."""
    near = [
        (case, name, value)
        for case in AROUND[treatment]
        for name in pool()
        for value in pool()[name]
    ]
    Random(treatment).shuffle(near)
    return tuple(near)


@cache
def neighbour(treatment, number):
    case, name, value = changes(treatment)[number]
    return _patient(consistent({**case, name: value}))


@cache
def stranger(number):
    """A random patient; the first are those near which a statement decides that others hide."""
    near = dict(enumerate(NEAR))
    return _patient(near.get(number) or random_patient(Random(f"stranger {number}")))


def _patient(plain):
    return Neighbour(plain, facts(plain), outcomes_by_hand(plain))


def patients(treatment, names=()):
    """Patients for one treatment: its neighbours first, then the strangers.

    Of the neighbours those first that are one of these facts away.
    """
    near = changes(treatment)
    numbers = sorted(range(len(near)), key=lambda number: near[number][1] not in names)
    yield from (neighbour(treatment, number) for number in numbers)
    yield from (stranger(number) for number in range(RANDOM))


# ---- against another knowledge ------------------------------------------------------------------


def against(knowledge):
    """(treatment, patient, outcome by hand, outcome) where a changed treatment differs.

    The derived facts are those of the shipped knowledge: their tables have encodings of their own.
    """
    for treatment, was in zip(knowledge.treatments, KNOWLEDGE.treatments, strict=True):
        if _lists(treatment) != _lists(was):
            yield from _different(treatment, _bases(_statements(treatment) ^ _statements(was)))


def _statements(treatment):
    return {(leaf.statement.text, leaf.statement.facts) for leaf in treatment.every_leaf()}


def _bases(statements):
    """The facts of statements, and those that derived ones follow from."""
    names = {name for _, facts_of in statements for name in facts_of}
    while more := {base for n in names & DERIVATIONS.keys() for base in _inputs(n)} - names:
        names |= more
    return names


@cache
def _inputs(name):
    return inputs_of(DERIVATIONS[name])


def _different(treatment, names):
    for patient in patients(treatment.id, names):
        known = patient.facts
        if asks_outcomes(treatment):
            known = known.having(_as_facts(patient.by_hand))
        found = weigh(treatment, known, KNOWLEDGE.vocabulary).outcome
        if found != patient.by_hand[treatment.id]:
            yield treatment.id, patient.plain, patient.by_hand[treatment.id], found


def _as_facts(outcomes):
    return [
        Fact(f"{OUTCOME_PREFIX}{name}", Choice(frozenset({one}))) for name, one in outcomes.items()
    ]


def _lists(treatment):
    return [[*map(told, one)] for one in (treatment.consider, treatment.block, treatment.hold)]


# ---- the shipped knowledge ----------------------------------------------------------------------


def test_every_treatment_has_its_formula_and_a_patient_to_whom_it_is_offered():
    ids = {treatment.id for treatment in KNOWLEDGE.treatments}
    assert set(stranger(0).by_hand) == ids == set(AROUND)
    for name, cases in CASES.items():
        reached = {outcomes_by_hand(case)[name] for case in cases}
        assert {"offer"} - NEVER.get(name, set()) <= reached, name


@pytest.mark.parametrize("treatment", sorted(AROUND))
def test_h10_both_encodings_agree_on_every_neighbour(treatment):
    numbers = range(0, len(changes(treatment)), 1 if SOAK else 5)
    for number in numbers:
        patient = neighbour(treatment, number)
        found = assess(KNOWLEDGE.treatments, (), (), patient.facts, KNOWLEDGE.vocabulary)
        outcomes = {one.treatment.id: one.outcome for one in found.treatments}
        assert outcomes == patient.by_hand, changes(treatment)[number]
    print(f"{len(numbers)} neighbours of {treatment}")
