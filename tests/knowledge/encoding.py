"""Patients in plain Python values: the ground on which the rules are written down a second time.

A plain value is what a report says: 14, Between(2, 4), "pancreas", either("G1", "G2"), True. The
shipped knowledge gets it as a fact; the second encoding gets the values that it may be, and its own
logic of True, False and None (not known). Nothing of the engine's logic is used on that side.

A name that is not given is one of which the record is silent. A closed fact that is given as None
could not be read ("not assessed").
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.derive import Table, derive
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from cdshooks.knowledge.load import Knowledge
from tests.shipped import KNOWLEDGE

VOCABULARY = KNOWLEDGE.vocabulary
DERIVATIONS = {derivation.fact.name: derivation for derivation in KNOWLEDGE.derivations}
SOAK = os.environ.get("SOAK") == "1"
BASE = {
    fact_type.name: fact_type.when_silent()
    for fact_type in VOCABULARY
    if fact_type.name not in DERIVATIONS and not fact_type.name.startswith(OF_THE_ASSESSMENT)
}
# What is known of a patient with a tumour who is otherwise well.
WELL: dict[str, Any] = {
    "net.entity": "NEN",
    "net.status": "active",
    "patient.age": 60,
    "patient.ecog": 0,
    "patient.pregnant": False,
    "patient.breastfeeding": False,
    "lab.creatinine_clearance": 90,
    "lab.platelets": 200,
    "lab.leucocytes": 6,
    "lab.neutrophils": 4,
    "lab.haemoglobin": 13,
}


# ---- logic: True, False, None --------------------------------------------------------------------


def every(*truths: bool | None) -> bool | None:
    return False if False in truths else None if None in truths else True


def some(*truths: bool | None) -> bool | None:
    return True if True in truths else None if None in truths else False


def no(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def recorded(truth: bool | None) -> bool:
    return truth is True


def outcome(consider: bool | None, block: bool | None, hold: bool | None) -> str:
    """What follows from the three lists of a treatment."""
    if consider is False:
        return "not-offered"
    if block is True:
        return "blocked"
    if consider is None:
        return "needs-data"
    if hold is True:
        return "hold"
    return "offer-check" if None in (block, hold) else "offer"


# ---- plain values --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Between:
    """A span as a report prints it: "2-4 %"; of "> 20 %" the low end is excluded."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def points(self) -> list[float]:
        """Every half within, and the ends that belong to it: no limit of the rules is finer."""
        halves = [n / 2 for n in range(int(self.low * 2) - 1, int(self.high * 2) + 2)]
        return [n for n in halves if self._holds(n)]

    def _holds(self, n: float) -> bool:
        above = n > self.low if self.low_open else n >= self.low
        return above and (n < self.high if self.high_open else n <= self.high)


def either(*values: str) -> frozenset[str]:
    """One of these, not known which; of a fact that holds several at once, all of these."""
    return frozenset(values)


def points(plain: Any) -> list[Any]:
    """The values that a plain value may be; what is not on file is one value, None."""
    if isinstance(plain, Between):
        return plain.points()
    return sorted(plain) if isinstance(plain, frozenset) else [plain]


# A flag that could not be read may be either.
READ = {True: (True,), False: (False,), None: (True, False)}


def settled(answers: Iterable[bool | None]) -> frozenset[bool]:
    """What remains possible of a yes or no; of None, or of both, nothing follows."""
    found = set(answers)
    return frozenset() if None in found or len(found) > 1 else frozenset(found)


# What the silence of a record means where it means something (treatment logic, "absent").
SILENCE = {
    "config.jurisdiction": "us",
    "risk.hypersensitivity": frozenset(),
    "order.classes": frozenset(),
    **dict.fromkeys(
        (
            *("tumour.deep_invasion", "burden.visceral_crisis", "liver.resectable_recorded"),
            *("symptom.obstruction", "symptom.bleeding", "symptom.ischaemia", "symptom.bulk"),
            *("symptom.bone_pain", "symptom.brain_metastasis", "symptom.cord_compression"),
            "symptom.airway",
        ),
        False,
    ),
    **dict.fromkeys(
        ("prior.ssa", "prior.prrt", "prior.everolimus", "prior.platinum_etoposide"), "none"
    ),
    **dict.fromkeys(
        (
            *("extent.unresectable_recorded", "primary.margin_positive"),
            *("burden.high", "burden.low_stated", "imaging.discordant_lesion"),
            *("imaging.sstr_superseded", "syndrome.metanephrines_measured"),
            *("syndrome.refractory", "symptom.hormonal", "risk.carcinoid_heart"),
            *("risk.dialysis", "risk.ckd4", "risk.ckd5", "risk.heart_failure_nyha34"),
            *("risk.life_expectancy_short", "risk.liver_decompensated"),
            *("lesion.near_vessels", "risk.pvt_main", "risk.pvt_any"),
            *("risk.coagulopathy", "risk.lvef_low", "risk.arrhythmia_or_pacemaker"),
            # asked by the systemic treatments
            *("risk.autoimmune", "risk.autoimmune_hepatitis", "risk.depression", "risk.hypoxia"),
            *("risk.gi_fistula_perforation", "risk.major_bleeding", "risk.vhl"),
            "risk.uncontrolled_hypertension",
        ),
        False,
    ),
    **dict.fromkeys(
        (
            *("prior.sunitinib", "prior.cabozantinib", "prior.captem", "prior.temozolomide"),
            *("prior.interferon", "prior.belzutifan", "prior.mibg_therapy"),
            *("prior.liver_radiation", "prior.chemotherapy_other"),
        ),
        "none",
    ),
}


