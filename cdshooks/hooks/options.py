"""Card 1: the disease, the options that fit, the tumour board, what to settle with the patient."""

from collections.abc import Iterable, Sequence

from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import SUMMARY_AT_MOST, Card, plain, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.disease import disease, headline
from cdshooks.hooks.kinds import kinds_counted, kinds_named, main_kinds, tell_option, waits
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions, therapy_orders

# From so many options on, a reader compares: each says in one line which findings fit it.
BRIEF_FROM = 3


def options_card(consult: Consult) -> Card | None:
    """None if nothing is offered. Of a suspected tumour the board is all there is to offer."""
    options, others = _offered(consult)
    if "active" not in consult.status:
        options, others = [], [one for one in others if one.treatment.place == "board"]
    if not options and not others:
        return None
    detail = Detail(consult)
    disease(consult, detail)
    families = _families(options)
    for family in families:
        tell_option(family, consult, detail, brief=len(families) >= BRIEF_FROM)
    return _finished(options, others, consult, detail)


def option_cards(consult: Consult) -> tuple[Card, ...]:
    """A card for each option, by rank, each with its reasons; the board on one of its own."""
    options, others = _offered(consult)
    cards = []
    families = _families(options)
    for number, family in enumerate(families, 1):
        detail = Detail(consult)
        detail.paragraph(f"**{prose(headline(consult))}**")
        tell_option(family, consult, detail, brief=False)
        last = number == len(families) and not others
        cards.append(_finished(family, (), consult, detail, last=last))
    if others:
        detail = Detail(consult)
        disease(consult, detail)
        cards.append(_finished((), others, consult, detail))
    return tuple(cards)


def _offered(consult: Consult) -> tuple[list[TreatmentAssessment], list[TreatmentAssessment]]:
    """The options, and what stands beside them."""
    offered = [one for one in consult.assessment.treatments if one.offered]
    options = [one for one in offered if one.treatment.place == "option"]
    return options, [one for one in offered if one.treatment.place != "option"]


def _finished(
    options: Sequence[TreatmentAssessment],
    others: Sequence[TreatmentAssessment],
    consult: Consult,
    detail: Detail,
    *,
    last: bool = True,
) -> Card:
    """The card, with what stands beside the options; the last one says what is not assessed."""
    for one in sorted(others, key=lambda other: other.treatment.place != "board"):
        _beside(one, detail)
    if last and consult.knowledge.edition.not_assessed and "active" in consult.status:
        missing = prose(consult.knowledge.edition.not_assessed)
        detail.paragraph(f"**Not assessed in this edition:** {missing}.")
    shown = [*options, *others]
    return make(
        "options",
        consult,
        detail,
        summary=_summary(options, others),
        indicator="warning" if any(map(_warns, shown)) else "info",
        suggestions=suggestions(therapy_orders(shown), consult),
    )


def history_card(consult: Consult) -> Card | None:
    """After a tumour that is gone: what the knowledge says about follow-up, without an order."""
    offered = [one for one in consult.assessment.treatments if one.offered]
    if not offered:
        return None
    detail = Detail(consult)
    detail.paragraph("**Neuroendocrine tumour in the history, none recorded as present**")
    if not any(one.cautions for one in offered):
        detail.finding("net.status")
    for one in offered:
        detail.reasons(one.cautions)
        detail.sayings(one.treatment.sayings)
    summary = "Neuroendocrine tumour in the history: follow-up"
    return make("options", consult, detail, summary=summary, indicator="info")


def _families(options: Iterable[TreatmentAssessment]) -> list[list[TreatmentAssessment]]:
    """Treatments of one family as one option, in the order of their rank."""
    families: dict[str, list[TreatmentAssessment]] = {}
    for one in sorted(options, key=lambda option: option.treatment.rank):
        families.setdefault(one.treatment.family, []).append(one)
    return list(families.values())


def _beside(one: TreatmentAssessment, detail: Detail) -> None:
    """The board line with what makes it urgent, or a text that stands under the options."""
    suggested = " is suggested because:" if one.treatment.place == "board" else ""
    detail.paragraph(f"**{prose(one.treatment.title)}**{suggested}")
    if suggested:
        detail.fits(one.because)
    detail.reasons(one.cautions, "Caution")
    detail.sayings(one.treatment.sayings)


def _warns(one: TreatmentAssessment) -> bool:
    return bool(one.cautions) or one.treatment.indicator != "info"


def _summary(options: Sequence[TreatmentAssessment], others: Sequence[TreatmentAssessment]) -> str:
    families = _families(options)
    due = " (checks due first)" if any(map(waits, options)) else ""
    if not families:
        urgent = "Urgent: " if others[0].cautions else ""
        return plain(urgent + others[0].treatment.summary)
    if len(families) == 1:
        return plain(families[0][0].treatment.summary, SUMMARY_AT_MOST - len(due)) + due
    start, kinds = f"{len(families)} options to discuss{due}: ", list(map(main_kinds, families))
    names = list(map(kinds_named, kinds))
    if len(start + "; ".join(names)) > SUMMARY_AT_MOST:  # rather fewer kinds than fewer options
        names = list(map(kinds_counted, kinds))
    return listed(start, names)
