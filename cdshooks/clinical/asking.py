"""What is asked for: facts that some treatment waits for, and what a request asks by itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from cdshooks.clinical.criterion import all_deciding, leaves
from cdshooks.clinical.fact import Facts
from cdshooks.clinical.program import Program
from cdshooks.clinical.rows import Row
from cdshooks.clinical.treatment import Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Members
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, Vocabulary
from cdshooks.clinical.weigh import TreatmentAssessment


@dataclass(frozen=True, slots=True, eq=False)
class RequestAssessment:
    """A missing fact to obtain: which facts, and the ids of the treatments that wait for it."""

    request: Request
    facts: tuple[str, ...]
    waiting: tuple[str, ...]


class Asking:
    """One request with its lists compiled."""

    def __init__(self, request: Request, program: Program):
        self.request, self.facts = request, frozenset(request.facts)
        self._never = program.any_of(request.never_when)
        self._when = program.all_of(request.ask_when) if request.ask_when else None

    def never(self, known: int) -> bool:
        return self._never.truth(known) is Truth.YES

    def by_itself(self, known: int) -> bool:
        return self._when is not None and self._when.truth(known) is Truth.YES


def requested(
    requests: Iterable[Asking],
    weighed: Iterable[tuple[Row, TreatmentAssessment]],
    facts: Facts,
    known: int,
    vocabulary: Vocabulary,
) -> tuple[RequestAssessment, ...]:
    """The requests that are due, in their order."""
    waiting, due = _waiting(weighed, facts, known, vocabulary), []
    for one in requests:
        waited_for = not one.facts.isdisjoint(waiting)
        if (waited_for or one.by_itself(known)) and not one.never(known):
            asked = [name for name in one.request.facts if name in waiting]
            asked = asked or _named(one.request, facts)
            rows = dict.fromkeys(row for name in asked for row in waiting.get(name, ()))
            due.append(RequestAssessment(one.request, tuple(asked), tuple(rows)))
    return tuple(due)


def _named(request: Request, facts: Facts) -> list[str]:
    """Of a request that asks by itself the facts that its statements name, else its first."""
    names = {
        n for leaf in all_deciding(request.ask_when, facts, Truth.YES) for n in leaf.statement.facts
    }
    for name in sorted(names):
        value = facts.value(name) if name.startswith(NEEDS_PREFIX) else None
        names |= value.has if isinstance(value, Members) else set()
    return [name for name in request.facts if name in names] or [request.facts[0]]


def _waiting(
    weighed: Iterable[tuple[Row, TreatmentAssessment]],
    facts: Facts,
    known: int,
    vocabulary: Vocabulary,
) -> dict[str, list[str]]:
    """Fact to the treatments that wait for it; an aged safety value of an offer is asked again."""
    waiting: dict[str, list[str]] = {}
    for row, one in weighed:
        if one.outcome in ("not-offered", "blocked"):
            continue
        if one.outcome == "needs-data" and one.treatment.silent:
            continue
        names = one.needs
        if known & row.safety_aged and one.fits:
            names = tuple(dict.fromkeys((*names, *_aged(one.treatment, facts, vocabulary))))
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
