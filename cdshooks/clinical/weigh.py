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
from typing import Literal, TypeAlias

from cdshooks.clinical.criterion import (
    Leaf,
    all_deciding,
    answer,
    deciding,
    leaves,
    reasons,
)
from cdshooks.clinical.fact import Facts
from cdshooks.clinical.treatment import Treatment, facts_of
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
    where the row asks for nothing. `because` is why it is considered; of what is not offered, what
    rules it out, and no more is told of that. `checks` are the statements of its safety that are
    still unknown.
    """

    treatment: Treatment
    outcome: Outcome
    needs: tuple[str, ...]
    undecided: tuple[str, ...]
    because: tuple[Leaf, ...]
    cautions: tuple[Leaf, ...] = ()
    blocked_by: tuple[Leaf, ...] = ()
    held_by: tuple[Leaf, ...] = ()
    checks: tuple[Leaf, ...] = ()

    @property
    def offered(self) -> bool:
        return self.outcome in ("offer", "offer-check")

    @property
    def fits(self) -> bool:
        """Is it selected for the patient, whatever has to be checked or waited for?"""
        return self.outcome in ("offer", "offer-check", "hold")

    @property
    def rests_on(self) -> frozenset[str]:
        """The facts that the outcome rests on; of a row that is not offered, of what rules it out.

        Cautions only add text, and a silent row says nothing while it is undecided.
        """
        if self.fits:
            return self.treatment.decisive_facts
        if self.outcome == "needs-data" and not self.treatment.silent:
            return self.treatment.consider_facts
        if self.outcome == "blocked":
            return self.treatment.consider_facts | facts_of(self.blocked_by)
        return facts_of(self.because)


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


def weigh(treatment: Treatment, facts: Facts, vocabulary: Vocabulary) -> TreatmentAssessment:
    """One treatment against the facts: the definition of what rows.py finds out by bits."""
    consider = all_of(answer(criterion, facts) for criterion in treatment.consider)
    if consider is Truth.NO:
        out = next(one for one in treatment.consider if answer(one, facts) is Truth.NO)
        because = tuple(deciding(out, facts, Truth.NO))
        return TreatmentAssessment(treatment, "not-offered", (), (), because)
    block = any_of(answer(criterion, facts) for criterion in treatment.block)
    hold = any_of(answer(criterion, facts) for criterion in treatment.hold)
    outcome = outcome_of(consider, block, hold)
    undecided = all_deciding(treatment.consider, facts, Truth.UNKNOWN)
    checks = all_deciding((*treatment.block, *treatment.hold), facts, Truth.UNKNOWN)
    settling = Settling(facts, vocabulary)
    asking = {"needs-data": undecided, "offer-check": checks}.get(outcome, ())
    return TreatmentAssessment(
        treatment,
        outcome,
        needs=settling.of(leaf for leaf in asking if leaf.when_unknown == "ask"),
        undecided=settling.of(undecided),
        because=tuple(leaf for one in treatment.consider for leaf in reasons(one, facts)),
        cautions=all_deciding(treatment.caution, facts, Truth.YES),
        blocked_by=all_deciding(treatment.block, facts, Truth.YES),
        held_by=all_deciding(treatment.hold, facts, Truth.YES),
        checks=checks if outcome == "offer-check" else (),
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


def asks_outcomes(treatment: Treatment) -> frozenset[str]:
    """The treatments for whose outcome it asks; what only tells (`say`, `orders`) may ask later."""
    every = (leaf for criterion in treatment.criteria for leaf in leaves(criterion))
    asked = (name for leaf in every for name in leaf.statement.facts)
    return frozenset(
        name.removeprefix(OUTCOME_PREFIX) for name in asked if name.startswith(OUTCOME_PREFIX)
    )
