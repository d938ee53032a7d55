"""Everything that is asked of a patient."""

from collections.abc import Iterable

from cdshooks.clinical.criterion import Criterion, Leaf
from cdshooks.clinical.derive import Derivation, settled_by
from cdshooks.clinical.rows import settling_of
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Treatment
from cdshooks.clinical.vocabulary import Vocabulary


def every_criterion(
    derivations: Iterable[Derivation],
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
    vocabulary: Vocabulary,
) -> Iterable[Criterion]:
    """All criteria, also those for what a card says or drafts.

    First what rules a treatment out: the sooner a statement comes, the shorter is the number in
    which its bits stand, and these are asked for every treatment of every patient.
    """
    selecting = [one for treatment in treatments for one in treatment.consider]
    yield from (one for one in selecting if isinstance(one, Leaf))
    yield from selecting
    for derivation in derivations:
        yield from settled_by(derivation)
    for treatment in treatments:
        yield from treatment.criteria
        yield from settling_of(treatment.consider, vocabulary)
        yield from settling_of((*treatment.block, *treatment.hold), vocabulary)
        yield from _of_card(treatment)
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
