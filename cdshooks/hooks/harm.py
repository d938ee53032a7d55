"""The card that interrupts: a therapy that runs against a hard contraindication, or an emergency.

Never for the choice of a treatment, only for harm that happens while nobody looks. An emergency is
a warning of the knowledge that calls itself critical; it speaks whatever rules treatments out.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from cdshooks.clinical.assess import CaveatAssessment
from cdshooks.clinical.criterion import Criterion, Leaf, deciding, leaves
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice
from cdshooks.hooks.card import Card
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions
from cdshooks.hooks.safety import named, tell_caveats
from cdshooks.hooks.wording import Reason, Wording, block_of

RUNNING = Choice(frozenset({"current"}))
_VALUE = attrgetter("value")


def harm_card(consult: Consult) -> Card | None:
    """None unless a running therapy meets a critical statement, or a warning is critical.

    For a client that is not to be interrupted it is a warning that says how urgent it is.
    """
    harms = [*_of_treatments(consult), *_of_caveats(consult)]
    grave = [one for one in consult.assessment.warnings if one.caveat.indicator == "critical"]
    if not harms and not grave:
        return None
    therapies = list(dict.fromkeys(name for name, _ in harms))
    wording = consult.wording
    against = wording.each_once(wording.reason(leaf) for _, leaf in harms)
    detail, interrupts = Detail(consult), consult.profile.critical
    if not interrupts:
        detail.paragraph("**Urgent: what this card says may be doing harm now.**")
    if harms:
        detail.paragraph("**Ordered or running now**")
        detail.findings(consult.saying(therapies).values(), "kept")
        detail.paragraph("**Speaks against it**")
        detail.reasons(block_of(reason for reason in against if reason.tell))
    tell_caveats(grave, consult, detail)
    detail.paragraph("Immediate review by the treating team is suggested.")
    orders = (order for one in grave for order in one.caveat.orders)
    return make(
        "immediate-harm",
        consult,
        detail,
        summary=_summary(therapies, against, grave, consult),
        indicator="critical" if interrupts else "warning",
        suggestions=suggestions(orders, consult),
    )


class Danger(NamedTuple):
    """A treatment with its statements about immediate harm, and what says that it runs already.

    `blocks`: the criteria in which those stand. `therapies`: the statements by which a therapy that
    runs is not offered anew, with its fact; `names`: these facts.
    """

    treatment: Treatment
    blocks: Sequence[Criterion]
    therapies: Sequence[tuple[Leaf, str]]
    names: Sequence[str]


class Dangers(NamedTuple):
    each: Sequence[Danger]
    therapies: Sequence[str]


def _dangers(wording: Wording) -> Dangers:
    each = [_danger(one) for one in wording.treatments if _critical(one)]
    return Dangers(each, sorted({name for one in each for name in one.names}))


def _danger(treatment: Treatment) -> Danger:
    therapies = _therapies(treatment)
    return Danger(treatment, _critical(treatment), therapies, [name for _, name in therapies])


def _critical(treatment: Treatment) -> list[Criterion]:
    return [one for one in treatment.block if any(leaf.critical for leaf in leaves(one))]


def _therapies(treatment: Treatment) -> Sequence[tuple[Leaf, str]]:
    asked = [leaf for criterion in treatment.consider for leaf in leaves(criterion)]
    named = ((leaf, name) for leaf in asked for name in leaf.statement.facts)
    return [(leaf, name) for leaf, name in named if name.startswith("prior.")]


def _of_treatments(consult: Consult) -> Iterator[tuple[str, Leaf]]:
    """A treatment's own therapy that runs, with each critical block of the treatment that is YES.

    A treatment that runs already is not offered, so its outcome does not tell; its blocks do.
    """
    dangers = consult.wording.once((_dangers,))
    therapies = [*map(consult.facts.by_name.__getitem__, dangers.therapies)]
    if RUNNING not in map(_VALUE, therapies):  # as of most
        return
    runs = {fact.name for fact in therapies if _runs(fact)}
    for danger in dangers.each:
        if not runs.isdisjoint(danger.names):
            yield from _harms(danger, consult)


def _harms(danger: Danger, consult: Consult) -> Iterator[tuple[str, Leaf]]:
    speaking = (leaf for one in danger.blocks for leaf in deciding(one, consult.facts, Truth.YES))
    critical = [leaf for leaf in speaking if leaf.critical]
    if critical and consult.assesses(danger.treatment):
        running = _running(danger, consult)
        yield from ((name, leaf) for leaf in critical for name in running)


def _running(danger: Danger, consult: Consult) -> list[str]:
    """The facts `prior.x` that say that this very therapy is ordered or running.

    Those are the ones that keep it from being offered anew ("prior.prrt is none" is NO). That PRRT
    comes after an analogue is a statement about the analogue, which may well run.
    """
    found = (
        name
        for leaf, name in danger.therapies
        if _runs(consult.facts[name]) and leaf.statement.ask(consult.facts) is Truth.NO
    )
    return list(dict.fromkeys(found))


def _runs(fact: Fact) -> bool:
    return not fact.assumed and fact.value == RUNNING


def _of_caveats(consult: Consult) -> Iterator[tuple[str, Leaf]]:
    """A warning that rests on a critical statement and on a therapy that runs."""
    for caveat in consult.assessment.warnings:
        names = dict.fromkeys(name for leaf in caveat.because for name in leaf.statement.facts)
        for name in names:
            if name.startswith("prior.") and _runs(consult.facts[name]):
                yield from ((name, leaf) for leaf in caveat.because if leaf.critical)


def _summary(
    therapies: Iterable[str],
    against: Iterable[Reason],
    grave: Iterable[CaveatAssessment],
    consult: Consult,
) -> str:
    findings = "; ".join(dict.fromkeys(named(reason, consult) for reason in against))
    labels = [consult.vocabulary[name].label for name in therapies]
    running = [f"{findings}, while {', '.join(labels)} is ordered or running"] if labels else []
    start = "" if consult.profile.critical else "Urgent: "
    return listed(start, [*running, *(one.text for one in grave)])