class Patient:
    """The plain values of one patient, and what the second encoding may ask of them."""

    def __init__(self, plain: Mapping[str, Any]):
        self._plain = {**SILENCE, **plain}

    def given(self, name: str) -> Any:
        return self._plain.get(name)

    def asks(self, name: str, test: Callable[[Any], bool]) -> bool | None:
        """True if `test` holds of every value that it may be, False if of none, else None."""
        if self.given(name) is None:
            return None
        answers = {test(value) for value in points(self.given(name))}
        return answers.pop() if len(answers) == 1 else None

    def among(self, name: str, *wanted: str) -> bool | None:
        return self.asks(name, lambda value: value in wanted)

    def holds(self, name: str) -> bool | None:
        return self.asks(name, lambda value: value)

    def below(self, name: str, limit: float) -> bool | None:
        return self.asks(name, lambda value: value < limit)

    def above(self, name: str, limit: float) -> bool | None:
        return self.asks(name, lambda value: value > limit)

    def allergic(self, member: str) -> bool | None:
        known = self.given("risk.hypersensitivity")
        return None if known is None else member in known

    def ordered(self, kind: str) -> bool | None:
        known = self.given("order.classes")
        return None if known is None else kind in known

    def syndrome(self, member: str) -> bool | None:
        """Known to be there, or none at all is ("non-functioning"); else not known."""
        if member in (self.given("syndrome.types") or ()):
            return True
        return False if self.given("syndrome.functional") is False else None


# ---- the same values as facts --------------------------------------------------------------------


def facts(
    plain: Mapping[str, Any],
    derived: Iterable[str] = DERIVATIONS,
    knowledge: Knowledge = KNOWLEDGE,
) -> Facts:
    """The facts of plain values, and the named derived facts (all of them) in their order."""
    silent = plain.get("syndrome.functional") is False
    if silent and "syndrome.types" not in plain:
        plain = {**plain, "syndrome.types": either()}
    given = {name: _fact(name, value, silent) for name, value in plain.items()}
    wanted = {*derived}
    tables = [table for table in knowledge.derivations if table.fact.name in wanted]
    return derive(Facts({**BASE, **given}), tables)


def possible(facts_of: Facts, name: str) -> frozenset[Any]:
    """What a derived fact may be, in plain values; the empty set if nothing follows."""
    match facts_of.value(name):
        case Choice(one_of):
            return one_of
        case Flag(so):
            return frozenset({so})
    return frozenset()


@cache
def _fact(name: str, plain: Any, non_functioning: bool) -> Fact:
    return Fact(name, None if plain is None else _value(name, plain, non_functioning))


def _value(name: str, plain: Any, non_functioning: bool) -> Value:
    fact_type = VOCABULARY[name]
    match fact_type.kind:
        case "number":
            span = plain if isinstance(plain, Between) else Between(plain, plain)
            low, high = Decimal(str(span.low)), Decimal(str(span.high))
            return Span(low, high, fact_type.unit, span.low_open, span.high_open)
        case "choice":
            return Choice(plain if isinstance(plain, frozenset) else frozenset({plain}))
        case "flag":
            return Flag(plain)
    others = frozenset(fact_type.values) - plain
    return Members(plain, others if fact_type.closed or non_functioning else frozenset())


# ---- two knowledges compared ---------------------------------------------------------------------


def told(part: Any) -> Any:
    """Criteria and tables as nested tuples of text, to be compared."""
    match part:
        case Leaf():
            return part.statement.text, part.when_unknown
        case Table():
            return tuple((told(row.when), row.then) for row in part.rows), part.otherwise
    return (part.mode, *map(told, part.parts)) if hasattr(part, "mode") else part.inputs
