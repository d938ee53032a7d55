"""Card 1: the disease, the options that fit, the tumour board, what to settle with the patient."""

from collections.abc import Iterable, Sequence

from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import SUMMARY_AT_MOST, Card, plain
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.disease import disease, headline
from cdshooks.hooks.kinds import (
    Option,
    families,
    kinds_counted,
    kinds_named,
    main_kinds,
    tell_option,
    waits,
)
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions, therapy_orders
from cdshooks.hooks.wording import Wording

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
    found = families(options)
    for option in found:
        tell_option(option, consult, detail, brief=len(found) >= BRIEF_FROM)
    return _finished(options, found, others, consult, detail)


def option_cards(consult: Consult) -> tuple[Card, ...]:
    """A card for each option, by rank, each with its reasons; the board on one of its own."""
    options, others = _offered(consult)
    cards = []
    found = families(options)
    for number, option in enumerate(found, 1):
        detail = Detail(consult)
        detail.paragraph(headline(consult))
        tell_option(option, consult, detail, brief=False)
        last = number == len(found) and not others
        cards.append(_finished(option.family, [option], (), consult, detail, last=last))
    if others:
        detail = Detail(consult)
        disease(consult, detail)
        cards.append(_finished((), (), others, consult, detail))
    return tuple(cards)


def _offered(consult: Consult) -> tuple[list[TreatmentAssessment], list[TreatmentAssessment]]:
    """The options, and what stands beside them."""
    options: list[TreatmentAssessment] = []
    others: list[TreatmentAssessment] = []
    for one in consult.offered:
        (options if one.treatment.place == "option" else others).append(one)
    return options, others


def _finished(
    offered: Sequence[TreatmentAssessment],
    options: Sequence[Option],
    others: Sequence[TreatmentAssessment],
    consult: Consult,
    detail: Detail,
    *,
    last: bool = True,
) -> Card:
    """The card, with what stands beside the options; the last one says what is not assessed."""
    for one in sorted(others, key=lambda other: other.treatment.place != "board"):
        _beside(one, consult, detail)
    if last and consult.wording.not_assessed and "active" in consult.status:
        detail.paragraph(consult.wording.not_assessed)
    shown = [*offered, *others]
    return make(
        "options",
        consult,
        detail,
        summary=_summary(offered, options, others, consult.wording),
        indicator="warning" if any(map(_warns, shown)) else "info",
        suggestions=suggestions(therapy_orders(shown), consult),
    )


def history_card(consult: Consult) -> Card | None:
    """After a tumour that is gone: what the knowledge says about follow-up, without an order."""
    offered = consult.offered
    if not offered:
        return None
    detail = Detail(consult)
    detail.paragraph("**Neuroendocrine tumour in the history, none recorded as present**")
    if not any(one.cautions for one in offered):
        detail.findings(consult.saying(["net.status"]).values())
    for one in offered:
        detail.reasons(consult.wording.reasons(one.cautions))
        detail.notes(consult.wording.notes(one.treatment))
    summary = "Neuroendocrine tumour in the history: follow-up"
    return make("options", consult, detail, summary=summary, indicator="info")


def _beside(one: TreatmentAssessment, consult: Consult, detail: Detail) -> None:
    """The board line with what makes it urgent, or a text that stands under the options."""
    wording, treatment = consult.wording, one.treatment
    title = f"**{wording.markdown(treatment.title)}**"
    if treatment.place == "board":
        detail.paragraph(f"{title} is suggested because:")
        detail.fits(wording.reasons(one.because))
    else:
        detail.paragraph(title)
    if one.cautions:
        detail.reasons(wording.reasons(one.cautions), "Caution")
    if treatment.sayings:
        detail.notes(wording.notes(treatment))


def _warns(one: TreatmentAssessment) -> bool:
    return bool(one.cautions) or one.treatment.indicator != "info"


def _summary(
    offered: Iterable[TreatmentAssessment],
    options: Sequence[Option],
    others: Sequence[TreatmentAssessment],
    wording: Wording,
) -> str:
    if not options:
        urgent = "Urgent: " if others[0].cautions else ""
        return plain(urgent + others[0].treatment.summary)
    told: str = wording.once((_told, any(map(waits, offered)), *map(main_kinds, options)))
    return told


def _told(_: Wording, waiting: bool, *kinds: Sequence[Treatment]) -> str:
    due = " (checks due first)" if waiting else ""
    if len(kinds) == 1:
        return plain(kinds[0][0].summary, SUMMARY_AT_MOST - len(due)) + due
    start = f"{len(kinds)} options to discuss{due}: "
    names = list(map(kinds_named, kinds))
    if len(start + "; ".join(names)) > SUMMARY_AT_MOST:  # rather fewer kinds than fewer options
        names = list(map(kinds_counted, kinds))
    return listed(start, names)
