"""Treatments as a program asks them, and everything that is asked of a patient."""

from collections.abc import Iterable, Mapping

from cdshooks.clinical.criterion import Criterion
from cdshooks.clinical.derive import Derivation, settled_by
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.program import Program
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Members
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, OUTCOME_PREFIX
from cdshooks.clinical.weigh import (
    OUTCOMES,
    Outcome,
    Settling,
    TreatmentAssessment,
    asks_outcomes,
    outcome_of,
)


class Row:
    """One treatment.

    `ruled_out`: each of these bits rules it out by itself. `decisive`: every bit that the outcome
    hangs on. `safety_aged`: those that say that a value its safety hangs on is aged.
    `told`: the fact that each outcome makes, with the bits that it sets.
    """

    def __init__(self, treatment: Treatment, program: Program, every: frozenset[str]):
        self.treatment, self.asks_outcomes = treatment, bool(asks_outcomes(treatment))
        self._consider = program.all_of(treatment.consider)
        self._block, self._hold = program.any_of(treatment.block), program.any_of(treatment.hold)
        self.ruled_out = self._consider.settling
        self.decisive = program.bits_of(treatment.decisive)
        self.safety_aged = program.aged_bits((*treatment.block, *treatment.hold))
        self.outcome_name = OUTCOME_PREFIX + treatment.id
        self.told = _told(self.outcome_name, program)
        self.needs_name, self._every = NEEDS_PREFIX + treatment.id, every
        self.needs_marks = program.marks.get(self.needs_name)
        self._needs: dict[tuple[str, ...], Fact] = {}
        self._remembered = program.remembered

    def outcome(self, known: int) -> Outcome:
        consider = self._consider.truth(known)
        if consider is Truth.NO:
            return "not-offered"
        return outcome_of(consider, self._block.truth(known), self._hold.truth(known))

    def fill(self, one: TreatmentAssessment, known: int, settling: Settling) -> None:
        """Tells an assessment of this treatment what it needs, which it would find out slowly."""
        one.undecided = one.needs = ()
        if one.outcome in ("needs-data", "blocked"):
            unknown = self._consider.unknown(known)
            one.undecided = settling.of(unknown)
            if one.outcome == "needs-data":
                one.needs = settling.asked(unknown)
        elif one.outcome == "offer-check":
            one.needs = settling.asked(self._block.unknown(known) + self._hold.unknown(known))

    def needs(self, undecided: tuple[str, ...]) -> Fact:
        """The fact that tells what leaves the treatment undecided."""
        fact = self._needs.get(undecided)
        if fact is None:
            needs = frozenset(undecided)
            fact = Fact(self.needs_name, Members(needs, self._every - needs))
            if len(self._needs) < self._remembered:
                self._needs[undecided] = fact
        return fact


def _told(name: str, program: Program) -> Mapping[Outcome, tuple[Fact, int]]:
    facts = {outcome: Fact(name, Choice(frozenset({outcome}))) for outcome in OUTCOMES}
    marks = program.marks.get(name)
    return {one: (fact, marks.delta(fact) if marks else 0) for one, fact in facts.items()}


def every_criterion(
    derivations: Iterable[Derivation],
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
) -> Iterable[Criterion]:
    """Everything that is asked of a patient, also for what a card says or drafts."""
    for derivation in derivations:
        yield from settled_by(derivation)
    for treatment in treatments:
        yield from (*treatment.criteria, *_of_card(treatment))
    for request in requests:
        yield from (*request.ask_when, *request.never_when, *_of_card(request))
    for warning in warnings:
        yield from warning.when_any
        yield from _unless(warning.orders)


def _of_card(rule: Treatment | Request) -> Iterable[Criterion]:
    yield from (saying.when for saying in rule.sayings if saying.when)
    yield from _unless(rule.orders)


def _unless(orders: Iterable[DraftOrder]) -> Iterable[Criterion]:
    return (order.unless for order in orders if order.unless)
