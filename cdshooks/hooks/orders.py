"""Draft orders: templates of the knowledge, completed for one patient.

Drafts only: status draft, intent proposal. Nothing is ordered until a clinician accepts, completes
and signs it in the client.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cdshooks.clinical.criterion import answer, deciding
from cdshooks.clinical.treatment import DraftOrder, Request
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import LABEL_AT_MOST, Action, Suggestion, plain
from cdshooks.hooks.consult import Consult

_CONDITION = re.compile(r"Condition/[A-Za-z0-9\-.]{1,64}")


def therapy_orders(weighed: Iterable[TreatmentAssessment]) -> list[DraftOrder]:
    """The orders of what is offered without reserve; none on hold.

    While a check is due only those that the knowledge drafts before it, such as a board referral.
    """
    return [
        order
        for one in weighed
        if one.offered
        for order in one.treatment.orders
        if one.outcome == "offer" or order.before_checks
    ]


def suggestions(orders: Iterable[DraftOrder], consult: Consult) -> tuple[Suggestion, ...]:
    """A suggestion for each order that nothing speaks against; the same draft only once."""
    if consult.patient_id is None:
        return ()
    first: dict[str, DraftOrder] = {}
    for order in _open(orders, consult):
        first.setdefault(order.once or order.label, order)
    drafts = {plain(order.label, LABEL_AT_MOST): order for order in first.values()}
    return tuple(
        Suggestion(label, str(consult.new_uuid()), (_create(label, order, consult),))
        for label, order in drafts.items()
    )


def completed(order: DraftOrder, consult: Consult) -> dict[str, Any]:
    """The resource of an order: whose it is, and why."""
    reasons = [{"reference": reference} for reference in _conditions(consult)][:1]
    return {
        **order.resource,
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{consult.patient_id}"},
        **({"reasonReference": reasons} if reasons else {}),
    }


def withheld(request: Request, consult: Consult) -> str:
    """Why nothing is drafted for a request that has drafts; "" if something is."""
    closing = [
        list(deciding(order.unless, consult.facts, Truth.YES))
        for order in request.orders
        if order.unless
    ]
    if len(closing) < len(request.orders) or not all(closing):
        return ""
    return next((leaf.why for leaves in closing for leaf in leaves), "")


def _open(orders: Iterable[DraftOrder], consult: Consult) -> Iterator[DraftOrder]:
    for order in orders:
        if order.unless is None or answer(order.unless, consult.facts) is not Truth.YES:
            yield order


def _create(label: str, order: DraftOrder, consult: Consult) -> Action:
    kind = "prescription" if order.resource["resourceType"] == "MedicationRequest" else "request"
    description = plain(f"{label}: a draft {kind} to review, complete and sign")
    return Action("create", description, completed(order, consult))


def _conditions(consult: Consult) -> list[str]:
    """The problem-list entries of the tumour, where they have an id that a server knows."""
    found = dict.fromkeys(place.reference for place in consult.fact("net.entity").readings)
    return [reference for reference in found if _CONDITION.fullmatch(reference)]
