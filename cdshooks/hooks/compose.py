"""An assessment as cards: options, safety, missing data; one more only for immediate harm.

Alert fatigue is a safety matter: nothing is shown that does not change what a clinician would do.
"""

from datetime import date

from cdshooks.clinical.assess import Assessment
from cdshooks.hooks.card import Card
from cdshooks.hooks.consult import Consult, NewUuid
from cdshooks.hooks.harm import harm_card
from cdshooks.hooks.missing import missing_card
from cdshooks.hooks.options import history_card, options_card
from cdshooks.hooks.safety import safety_card
from cdshooks.knowledge.load import Knowledge


class Composer:
    """Writes cards with the words and sources of one knowledge base."""

    def __init__(self, knowledge: Knowledge):
        self._knowledge = knowledge

    def compose(
        self, assessment: Assessment, patient_id: str | None, as_of: date, new_uuid: NewUuid
    ) -> tuple[Card, ...]:
        """The cards of one patient, the gravest first; none if there is nothing to say.

        A suspected tumour is for the board and the missing data; one in the history for follow-up.
        """
        consult = Consult(assessment, self._knowledge, patient_id, as_of, new_uuid)
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
