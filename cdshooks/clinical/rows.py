"""Treatments as a program asks them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from cdshooks.clinical.criterion import Criterion, Group, Leaf, leaves
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.marks import Kept
from cdshooks.clinical.program import NO, UNKNOWN, YES, Program
from cdshooks.clinical.statement import is_known, may_be
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Members
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, OUTCOME_PREFIX, Vocabulary
from cdshooks.clinical.weigh import (
    OUTCOMES,
    Settling,
    TreatmentAssessment,
    asks_outcomes,
    outcome_of,
)

# A fact with the bits in which it differs from an unknown one.
Marked: TypeAlias = tuple[Fact, int]
# What becomes of a treatment: the assessment, its outcome and its needs as facts by name, and
# the bits of these.
Weighed: TypeAlias = tuple[TreatmentAssessment, dict[str, Fact], int]


class Selection(NamedTuple):
    """What a treatment is considered for: the truth of that, why, and what leaves it open.

    `undecided` are the facts that do, `asked` those that are asked for; `needs` says it as a fact.
    """

    truth: Truth
    because: tuple[Leaf, ...]
    undecided: tuple[str, ...]
    asked: tuple[str, ...]
    needs: Marked


class Safety(NamedTuple):
    """What speaks against a treatment, what of that is unknown, and what is asked for then."""

    block: Truth
    hold: Truth
    blocked_by: tuple[Leaf, ...]
    held_by: tuple[Leaf, ...]
    checks: tuple[Leaf, ...]
    asked: tuple[str, ...]


class Row:
    """One treatment: a truth table, of which a line is written when it is first needed.

    A line hangs on the answers to the statements of the treatment and on nothing else, so it holds
    no value of any patient. It is put together of lines about its selection, its safety and its
    cautions: of these there are few, though patients differ in what they have of each.

    One of the bits `ruled_out_by` is enough for it not to be offered. `safety_aged` are the bits
    that say that a value is aged that its safety hangs on; `every` are the names of the vocabulary.
    """

    def __init__(
        self,
        treatment: Treatment,
        program: Program,
        vocabulary: Vocabulary,
        every: frozenset[str],
    ):
        self.treatment, self.asks_outcomes = treatment, bool(asks_outcomes(treatment))
        self._program, self._every = program, every
        self._ask(treatment, program, vocabulary)
        self._selections = Kept[int, Selection](program.remembered)
        self._safeties = Kept[int, Safety](program.remembered)
        self._cautioned = Kept[int, tuple[Leaf, ...]](program.remembered)
        self.ruled_out = Kept[int, bool](program.remembered)
        self._lines = Kept[int, Weighed](program.remembered)
        self.outcome_name = OUTCOME_PREFIX + treatment.id
        self.needs_name = NEEDS_PREFIX + treatment.id
        told = {one: Fact(self.outcome_name, Choice(frozenset({one}))) for one in OUTCOMES}
        self._told = {one: (fact, program.delta(fact)) for one, fact in told.items()}
        self._nothing = self._needs(())
        self.nothing, nothing_bits = self._nothing
        self.not_offered, not_offered_bits = self._told["not-offered"]
        self.not_offered_bits = not_offered_bits ^ nothing_bits
        """The facts of a treatment that is not offered, and their bits."""

    def _ask(self, treatment: Treatment, program: Program, vocabulary: Vocabulary) -> None:
        """Compiles its lists, and finds the bits that each hangs on."""
        safety = (*treatment.block, *treatment.hold)
        self._consider = program.all_of(treatment.consider)
        self._each = [program.question(criterion) for criterion in treatment.consider]
        self._block, self._hold = program.any_of(treatment.block), program.any_of(treatment.hold)
        self._caution = program.any_of(treatment.caution)
        self.ruled_out_by = self._consider.settling
        self.safety_aged = sum(marks.aged for marks in program.asked_by(safety))
        groups = [one for one in treatment.consider if isinstance(one, Group)]
        selecting = (*treatment.consider, *settling_of(treatment.consider, vocabulary))
        self.grouped = program.statement_bits(groups)
        self._selecting = program.statement_bits(selecting)
        self._guarding = program.statement_bits((*safety, *settling_of(safety, vocabulary)))
        self._cautioning = program.statement_bits(treatment.caution)
        self._hangs_on = self._selecting | self._guarding | self._cautioning

    def is_ruled_out(self, known: int) -> bool:
        """Is a group NO of those that have to hold? Then it is not offered either.

        It is kept in `ruled_out` by the bits of its groups, where it is looked up for each patient.
        """
        line = known & self.grouped
        ruled_out = any(group.truth(line) is NO for group in self._consider.groups)
        return self.ruled_out.keep(line, ruled_out)

    def weighed(self, known: int, settling: Settling) -> Weighed:
        """What becomes of it for a patient of whom this is known."""
        line = known & self._hangs_on
        try:
            return self._lines[line]
        except KeyError:
            return self._lines.keep(line, self._line(line, settling))

    def _line(self, known: int, settling: Settling) -> Weighed:
        selection = self._selection(known & self._selecting, settling)
        if selection.truth is NO:
            one = TreatmentAssessment(self.treatment, "not-offered", (), (), selection.because)
            return one, self._facts(self.not_offered, self.nothing), self.not_offered_bits
        safety = self._safety(known & self._guarding, settling)
        outcome = outcome_of(selection.truth, safety.block, safety.hold)
        asked = {"needs-data": selection.asked, "offer-check": safety.asked}.get(outcome, ())
        one = TreatmentAssessment(
            self.treatment,
            outcome,
            asked,
            selection.undecided,
            selection.because,
            self._cautions(known & self._cautioning),
            safety.blocked_by,
            safety.held_by,
            safety.checks if outcome == "offer-check" else (),
        )
        told, told_bits = self._told[outcome]
        needs, needs_bits = selection.needs
        return one, self._facts(told, needs), told_bits ^ needs_bits

    def _facts(self, outcome: Fact, needs: Fact) -> dict[str, Fact]:
        return {self.outcome_name: outcome, self.needs_name: needs}

    def _selection(self, line: int, settling: Settling) -> Selection:
        found = self._selections.get(line)
        if found is None:
            truth = self._consider.truth(line)
            unknown = self._consider.unknown(line) if truth is UNKNOWN else []
            undecided = settling.of(unknown)
            found = Selection(
                truth,
                tuple(self._because(truth, line)),
                undecided,
                settling.of(leaf for leaf in unknown if leaf.when_unknown == "ask"),
                self._needs(undecided) if undecided else self._nothing,
            )
            self._selections.keep(line, found)
        return found

    def _because(self, truth: Truth, line: int) -> list[Leaf]:
        """The reasons of those criteria that hold; of what is ruled out, the first that is NO."""
        if truth is NO:
            return next(one for one in self._each if one.truth(line) is NO).deciding(line, NO)
        holding = [one for one in self._each if one.truth(line) is YES]
        return [leaf for one in holding for leaf in one.reasons(line)]

    def _safety(self, line: int, settling: Settling) -> Safety:
        found = self._safeties.get(line)
        if found is None:
            block, hold = self._block.truth(line), self._hold.truth(line)
            checks = self._block.unknown(line) + self._hold.unknown(line)
            found = Safety(
                block,
                hold,
                tuple(self._block.deciding(line, YES)) if block is YES else (),
                tuple(self._hold.deciding(line, YES)) if hold is YES else (),
                tuple(checks),
                settling.of(leaf for leaf in checks if leaf.when_unknown == "ask"),
            )
            self._safeties.keep(line, found)
        return found

    def _cautions(self, line: int) -> tuple[Leaf, ...]:
        found = self._cautioned.get(line)
        if found is None:
            found = self._cautioned.keep(line, tuple(self._caution.deciding(line, YES)))
        return found

    def _needs(self, undecided: Iterable[str]) -> Marked:
        """What leaves it undecided, as a fact.

        All others are lacking. Who asks looks first at what it has, so one set does for all.
        """
        fact = Fact(self.needs_name, Members(frozenset(undecided), self._every))
        return fact, self._program.delta(fact)


def settling_of(criteria: Iterable[Criterion], vocabulary: Vocabulary) -> Iterator[Leaf]:
    """What decides which base facts would settle a statement (Vocabulary.settled_by)."""
    asked = (leaf for criterion in criteria for leaf in leaves(criterion))
    waiting, seen = [name for leaf in asked for name in leaf.statement.facts], set[str]()
    while waiting:
        name = waiting.pop()
        if name in vocabulary and name not in seen:
            seen.add(name)
            waiting += vocabulary[name].asks
            deciding = [may_be(name, value) for value in vocabulary[name].asks_by_value]
            deciding += [is_known(base) for base in vocabulary[name].asks]
            yield from (Leaf(statement, "", ()) for statement in deciding)
