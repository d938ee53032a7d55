"""The assessment document: everything that follows from a record, as JSON that keeps its shape.

The shape is fixed (cdshooks/assessment.schema.json): no member is null or empty, a fact without
`possible` is unknown, a span leaves out a bound that is open to infinity.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from cdshooks.clinical.assess import Assessment, CaveatAssessment, RequestAssessment
from cdshooks.clinical.explain import Texts, sentence
from cdshooks.clinical.fact import Fact, Problem, Provenance
from cdshooks.clinical.value import Choice, Flag, Members, Span, Value, decimal_text
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT, Vocabulary
from cdshooks.clinical.weigh import TreatmentAssessment


def document(
    assessment: Assessment,
    vocabulary: Vocabulary,
    as_of: date,
    jurisdiction: str,
    knowledge: Mapping[str, str],
) -> dict[str, Any]:
    """The document of one patient, without cards."""
    facts, texts = assessment.facts, Texts(assessment.facts, vocabulary)
    return _filled(
        {
            "asOf": as_of.isoformat(),
            "jurisdiction": jurisdiction,
            "knowledge": dict(knowledge),
            "facts": {
                fact.name: fact_json(fact)
                for fact in facts
                if not fact.name.startswith(OF_THE_ASSESSMENT)
            },
            "treatments": [_treatment(one, texts) for one in assessment.treatments],
            "requests": [_request(asked) for asked in assessment.requests],
            "warnings": [_warning(raised) for raised in assessment.warnings],
            "problems": problems_json(assessment.problems),
        }
    )


def problems_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [
        _filled({"reference": p.reference, "path": p.path, "problem": p.problem}) for p in problems
    ]


def fact_json(fact: Fact) -> dict[str, Any]:
    """One fact: its possible values, its readings, and what a reader of it must know."""
    told = {} if fact.value is None else _value(fact.value, assumed=fact.assumed)
    if fact.readings:
        told["readings"] = [_reading(place) for place in fact.readings]
    if fact.derived_from:
        told["derivedFrom"] = list(fact.derived_from)
    if fact.assumed:
        told["assumed"] = True
    if fact.aged:
        told["aged"] = True
    if fact.value is None and fact.why_absent:
        told["whyAbsent"] = fact.why_absent
    if fact.notes:
        told["notes"] = list(fact.notes)
    return told


def _value(value: Value, *, assumed: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"possible": possible(value)}
    if isinstance(value, Members) and value.lacks and not assumed:
        told["excluded"] = sorted(value.lacks)
    return told


def possible(value: Value) -> list[Any]:
    """The values that a fact may have, as JSON."""
    match value:
        case Span():
            return [_span(value)]
        case Choice():
            return sorted(value.possible)
        case Flag():
            return [value.so]
        case Members():
            return sorted(value.has) or ["none"]


def _span(span: Span) -> dict[str, Any]:
    return _filled(
        {
            "low": None if span.low is None else decimal_text(span.low),
            "high": None if span.high is None else decimal_text(span.high),
            "unit": span.unit,
            "lowOpen": span.low_open or None,
            "highOpen": span.high_open or None,
        }
    )


def _reading(place: Provenance) -> dict[str, Any]:
    return _filled(
        {
            "reference": place.reference,
            "path": place.path,
            "date": place.date,
            "printed": place.printed,
            "fromText": True if place.from_text else None,
            "throughCodeMap": True if place.mapped else None,
        }
    )


def _treatment(weighed: TreatmentAssessment, texts: Texts) -> dict[str, Any]:
    treatment = weighed.treatment
    told: dict[str, Any] = {"id": treatment.id}
    if treatment.covers:
        told["covers"] = list(treatment.covers)
    told["outcome"] = weighed.outcome
    if weighed.because:
        told["because"] = [sentence(leaf, texts) for leaf in weighed.because]
    if weighed.outcome != "not-offered":  # of which nothing more is said
        told |= _of_what_may_fit(weighed, texts)
    if treatment.sources:
        told["sources"] = list(treatment.sources)
    return told


def _of_what_may_fit(weighed: TreatmentAssessment, texts: Texts) -> dict[str, Any]:
    return _filled(
        {
            "needs": list(weighed.needs),
            "cautions": [sentence(leaf, texts) for leaf in weighed.cautions],
            "blockedBy": [sentence(leaf, texts) for leaf in weighed.blocked_by],
            "heldBy": [sentence(leaf, texts) for leaf in weighed.held_by],
        }
    )


def _request(asked: RequestAssessment) -> dict[str, Any]:
    return _filled(
        {
            "id": asked.request.id,
            "covers": list(asked.request.covers),
            "facts": list(asked.facts),
            "for": list(asked.waiting),
        }
    )


def _warning(raised: CaveatAssessment) -> dict[str, Any]:
    return _filled(
        {
            "id": raised.caveat.id,
            "covers": list(raised.caveat.covers),
            "text": raised.text,
            "sources": list(raised.caveat.sources),
        }
    )


def _filled(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that have a value: nothing in the document is null or empty."""
    return {key: value for key, value in members.items() if value}
