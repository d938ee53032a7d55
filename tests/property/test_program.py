"""The compiled rules answer exactly as their definition, statement by statement.

The definition is `Statement.ask`, and on it `answer`, `weigh` and `Table.derive` over plain facts.
Random patients have every fact that statements ask, at and beside their limits; SOAK=1 asks 10,000.
"""

import gc
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from types import FunctionType, ModuleType
from typing import Any
from weakref import ref

import pytest

from cdshooks.clinical.asked import every_criterion
from cdshooks.clinical.assess import Assessment, Assessor
from cdshooks.clinical.criterion import Leaf, all_deciding, answer, leaves
from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.marks import REMEMBERED, TOGETHER, Kept
from cdshooks.clinical.truth import Truth, all_of, any_of
from cdshooks.clinical.value import Choice, Flag, Members, Span, Value, exactly
from cdshooks.clinical.vocabulary import OUT_OF_DATE, FactType
from cdshooks.clinical.weigh import TreatmentAssessment, weigh
from tests.knowledge.encoding import BASE, KNOWLEDGE, SOAK, VOCABULARY

RULES = (KNOWLEDGE.derivations, KNOWLEDGE.treatments, KNOWLEDGE.requests, KNOWLEDGE.warnings)
SHIPPED = Assessor(*RULES, VOCABULARY)
CRITERIA = tuple(dict.fromkeys(every_criterion(*RULES, VOCABULARY)))
PATIENTS = range(10_000 if SOAK else 60)
LIMITS: dict[str, set[Decimal]] = {}
for leaf in (leaf for criterion in CRITERIA for leaf in leaves(criterion)):
    if leaf.statement.number is not None:
        LIMITS.setdefault(leaf.statement.facts[0], set()).add(leaf.statement.number)


# ---- random patients -----------------------------------------------------------------------------


def patient(seed: int) -> Facts:
    """A patient with much or little on file; some values aged, expired or only assumed."""
    random = Random(seed)
    told = random.choice((0.1, 0.3, 0.6))
    found = {name: _fact(VOCABULARY[name], random, told) for name in BASE}
    for name, usual in (("net.status", "active"), ("net.entity", "NEN")):
        if random.random() < 0.7:  # or hardly any treatment would be considered
            found[name] = found[name]._replace(value=Choice(frozenset({usual})))
    return Facts(found)


def _fact(fact_type: FactType, random: Random, told: float) -> Fact:
    name, place = fact_type.name, Provenance(f"Observation/{random.randrange(99)}", "value")
    match random.random():
        case chance if chance < told:
            value = _value(fact_type, random)
            assumed, aged = random.random() < 0.05, random.random() < 0.1
            return Fact(name, value, (place,), assumed=assumed, aged=aged)
        case chance if chance > 0.99:
            return Fact(name, None, (place,), why_absent="too old", expired=True)
        case chance if chance > 0.97:
            return Fact(name, why_absent="not assessed")
    return fact_type.when_silent()


def _value(fact_type: FactType, random: Random) -> Value:
    match fact_type.kind:
        case "flag":
            return Flag(random.random() < 0.5)
        case "choice":
            many = random.choice((1, 1, 1, 2, 3))
            return Choice(
                frozenset(random.sample(fact_type.values, min(many, len(fact_type.values))))
            )
        case "members":
            has = frozenset(one for one in fact_type.values if random.random() < 0.2)
            return Members(
                has, frozenset(v for v in fact_type.values if random.random() < 0.5) - has
            )
    limit = random.choice(sorted(LIMITS.get(fact_type.name, {Decimal(3)})))
    low = limit + random.choice((0, 0, 1, -1, Decimal("0.5")))
    if random.random() < 0.6:
        return exactly(low, fact_type.unit)
    high = random.choice((low, low + random.choice((1, 5, 100)), None))
    return Span(
        random.choice((low, low, None)), high, fact_type.unit, *random.choices((False, True), k=2)
    )


# ---- the definition ------------------------------------------------------------------------------


def plainly_derived(facts: Facts) -> Facts:
    by_name = dict(facts.by_name)
    for derivation in KNOWLEDGE.derivations:
        by_name[derivation.fact.name] = derivation.derive(Facts(by_name))
    return Facts(by_name)


