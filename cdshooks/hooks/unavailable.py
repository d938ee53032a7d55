"""What cannot be assessed at all: a 412, or the card in its place where users never see an error.

Without either an empty pane would look like "nothing to say".
"""

import uuid

from cdshooks.clinical.assess import Assessment
from cdshooks.errors import DataRequired
from cdshooks.hooks.card import Card, Coding, Source, place, prose
from cdshooks.hooks.consult import NewUuid
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.making import TOPIC_SYSTEM, TOPICS, listed
from cdshooks.hooks.prefetch import Collected

_WHOSE = "nobody can tell whether it is of the patient in context"
_TO_DO = (
    "**What to do:** judge this patient by the chart itself. Opening the chart again asks for the"
    " data once more. If this card stays, the team of the record system can tell why."
)


def insist_on_a_diagnosis(assessment: Assessment, service: Service, collected: Collected) -> None:
    """Raise DataRequired if nobody can tell whether there is a NET.

    An answer without cards would say that there is none, when only a part of the diagnoses came. A
    client whose template asks for a part of the diagnoses only is answered by that part.
    """
    if assessment.facts.value("net.status") is not None:
        return
    required = {template.key for template in service.prefetch if template.required}
    lacking = {key: why for key, why in collected.not_assessed.items() if key in required}
    if lacking:
        raise DataRequired(lacking)
    diagnoses = {one.key for one in service.prefetch if one.resource_type == "Condition"}
    if not diagnoses & collected.narrowed.keys():
        raise DataRequired(dict.fromkeys(sorted(required), _WHOSE))


def unavailable_card(
    error: DataRequired, service: Service, version: str, new_uuid: NewUuid = uuid.uuid4
) -> Card:
    """Says which data could not be had, why, what they are needed for, and what to do."""
    templates = {template.key: template for template in service.prefetch}
    lines = ["**Nothing was assessed, so this card says nothing about the patient.**"]
    for key, reason in error.reasons.items():
        needed = f" Needed for: {prose(templates[key].why)}" if key in templates else ""
        lines.append(f"- {place(f'prefetch.{key}')}: {prose(reason)}.{needed}")
    topic = Coding(TOPIC_SYSTEM, "missing-data", TOPICS["missing-data"])
    return Card(
        uuid=str(new_uuid()),
        summary=listed(f"{service.title} not assessed. Not to be had: ", list(error.reasons)),
        indicator="info",
        source=Source(f"cdshooks-net {version}", topic=topic),
        detail="\n".join([*lines, "", _TO_DO]),
    )
