"""The card in place of a 412, for a client whose users never see an error.

Without it an empty pane would look like "nothing to say".
"""

import uuid

from cdshooks.errors import DataRequired
from cdshooks.hooks.card import Card, Coding, Source, place, prose
from cdshooks.hooks.consult import NewUuid
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.making import TOPIC_SYSTEM, TOPICS, listed

_TO_DO = (
    "**What to do:** judge this patient by the chart itself. Opening the chart again asks for the"
    " data once more. If this card stays, the team of the record system can tell why."
)


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