def told(one: TreatmentAssessment) -> tuple[Any, ...]:
    """Everything that is told of a treatment."""
    why = (one.because, one.cautions, one.blocked_by, one.held_by, one.checks)
    return one.treatment.id, one.outcome, one.needs, one.undecided, one.rests_on, *why


def plainly_requested(
    weighed: list[TreatmentAssessment], facts: Facts
) -> Iterator[tuple[Any, ...]]:
    """(request, facts, treatments that wait, why it is made by itself), one after another."""
    waiting: dict[str, list[str]] = {}
    for one in weighed:
        if one.outcome == "needs-data" and one.treatment.silent:
            continue
        for name in dict.fromkeys((*one.needs, *(_aged(one, facts) if one.fits else ()))):
            waiting.setdefault(name, []).append(one.treatment.id)
    for request in KNOWLEDGE.requests:
        if any_of(answer(one, facts) for one in request.never_when) is Truth.YES:
            continue
        asked = [name for name in request.facts if name in waiting]
        because: tuple[Leaf, ...] = ()
        by_itself = all_of(answer(one, facts) for one in request.ask_when)
        if request.ask_when and by_itself is Truth.YES and not asked:
            because = all_deciding(request.ask_when, facts, Truth.YES)
            names = {name for leaf in because for name in leaf.statement.facts}
            needed = [facts.value(name) for name in names if name.startswith("needs.")]
            names |= {name for one in needed for name in one.has}
            asked = [name for name in request.facts if name in names] or [request.facts[0]]
        if asked:
            rows = dict.fromkeys(row for name in asked for row in waiting.get(name, ()))
            yield request.id, tuple(asked), tuple(rows), because


def _aged(one: TreatmentAssessment, facts: Facts) -> Iterator[str]:
    safety = (*one.treatment.block, *one.treatment.hold)
    for name in (n for each in safety for leaf in leaves(each) for n in leaf.statement.facts):
        if facts[name].aged:
            asked = VOCABULARY[name].asks or (name,)
            yield from [base for base in asked if facts[base].aged] or asked


def plainly_out_of_date(names: set[str], facts: Facts) -> tuple[str, ...]:
    """Of all facts behind some those that are out of date; of one reading the first by name."""
    by_reading: dict[Any, str] = {}
    for fact in sorted(_behind(names, facts), key=lambda one: one.name):
        overtaken = VOCABULARY[fact.name].warn_if if fact.name in VOCABULARY else ""
        doubted = bool(overtaken) and facts.value(overtaken) == Flag(so=True)
        if fact.readings and (fact.aged or fact.expired or doubted):
            by_reading.setdefault(fact.readings, fact.name)
    return tuple(by_reading.values())


