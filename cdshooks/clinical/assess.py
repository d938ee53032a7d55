"""Every treatment, then what is asked for, then what is warned of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cdshooks.clinical.criterion import Criterion, Leaf, all_deciding, answer, leaves
from cdshooks.clinical.fact import Fact, Facts, Problem, Provenance
from cdshooks.clinical.staleness import out_of_date, told_data
from cdshooks.clinical.treatment import Caveat, Request, Treatment
from cdshooks.clinical.truth import Truth, all_of, any_of
from cdshooks.clinical.value import Choice, Flag, Members
from cdshooks.clinical.vocabulary import (
    NEEDS_PREFIX,
    OUT_OF_DATE,
    OUTCOME_PREFIX,
    SET_ASIDE,
    Vocabulary,
)
from cdshooks.clinical.weigh import TreatmentAssessment, asks_outcomes, weigh


@dataclass(frozen=True, slots=True, eq=False)
class RequestAssessment:
    """A missing fact to obtain: which facts, and the ids of the treatments that wait for it."""

    request: Request
    facts: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CaveatAssessment:
    """A warning that is due. `text` names the data that it is about, where it is about such."""

    caveat: Caveat
    because: tuple[Leaf, ...]
    text: str
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Everything that follows from the facts of one patient."""

    facts: Facts
    treatments: tuple[TreatmentAssessment, ...]
    requests: tuple[RequestAssessment, ...]
    warnings: tuple[CaveatAssessment, ...]
    problems: tuple[Problem, ...] = ()


def assess(
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
    facts: Facts,
    vocabulary: Vocabulary,
    problems: tuple[Problem, ...] = (),
) -> Assessment:
    """Every treatment, then what is asked for, then what is warned of.

    Rows that ask for the outcome of others (`outcome.<id> in {...}`) are asked in a second pass.
    Requests may ask what a treatment still needs, warnings also which data are out of date.
    """
    treatments = tuple(treatments)
    first = {t.id: weigh(t, facts, vocabulary) for t in treatments if not asks_outcomes(t)}
    facts = facts.having(_outcome_facts(first))
    weighed = tuple(first.get(t.id) or weigh(t, facts, vocabulary) for t in treatments)
    facts = facts.having(_outcome_facts({w.treatment.id: w for w in weighed}))
    facts = facts.having(_needs_facts(weighed, vocabulary))
    asked = tuple(_requested(requests, weighed, facts, vocabulary))
    facts = facts.having(_data_facts(weighed, asked, facts, vocabulary, problems))
    warned = tuple(_warned(warnings, facts, vocabulary))
    return Assessment(facts, weighed, asked, warned, problems)


def _outcome_facts(weighed: Mapping[str, TreatmentAssessment]) -> list[Fact]:
    return [
        Fact(f"{OUTCOME_PREFIX}{treatment_id}", Choice(frozenset({assessment.outcome})))
        for treatment_id, assessment in weighed.items()
    ]


def _needs_facts(weighed: Iterable[TreatmentAssessment], vocabulary: Vocabulary) -> Iterable[Fact]:
    every = frozenset(vocabulary.types)
    for one in weighed:
        needs = frozenset(one.undecided)
        yield Fact(f"{NEEDS_PREFIX}{one.treatment.id}", Members(needs, every - needs))


def _data_facts(
    weighed: Iterable[TreatmentAssessment],
    asked: Iterable[RequestAssessment],
    facts: Facts,
    vocabulary: Vocabulary,
    problems: Iterable[Problem],
) -> list[Fact]:
    """Are data out of date that something rests on, and were values set aside?"""
    names = [name for one in weighed for name in _rests_on(one)]
    names += [name for one in asked for name in one.facts]
    old = out_of_date(names, facts, vocabulary)
    aside = dict.fromkeys(
        Provenance(p.reference, p.path, printed=p.problem) for p in problems if p.set_aside
    )
    return [
        Fact(OUT_OF_DATE, Flag(bool(old)), derived_from=old),
        Fact(SET_ASIDE, Flag(bool(aside)), readings=tuple(aside)),
    ]


def _rests_on(weighed: TreatmentAssessment) -> Iterable[str]:
    """The facts that an outcome rests on; of a row that is not offered, of what rules it out.

    Cautions only add text, and a silent row says nothing while it is undecided.
    """
    treatment, outcome = weighed.treatment, weighed.outcome
    lists: tuple[Criterion, ...] = weighed.because
    if outcome == "needs-data" and not treatment.silent:
        lists = treatment.consider
    elif outcome == "blocked":
        lists = (*treatment.consider, *weighed.blocked_by)
    elif weighed.fits:
        lists = treatment.decisive
    return (name for one in lists for leaf in leaves(one) for name in leaf.statement.facts)


def _requested(
    requests: Iterable[Request],
    weighed: Iterable[TreatmentAssessment],
    facts: Facts,
    vocabulary: Vocabulary,
) -> Iterable[RequestAssessment]:
    waiting = _waiting(weighed, facts, vocabulary)
    for request in requests:
        if any_of(answer(criterion, facts) for criterion in request.never_when) is Truth.YES:
            continue
        asked = [name for name in request.facts if name in waiting]
        by_itself = all_of(answer(criterion, facts) for criterion in request.ask_when)
        if request.ask_when and by_itself is Truth.YES:
            asked = asked or _named(request, facts)
        if asked:
            rows = dict.fromkeys(row for name in asked for row in waiting.get(name, ()))
            yield RequestAssessment(request, tuple(asked), tuple(rows))


def _named(request: Request, facts: Facts) -> list[str]:
    """Of a request that asks by itself the facts that its statements name, else its first."""
    names = {
        n for leaf in all_deciding(request.ask_when, facts, Truth.YES) for n in leaf.statement.facts
    }
    for name in sorted(names):
        value = facts.value(name) if name.startswith(NEEDS_PREFIX) else None
        names |= value.has if isinstance(value, Members) else set()
    return [name for name in request.facts if name in names] or [request.facts[0]]


def _waiting(
    weighed: Iterable[TreatmentAssessment], facts: Facts, vocabulary: Vocabulary
) -> dict[str, list[str]]:
    """Fact to the treatments that wait for it; an aged safety value of an offer is asked again."""
    waiting: dict[str, list[str]] = {}
    for assessment in weighed:
        treatment = assessment.treatment
        if treatment.silent and assessment.outcome == "needs-data":
            continue
        for name in dict.fromkeys((*assessment.needs, *_aged(assessment, facts, vocabulary))):
            waiting.setdefault(name, []).append(treatment.id)
    return waiting


def _aged(assessment: TreatmentAssessment, facts: Facts, vocabulary: Vocabulary) -> Iterable[str]:
    if not assessment.fits:
        return
    treatment = assessment.treatment
    for criterion in (*treatment.block, *treatment.hold):
        for leaf in leaves(criterion):
            for name in leaf.statement.facts:
                if facts[name].aged:
                    asked = vocabulary[name].asks or (name,)
                    yield from [base for base in asked if facts[base].aged] or asked


def _warned(
    warnings: Iterable[Caveat], facts: Facts, vocabulary: Vocabulary
) -> Iterable[CaveatAssessment]:
    for warning in warnings:
        because = all_deciding(warning.when_any, facts, Truth.YES)
        if because:
            names = {name for leaf in because for name in leaf.statement.facts}
            told = told_data(names, facts, vocabulary)
            text = f"{warning.text}: {', '.join(told)}" if told else warning.text
            data = facts[OUT_OF_DATE].derived_from if OUT_OF_DATE in names else ()
            yield CaveatAssessment(warning, because, text, data)
