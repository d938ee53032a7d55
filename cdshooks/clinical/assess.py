"""Treatments against facts: the six outcomes, what is asked for, and the second pass.

The outcome follows from the truths of four lists (docs/architecture.md, "Outcomes"):

    consider is NO                       not-offered
    a block is YES                       blocked
    consider is UNKNOWN                  needs-data
    a hold is YES                        hold
    a block or a hold is UNKNOWN         offer-check
    else                                 offer
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, answer, deciding, leaves, reasons
from cdshooks.clinical.fact import Fact, Facts, Problem
from cdshooks.clinical.treatment import Caveat, Request, Treatment
from cdshooks.clinical.truth import Truth, all_of, any_of
from cdshooks.clinical.value import Choice
from cdshooks.clinical.vocabulary import Vocabulary

Outcome: TypeAlias = Literal["not-offered", "blocked", "needs-data", "hold", "offer-check", "offer"]
OUTCOMES: tuple[Outcome, ...] = (
    "not-offered",
    "blocked",
    "needs-data",
    "hold",
    "offer-check",
    "offer",
)
OUTCOME_PREFIX = "outcome."


@dataclass(frozen=True, slots=True, eq=False)
class TreatmentAssessment:
    """One treatment for one patient: the outcome, and the statements that made it so."""

    treatment: Treatment
    outcome: Outcome
    because: tuple[Leaf, ...]
    needs: tuple[str, ...]
    cautions: tuple[Leaf, ...]
    blocked_by: tuple[Leaf, ...]
    held_by: tuple[Leaf, ...]

    @property
    def offered(self) -> bool:
        return self.outcome in ("offer", "offer-check")


@dataclass(frozen=True, slots=True, eq=False)
class RequestAssessment:
    """A missing fact to obtain: which facts, and the ids of the treatments that wait for it."""

    request: Request
    facts: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CaveatAssessment:
    caveat: Caveat
    because: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Everything that follows from the facts of one patient."""

    facts: Facts
    treatments: tuple[TreatmentAssessment, ...]
    requests: tuple[RequestAssessment, ...]
    warnings: tuple[CaveatAssessment, ...]
    problems: tuple[Problem, ...] = ()


def assess(
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
    facts: Facts,
    vocabulary: Vocabulary,
    problems: tuple[Problem, ...] = (),
) -> Assessment:
    """Every treatment, then what is asked for and warned of.

    Rows that ask for the outcome of others (`outcome.<id> in {...}`) are asked in a second pass.
    """
    treatments = tuple(treatments)
    first = {t.id: weigh(t, facts, vocabulary) for t in treatments if not asks_outcomes(t)}
    facts = facts.having(_outcome_facts(first))
    weighed = tuple(first.get(t.id) or weigh(t, facts, vocabulary) for t in treatments)
    facts = facts.having(_outcome_facts({w.treatment.id: w for w in weighed}))
    return Assessment(
        facts,
        weighed,
        tuple(_requested(requests, weighed, facts, vocabulary)),
        tuple(_warned(warnings, facts)),
        problems,
    )


def weigh(treatment: Treatment, facts: Facts, vocabulary: Vocabulary) -> TreatmentAssessment:
    """One treatment against the facts."""
    consider = all_of(answer(criterion, facts) for criterion in treatment.consider)
    if consider is Truth.NO:
        return TreatmentAssessment(treatment, "not-offered", _no(treatment, facts), (), (), (), ())
    block = any_of(answer(criterion, facts) for criterion in treatment.block)
    hold = any_of(answer(criterion, facts) for criterion in treatment.hold)
    outcome = outcome_of(consider, block, hold)
    return TreatmentAssessment(
        treatment,
        outcome,
        because=tuple(leaf for one in treatment.consider for leaf in reasons(one, facts)),
        needs=_needs(treatment, outcome, facts, vocabulary),
        cautions=_deciding(treatment.caution, facts, Truth.YES),
        blocked_by=_deciding(treatment.block, facts, Truth.YES),
        held_by=_deciding(treatment.hold, facts, Truth.YES),
    )


def outcome_of(consider: Truth, block: Truth, hold: Truth) -> Outcome:
    """The outcome that follows from the truths of the lists, in this order."""
    if consider is Truth.NO:
        return "not-offered"
    if block is Truth.YES:
        return "blocked"
    if consider is Truth.UNKNOWN:
        return "needs-data"
    if hold is Truth.YES:
        return "hold"
    return "offer-check" if Truth.UNKNOWN in (block, hold) else "offer"


