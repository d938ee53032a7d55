"""What is asked for: facts that some treatment waits for, and what a request asks by itself."""

from collections.abc import Iterable
from itertools import chain, compress, count
from operator import eq
from typing import Literal, NamedTuple, TypeAlias

from cdshooks.clinical.criterion import Leaf, leaves
from cdshooks.clinical.fact import Facts
from cdshooks.clinical.marks import Kept
from cdshooks.clinical.program import Program
from cdshooks.clinical.rows import Row
from cdshooks.clinical.treatment import Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Members
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, Vocabulary
from cdshooks.clinical.weigh import TreatmentAssessment


class RequestAssessment(NamedTuple):
    """A missing fact to obtain: which facts, and the ids of the treatments that wait for it.

    `because`: why it is made by itself, where no treatment waits.
    """

    request: Request
    facts: tuple[str, ...]
    waiting: tuple[str, ...]
    because: tuple[Leaf, ...] = ()


# Why a request is made by itself; None if it is made for others only.
# Of one that is never made at all: "never".
Due: TypeAlias = tuple[Leaf, ...] | Literal["never"] | None


class Asking:
    """One request with its lists compiled, and what they came to before."""

    def __init__(self, request: Request, program: Program):
        self.request = request
        self._never = program.any_of(request.never_when)
        self._when = program.all_of(request.ask_when)
        self._hangs_on = program.statement_bits((*request.ask_when, *request.never_when))
        # It takes all of these bits for it to be made by itself; -1 is more than there are.
        self.by_itself = self._when.holding if request.ask_when else -1
        self._lines = Kept[int, Due](program.remembered)

    def due(self, known: int) -> Due:
        line = known & self._hangs_on
        try:
            return self._lines[line]
        except KeyError:
            return self._lines.keep(line, self._line(line))

    def _line(self, known: int) -> Due:
        if self._never.truth(known) is Truth.YES:
            return "never"
        if not self.request.ask_when or self._when.truth(known) is not Truth.YES:
            return None
        return tuple(self._when.deciding(known, Truth.YES))


class Requests:
    """All requests, found by the facts that they ask for."""

    def __init__(self, requests: Iterable[Request], program: Program):
        self._each = [Asking(request, program) for request in requests]
        self._by_itself = [one.by_itself for one in self._each]
        self._by_fact: dict[str, list[int]] = {}
        for place, one in enumerate(self._each):
            for name in one.request.facts:
                self._by_fact.setdefault(name, []).append(place)

    def due(
        self,
        weighed: Iterable[tuple[Row, TreatmentAssessment]],
        facts: Facts,
        known: int,
        vocabulary: Vocabulary,
    ) -> tuple[RequestAssessment, ...]:
        """The requests that are due, in their order."""
        waiting, made = _waiting(weighed, facts, known, vocabulary), []
        wanted = {place for name in waiting for place in self._by_fact.get(name, ())}
        for place in sorted(wanted.union(self._may_be_made(known))):
            one = self._each[place]
            due, request = one.due(known), one.request
            if due == "never" or (due is None and place not in wanted):
                continue
            asked = tuple(filter(waiting.__contains__, request.facts))
            if asked:
                rows = dict.fromkeys(chain.from_iterable(map(waiting.__getitem__, asked)))
                made.append(RequestAssessment(request, asked, tuple(rows)))
            else:
                named = _named(request, due or (), facts)
                made.append(RequestAssessment(request, named, (), due or ()))
        return tuple(made)

    def _may_be_made(self, known: int) -> Iterable[int]:
        """Those that may be made by themselves: a few of all, which is left to C."""
        holding = self._by_itself
        return compress(count(), map(eq, map(known.__and__, holding), holding))


def _named(request: Request, because: Iterable[Leaf], facts: Facts) -> tuple[str, ...]:
    """Of a request that asks by itself the facts that its statements name, else its first."""
    named: set[str] = set()
    for leaf in because:
        for name in leaf.statement.facts:
            named.add(name)
            value = facts.value(name) if name.startswith(NEEDS_PREFIX) else None
            named |= value.has if isinstance(value, Members) else set()
    return tuple([name for name in request.facts if name in named]) or request.facts[:1]


def _waiting(
    weighed: Iterable[tuple[Row, TreatmentAssessment]],
    facts: Facts,
    known: int,
    vocabulary: Vocabulary,
) -> dict[str, list[str]]:
    """Fact to the treatments that wait for it; an aged safety value of an offer is asked again."""
    waiting: dict[str, list[str]] = {}
    for row, one in weighed:
        names = one.needs
        if known & row.safety_aged and one.fits:
            names = tuple(dict.fromkeys((*names, *_aged(one.treatment, facts, vocabulary))))
        elif not names or (one.outcome == "needs-data" and one.treatment.silent):
            continue
        for name in names:
            waiting.setdefault(name, []).append(one.treatment.id)
    return waiting


def _aged(treatment: Treatment, facts: Facts, vocabulary: Vocabulary) -> Iterable[str]:
    for criterion in (*treatment.block, *treatment.hold):
        for leaf in leaves(criterion):
            for name in leaf.statement.facts:
                if facts[name].aged:
                    asked = vocabulary[name].asks or (name,)
                    yield from [base for base in asked if facts[base].aged] or asked
