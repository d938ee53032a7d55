"""Card 1: the disease, the options that fit, the tumour board, what to settle with the patient."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cdshooks.clinical.assess import TreatmentAssessment
from cdshooks.clinical.criterion import Leaf, deciding
from cdshooks.clinical.truth import Truth
from cdshooks.hooks.card import SUMMARY_AT_MOST, Card, plain, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.disease import disease
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions, therapy_orders

Told = TypeVar("Told")


def options_card(consult: Consult) -> Card | None:
    """None if nothing is offered. Of a suspected tumour the board is all there is to offer."""
    offered = [one for one in consult.assessment.treatments if one.offered]
    options = [one for one in offered if one.treatment.place == "option"]
    others = [one for one in offered if one.treatment.place != "option"]
    if "active" not in consult.status:
        options, others = [], [one for one in others if one.treatment.place == "board"]
    if not options and not others:
        return None
    detail = Detail(consult)
    disease(consult, detail)
    for family in _families(options):
        _option(family, consult, detail)
    for one in sorted(others, key=lambda other: other.treatment.place != "board"):
        _beside(one, detail)
    if consult.knowledge.edition.not_assessed and "active" in consult.status:
        missing = prose(consult.knowledge.edition.not_assessed)
        detail.paragraph(f"**Not assessed in this edition:** {missing}.")
    shown = [*options, *others]
    orders = therapy_orders(shown)
    return make(
        "options",
        consult,
        detail,
        summary=_summary(options, others),
        indicator="warning" if any(map(_warns, shown)) else "info",
        suggestions=suggestions(orders, consult),
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


def _option(family: Sequence[TreatmentAssessment], consult: Consult, detail: Detail) -> None:
    for position, kinds in enumerate(_alike(family)):
        detail.paragraph(_opening(kinds, again=position > 0))
        detail.fits(kinds[0].because)
        for whose, cautions in _by_kind(kinds, lambda one: filter(_told, one.cautions), _words):
            detail.reasons(cautions, f"Caution{whose}")
        for whose, needs in _by_kind(kinds, lambda one: one.needs, str):
            _to_check(needs, f"Still to check{whose}", kinds, consult, detail)
        for whose, sayings in _by_kind(kinds, lambda one: one.treatment.sayings, str):
            detail.sayings(sayings, f"Note{whose}")


def _alike(family: Iterable[TreatmentAssessment]) -> list[list[TreatmentAssessment]]:
    """The treatments that fit for the same reasons, as the kinds of one option."""
    groups: dict[tuple[str, ...], list[TreatmentAssessment]] = {}
    for one in family:
        groups.setdefault(tuple(map(_words, one.because)), []).append(one)
    return list(groups.values())


def _opening(kinds: Sequence[TreatmentAssessment], *, again: bool) -> str:
    titles = [f"**{prose(_in_sentence(one.treatment.title))}**" for one in kinds]
    titles[0] = f"**{prose(kinds[0].treatment.title)}**"
    listing = " or ".join(filter(None, (", ".join(titles[:-1]), titles[-1])))
    start = f"It also fits as {listing}" if again else f"{listing} may be considered"
    reserve = ", once what is still to check is known" if all(map(_waits, kinds)) else ""
    return f"{start}{reserve}. {'Each' if len(kinds) > 1 else 'It'} fits because:"


def _by_kind(
    kinds: Sequence[TreatmentAssessment],
    told: Callable[[TreatmentAssessment], Iterable[Told]],
    words: Callable[[Told], str],
) -> Iterator[tuple[str, list[Told]]]:
    """What is told of all kinds, then what only of some, after " (their names)"."""
    parts = {words(part): part for one in kinds for part in told(one)}
    owners = {word: [one for one in kinds if word in map(words, told(one))] for word in parts}
    groups: dict[str, list[Told]] = {"": []}
    for word, part in parts.items():
        names = ", ".join(_in_sentence(one.treatment.title) for one in owners[word])
        whose = "" if len(owners[word]) == len(kinds) else f" ({prose(names)})"
        groups.setdefault(whose, []).append(part)
    yield from groups.items()


def _in_sentence(title: str) -> str:
    """A title with a small letter, unless it begins with an abbreviation.

    >>> _in_sentence("Radiofrequency ablation"), _in_sentence("PRRT after progression")
    ('radiofrequency ablation', 'PRRT after progression')
    """
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _words(leaf: Leaf) -> str:
    return f"{leaf.statement.text}. {leaf.why}"


def _told(leaf: Leaf) -> bool:
    return leaf.tell


def _waits(one: TreatmentAssessment) -> bool:
    """Is it to be considered only after a check? A referral that waits for none is not."""
    early = any(order.before_checks for order in one.treatment.orders)
    return one.outcome == "offer-check" and not early


def _to_check(
    needs: Sequence[str],
    lead: str,
    kinds: Iterable[TreatmentAssessment],
    consult: Consult,
    detail: Detail,
) -> None:
    """What has to be known before the option is safe to offer, in one line."""
    if not needs:
        return
    labels = ", ".join(consult.vocabulary[name].label for name in needs)
    sources = dict.fromkeys(
        source
        for one in kinds
        for criterion in (*one.treatment.block, *one.treatment.hold)
        for leaf in deciding(criterion, consult.facts, Truth.UNKNOWN)
        if _asks(leaf, needs, consult)
        for source in leaf.sources
    )
    detail.bullet(f"{prose(labels)}.", sources, lead)


def _asks(leaf: Leaf, needs: Sequence[str], consult: Consult) -> bool:
    """Does the statement wait for one of these facts?"""
    vocabulary, facts = consult.vocabulary, consult.facts
    asked = (base for name in leaf.statement.facts for base in vocabulary.settled_by(name, facts))
    return not set(needs).isdisjoint(asked)


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
    due = " (checks due first)" if any(map(_waits, options)) else ""
    if not families:
        urgent = "Urgent: " if others[0].cautions else ""
        return plain(urgent + others[0].treatment.summary)
    if len(families) == 1:
        return plain(families[0][0].treatment.summary, SUMMARY_AT_MOST - len(due)) + due
    titles = [_named(family) for family in families]
    return listed(f"{len(families)} options to discuss{due}: ", titles)


def _named(family: Sequence[TreatmentAssessment]) -> str:
    """The first of a family, and how many are like it."""
    alike = len(_alike(family)[0]) - 1
    return family[0].treatment.title + (f" (or {alike} alike)" if alike else "")
