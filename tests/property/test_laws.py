"""The laws of docs/architecture.md over random facts, patients and records.

What a law exempts is named here, with its reason, and pinned: knowledge that adds to an exemption
makes a test fail.
"""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.clinical.assess import OUTCOMES, weigh
from cdshooks.clinical.criterion import Criterion, Group, Leaf, answer, leaves
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Table, inputs_of
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Flag, Span
from tests.knowledge.encoding import DERIVATIONS, KNOWLEDGE, VOCABULARY, facts
from tests.property.strategies import CASES, POOL, narrowings, patients

TREATMENTS = {treatment.id: treatment for treatment in KNOWLEDGE.treatments}
calm = settings(deadline=None)


# ---- what the knowledge says, taken apart --------------------------------------------------------


def parts(criterion: Criterion) -> Iterator[Criterion]:
    """A criterion and every criterion within it."""
    yield criterion
    if isinstance(criterion, Group):
        for part in criterion.parts:
            yield from parts(part)


def every_criterion() -> Iterator[Criterion]:
    for treatment in KNOWLEDGE.treatments:
        yield from (*treatment.consider, *treatment.block, *treatment.hold, *treatment.caution)
    for request in KNOWLEDGE.requests:
        yield from (*request.ask_when, *request.never_when)
    for orders in (treatment.orders for treatment in (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)):
        yield from (order.unless for order in orders if order.unless)
    for caveat in KNOWLEDGE.warnings:
        yield from caveat.when_any
    for table in KNOWLEDGE.derivations:
        if isinstance(table, Table):
            yield from (row.when for row in table.rows)


def asks_the_record(leaf: Leaf) -> bool:
    """Is the statement about the record itself, or about a doubt as such ("is HG-UNDET")?

    Learning more of the patient may reverse these: that is what they are for.
    """
    types = [VOCABULARY[name] for name in leaf.statement.facts]
    doubts = [doubt for fact_type in types for doubt in fact_type.reads_as or ()]
    return leaf.statement.closed or any(doubt in leaf.statement.text for doubt in doubts)


OPEN = [
    part
    for criterion in every_criterion()
    for part in parts(criterion)
    if not any(asks_the_record(leaf) or leaf.when_unknown == "yes" for leaf in leaves(part))
]


# ---- (a) narrowing -------------------------------------------------------------------------------

ASKED = sorted({name for part in OPEN for leaf in leaves(part) for name in leaf.statement.facts})


@calm
@given(st.fixed_dictionaries({name: narrowings(VOCABULARY[name]) for name in ASKED}))
def test_narrowing_an_open_fact_never_reverses_a_truth(values):
    wide = Facts({name: Fact(name, value) for name, (value, _) in values.items()})
    narrow = Facts({name: Fact(name, value) for name, (_, value) in values.items()})
    for criterion in OPEN:
        before = answer(criterion, wide)
        assert before in (Truth.UNKNOWN, answer(criterion, narrow)), texts(criterion)


def texts(criterion: Criterion) -> list[str]:
    return [leaf.statement.text for leaf in leaves(criterion)]


def test_closed_readings_are_kept_away_from_blocks_and_holds():
    """One exemption: an ALT counts only if it was measured."""
    closed = {
        leaf.statement.text
        for treatment in KNOWLEDGE.treatments
        for criterion in (*treatment.block, *treatment.hold)
        for leaf in leaves(criterion)
        if asks_the_record(leaf) or leaf.when_unknown != "ask"
    }
    assert closed == {"lab.alt_uln on file"}


# ---- derived facts narrow with their inputs ------------------------------------------------------


def every_value(derivation: Derivation, fact: Fact) -> frozenset[str]:
    """What a derived choice or flag may be, by name; if unknown anything."""
    match fact.value:
        case Choice(possible):
            return possible
        case Flag(so):
            return frozenset({"true" if so else "false"})
    return derivation.fact.answers()


def closed_answers(derivation: Derivation, given_facts: Facts) -> list[object]:
    """What the closed parts of a derivation say: its closed statements; which inputs are known.

    Exempt by their nature: `recorded(...)`, `on file`, and "the highest of those that are known".
    """
    if isinstance(derivation, HighestOf):
        return [given_facts.value(name) is None for name in derivation.inputs]
    rows = derivation.rows if isinstance(derivation, Table) else ()
    statements = [leaf.statement for row in rows for leaf in leaves(row.when)]
    return [one.ask(given_facts) for one in statements if one.closed]


