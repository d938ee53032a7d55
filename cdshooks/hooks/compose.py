"""An assessment as cards: options, safety, missing data; at most three, and one more for immediate harm.

Alert fatigue is a safety matter: nothing is shown that does not change what a clinician would do.
"""

from datetime import date

from cdshooks.clinical.assess import Assessment
from cdshooks.hooks.card import Card
from cdshooks.hooks.consult import Consult, NewUuid, random_uuid
from cdshooks.hooks.missing import missing_card
from cdshooks.hooks.options import history_card, options_card
from cdshooks.hooks.safety import harm_card, safety_card
from cdshooks.knowledge.load import Knowledge


def compose(
    assessment: Assessment,
    knowledge: Knowledge,
    patient_id: str,
    as_of: date,
    new_uuid: NewUuid = random_uuid,
) -> tuple[Card, ...]:
    """The cards of one patient, the gravest first; none if there is nothing to say.

    A suspected tumour is for the board and the missing data; one in the history for follow-up.
    """
    consult = Consult(assessment, knowledge, patient_id, as_of, new_uuid)
    cards: tuple[Card | None, ...]
    if "active" in consult.status:
        cards = (
            harm_card(consult),
            options_card(consult),
            safety_card(consult),
            missing_card(consult),
        )
    elif "suspected" in consult.status:
        cards = (options_card(consult), missing_card(consult, with_problems=True))
    elif "history" in consult.status:
        cards = (history_card(consult),)
    else:
        cards = ()
    return tuple(card for card in cards if card is not None)
