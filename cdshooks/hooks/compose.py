"""An assessment as cards: options, safety, missing data; one more only for immediate harm.

Alert fatigue is a safety matter: nothing is shown that does not change what a clinician would do.
"""

import uuid
from datetime import date

from cdshooks.clinical.assess import Assessment
from cdshooks.hooks.card import Card
from cdshooks.hooks.consult import Consult, NewUuid
from cdshooks.hooks.harm import harm_card
from cdshooks.hooks.missing import missing_card
from cdshooks.hooks.options import history_card, options_card
from cdshooks.hooks.safety import safety_card
from cdshooks.knowledge.load import Knowledge


def compose(
    assessment: Assessment,
    knowledge: Knowledge,
    patient_id: str | None,
    as_of: date,
    new_uuid: NewUuid = uuid.uuid4,
) -> tuple[Card, ...]:
    """The cards of one patient, the gravest first; none if there is nothing to say.

    A suspected tumour is for the board and the missing data; one in the history for follow-up.
    Random uuids keep the card of one patient from being guessed by the client of another.
    """
    consult = Consult(assessment, knowledge, patient_id, as_of, new_uuid)
    return tuple(card for card in _cards(consult) if card is not None)


def _cards(consult: Consult) -> tuple[Card | None, ...]:
    if "active" in consult.status:
        return (
            harm_card(consult),
            options_card(consult),
            safety_card(consult),
            missing_card(consult),
        )
    if "suspected" in consult.status:
        return options_card(consult), missing_card(consult, with_problems=True)
    return (history_card(consult),) if "history" in consult.status else ()