@calm
@given(st.data())
@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_derived_fact_narrows_with_its_inputs(name, data):
    derivation = DERIVATIONS[name]
    inputs = sorted(inputs_of(derivation))
    pairs = {one: data.draw(narrowings(VOCABULARY[one]), label=one) for one in inputs}
    narrowed = data.draw(st.sets(st.sampled_from(inputs), min_size=1, max_size=2))
    wide = Facts({one: Fact(one, value) for one, (value, _) in pairs.items()})
    narrow = wide.having(Fact(one, pairs[one][1]) for one in narrowed)
    if closed_answers(derivation, wide) != closed_answers(derivation, narrow):
        return
    before, after = derivation.derive(wide), derivation.derive(narrow)
    if isinstance(derivation, CountOf):
        assert within(after.value, before.value)
    else:
        assert every_value(derivation, after) <= every_value(derivation, before)


def within(inner: Span, outer: Span) -> bool:
    return outer.low <= inner.low <= inner.high <= outer.high


# ---- (b) a safety fact can only demote -----------------------------------------------------------


def base_facts(names: Iterable[str]) -> set[str]:
    """The facts of the record on which facts rest, through the derived ones."""
    found: set[str] = set()
    for name in names:
        found |= base_facts(inputs_of(DERIVATIONS[name])) if name in DERIVATIONS else {name}
    return found


def asked_by(statements: Iterable[Statement]) -> set[str]:
    return base_facts({name for statement in statements for name in statement.facts})


def listed(*lists: Iterable[Criterion]) -> list[Statement]:
    return [leaf.statement for criteria in lists for one in criteria for leaf in leaves(one)]


def safety_only(treatment: Treatment) -> set[str]:
    """The facts that a treatment asks in its blocks and holds and nowhere else."""
    considered = asked_by(listed(treatment.consider))
    return asked_by(listed(treatment.block, treatment.hold)) - considered


def outcome(treatment: Treatment, plain: dict) -> str:
    return weigh(treatment, facts(plain), VOCABULARY).outcome


def rank(treatment: Treatment, plain: dict) -> int:
    """0 not offered, 1 blocked, 2 needs data, 3 hold, 4 offer after a check, 5 offer."""
    return OUTCOMES.index(outcome(treatment, plain))


def danger(treatment: Treatment, plain: dict) -> list[int]:
    """How true each statement of the blocks and holds is: 0 NO, 1 UNKNOWN, 2 YES."""
    order = (Truth.NO, Truth.UNKNOWN, Truth.YES)
    asked = facts(plain)
    return [order.index(one.ask(asked)) for one in listed(treatment.block, treatment.hold)]


GUARDED = [name for name, one in TREATMENTS.items() if one.block or one.hold]


@pytest.mark.parametrize("name", CASES)
def test_each_treatment_is_offered_to_its_patients(name):
    assert {outcome(TREATMENTS[name], case) for case in CASES[name]} == {"offer"}


@pytest.mark.parametrize("name", GUARDED)
@calm
@given(st.data())
def test_a_safety_fact_can_only_demote(name, data):
    """More of it, as far as blocks and holds go, never improves the outcome."""
    treatment, plain = TREATMENTS[name], data.draw(patients(name))
    fact = data.draw(st.sampled_from(sorted(safety_only(treatment))))
    one, other = (plain | {fact: data.draw(st.sampled_from(POOL[fact]))} for _ in range(2))
    safer, worse = danger(treatment, one), danger(treatment, other)
    if all(before <= after for before, after in zip(safer, worse, strict=True)):
        assert rank(treatment, other) <= rank(treatment, one)


# Some count only beside another value: low albumin with slow clotting, eGFR without a clearance,
# the European licence in a patient of 15.
BESIDE = {
    "lab.albumin": {"lab.pt_prolonged": True},
    "lab.pt_prolonged": {"lab.albumin": 25},
    "lab.egfr": {"lab.creatinine_clearance": None},
    "risk.ckd4": {"lab.creatinine_clearance": None},
    "config.jurisdiction": {"patient.age": 15},
}


