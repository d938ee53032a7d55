"""Card 3: each missing fact once, what waits for it, and a draft request that would settle it."""

from collections.abc import Iterable, Sequence

from cdshooks.clinical.assess import RequestAssessment
from cdshooks.clinical.criterion import Leaf, deciding, leaves
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.hooks.card import Card, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.kinds import first_of
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions
from cdshooks.hooks.safety import tell_problems

WAITING_AT_MOST = 4
SOURCES_AT_MOST = 3


def missing_card(consult: Consult, *, with_problems: bool = False) -> Card | None:
    """None if nothing is asked for. `with_problems` also names what could not be used."""
    groups = _groups(consult.assessment.requests)
    if not groups and not (with_problems and consult.assessment.problems):
        return None
    detail = Detail(consult)
    for group in groups:
        _request(group, consult, detail)
    if with_problems:
        tell_problems(consult, detail)
    orders = [order for group in groups for one in group for order in one.request.orders]
    return make(
        "missing-data",
        consult,
        detail,
        summary=_summary(groups),
        indicator="info",
        suggestions=suggestions(orders, consult),
    )


def _groups(requests: Iterable[RequestAssessment]) -> list[list[RequestAssessment]]:
    """Requests of one group share a line; so do bare ones that the same options wait for."""
    groups: dict[tuple[str, ...], list[RequestAssessment]] = {}
    for asked in requests:
        alone = asked.request.group == asked.request.id
        bare = alone and asked.waiting and not asked.request.sayings
        key = ("", *asked.waiting) if bare else (asked.request.group,)
        groups.setdefault(key, []).append(asked)
    return list(groups.values())


def _request(group: Sequence[RequestAssessment], consult: Consult, detail: Detail) -> None:
    detail.paragraph(f"**{prose('; '.join(asked.request.title for asked in group))}**")
    names = dict.fromkeys(name for asked in group for name in asked.facts)
    sources = dict.fromkeys(s for leaf in _asking(group, consult) for s in leaf.sources)
    told = [*_state(names, consult), *_waiting(group, consult)]
    detail.bullet(" ".join(f"{prose(one)}." for one in told), list(sources)[:SOURCES_AT_MOST])
    for asked in group:
        detail.sayings(asked.request.sayings)


def _state(names: Iterable[str], consult: Consult) -> list[str]:
    """What is known of the facts that are asked for, and why that is not enough."""
    told: dict[str, list[str]] = {}
    for name in names:
        fact = consult.fact(name)
        if fact.value is None:
            why = f"Not known ({fact.why_absent})" if fact.why_absent else "Not known"
            told.setdefault(why, []).append(consult.vocabulary[name].label)
        else:
            why = "Out of date" if fact.aged else "Not decisive"
            told.setdefault(why, []).append(value_text(fact, consult.vocabulary))
    return [f"{why}: {', '.join(listing)}" for why, listing in told.items()]


def _waiting(group: Sequence[RequestAssessment], consult: Consult) -> list[str]:
    """The options that wait, a family as one; empty if the request is made for its own sake.

    A note waits for nothing: it stands under an option that does.
    """
    waiting = {name for asked in group for name in asked.waiting}
    families: dict[str, list[Treatment]] = {}
    for one in (weighed.treatment for weighed in consult.assessment.treatments):
        if one.id in waiting and one.place != "note":
            families.setdefault(one.family, []).append(one)
    names = [first_of(family) for family in families.values()]
    if not names:
        return []
    shown = names[:WAITING_AT_MOST]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return [f"Waiting for it: {'; '.join(shown)}"]


def _asking(group: Sequence[RequestAssessment], consult: Consult) -> Iterable[Leaf]:
    """The statements that ask: the request's own, else those that the missing facts leave open."""
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
        for leaf in _open_leaves(one.treatment, consult)
        if any(_settles(facts, name, consult) for name in leaf.statement.facts)
    ]


def _open_leaves(treatment: Treatment, consult: Consult) -> Iterable[Leaf]:
    for criterion in (*treatment.consider, *treatment.block, *treatment.hold):
        for leaf in leaves(criterion):
            if leaf.statement.ask(consult.facts) is Truth.UNKNOWN or _aged(leaf, consult):
                yield leaf


def _aged(leaf: Leaf, consult: Consult) -> bool:
    return any(consult.facts[name].aged for name in leaf.statement.facts)


def _settles(asked: set[str], name: str, consult: Consult) -> bool:
    return name in asked or not asked.isdisjoint(consult.vocabulary.settled_by(name, consult.facts))


def _summary(groups: Sequence[Sequence[RequestAssessment]]) -> str:
    if not groups:
        return "Some entries of the record could not be used"
    if len(groups) == 1 and len(groups[0]) == 1:
        return groups[0][0].request.summary
    return listed("Missing: ", [asked.request.title for group in groups for asked in group])