def _behind(names: set[str], facts: Facts) -> Iterator[Fact]:
    """Each fact once, with those that it follows from and those that would settle it."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in facts.by_name:
            seen.add(name)
            waiting += facts[name].derived_from
            waiting += VOCABULARY[name].asks if name in VOCABULARY else ()
            yield facts[name]


def differing(found: Assessment, given: Facts) -> Iterator[str]:
    """What an assessment says otherwise than the definition."""
    derived = plainly_derived(given)
    yield from (one.name for one in derived if found.facts[one.name] != one)
    facts = Facts(dict(found.facts.by_name))  # the same facts, of which nothing is answered
    weighed = [weigh(treatment, facts, VOCABULARY) for treatment in KNOWLEDGE.treatments]
    for one, was in zip(found.treatments, weighed, strict=True):
        if told(one) != told(was):
            yield f"treatment {one.treatment.id}"
        if facts.value(f"outcome.{was.treatment.id}") != Choice(frozenset({was.outcome})):
            yield f"outcome of {was.treatment.id}"
        if facts.value(f"needs.{was.treatment.id}").has != set(was.undecided):
            yield f"needs of {was.treatment.id}"
    yield from (str(one) for one in CRITERIA if answer(one, found.facts) is not answer(one, facts))
    requests = [(one.request.id, *one[1:]) for one in found.requests]
    if requests != [*plainly_requested(weighed, facts)]:
        yield "requests"
    due = ((one, all_deciding(one.when_any, facts, Truth.YES)) for one in KNOWLEDGE.warnings)
    if [(one.caveat, one.because) for one in found.warnings] != [pair for pair in due if pair[1]]:
        yield "warnings"
    names = {name for one in weighed for name in one.rests_on}
    names |= {name for one in found.requests for name in one.facts}
    if facts[OUT_OF_DATE].derived_from != plainly_out_of_date(names, facts):
        yield OUT_OF_DATE


# ---- the law -------------------------------------------------------------------------------------


def assessed(assessor: Assessor, facts: Facts) -> Assessment:
    return assessor.assess(assessor.derive(facts))


@pytest.mark.parametrize("remembered", [REMEMBERED, 1, 0], ids="remembers {}".format)
def test_compiled_rules_answer_as_their_definition(remembered):
    """Also once their memory is full, and without any."""
    assessor = Assessor(*RULES, VOCABULARY, remembered)
    for seed in PATIENTS if remembered else PATIENTS[::4]:
        given = patient(seed)
        assert not [*differing(assessed(assessor, given), given)], seed


def test_what_is_considered_is_every_treatment_that_may_fit():
    """A card reads these alone; the others are formed only when somebody reads them."""
    for seed in PATIENTS:
        found = assessed(SHIPPED, patient(seed))
        may_fit = [one for one in found.treatments if one.outcome != "not-offered"]
        assert [*found.considered] == may_fit
        assert [*found.treatments] == [
            found.treatments[place] for place in range(-len(RULES[1]), 0)
        ]
        assert found.treatments[2:5] == [*found.treatments][2:5]


def test_facts_that_another_derived_are_assessed_alike():
    for seed in PATIENTS[::10]:
        here, there = assessed(SHIPPED, patient(seed)), plainly_derived(patient(seed))
        assert [*map(told, SHIPPED.assess(there).treatments)] == [*map(told, here.treatments)]


def test_what_is_asked_of_facts_that_were_changed_since_is_asked_anew():
    facts = assessed(SHIPPED, patient(0)).facts
    for name in ("tumour.ki67", "extent.stage"):
        hidden = facts.without([name])
        for criterion in CRITERIA[:200]:
            assert answer(criterion, hidden) is answer(criterion, Facts(dict(hidden.by_name)))


# ---- what is kept --------------------------------------------------------------------------------


def test_g9_a_memory_that_is_full_takes_nothing_more():
    kept = Kept[int, str](2)
    assert [kept.keep(number, str(number)) for number in range(4)] == ["0", "1", "2", "3"]
    assert kept == {0: "0", 1: "1"}


def test_g9_no_memory_of_the_rules_grows_beyond_its_bound():
    assessor = Assessor(*RULES, VOCABULARY, 2)
    for seed in PATIENTS:
        assert assessed(assessor, patient(seed)).treatments[0]
    kept = {len(one) for one in reached(assessor) if isinstance(one, Kept)}
    assert max(kept) == 2 * TOGETHER


def test_c6_nothing_of_a_patient_is_kept():
    """No reading, no fact that was read: only what is alike in many."""
    assessor = Assessor(*RULES, VOCABULARY)
    for seed in PATIENTS[:20]:
        found = assessed(assessor, patient(seed))
        assert [one.because for one in found.treatments]
    del found
    kept = list(reached(assessor))
    assert any(isinstance(one, TreatmentAssessment) for one in kept)
    assert not [one for one in kept if isinstance(one, Provenance)]
    assert not [one for one in kept if isinstance(one, Facts) and one.by_name]


def reached(start: Any) -> Iterator[Any]:
    """Every object that something keeps alive; what functions and classes are made of left out."""
    waiting, seen = [start], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, (type, ModuleType, FunctionType)):
            seen.add(id(one))
            waiting += gc.get_referents(one)
            yield one


def test_g9_compiled_rules_go_when_nobody_uses_them():
    """A tool that reads thousands of editions must not keep them."""
    assessor = Assessor(*RULES, VOCABULARY)
    assessed(assessor, patient(1))
    gone = ref(assessor)
    del assessor
    gc.collect()
    assert gone() is None
