"""Draft orders: templates of the knowledge, completed for one patient.

Drafts only: status draft, intent proposal. Nothing is ordered until a clinician accepts, completes
and signs it in the client.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cdshooks.clinical.criterion import Leaf, answer, deciding
from cdshooks.clinical.treatment import DraftOrder, Request
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import Action, Suggestion
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
    for order in orders:
        if _is_open(order, consult):
            first.setdefault(order.once or order.label, order)
    if not first:
        return ()
    drafts: dict[str, Action] = {}
    completing = of_patient(consult)
    for order in first.values():
        label, description = consult.wording.button(order.label, order.resource["resourceType"])
        drafts[label] = Action("create", description, {**order.resource, **completing})
    return tuple(
        [Suggestion(label, str(consult.new_uuid()), (draft,)) for label, draft in drafts.items()]
    )


def of_patient(consult: Consult) -> dict[str, Any]:
    """What completes the resource of every order of a patient: whose it is, and why."""
    if not consult.of_patient:
        whose = {"reference": f"Patient/{consult.patient_id}"}
        consult.of_patient = {"status": "draft", "intent": "proposal", "subject": whose}
        condition = _condition(consult)
        if condition:
            consult.of_patient["reasonReference"] = [{"reference": condition}]
    return consult.of_patient


def withheld(request: Request, consult: Consult) -> str:
    """Why nothing is drafted for a request that has drafts, as Markdown; "" if something is."""
    first: Leaf | None = None
    for order in request.orders:
        if _is_open(order, consult):
            return ""
        first = first or next(_against(order, consult), None)
    return consult.wording.reason(first).why if first else ""


def _against(order: DraftOrder, consult: Consult) -> Iterator[Leaf]:
    """The statements by which an order is not drafted."""
    return deciding(order.unless, consult.facts, Truth.YES) if order.unless else iter(())


def _is_open(order: DraftOrder, consult: Consult) -> bool:
    return order.unless is None or answer(order.unless, consult.facts) is not Truth.YES


def _condition(consult: Consult) -> str:
    """The first problem-list entry of the tumour that has an id that a server knows."""
    for place in consult.fact("net.entity").readings:
        if _CONDITION.fullmatch(place.reference):
            return place.reference
    return ""
