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
    for order in _open(orders, consult):
        first.setdefault(order.once or order.label, order)
    drafts: dict[str, Action] = {}
    for order in first.values():
        label, description = _button(order, consult)
        drafts[label] = Action("create", description, {**order.resource, **of_patient(consult)})
    return tuple(
        Suggestion(label, str(consult.new_uuid()), (draft,)) for label, draft in drafts.items()
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
        if order.unless is None or answer(order.unless, consult.facts) is not Truth.YES:
            return ""
        first = first or next(deciding(order.unless, consult.facts, Truth.YES), None)
    return consult.wording.reason(first).why if first else ""


def _open(orders: Iterable[DraftOrder], consult: Consult) -> Iterator[DraftOrder]:
    for order in orders:
        if order.unless is None or answer(order.unless, consult.facts) is not Truth.YES:
            yield order


def _button(order: DraftOrder, consult: Consult) -> tuple[str, str]:
    """The text of the suggestion, and the description of what it does."""
    kind = "prescription" if order.resource["resourceType"] == "MedicationRequest" else "request"
    return consult.wording.button(order.label, kind)


def _condition(consult: Consult) -> str:
    """The first problem-list entry of the tumour that has an id that a server knows."""
    for place in consult.fact("net.entity").readings:
        if _CONDITION.fullmatch(place.reference):
            return place.reference
    return ""
