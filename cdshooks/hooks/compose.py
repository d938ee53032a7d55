"""An assessment as cards: options, safety, missing data; one more only for immediate harm.

Alert fatigue is a safety matter: nothing is shown that does not change what a clinician would do.
"""

from datetime import date

from cdshooks.clinical.assess import Assessment
from cdshooks.hooks.card import Card
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.harm import harm_card
from cdshooks.hooks.ids import NewUuid, RandomUuids
from cdshooks.hooks.missing import missing_card
from cdshooks.hooks.options import history_card, option_cards, options_card
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.hooks.safety import safety_card
from cdshooks.hooks.unavailable import withdrawn_card
from cdshooks.knowledge.load import Knowledge


def compose(
    assessment: Assessment,
    knowledge: Knowledge,
    patient_id: str | None,
    as_of: date,
    new_uuid: NewUuid | None = None,
    profile: Profile = EVERYTHING,
) -> tuple[Card, ...]:
    """The cards of one patient, the gravest first; none if there is nothing to say.

    `profile`: one card or many, how long, where they lead; `shape` takes away what is left over.

    A suspected tumour is for the board and the missing data; one in the history for follow-up.
    Knowledge that is too old to be used advises nothing: one card says so.
    Random uuids keep the card of one patient from being guessed by the client of another.
    """
    consult = Consult(assessment, knowledge, patient_id, as_of, new_uuid or RandomUuids(), profile)
    return tuple(card for card in _cards(consult) if card is not None)


def _cards(consult: Consult) -> tuple[Card | None, ...]:
    if consult.withdrawn:
        return (withdrawn_card(consult),) if consult.status - {"none"} else ()
    if "active" in consult.status:
        if consult.profile.one_card_an_option:  # what speaks for caution, before the pane is full
            first, options = (harm_card(consult), safety_card(consult)), option_cards(consult)
            return (*first, *options, missing_card(consult))
        return (
            harm_card(consult),
            options_card(consult),
            safety_card(consult),
            missing_card(consult),
        )
    if "suspected" in consult.status:
        return options_card(consult), missing_card(consult, with_problems=True)
    return (history_card(consult),) if "history" in consult.status else ()
