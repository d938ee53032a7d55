"""Draft orders: templates of the knowledge, completed for one patient.

Drafts only: status draft, intent proposal. Nothing is ordered until a clinician accepts, completes
and signs it in the client.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from cdshooks.clinical.criterion import answer, deciding
from cdshooks.clinical.treatment import DraftOrder, Request
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import LABEL_AT_MOST, Action, Suggestion, plain
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.wording import Wording

OF_PATIENT = frozenset({"status", "intent", "subject", "reasonReference"})
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
        if order.unless is None or answer(order.unless, consult.facts) is not Truth.YES:
            first.setdefault(order.once or order.label, order)
    if not first:
        return ()
    found: dict[str, Suggestion] = {}
    completing, written = consult.completing = consult.completing or _completing(consult)
    for order in first.values():
        label, description, start = consult.wording.once((_draft, order))
        json = start + written if start else None
        action = Action("create", description, {**order.resource, **completing}, None, json)
        found[label] = Suggestion(label, str(consult.new_uuid()), (action,))
    return tuple(found.values())


class Draft(NamedTuple):
    """What the knowledge says of a draft. `written`: its action as JSON, up to what is added.

    Empty of a template that says itself what is to be added.
    """

    label: str
    description: str
    written: bytes


def _draft(_: Wording, order: DraftOrder) -> Draft:
    label = plain(order.label, LABEL_AT_MOST)
    of_drug = order.resource["resourceType"] == "MedicationRequest"
    kind = "prescription" if of_drug else "request"
    description = plain(f"{label}: a draft {kind} to review, complete and sign")
    action = Action("create", description, order.resource)
    alone = OF_PATIENT.isdisjoint(order.resource)  # so that no member stands twice
    written = orjson.dumps(action.as_json()).removesuffix(b"}}") if alone else b""
    return Draft(label, description, written)


def of_patient(consult: Consult) -> dict[str, Any]:
    """What completes the resource of every order of a patient: whose it is, and why."""
    whose = {"reference": f"Patient/{consult.patient_id}"}
    completing: dict[str, Any] = {"status": "draft", "intent": "proposal", "subject": whose}
    condition = _condition(consult)
    if condition:
        completing["reasonReference"] = [{"reference": condition}]
    return completing


def _completing(consult: Consult) -> tuple[dict[str, Any], bytes]:
    """The same with the JSON that ends each draft."""
    completing = of_patient(consult)
    return completing, b"," + orjson.dumps(completing)[1:] + b"}"


def withheld(request: Request, consult: Consult) -> str:
    """Why nothing is drafted for a request that has drafts, as Markdown; "" if something is."""
    for order in request.orders:
        if order.unless is None or answer(order.unless, consult.facts) is not Truth.YES:
            return ""
    against = (
        leaf
        for order in request.orders
        if order.unless
        for leaf in deciding(order.unless, consult.facts, Truth.YES)
    )
    first = next(against, None)
    return consult.wording.reason(first).why if first else ""


def _condition(consult: Consult) -> str:
    """The first problem-list entry of the tumour that has an id that a server knows."""
    for place in consult.fact("net.entity").readings:
        if _CONDITION.fullmatch(place.reference):
            return place.reference
    return ""