@cache
def asks_outcomes(treatment: Treatment) -> bool:
    """Does the treatment ask for the outcome of another one?"""
    return any(
        name.startswith(OUTCOME_PREFIX)
        for leaf in treatment.every_leaf()
        for name in leaf.statement.facts
    )


def _outcome_facts(weighed: Mapping[str, TreatmentAssessment]) -> list[Fact]:
    return [
        Fact(f"{OUTCOME_PREFIX}{treatment_id}", Choice(frozenset({assessment.outcome})))
        for treatment_id, assessment in weighed.items()
    ]


def _deciding(criteria: Iterable[Criterion], facts: Facts, truth: Truth) -> tuple[Leaf, ...]:
    return tuple(leaf for criterion in criteria for leaf in deciding(criterion, facts, truth))


def _no(treatment: Treatment, facts: Facts) -> tuple[Leaf, ...]:
    """The statements that rule the treatment out: those of the first criterion that is NO."""
    for criterion in treatment.consider:
        if answer(criterion, facts) is Truth.NO:
            return tuple(deciding(criterion, facts, Truth.NO))
    return ()


def _needs(
    treatment: Treatment, outcome: Outcome, facts: Facts, vocabulary: Vocabulary
) -> tuple[str, ...]:
    match outcome:
        case "needs-data":
            waiting = _unknown(treatment.consider, facts)
        case "offer-check":
            waiting = _unknown((*treatment.block, *treatment.hold), facts)
        case _:
            return ()
    settling = (vocabulary.settled_by(name, facts) for name in waiting)
    return tuple(dict.fromkeys(base for bases in settling for base in bases))


def _unknown(criteria: Iterable[Criterion], facts: Facts) -> list[str]:
    """The facts that leave criteria unknown; a silent statement asks for none of its own."""
    names: dict[str, None] = {}
    for leaf in _deciding(criteria, facts, Truth.UNKNOWN):
        if leaf.when_unknown == "ask":
            names.update(dict.fromkeys(leaf.statement.facts))
    return list(names)


def _requested(
    requests: Iterable[Request],
    weighed: Iterable[TreatmentAssessment],
    facts: Facts,
    vocabulary: Vocabulary,
) -> Iterable[RequestAssessment]:
    waiting = _waiting(weighed, facts, vocabulary)
    for request in requests:
        if any_of(answer(criterion, facts) for criterion in request.never_when) is Truth.YES:
            continue
        asked = [name for name in request.facts if name in waiting]
        by_itself = all_of(answer(criterion, facts) for criterion in request.ask_when)
        if request.ask_when and by_itself is Truth.YES:
            asked = asked or [request.facts[0]]
        if asked:
            rows = dict.fromkeys(row for name in asked for row in waiting.get(name, ()))
            yield RequestAssessment(request, tuple(asked), tuple(rows))


def _waiting(
    weighed: Iterable[TreatmentAssessment], facts: Facts, vocabulary: Vocabulary
) -> dict[str, list[str]]:
    """Fact to the treatments that wait for it; an aged safety value of an offer is asked again."""
    waiting: dict[str, list[str]] = {}
    for assessment in weighed:
        treatment = assessment.treatment
        if treatment.silent and assessment.outcome == "needs-data":
            continue
        for name in dict.fromkeys((*assessment.needs, *_aged(assessment, facts, vocabulary))):
            waiting.setdefault(name, []).append(treatment.id)
    return waiting


def _aged(assessment: TreatmentAssessment, facts: Facts, vocabulary: Vocabulary) -> Iterable[str]:
    if assessment.outcome not in ("offer", "offer-check", "hold"):
        return
    treatment = assessment.treatment
    for criterion in (*treatment.block, *treatment.hold):
        for leaf in leaves(criterion):
            for name in leaf.statement.facts:
                if facts[name].aged:
                    asked = vocabulary[name].asks or (name,)
                    yield from (base for base in asked if facts[base].aged)


def _warned(warnings: Iterable[Caveat], facts: Facts) -> Iterable[CaveatAssessment]:
    for warning in warnings:
        because = _deciding(warning.when_any, facts, Truth.YES)
        if because:
            yield CaveatAssessment(warning, because)
