"""Card 2: what is ruled out or on hold, data that conflict, resources that could not be read.

And the one card that interrupts: a therapy that is ordered or running now against a hard
contraindication.
"""

from collections.abc import Iterable, Iterator

from cdshooks.clinical.assess import CaveatAssessment, TreatmentAssessment
from cdshooks.clinical.criterion import Leaf, answer, deciding, leaves
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.truth import Truth, all_of
from cdshooks.clinical.value import Choice
from cdshooks.hooks.card import Card, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.making import listed, make

PROBLEMS_AT_MOST = 5
_RUNNING = Choice(frozenset({"current"}))


def harm_card(consult: Consult) -> Card | None:
    """None unless a therapy that is ordered or running meets a critical statement that is YES."""
    harms = [*_harms_of_treatments(consult), *_harms_of_caveats(consult)]
    grave = [one for one in consult.assessment.warnings if one.caveat.indicator == "critical"]
    if not harms and not grave:
        return None
    against = {leaf.statement.text: leaf for _, leaf in harms}
    running = dict.fromkeys(name for name, _ in harms)
    detail = Detail(consult)
    if harms:
        detail.paragraph("**Ordered or running now:**")
        for name in running:
            detail.finding(name)
        detail.paragraph("**Speaks against it:**")
        detail.reasons(against.values())
    _caveats(grave, detail)
    detail.paragraph("Immediate review by the treating team is suggested.")
    return make(
        "immediate-harm",
        consult,
        detail,
        summary=_harm_summary(running, against.values(), grave, consult),
        indicator="critical",
    )


def safety_card(consult: Consult) -> Card | None:
    """None if nothing is blocked, held, in conflict or unreadable."""
    blocked = [one for one in _shown(consult, "blocked") if one.blocked_by]
    held = list(_shown(consult, "hold"))
    caveats = [one for one in consult.assessment.warnings if one.caveat.indicator != "critical"]
    if not (blocked or held or caveats or consult.assessment.problems):
        return None
    detail = Detail(consult)
    for title, listing in (("Ruled out now", blocked), ("On hold", held)):
        for titles, reasons in _alike(listing):
            detail.paragraph(f"**{title}: {prose('; '.join(titles))}**")
            detail.reasons(reasons)
    _caveats(caveats, detail)
    problems(consult, detail)
    grave = bool(blocked or held) or any(one.caveat.indicator == "warning" for one in caveats)
    return make(
        "safety",
        consult,
        detail,
        summary=_summary(blocked, held, caveats, consult),
        indicator="warning" if grave else "info",
    )


def problems(consult: Consult, detail: Detail) -> None:
    """What could not be used, by resource and element: the first few, and how many there are."""
    found = consult.assessment.problems
    if not found:
        return
    detail.paragraph("**Could not be used:**")
    for problem in found[:PROBLEMS_AT_MOST]:
        detail.problem(problem)
    if len(found) > PROBLEMS_AT_MOST:
        detail.paragraph(f"… and {len(found) - PROBLEMS_AT_MOST} more, {len(found)} in all.")


def _harms_of_treatments(consult: Consult) -> Iterator[tuple[str, Leaf]]:
    """A treatment's own therapy that runs, with each critical block of the treatment that is YES.

    A treatment that runs already is not offered, so its outcome does not tell; its blocks do.
    """
    for one in consult.assessment.treatments:
        running = [name for name in _own_therapies(one) if consult.facts.value(name) == _RUNNING]
        for leaf in _critical(one, consult) if running else ():
            yield from ((name, leaf) for name in running)


def _own_therapies(one: TreatmentAssessment) -> list[str]:
    """The facts `prior.x` by which a treatment is not offered to those who have it already.

    That PRRT comes after an analogue is a statement about another therapy: the analogue may run.
    """
    named = {
        name: leaf.statement.text
        for criterion in one.treatment.consider
        for leaf in leaves(criterion)
        for name in leaf.statement.facts
        if leaf.statement.text in (f"{name} is none", f"{name} is not current")
    }
    return [name for name in named if name.startswith("prior.")]


def _harms_of_caveats(consult: Consult) -> Iterator[tuple[str, Leaf]]:
    """A warning that names both a critical statement and a therapy that runs."""
    for caveat in consult.assessment.warnings:
        names = [name for leaf in caveat.because for name in leaf.statement.facts]
        for name in names:
            if name.startswith("prior.") and consult.facts.value(name) == _RUNNING:
                yield from ((name, leaf) for leaf in caveat.because if leaf.critical)


def _critical(one: TreatmentAssessment, consult: Consult) -> list[Leaf]:
    found = (deciding(c, consult.facts, Truth.YES) for c in one.treatment.block)
    return [leaf for listed_ in found for leaf in listed_ if leaf.critical]


def _shown(consult: Consult, outcome: str) -> Iterator[TreatmentAssessment]:
    """Treatments with this outcome; a silent one says nothing while it is not known to fit."""
    for one in consult.assessment.treatments:
        fits = (answer(criterion, consult.facts) for criterion in one.treatment.consider)
        if one.outcome == outcome and not (one.treatment.silent and all_of(fits) is not Truth.YES):
            yield one


def _alike(listing: Iterable[TreatmentAssessment]) -> list[tuple[list[str], tuple[Leaf, ...]]]:
    """Treatments that the same statements stop, together."""
    groups: dict[tuple[str, ...], tuple[list[str], tuple[Leaf, ...]]] = {}
    for one in listing:
        stopping = one.blocked_by if one.outcome == "blocked" else one.held_by
        key = tuple(leaf.statement.text for leaf in stopping)
        groups.setdefault(key, ([], stopping))[0].append(one.treatment.title)
    return list(groups.values())


def _caveats(caveats: Iterable[CaveatAssessment], detail: Detail) -> None:
    for one in caveats:
        detail.paragraph(f"**{prose(one.caveat.title)}**")
        detail.bullet(prose(one.caveat.text), one.caveat.sources)
        detail.reasons(one.because)


def _summary(
    blocked: list[TreatmentAssessment],
    held: list[TreatmentAssessment],
    caveats: list[CaveatAssessment],
    consult: Consult,
) -> str:
    parts = [
        f"{_first(one.blocked_by, consult)} rules out {one.treatment.title}" for one in blocked
    ]
    parts += [f"{_first(one.held_by, consult)} holds {one.treatment.title}" for one in held]
    parts += [one.caveat.text for one in caveats]
    unread = len(consult.assessment.problems)
    if unread:
        parts.append(f"{unread} {'entry' if unread == 1 else 'entries'} could not be used")
    return listed("", parts)


def _first(stopping: tuple[Leaf, ...], consult: Consult) -> str:
    return _named(stopping[0], consult) if stopping else "A finding"


def _named(leaf: Leaf, consult: Consult) -> str:
    names = leaf.statement.facts
    return "; ".join(value_text(consult.facts[name], consult.vocabulary) for name in names)


def _harm_summary(
    running: Iterable[str],
    against: Iterable[Leaf],
    grave: Iterable[CaveatAssessment],
    consult: Consult,
) -> str:
    findings = "; ".join(_named(leaf, consult) for leaf in against)
    therapies = [consult.vocabulary[name].label for name in running]
    parts = [f"{therapy} is ordered or running against: {findings}" for therapy in therapies]
    return listed("", [*parts, *(one.caveat.text for one in grave)])
