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
from dataclasses import dataclass, field
from functools import cached_property
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


@dataclass(eq=False)  # not frozen: one is made of each treatment for each patient, in half the time
class TreatmentAssessment:
    """One treatment for one patient: the outcome, and the statements that made it so.

    These are looked for when somebody reads them: of a treatment that is not offered hardly anybody
    does, and most are not offered.
    """

    treatment: Treatment
    outcome: Outcome
    _facts: Facts = field(repr=False)
    _settling: "Settling" = field(repr=False)

    @property
    def offered(self) -> bool:
        return self.outcome in ("offer", "offer-check")

    @property
    def fits(self) -> bool:
        """Is it selected for the patient, whatever has to be checked or waited for?"""
        return self.outcome in ("offer", "offer-check", "hold")

    @cached_property
    def because(self) -> tuple[Leaf, ...]:
        """Why it is considered; of what is not offered, the statements that rule it out."""
        consider, facts = self.treatment.consider, self._facts
        if self.outcome == "not-offered":
            out = next(one for one in consider if answer(one, facts) is Truth.NO)
            return tuple(deciding(out, facts, Truth.NO))
        return tuple(leaf for one in consider for leaf in reasons(one, facts))

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The facts to ask for."""
        waiting: tuple[Leaf, ...] = ()
        if self.outcome == "needs-data":
            waiting = self._deciding(self.treatment.consider, Truth.UNKNOWN)
        elif self.outcome == "offer-check":
            either = (*self.treatment.block, *self.treatment.hold)
            waiting = self._deciding(either, Truth.UNKNOWN)
        return self._settling.asked(waiting)

    @cached_property
    def undecided(self) -> tuple[str, ...]:
        """All facts that leave its selection unknown, also where the row asks for nothing."""
        return self._settling.of(self._deciding(self.treatment.consider, Truth.UNKNOWN))

    @cached_property
    def cautions(self) -> tuple[Leaf, ...]:
        return self._deciding(self.treatment.caution, Truth.YES)

    @cached_property
    def blocked_by(self) -> tuple[Leaf, ...]:
        return self._deciding(self.treatment.block, Truth.YES)

    @cached_property
    def held_by(self) -> tuple[Leaf, ...]:
        return self._deciding(self.treatment.hold, Truth.YES)

    def _deciding(self, criteria: Iterable[Criterion], truth: Truth) -> tuple[Leaf, ...]:
        if self.outcome == "not-offered":
            return ()  # nothing more is told of it
        return all_deciding(criteria, self._facts, truth)


class Settling(dict[str, tuple[str, ...]]):
    """The base facts that would settle an unknown fact of one patient; each is looked up once."""

    def __init__(self, facts: Facts, vocabulary: Vocabulary):
        self._facts, self._vocabulary = facts, vocabulary

    def __missing__(self, name: str) -> tuple[str, ...]:
        settling = self[name] = self._vocabulary.settled_by(name, self._facts)
        return settling

    def of(self, unknown: Iterable[Leaf]) -> tuple[str, ...]:
        """The facts, each once, that would settle statements."""
        names = dict.fromkeys([name for leaf in unknown for name in leaf.statement.facts])
        return tuple(dict.fromkeys([base for name in names for base in self[name]]))

    def asked(self, unknown: Iterable[Leaf]) -> tuple[str, ...]:
        """Those of statements that ask; one that is silent while it is unknown asks for none."""
        return self.of([leaf for leaf in unknown if leaf.when_unknown == "ask"])


def weigh(treatment: Treatment, facts: Facts, vocabulary: Vocabulary) -> TreatmentAssessment:
    """One treatment against the facts."""
    settling = Settling(facts, vocabulary)
    consider = all_of(answer(criterion, facts) for criterion in treatment.consider)
    if consider is Truth.NO:
        return TreatmentAssessment(treatment, "not-offered", facts, settling)
    block = any_of(answer(criterion, facts) for criterion in treatment.block)
    hold = any_of(answer(criterion, facts) for criterion in treatment.hold)
    outcome = outcome_of(consider, block, hold)
    return TreatmentAssessment(treatment, outcome, facts, settling)


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


def asks_outcomes(treatment: Treatment) -> frozenset[str]:
    """The treatments for whose outcome it asks; what only tells (`say`, `orders`) may ask later."""
    every = (leaf for criterion in treatment.criteria for leaf in leaves(criterion))
    asked = (name for leaf in every for name in leaf.statement.facts)
    return frozenset(
        name.removeprefix(OUTCOME_PREFIX) for name in asked if name.startswith(OUTCOME_PREFIX)
    )
