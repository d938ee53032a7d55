"""Card 3: each missing fact once, what waits for it, and a draft of the request that would settle it."""

from collections.abc import Iterable, Sequence

from cdshooks.clinical.assess import RequestAssessment
from cdshooks.clinical.criterion import Leaf, deciding, leaves
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.truth import Truth
from cdshooks.hooks.card import Card, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions
from cdshooks.hooks.safety import problems

WAITING_AT_MOST = 4


def missing_card(consult: Consult, *, with_problems: bool = False) -> Card | None:
    """None if nothing is asked for. `with_problems` also names what could not be used."""
    groups = _groups(consult.assessment.requests)
    if not groups and not (with_problems and consult.assessment.problems):
        return None
    detail = Detail(consult)
    for group in groups:
        _request(group, consult, detail)
    if with_problems:
        problems(consult, detail)
    orders = [order for group in groups for one in group for order in one.request.orders]
    return make(
        "missing-data",
        consult,
        detail,
        summary=_summary(groups),
        indicator="info",
        suggestions=suggestions(orders, "missing-data", consult),
    )


def _groups(requests: Iterable[RequestAssessment]) -> list[list[RequestAssessment]]:
    groups: dict[str, list[RequestAssessment]] = {}
    for asked in requests:
        groups.setdefault(asked.request.group, []).append(asked)
    return list(groups.values())


def _request(group: Sequence[RequestAssessment], consult: Consult, detail: Detail) -> None:
    titles = "; ".join(asked.request.title for asked in group)
    detail.paragraph(f"**{prose(titles)}**")
    names = dict.fromkeys(name for asked in group for name in asked.facts)
    stated = "; ".join(_state(name, consult) for name in names)
    waiting = _waiting(group, consult)
    sources = dict.fromkeys(source for leaf in _asking(group, consult) for source in leaf.sources)
    detail.bullet(f"{prose(stated)}.{f' {prose(waiting)}' if waiting else ''}", sources)
    for asked in group:
        detail.sayings(asked.request.sayings)


def _state(name: str, consult: Consult) -> str:
    fact = consult.fact(name)
    if fact.value is None:
        why = f" ({fact.why_absent})" if fact.why_absent else ""
        return f"{consult.vocabulary[name].label} is not known{why}"
    text = value_text(fact, consult.vocabulary)
    return f"{text} is out of date" if fact.aged else f"{text} does not settle it"


def _waiting(group: Sequence[RequestAssessment], consult: Consult) -> str:
    """The options that wait; empty if the request is made for its own sake."""
    titles = {one.treatment.id: one.treatment.title for one in consult.assessment.treatments}
    names = [titles[name] for name in dict.fromkeys(n for asked in group for n in asked.waiting)]
    if not names:
        return ""
    more = len(names) - WAITING_AT_MOST
    shown = "; ".join(names[:WAITING_AT_MOST]) + (f"; {more} more" if more > 0 else "")
    return f"Waiting for it: {shown}."


def _asking(group: Sequence[RequestAssessment], consult: Consult) -> Iterable[Leaf]:
    """The statements that ask: those of the request itself, else those that the fact leaves open."""
    asked_by_itself = [
        leaf
        for asked in group
        for criterion in asked.request.ask_when
        for leaf in deciding(criterion, consult.facts, Truth.YES)
    ]
    waiting = {name for asked in group for name in asked.waiting}
    facts = {name for asked in group for name in asked.facts}
    return asked_by_itself or [
        leaf
        for one in consult.assessment.treatments
        if one.treatment.id in waiting
        for criterion in (*one.treatment.consider, *one.treatment.block, *one.treatment.hold)
        for leaf in leaves(criterion)
        if any(facts & set(_settling(name, consult)) for name in leaf.statement.facts)
    ]


def _settling(name: str, consult: Consult) -> tuple[str, ...]:
    return (name, *consult.vocabulary.settled_by(name, consult.facts))


def _summary(groups: Sequence[Sequence[RequestAssessment]]) -> str:
    if not groups:
        return "Some entries of the record could not be used"
    if len(groups) == 1 and len(groups[0]) == 1:
        return groups[0][0].request.summary
    return listed("Missing: ", [asked.request.title for group in groups for asked in group])
