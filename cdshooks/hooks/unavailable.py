"""What cannot be assessed at all: a 412, or the card in its place where users never see an error.

Without either an empty pane would look like "nothing to say". The same is true of knowledge that is
too old to be used: one card says so in the place of all others.
"""

import uuid

from cdshooks.clinical.assess import Assessment
from cdshooks.clinical.value import Choice
from cdshooks.errors import DataRequired
from cdshooks.fhir.bundle import resources
from cdshooks.fhir.record import ANOTHERS, UNTOLD
from cdshooks.hooks.card import Card, Source, place, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.ids import NewUuid
from cdshooks.hooks.making import CODINGS, listed
from cdshooks.hooks.prefetch import Collected

_WHOSE = "nobody can tell whether it is of the patient in context"
_ANOTHERS = "all of it names another patient than the one in context"
_NO_NET = Choice(frozenset({"none"}))
_TO_DO = (
    "**What to do:** judge this patient by the chart itself. Opening the chart again asks for the"
    " data once more. If this card stays, the team of the record system can tell why."
)


def insist_on_a_diagnosis(assessment: Assessment, service: Service, collected: Collected) -> None:
    """Raise DataRequired if nobody can tell whether there is a NET.

    An answer without cards would say that there is none, when only a part of the diagnoses came, or
    when those that came are not the patient's. A client whose template asks for a part of the
    diagnoses only is answered by that part.
    """
    status = assessment.facts.value("net.status")
    if status not in (None, _NO_NET):
        return
    required = {template.key for template in service.prefetch if template.required}
    lacking = {key: why for key, why in collected.not_assessed.items() if key in required}
    if status is None and lacking:
        raise DataRequired(lacking)
    diagnoses = [one.key for one in service.prefetch if one.resource_type == "Condition"]
    if status is None and not collected.narrowed.keys() & diagnoses:
        raise DataRequired(dict.fromkeys(sorted(required), _WHOSE))
    said = _said_of_diagnoses(assessment, collected)
    if (status is None and UNTOLD in said) or (said and all(said)):
        raise DataRequired(dict.fromkeys(diagnoses, _WHOSE if UNTOLD in said else _ANOTHERS))


def _said_of_diagnoses(assessment: Assessment, collected: Collected) -> list[str | None]:
    """Of each diagnosis that came why it was set aside as not the patient's; None if it was not."""
    aside = {
        one.reference: one.problem
        for one in assessment.problems
        if one.problem in (ANOTHERS, UNTOLD)
    }
    if not aside:  # as good as always: no need to look at all that came once more
        return []
    came = resources(collected.bodies, lambda *_: None)
    return [aside.get(one.reference) for one in came if one.peek.resourceType == "Condition"]


def unavailable_card(
    error: DataRequired, service: Service, version: str, new_uuid: NewUuid = uuid.uuid4
) -> Card:
    """Says which data could not be had, why, what they are needed for, and what to do."""
    templates = {template.key: template for template in service.prefetch}
    lines = ["**Nothing was assessed, so this card says nothing about the patient.**"]
    for key, reason in error.reasons.items():
        needed = f" Needed for: {prose(templates[key].why)}" if key in templates else ""
        lines.append(f"- {place(f'prefetch.{key}')}: {prose(reason)}.{needed}")
    return Card(
        uuid=str(new_uuid()),
        summary=listed(f"{service.title} not assessed. Not to be had: ", list(error.reasons)),
        indicator="info",
        source=Source(f"cdshooks-net {version}", topic=CODINGS["missing-data"]),
        detail="\n".join([*lines, "", _TO_DO]),
    )


def withdrawn_card(consult: Consult) -> Card:
    """Says in the place of all advice that the knowledge is too old to advise by."""
    edition = consult.knowledge.edition
    last = edition.not_used_after
    told = f"""\
**Nothing was assessed: the knowledge behind this service is too old to advise by.**
- Knowledge {edition.version} was valid until {edition.valid_until}, and is not used after {last}.

**What to do:** judge this patient by current guidance, with a NET board. The team of the record
system can install a newer edition."""
    return Card(
        uuid=str(consult.new_uuid()),
        summary=f"Treatment options not assessed: the knowledge is not used after {last}",
        indicator="warning",
        source=Source(
            f"cdshooks-net {edition.version}",
            topic=CODINGS["safety"],
        ),
        detail=told,
    )
