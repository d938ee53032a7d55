"""Card 2: what is ruled out or on hold, data that conflict, resources that could not be read."""

from collections.abc import Iterable, Iterator

from cdshooks.clinical.assess import CaveatAssessment, TreatmentAssessment
from cdshooks.clinical.criterion import Leaf, answer
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.truth import Truth, all_of
from cdshooks.hooks.card import Card, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.making import listed, make

PROBLEMS_AT_MOST = 5


def safety_card(consult: Consult) -> Card | None:
    """None if nothing is blocked, held, in conflict or unreadable."""
    blocked, held = list(_shown("blocked", consult)), list(_shown("hold", consult))
    caveats = [one for one in consult.assessment.warnings if one.caveat.indicator != "critical"]
    if not (blocked or held or caveats or consult.assessment.problems):
        return None
    detail = Detail(consult)
    for title, stopped in (("Ruled out now", blocked), ("On hold", held)):
        for titles, leaves in _alike(stopped):
            detail.paragraph(f"**{title}: {prose('; '.join(titles))}**")
            detail.reasons(leaves)
    tell_caveats(caveats, detail)
    tell_problems(consult, detail)
    grave = bool(blocked or held) or any(one.caveat.indicator == "warning" for one in caveats)
    return make(
        "safety",
        consult,
        detail,
        summary=_summary([*blocked, *held], caveats, consult),
        indicator="warning" if grave else "info",
    )


def tell_caveats(caveats: Iterable[CaveatAssessment], detail: Detail) -> None:
    for one in caveats:
        detail.paragraph(f"**{prose(one.caveat.title)}**")
        detail.bullet(f"{prose(one.caveat.text).removesuffix('.')}.", one.caveat.sources)
        for name in one.data:
            detail.old_datum(name)
        detail.reasons(one.because)


def tell_problems(consult: Consult, detail: Detail) -> None:
    """What could not be used, by resource and element: the first few, and how many there are."""
    found = list(dict.fromkeys(consult.assessment.problems))
    if not found:
        return
    detail.paragraph("**Could not be used:**")
    for problem in found[:PROBLEMS_AT_MOST]:
        detail.problem(problem)
    if len(found) > PROBLEMS_AT_MOST:
        detail.paragraph(f"… and {len(found) - PROBLEMS_AT_MOST} more, {len(found)} in all.")


def named(leaf: Leaf, consult: Consult) -> str:
    """The findings that a statement is about, in plain text."""
    names = leaf.statement.facts
    return "; ".join(value_text(consult.facts[name], consult.vocabulary) for name in names)


def _shown(outcome: str, consult: Consult) -> Iterator[TreatmentAssessment]:
    """Treatments with this outcome; a silent one says nothing while it is not known to fit."""
    for one in consult.assessment.treatments:
        if one.outcome != outcome:
            continue
        fits = (answer(criterion, consult.facts) for criterion in one.treatment.consider)
        if not one.treatment.silent or all_of(fits) is Truth.YES:
            yield one


def _stopping(one: TreatmentAssessment) -> tuple[Leaf, ...]:
    return one.blocked_by if one.outcome == "blocked" else one.held_by


def _alike(stopped: Iterable[TreatmentAssessment]) -> list[tuple[list[str], list[Leaf]]]:
    """The titles of treatments that the same findings stop, and each statement about these once."""
    groups: dict[tuple[str, ...], tuple[list[str], dict[tuple[str, str], Leaf]]] = {}
    for one in stopped:
        stopping = _stopping(one)
        key = tuple(leaf.statement.text for leaf in stopping)
        titles, statements = groups.setdefault(key, ([], {}))
        titles.append(one.treatment.title)
        statements.update({(leaf.statement.text, leaf.why): leaf for leaf in stopping})
    return [(titles, list(statements.values())) for titles, statements in groups.values()]


def _summary(
    stopped: Iterable[TreatmentAssessment], caveats: Iterable[CaveatAssessment], consult: Consult
) -> str:
    """What is stopped by which findings; then the conflicts; then how much was unreadable."""
    by_finding: dict[str, list[str]] = {}
    for one in stopped:
        state = "ruled out" if one.outcome == "blocked" else "on hold"
        findings = ", ".join(dict.fromkeys(named(leaf, consult) for leaf in _stopping(one)))
        by_finding.setdefault(f" {state}: {findings}", []).append(one.treatment.title)
    parts = [", ".join(titles) + finding for finding, titles in by_finding.items()]
    parts += [one.text for one in caveats]
    unread = len(set(consult.assessment.problems))
    if unread:
        parts.append(f"{unread} {'entry' if unread == 1 else 'entries'} could not be used")
    return listed("", parts)
