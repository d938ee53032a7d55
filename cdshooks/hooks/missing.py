"""Card 3: each missing fact once, what waits for it, and a draft request that would settle it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from cdshooks.clinical.assess import RequestAssessment
from cdshooks.clinical.criterion import Leaf, all_deciding, leaves
from cdshooks.clinical.treatment import DraftOrder, Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.hooks.card import Card, plain, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.kinds import kinds_named
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions, withheld
from cdshooks.hooks.safety import tell_problems
from cdshooks.hooks.wording import Note, Wording

WAITING_AT_MOST = 3
SOURCES_AT_MOST = 2
SILENT = "not documented"  # why a fact is absent of which the record just says nothing


def missing_card(consult: Consult, *, with_problems: bool = False) -> Card | None:
    """None if nothing is asked for. `with_problems` also names what could not be used.

    One line each, that first which most options wait for; then what to know when ordering it.
    """
    requests = consult.assessment.requests
    if not requests and not (with_problems and consult.assessment.problems):
        return None
    detail, wording = Detail(consult), consult.wording
    asked: list[Request] = []
    notes: list[Note] = []
    orders: list[DraftOrder] = []
    for words, group in sorted(_groups(requests, wording), key=_weight):
        for request in _request(words, group, consult, detail):
            notes += wording.notes(request)
            orders += request.orders
        asked += [one.request for one in group]
    if notes:
        detail.paragraph("**When ordering:**")
        detail.notes(notes)
    if with_problems:
        tell_problems(consult, detail)
    return make(
        "missing-data",
        consult,
        detail,
        summary=wording.once((_summary, *asked)),
        indicator="info",
        suggestions=suggestions(orders, consult),
    )


def _groups(
    requests: Iterable[RequestAssessment], wording: Wording
) -> Iterator[tuple["Group", Sequence[RequestAssessment]]]:
    """Requests of one group share a line; so do bare ones that the same options wait for."""
    groups: dict[tuple[str, ...], list[RequestAssessment]] = {}
    for asked in requests:
        alone = asked.request.group == asked.request.id
        bare = alone and asked.waiting and not asked.request.sayings
        key = ("", *asked.waiting) if bare else (asked.request.group,)
        groups.setdefault(key, []).append(asked)
    for group in groups.values():
        yield (
            wording.once((_words, *[(one.request, one.facts, one.waiting) for one in group])),
            group,
        )


def _weight(line: tuple["Group", Sequence[RequestAssessment]]) -> tuple[int, int]:
    return line[0].weight


class Group(NamedTuple):
    """What the knowledge says of requests that share a line: Markdown, and the facts they ask for.

    `asking`: the statements that the facts may settle, of the treatments that wait for them; and
    whether one of the facts stands in it, so that it settles it for every patient. `weight`: the
    more options wait for it the sooner it is told; then by rank.
    """

    weight: tuple[int, int]
    titles: str
    waiting: str
    facts: Sequence[str]
    asking: Sequence[tuple[Leaf, bool]]


def _words(wording: Wording, *group: tuple[Request, Sequence[str], Sequence[str]]) -> Group:
    titles = "; ".join(prose(request.title) for request, _, _ in group)
    facts = tuple(dict.fromkeys(name for _, names, _ in group for name in names))
    treatments = wording.in_order([name for _, _, waiting in group for name in waiting])
    every = [reaching for one in treatments for reaching in wording.once((_reaching, one))]
    asking = tuple(
        [
            (leaf, not names.isdisjoint(facts))
            for leaf, names, reach in every
            if not reach.isdisjoint(facts)
        ]
    )
    weight = -len(treatments), min(request.rank for request, _, _ in group)
    return Group(weight, titles, wording.once((_waiting, *treatments)), facts, asking)


def _reaching(
    wording: Wording, treatment: Treatment
) -> Sequence[tuple[Leaf, frozenset[str], frozenset[str]]]:
    """The statements of a treatment, with the facts they ask, and those that may settle them."""
    every = [leaf for criterion in treatment.decisive for leaf in leaves(criterion)]
    return [(leaf, frozenset(leaf.statement.facts), wording.reach(leaf)) for leaf in every]


def _request(
    words: Group, group: Sequence[RequestAssessment], consult: Consult, detail: Detail
) -> Iterable[Request]:
    """The line of a group; gives those of its requests for which orders may be drafted."""
    asking: Iterable[Leaf] = _asking(words, group, consult)
    why = words.waiting
    if not why:
        asking = list(asking)
        why = " ".join(dict.fromkeys(consult.wording.reason(leaf).why for leaf in asking))
    # So few sources are shown that, of many statements, most are not even asked for.
    sources = tuple(islice(_each_source(asking), SOURCES_AT_MOST))
    why_not = {asked.request: withheld(asked.request, consult) for asked in group}
    parts = (_state(words, group, consult), why, *dict.fromkeys(why_not.values()))
    text = " ".join([part.removesuffix(".") + "." for part in parts if part])
    detail.bullet(f"**{words.titles}:** {text}", sources)
    return [request for request, closed in why_not.items() if not closed]


def _each_source(asking: Iterable[Leaf]) -> Iterator[str]:
    """Each source once, as soon as it is found."""
    seen: set[str] = set()
    for leaf in asking:
        for source in leaf.sources:
            if source not in seen:
                seen.add(source)
                yield source


def _state(words: Group, group: Sequence[RequestAssessment], consult: Consult) -> str:
    """What is known of the facts that are asked for, and why that is not enough, as Markdown."""
    told: dict[str, list[str]] = {}
    for name in words.facts:
        fact = consult.fact(name)
        if fact.value is not None:
            why = "out of date" if fact.aged else "not settled" if _waits(name, group) else ""
            told.setdefault(why, []).append(consult.found[name].markdown)
            continue
        absent = fact.why_absent or SILENT
        why = "not known" if absent == SILENT else f"not known ({prose(absent)})"
        label = consult.wording.markdown(consult.vocabulary[name].label)
        told.setdefault(why, []).append(label)
    if list(told) == ["not known"]:
        return "not known"
    return "; ".join(
        f"{why}: {', '.join(names)}" if why else ", ".join(names) for why, names in told.items()
    )


def _waits(name: str, group: Sequence[RequestAssessment]) -> bool:
    return any(name in asked.facts and asked.waiting for asked in group)


def _waiting(_: Wording, *treatments: Treatment) -> str:
    """The options that wait, a family as one; empty if the request is made for its own sake.

    A note waits for nothing: it stands under an option that does.
    """
    families: dict[str, list[Treatment]] = {}
    for one in treatments:
        if one.place != "note":
            families.setdefault(one.family, []).append(one)
    if not families:
        return ""
    names = [prose(kinds_named(family)) for family in families.values()]
    shown = names[:WAITING_AT_MOST]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return f"Waiting for it: {'; '.join(shown)}"


def _asking(words: Group, group: Sequence[RequestAssessment], consult: Consult) -> Iterator[Leaf]:
    """The statements that ask: those that the missing facts leave open, else the request's own."""
    facts, opened = frozenset(words.facts), False
    for leaf, direct in words.asking:
        if _is_open(leaf, consult) and (direct or consult.may_settle(facts, leaf)):
            opened = True
            yield leaf
    if not opened:
        for asked in group:
            own = asked.because or all_deciding(asked.request.ask_when, consult.facts, Truth.YES)
            yield from (leaf for leaf in own if leaf.tell)


def _is_open(leaf: Leaf, consult: Consult) -> bool:
    if leaf.statement.ask(consult.facts) is Truth.UNKNOWN:
        return True
    return any(consult.facts.by_name[name].aged for name in leaf.statement.facts)


def _summary(_: Wording, *asked: Request) -> str:
    if not asked:
        return "Some entries of the record were not used in full"
    if len(asked) == 1:
        return plain(asked[0].summary)
    return listed("Missing: ", [request.title for request in asked])