@pytest.mark.parametrize("name", GUARDED)
def test_every_safety_fact_blocks_or_holds_what_is_offered_without_it(name):
    treatment = TREATMENTS[name]
    for fact in safety_only(treatment):
        plain = CASES[name][0] | BESIDE.get(fact, {})
        assert outcome(treatment, plain) in {"offer", "offer-check"}
        reached = {outcome(treatment, plain | {fact: value}) for value in POOL[fact]}
        assert reached & {"blocked", "hold"}, fact


# ---- (c) hiding a fact never makes an offer ------------------------------------------------------


def way(statements: Iterable[Statement]) -> list[Derivation]:
    """The derivations on which statements rest."""
    found: dict[str, Derivation] = {}
    waiting = [name for statement in statements for name in statement.facts]
    while waiting:
        name = waiting.pop()
        if name in DERIVATIONS and name not in found:
            found[name] = DERIVATIONS[name]
            waiting += inputs_of(DERIVATIONS[name])
    return [*found.values()]


def read_closed(statements: list[Statement]) -> set[str]:
    """The facts that are read closed on the way: a silent record answers for them."""
    found = asked_by(one for one in statements if one.closed)
    for derivation in way(statements):
        if isinstance(derivation, HighestOf):
            found |= base_facts(derivation.inputs)
        elif isinstance(derivation, Table):
            found |= asked_by(s for row in derivation.rows for s in listed([row.when]) if s.closed)
    return found


# The WHO class goes by what is on file, and by pathology where it says something.
CLASS = {
    *("net.entity", "net.status", "tumour.coded_differentiation", "tumour.differentiation"),
    *("tumour.grade_by_morphology", "tumour.grade_stated", "tumour.ki67", "tumour.mitoses"),
    *("tumour.lung_type_stated", "tumour.necrosis", "tumour.site"),
}
# A clearance outweighs eGFR, eGFR outweighs a stage of kidney disease; ALT counts if measured.
SAFETY = {"lab.creatinine_clearance", "lab.egfr", "lab.alt_uln"}
READ_CLOSED = {
    # A second resection; what was not called metastatic is not.
    "curative-resection": CLASS | {"extent.stage"},
    # No insulinoma is recorded.
    "ssa-tumour-control": CLASS | {"syndrome.types"},
    "everolimus": CLASS | {"syndrome.types"},
    # Nothing recorded speaks against watching.
    "active-surveillance": CLASS
    | {"progression.status", "symptom.asymptomatic", "syndrome.functional"},
    # Stable or responding disease is on record (United States).
    "prrt-lu177-dotatate": CLASS | SAFETY | {"progression.status"},
    "prrt-first-line": CLASS | SAFETY,
    "platinum-etoposide-nec": CLASS,
    "net-mdt": set(),
}


def test_what_is_read_closed_is_listed_here():
    """Of the blocks and holds nothing but the kidney function and ALT."""
    for name, treatment in TREATMENTS.items():
        considered, guarding = listed(treatment.consider), listed(treatment.block, treatment.hold)
        assert read_closed(considered + guarding) == READ_CLOSED[name], name
        assert read_closed(guarding) <= SAFETY, name


@pytest.mark.parametrize("name", CASES)
@calm
@given(st.data())
def test_hiding_a_fact_never_makes_an_offer(name, data):
    """Exempt where a closed statement answers otherwise than before."""
    treatment, plain = TREATMENTS[name], data.draw(patients(name))
    statements = listed(treatment.consider, treatment.block, treatment.hold)
    hidden = data.draw(st.sampled_from(sorted(asked_by(statements))))
    answers = [closed_on_the_way(statements, plain | more) for more in ({}, {hidden: None})]
    if answers[0] == answers[1]:
        before, after = outcome(treatment, plain), outcome(treatment, plain | {hidden: None})
        assert before == "offer" or after != "offer"
    else:
        assert hidden in READ_CLOSED[name]


def closed_on_the_way(statements: list[Statement], plain: dict) -> list[object]:
    asked = facts(plain)
    answers = [one.ask(asked) for one in statements if one.closed]
    return [*answers, *(closed_answers(one, asked) for one in way(statements))]
