"""One treatment against the facts.

The outcome follows from the truths of four lists (docs/architecture.md, "Outcomes"):

    consider is NO                       not-offered
    a block is YES                       blocked
    consider is UNKNOWN                  needs-data
    a hold is YES                        hold
    a block or a hold is UNKNOWN         offer-check
    else                                 offer
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from cdshooks.clinical.criterion import (
    Criterion,
    Leaf,
    all_deciding,
    answer,
    deciding,
    leaves,
    reasons,
)
from cdshooks.clinical.fact import Facts
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth, all_of, any_of
from cdshooks.clinical.vocabulary import OUTCOME_PREFIX, Vocabulary

Outcome: TypeAlias = Literal["not-offered", "blocked", "needs-data", "hold", "offer-check", "offer"]
OUTCOMES: tuple[Outcome, ...] = (
    "not-offered",
    "blocked",
    "needs-data",
    "hold",
    "offer-check",
    "offer",
)


@dataclass(frozen=True, slots=True, eq=False)
class TreatmentAssessment:
    """One treatment for one patient: the outcome, and the statements that made it so.

    `needs` are the facts to ask for; `undecided` all those that leave its selection unknown, also
    where the row asks for nothing.
    """

    treatment: Treatment
    outcome: Outcome
    because: tuple[Leaf, ...]
    needs: tuple[str, ...]
    undecided: tuple[str, ...]
    cautions: tuple[Leaf, ...]
    blocked_by: tuple[Leaf, ...]
    held_by: tuple[Leaf, ...]

    @property
    def offered(self) -> bool:
        return self.outcome in ("offer", "offer-check")

    @property
    def fits(self) -> bool:
        """Is it selected for the patient, whatever has to be checked or waited for?"""
        return self.offered or self.outcome == "hold"


def weigh(treatment: Treatment, facts: Facts, vocabulary: Vocabulary) -> TreatmentAssessment:
    """One treatment against the facts."""
    consider = all_of(answer(criterion, facts) for criterion in treatment.consider)
    if consider is Truth.NO:
        because = _no(treatment, facts)
        return TreatmentAssessment(treatment, "not-offered", because, (), (), (), (), ())
    block = any_of(answer(criterion, facts) for criterion in treatment.block)
    hold = any_of(answer(criterion, facts) for criterion in treatment.hold)
    outcome = outcome_of(consider, block, hold)
    return TreatmentAssessment(
        treatment,
        outcome,
        because=tuple(leaf for one in treatment.consider for leaf in reasons(one, facts)),
        needs=_needs(treatment, outcome, facts, vocabulary),
        undecided=_settling(_unknown(treatment.consider, facts), facts, vocabulary),
        cautions=all_deciding(treatment.caution, facts, Truth.YES),
        blocked_by=all_deciding(treatment.block, facts, Truth.YES),
        held_by=all_deciding(treatment.hold, facts, Truth.YES),
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
def asks_outcomes(treatment: Treatment) -> frozenset[str]:
    """The treatments for whose outcome it asks; what only tells (`say`, `orders`) may ask later."""
    every = (leaf for criterion in treatment.criteria for leaf in leaves(criterion))
    asked = (name for leaf in every for name in leaf.statement.facts)
    return frozenset(
        name.removeprefix(OUTCOME_PREFIX) for name in asked if name.startswith(OUTCOME_PREFIX)
    )


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
    asking = (leaf for leaf in waiting if leaf.when_unknown == "ask")  # a silent one asks nothing
    return _settling(asking, facts, vocabulary)


def _unknown(criteria: Iterable[Criterion], facts: Facts) -> tuple[Leaf, ...]:
    return all_deciding(criteria, facts, Truth.UNKNOWN)


def _settling(unknown: Iterable[Leaf], facts: Facts, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The facts, each once, that would settle statements."""
    names = dict.fromkeys(name for leaf in unknown for name in leaf.statement.facts)
    settling = (vocabulary.settled_by(name, facts) for name in names)
    return tuple(dict.fromkeys(base for bases in settling for base in bases))
