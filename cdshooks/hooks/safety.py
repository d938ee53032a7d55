"""Card 2: what is ruled out or on hold, data that conflict, resources that could not be read."""

from collections.abc import Iterable, Iterator, Sequence

from cdshooks.clinical.assess import CaveatAssessment
from cdshooks.clinical.criterion import answer
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth, all_of
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import SUMMARY_AT_MOST, Card
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.kinds import kinds_counted, kinds_named
from cdshooks.hooks.making import listed, make
from cdshooks.hooks.orders import suggestions
from cdshooks.hooks.wording import Reason, block_of

PROBLEMS_AT_MOST = 5
NAMED_AT_MOST = 3  # in a summary, which has to end with the finding


def safety_card(consult: Consult) -> Card | None:
    """None if nothing is blocked, held, in conflict or unreadable."""
    warned = consult.assessment.warnings or consult.assessment.problems
    if not (warned or consult.stopped["blocked"] or consult.stopped["hold"]):
        return None
    blocked, held = list(_shown("blocked", consult)), list(_shown("hold", consult))
    caveats = [one for one in consult.assessment.warnings if one.caveat.indicator != "critical"]
    if not (blocked or held or caveats or consult.assessment.problems):
        return None
    detail = Detail(consult)
    for title, stopped in (("Ruled out now", blocked), ("On hold", held)):
        for titles, reasons in _alike(stopped, consult):
            told = "; ".join(map(consult.wording.markdown, titles))
            detail.paragraph(f"**{title}: {told}**")
            detail.reasons(block_of(reasons))
    tell_caveats(caveats, consult, detail)
    tell_problems(consult, detail)
    orders = (order for one in caveats for order in one.caveat.orders)
    grave = bool(blocked or held) or any(one.caveat.indicator == "warning" for one in caveats)
    return make(
        "safety",
        consult,
        detail,
        summary=_summary([*blocked, *held], caveats, consult),
        indicator="warning" if grave else "info",
        suggestions=suggestions(orders, consult),
    )


def tell_caveats(caveats: Iterable[CaveatAssessment], consult: Consult, detail: Detail) -> None:
    wording = consult.wording
    for one in caveats:
        detail.paragraph(f"**{wording.markdown(one.caveat.title)}**")
        text = wording.markdown(one.caveat.text).removesuffix(".")
        detail.bullet(f"{text}.", one.caveat.sources)
        for name in one.data:
            detail.old_datum(name)
        detail.reasons(wording.reasons(one.because))


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


def named(reason: Reason, consult: Consult) -> str:
    """The findings that a statement is about, in plain text."""
    names = reason.leaf.statement.facts
    return "; ".join(value_text(consult.facts[name], consult.vocabulary) for name in names)


def _shown(outcome: str, consult: Consult) -> Iterator[TreatmentAssessment]:
    """Treatments with this outcome; a silent one says nothing while it is not known to fit."""
    for one in consult.stopped[outcome]:
        if not one.treatment.silent or _fits(one.treatment, consult):
            yield one


def _fits(treatment: Treatment, consult: Consult) -> bool:
    return all_of(answer(one, consult.facts) for one in treatment.consider) is Truth.YES


def _stopping(one: TreatmentAssessment, consult: Consult) -> Sequence[Reason]:
    """The statements that stop it, without those that a card does not tell."""
    stopping = one.blocked_by if one.outcome == "blocked" else one.held_by
    return consult.wording.reasons(stopping).reasons


def _alike(
    stopped: Iterable[TreatmentAssessment], consult: Consult
) -> list[tuple[list[str], list[Reason]]]:
    """The titles of treatments that the same findings stop, and each statement about these once."""
    groups: dict[tuple[str, ...], tuple[list[str], list[Reason]]] = {}
    for one in stopped:
        stopping = _stopping(one, consult)
        # What holds always rests on no finding: its reason tells it apart.
        key = tuple(
            text if reason.leaf.statement.facts else why
            for reason in stopping
            for text, why in [reason.key]
        )
        titles, statements = groups.setdefault(key, ([], []))
        titles.append(one.treatment.title)
        statements += stopping
    each_once = consult.wording.each_once
    return [(titles, each_once(statements)) for titles, statements in groups.values()]


def _summary(
    stopped: Iterable[TreatmentAssessment], caveats: Iterable[CaveatAssessment], consult: Consult
) -> str:
    """What is stopped by which findings; then the conflicts; then how much was unreadable."""
    by_finding: dict[str, list[Treatment]] = {}
    for one in stopped:
        state = "ruled out" if one.outcome == "blocked" else "on hold"
        told = dict.fromkeys(named(reason, consult) for reason in _stopping(one, consult))
        findings = ", ".join(filter(None, told))
        why = f" {state}: {findings}" if findings else f" {state}"
        by_finding.setdefault(why, []).append(one.treatment)
    parts = [_several(treatments, finding) for finding, treatments in by_finding.items()]
    parts += [one.text for one in caveats]
    # Of some only an element is not used, as a date that cannot be read; of one it may be several.
    unread = len({problem.reference for problem in consult.assessment.problems})
    if unread:
        parts.append(f"{unread} {'entry' if unread == 1 else 'entries'} not used in full")
    return listed("", parts)


def _several(treatments: Iterable[Treatment], finding: str) -> str:
    """Treatments and the finding that stops them, told so that the finding still fits."""
    families: dict[str, list[Treatment]] = {}
    for one in treatments:
        families.setdefault(one.family, []).append(one)
    in_full = _first_few([kinds_named(family) for family in families.values()]) + finding
    if len(in_full) <= SUMMARY_AT_MOST:
        return in_full
    return _first_few([kinds_counted(family) for family in families.values()]) + finding


def _first_few(names: list[str]) -> str:
    """The first by name, the others by their number."""
    if len(names) > NAMED_AT_MOST:
        names = [*names[: NAMED_AT_MOST - 1], f"{len(names) - NAMED_AT_MOST + 1} more"]
    return ", ".join(names)
