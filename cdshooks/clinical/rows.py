"""Treatments as a program asks them, and everything that is asked of a patient."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, all_deciding, leaves
from cdshooks.clinical.derive import Derivation, settled_by
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.marks import Kept
from cdshooks.clinical.program import Answers, Program
from cdshooks.clinical.statement import is_known, may_be
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Members
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, OUTCOME_PREFIX, Vocabulary
from cdshooks.clinical.weigh import (
    Outcome,
    Settling,
    TreatmentAssessment,
    asks_outcomes,
    outcome_of,
    weighed,
)

# What becomes of a treatment: the assessment, its outcome and its needs as facts, and their bits.
Weighed: TypeAlias = tuple[TreatmentAssessment, Fact, Fact, int]


class Row:
    """One treatment: a truth table, of which a line is written when it is first needed.

    A line hangs on the answers to the statements of the treatment and on nothing else, so it holds
    no value of any patient. `safety_aged` are the bits that say that a value is aged that its
    safety hangs on; `decisive` those of the facts that its outcome hangs on.
    """

    def __init__(self, treatment: Treatment, program: Program, vocabulary: Vocabulary):
        self.treatment, self.asks_outcomes = treatment, bool(asks_outcomes(treatment))
        self._consider = program.all_of(treatment.consider)
        self._block, self._hold = program.any_of(treatment.block), program.any_of(treatment.hold)
        safety = program.asked_by((*treatment.block, *treatment.hold))
        self.safety_aged = sum(marks.aged for marks in safety)
        self.decisive = sum(marks.filed for marks in program.asked_by(treatment.decisive))
        asked = (*treatment.criteria, *_settling(treatment, vocabulary))
        self._hangs_on = program.statement_bits(asked)
        self._program, self._every = program, frozenset(vocabulary.types)
        self._lines = Kept[int, Weighed](program.remembered)
        self.outcome_name = OUTCOME_PREFIX + treatment.id
        self.needs_name = NEEDS_PREFIX + treatment.id

    def weighed(self, known: int, settling: Settling) -> Weighed:
        """What becomes of it for a patient of whom this is known."""
        line = known & self._hangs_on
        try:
            return self._lines[line]
        except KeyError:
            return self._lines.keep(line, self._line(line, settling))

    def _line(self, known: int, settling: Settling) -> Weighed:
        outcome, undecided, checks = self._outcome(known), [], []
        if outcome in ("needs-data", "blocked"):
            undecided = self._consider.unknown(known)
        if outcome == "offer-check":
            checks = self._block.unknown(known) + self._hold.unknown(known)
        answers = Facts({}, Answers(self._program, known))
        one = weighed(self.treatment, outcome, undecided, checks, answers, settling)
        told = Fact(self.outcome_name, Choice(frozenset({outcome})))
        open_facts = frozenset(one.undecided)
        needs = Fact(self.needs_name, Members(open_facts, self._every - open_facts))
        return one, told, needs, self._program.delta(told) ^ self._program.delta(needs)

    def _outcome(self, known: int) -> Outcome:
        consider = self._consider.truth(known)
        if consider is Truth.NO:
            return "not-offered"
        return outcome_of(consider, self._block.truth(known), self._hold.truth(known))


def _settling(treatment: Treatment, vocabulary: Vocabulary) -> Iterator[Leaf]:
    """What decides which base facts would settle a statement (Vocabulary.settled_by)."""
    asked = (leaf for criterion in treatment.decisive for leaf in leaves(criterion))
    waiting, seen = [name for leaf in asked for name in leaf.statement.facts], set[str]()
    while waiting:
        name = waiting.pop()
        if name in vocabulary and name not in seen:
            seen.add(name)
            waiting += vocabulary[name].asks
            deciding = [may_be(name, value) for value in vocabulary[name].asks_by_value]
            deciding += [is_known(base) for base in vocabulary[name].asks]
            yield from (Leaf(statement, "", ()) for statement in deciding)


class Alert:
    """One warning with the statements that made it due before."""

    def __init__(self, caveat: Caveat, program: Program):
        self.caveat, self._program = caveat, program
        self._hangs_on = program.statement_bits(caveat.when_any)
        self._lines = Kept[int, tuple[Leaf, ...]](program.remembered)

    def because(self, known: int) -> tuple[Leaf, ...]:
        """The statements that make it due; none if it is not."""
        line = known & self._hangs_on
        found = self._lines.get(line)
        if found is None:
            answers = Facts({}, Answers(self._program, line))
            found = self._lines.keep(line, all_deciding(self.caveat.when_any, answers, Truth.YES))
        return found


def every_criterion(
    derivations: Iterable[Derivation],
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
    vocabulary: Vocabulary,
) -> Iterable[Criterion]:
    """Everything that is asked of a patient, also for what a card says or drafts."""
    for derivation in derivations:
        yield from settled_by(derivation)
    for treatment in treatments:
        yield from (*treatment.criteria, *_of_card(treatment), *_settling(treatment, vocabulary))
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
