"""The laws of docs/architecture.md over random facts, patients and records.

What a law exempts is named here, with its reason, and pinned: knowledge that adds to an exemption
makes a test fail.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cdshooks.clinical.criterion import Criterion, Group, Leaf, answer, leaves
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Table, inputs_of
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Flag, Span
from cdshooks.clinical.weigh import OUTCOMES, asks_outcomes, weigh
from cdshooks.engine import Engine
from tests.knowledge.encoding import DERIVATIONS, KNOWLEDGE, SOAK, VOCABULARY, facts
from tests.knowledge.second_encoding_liver import CHECKS
from tests.property.strategies import CASES, POOL, narrowings, patients
from tests.records import AS_OF, bundle, concept, condition, encoded, observation, report

# What hangs on the outcome of others has none by the facts alone.
TREATMENTS = {one.id: one for one in KNOWLEDGE.treatments if not asks_outcomes(one)}
calm = settings(deadline=None)
few = settings(deadline=None, max_examples=60)  # each asks hundreds of criteria, or reads records
many = settings(deadline=None, max_examples=200)


# ---- what the knowledge says, taken apart --------------------------------------------------------


def parts(criterion: Criterion) -> Iterator[Criterion]:
    """A criterion and every criterion within it."""
    yield criterion
    if isinstance(criterion, Group):
        for part in criterion.parts:
            yield from parts(part)


def listed(*lists: Iterable[Criterion]) -> list[Statement]:
    return [leaf.statement for criteria in lists for one in criteria for leaf in leaves(one)]


def every_criterion() -> Iterator[Criterion]:
    for treatment in KNOWLEDGE.treatments:
        yield from treatment.criteria
    for request in KNOWLEDGE.requests:
        yield from (*request.ask_when, *request.never_when)
    for orders in (treatment.orders for treatment in (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)):
        yield from (order.unless for order in orders if order.unless)
    for caveat in KNOWLEDGE.warnings:
        yield from caveat.when_any
    for sayings in (one.sayings for one in (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)):
        yield from (saying.when for saying in sayings if saying.when)
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


# The message names the facts that matter; to shrink all the others would take minutes.
@settings(few, phases=(Phase.reuse, Phase.generate))
@given(st.fixed_dictionaries({name: narrowings(VOCABULARY[name]) for name in ASKED}))
def test_narrowing_an_open_fact_never_reverses_a_truth(values):
    wide = Facts({name: Fact(name, value) for name, (value, _) in values.items()})
    narrow = Facts({name: Fact(name, value) for name, (_, value) in values.items()})
    for criterion in OPEN:
        before = answer(criterion, wide)
        assert before in (Truth.UNKNOWN, answer(criterion, narrow)), {
            statement.text: [values[name] for name in statement.facts]
            for statement in listed([criterion])
        }


def test_learning_what_stood_behind_a_doubt_never_reverses_a_truth():
    """HG-UNDET turns out to be G3 NET or NEC, a mixed response to be progression or none."""
    for statement in {one.text: one for part in OPEN for one in listed([part])}.values():
        for name in statement.facts:
            for doubt, meant in (VOCABULARY[name].reads_as or {}).items():
                before = statement.ask(Facts({name: Fact(name, Choice(frozenset({doubt})))}))
                for value in meant:
                    after = statement.ask(Facts({name: Fact(name, Choice(frozenset({value})))}))
                    assert before in (Truth.UNKNOWN, after), (statement.text, value)


def test_closed_readings_are_kept_away_from_blocks_and_holds():
    """Exempt: ALT, and before a puncture platelets and clotting, count only if measured; a lack of
    DPD only if a test showed it.

    What is on hold always asks no fact.
    """
    closed = {
        leaf.statement.text
        for treatment in KNOWLEDGE.treatments
        for criterion in (*treatment.block, *treatment.hold)
        for leaf in leaves(criterion)
        if asks_the_record(leaf) or leaf.when_unknown != "ask"
    }
    measured = {"lab.alt_uln on file", "lab.platelets on file", "lab.pt_prolonged on file"}
    assert closed == {*measured, "recorded(risk.dpd_deficiency)", "always"}


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


@pytest.mark.parametrize("name", DERIVATIONS)
@calm
@given(st.data())
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


def safety_only(treatment: Treatment) -> set[str]:
    """The facts that a treatment asks in its blocks and holds and nowhere else."""
    guarding = asked_by(listed(treatment.block, treatment.hold))
    return guarding - asked_by(listed(treatment.consider))


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


def considered(treatment: Treatment, plain: dict) -> list[Truth]:
    asked = facts(plain)
    return [answer(criterion, asked) for criterion in treatment.consider]


# One that is always on hold has no patient to whom it is offered.
GUARDED = [name for name, one in TREATMENTS.items() if (one.block or one.hold) and name in CASES]


@pytest.mark.parametrize("name", CASES)
def test_each_treatment_is_offered_to_its_patients(name):
    """The checks of an order never offer it."""
    reached = "hold" if name in CHECKS else "offer"
    assert {outcome(TREATMENTS[name], case) for case in CASES[name]} == {reached}


@pytest.mark.parametrize("name", GUARDED)
@many
@given(st.data())
def test_a_safety_fact_can_only_demote(name, data):
    """While consider answers the same, more of it in blocks and holds never improves a thing."""
    treatment = TREATMENTS[name]
    safety = st.sampled_from(sorted(asked_by(listed(treatment.block, treatment.hold))))
    fact, beside = data.draw(safety), data.draw(safety)
    plain = data.draw(patients(name)) | {beside: data.draw(st.sampled_from(POOL[beside]))}
    one, other = (plain | {fact: data.draw(st.sampled_from(POOL[fact]))} for _ in range(2))
    safer, worse = danger(treatment, one), danger(treatment, other)
    more = all(before <= after for before, after in zip(safer, worse, strict=True))
    if more and considered(treatment, one) == considered(treatment, other):
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


@pytest.mark.parametrize("name", sorted({*GUARDED} - {*CHECKS}))
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
KIDNEY = {"lab.creatinine_clearance", "lab.egfr"}
SAFETY = KIDNEY | {"lab.alt_uln"}
# Before a puncture platelets and clotting count if measured.
CLOTTING = {"lab.platelets", "lab.pt_prolonged"}
READ_CLOSED = {
    # No insulinoma, no positive node, no other pattern or stage, no refusal of liver surgery.
    "enucleation": CLASS | {"syndrome.types", "tumour.node_positive"},
    "debulking-surgery": CLASS | {"syndrome.types"},
    "liver-resection": CLASS | {"extent.pattern", "liver.resection_excluded"},
    "endoscopic-treatment": CLASS | {"extent.stage", "tumour.node_positive"},
    **dict.fromkeys(("palliative-surgery", "liver-transplantation", "radiotherapy"), CLASS),
    "minimally-invasive-approach": set(),
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
    # No insulinoma is recorded beside the syndrome.
    "ssa-hormone-control": CLASS | {"syndrome.types"},
    # A lack of DPD counts only if a test showed it.
    "capecitabine-temozolomide": CLASS
    | {"lab.creatinine_clearance", "lab.egfr", "risk.dpd_deficiency"},
    # A recorded syndrome.
    "insulinoma-care": {"syndrome.types"},
    "gastrinoma-care": {"syndrome.types"},
    "suspected-insulinoma": {"syndrome.types"},
    "suspected-gastrinoma": {"syndrome.types"},
    "carcinoid-syndrome-care": {"syndrome.types"},
    "temozolomide-lung": CLASS,
    "chemotherapy-gut-net": CLASS,
    "chemotherapy-gut-net-ordered": CLASS,
    "interferon-alfa": CLASS,
    "sunitinib": CLASS,
    "cabozantinib": CLASS,
    "belzutifan": CLASS,
    "clinical-trials": CLASS,
    "tumour-markers": set(),
    "net-mdt": set(),
    # A tumour recorded as localised or regional has no metastases in the liver.
    **dict.fromkeys(
        (
            *("radiofrequency-ablation", "microwave-ablation", "cryoablation"),
            *("bland-embolisation", "chemoembolisation", "radioembolisation"),
        ),
        CLASS | CLOTTING | {"extent.stage"},
    ),
    "irreversible-electroporation": CLASS | {"extent.stage"},
    "prrt-off-label": CLASS | SAFETY,
    "mibg-therapy": CLASS | KIDNEY,
    # The checks of orders.
    "drug-eluting-bead-embolisation": set(),
    "yttrium-90-prrt": KIDNEY,
    "intra-arterial-chemotherapy": set(),
}


def test_what_is_read_closed_is_listed_here():
    """Of the blocks and holds nothing but the kidney function, ALT, clotting and DPD."""
    for name, treatment in TREATMENTS.items():
        guarding = listed(treatment.block, treatment.hold)
        assert read_closed(listed(treatment.consider) + guarding) == READ_CLOSED[name], name
        assert read_closed(guarding) <= SAFETY | CLOTTING | {"risk.dpd_deficiency"}, name


@pytest.mark.parametrize("name", CASES)
@many
@given(st.data())
def test_hiding_a_fact_never_makes_an_offer(name, data):
    """Exempt where a closed statement answers otherwise than before."""
    treatment = TREATMENTS[name]
    statements = listed(treatment.consider, treatment.block, treatment.hold)
    hidden = data.draw(st.sampled_from(sorted(asked_by(statements))))
    plain = data.draw(patients(name)) | {hidden: data.draw(st.sampled_from(POOL[hidden]))}
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


# ---- (e) the same quantity in another unit -------------------------------------------------------

# fact: (code, values on both sides of each limit, how many of each unit make one of the first)
QUANTITIES = {
    "lab.platelets": (
        *("LOINC#777-3", ("74", "74.9", "75", "99", "100", "200")),
        {"10*9/L": 1, "10*3/uL": 1, "K/uL": 1, "/uL": 1000},
    ),
    "lab.leucocytes": ("LOINC#6690-2", ("1.9", "2", "2.1", "6"), {"10*9/L": 1, "/uL": 1000}),
    "lab.neutrophils": ("LOINC#751-8", ("1.4", "1.5", "1.6", "4"), {"10*9/L": 1, "/uL": 1000}),
    "lab.haemoglobin": ("LOINC#718-7", ("7.9", "8", "8.1", "13"), {"g/dL": 1, "g/L": 10}),
    "lab.albumin": ("LOINC#1751-7", ("29.9", "30", "30.1", "42"), {"g/L": 1, "g/dL": "0.1"}),
    "lab.creatinine_clearance": (
        *("LOINC#2164-2", ("27", "30", "39", "42", "48", "54", "90")),
        {"mL/min": 1, "mL/s": Fraction(1, 60)},
    ),
    "tumour.ki67": (
        *("LOINC#29593-1", ("2.9", "3", "4.9", "5", "9.9", "10", "20", "20.1", "55", "55.1")),
        {"%": 1, "1": "0.01", "{ratio}": "0.01"},
    ),
    "tumour.size_mm": (
        "LOINC#21889-1",
        ("10", "10.1", "19.9", "20", "20.1", "30", "30.1"),
        {"mm": 1, "cm": "0.1"},
    ),
    # Multiples of the upper limit that the result itself names in its own unit.
    "lab.bilirubin_uln": ("LOINC#1975-2", ("1", "3", "3.1"), {"mg/dL": "1.2", "umol/L": "20.52"}),
    "lab.alt_uln": ("LOINC#1742-6", ("1", "3", "3.1"), {"U/L": 40, "IU/L": 40, "[iU]/L": 40}),
}
# Of a synthetic patient to whom PRRT, everolimus and an analogue are near.
TUMOUR = (
    condition("ICD-10-CM#C7A.8", text="Neuroendocrine tumour of the pancreas", clinical="active")
    | {"id": "tumour"},
    report(
        "CT: liver metastases of the neuroendocrine tumour, progressive disease. Non-functioning "
        "tumour. Somatostatin receptor PET: intense uptake in all lesions."
    )
    | {"id": "ct"},
)


@cache
def engine() -> Engine:
    return Engine(KNOWLEDGE)


def assessed(*resources: dict) -> dict:
    (found,) = engine().assess_body(encoded(bundle(*resources)), as_of=AS_OF)
    return found


def measured(name: str, number: str, unit: str) -> dict:
    code, _, units = QUANTITIES[name]
    quantity = {"value": float(Fraction(number) * Fraction(units[unit])), "unit": unit}
    limit = {"referenceRange": [{"high": {"value": float(units[unit]), "unit": unit}}]}
    return observation(code, valueQuantity=quantity, **(limit if name.endswith("_uln") else {}))


@st.composite
def twice(draw: st.DrawFn) -> tuple[list[dict], list[dict]]:
    """The same results in the units that this knowledge prints, and in others."""
    names = draw(st.lists(st.sampled_from([*QUANTITIES]), min_size=1, max_size=4, unique=True))
    numbers = {name: draw(st.sampled_from(QUANTITIES[name][1])) for name in names}
    units = {name: [*QUANTITIES[name][2]] for name in names}
    first = [measured(name, numbers[name], units[name][0]) for name in names]
    return first, [measured(n, numbers[n], draw(st.sampled_from(units[n]))) for n in names]


@few
@given(twice())
def test_the_same_quantity_in_another_unit_gives_the_same_truth(results):
    """Exempt: an upper limit in another unit than the result, which is not used (and said so)."""
    one, other = (assessed(*TUMOUR, *listed_) for listed_ in results)
    for name in QUANTITIES:
        assert one["facts"][name].get("possible") == other["facts"][name].get("possible")
    assert one["treatments"] == other["treatments"]


# ---- (f) order, duplicates, entries in error and unrelated resources -----------------------------


RECORDS = [
    resource | {"id": f"record-{position}"}
    for position, resource in enumerate(
        [
            condition("ICD-10-CM#C7A.011", text="NET of the duodenum", clinical="active"),
            condition("ICD-10-CM#C7B.02", clinical="active", recordedDate="2026-05-02"),
            condition("ICD-10-CM#E34.0", text="Carcinoid syndrome", clinical="active"),
            condition("SNOMED#77386006", clinical="active", recordedDate="2026-10-01"),
            condition("ICD-10-CM#N18.6", clinical="active"),
            *(measured("tumour.ki67", number, "%") for number in ("2.9", "20", "55.1")),
            *(measured("lab.platelets", number, "10*9/L") for number in ("74", "99", "200")),
            measured("lab.creatinine_clearance", "27", "mL/min") | {"effectiveDateTime": "2026-11"},
            measured("lab.albumin", "30", "g/L") | {"effectiveDateTime": "2026-01-05"},
            report("Progressive disease of the neuroendocrine tumour.", "2026-09-02"),
            report("Neuroendocrine tumour: stable disease.", "2026-09-02"),
            report("DOTATATE PET: no uptake above the liver in the NET.", "2026-09-03"),
            report("Well differentiated neuroendocrine tumour, G2.", "2025-02-02"),
            *(
                {"resourceType": "MedicationRequest", "status": status, "intent": "order"}
                | {"medicationCodeableConcept": concept("RxNorm#68092"), "authoredOn": authored}
                for status, authored in (("active", "2026-06-01"), ("stopped", "2026-03-01"))
            ),
            {"resourceType": "AllergyIntolerance", "code": concept("RxNorm#141704")}
            | {"criticality": "high"},
        ]
    )
]
UNRELATED = [
    observation("LOINC#8867-4", text="Heart rate", valueQuantity={"value": 72, "unit": "/min"}),
    condition("SNOMED#195662009", text="Acute viral pharyngitis", clinical="active"),
    {"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Influenza"}},
    {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}},
    {"resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Physiotherapy"},
]


def in_error(resource: dict) -> dict:
    """The same entry, made by mistake and marked so, under an id of its own."""
    error = resource | {"id": f"{resource['id']}-error"}
    if resource["resourceType"] not in {"Condition", "AllergyIntolerance"}:
        return error | {"status": "entered-in-error"}
    error.pop("clinicalStatus", None)
    return error | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}


@settings(deadline=None, max_examples=10_000 if SOAK else 60)
@given(
    st.lists(
        st.sampled_from(RECORDS), min_size=5, max_size=9, unique_by=lambda resource: resource["id"]
    ),
    st.lists(st.sampled_from(RECORDS), max_size=3).map(lambda all_: [in_error(r) for r in all_]),
    st.lists(st.sampled_from(UNRELATED), max_size=3),
    st.data(),
)
def test_e2_e11_e12_h11_order_duplicates_errors_and_unrelated_resources_change_nothing(
    resources, errors, unrelated, data
):
    """The whole document is the same, with its cards."""
    listed_ = [*TUMOUR, *resources]
    more = [*listed_, *data.draw(st.lists(st.sampled_from(listed_), max_size=2)), *errors]
    assert assessed(*data.draw(st.permutations([*more, *unrelated]))) == assessed(*listed_)
