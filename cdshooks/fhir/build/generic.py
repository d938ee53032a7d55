"""Resources for a fact that is read by the rules of its file: the inverse of readers/generic.py."""

from collections.abc import Sequence

from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.resources import (
    FINDING,
    MEASURED,
    Frame,
    Resource,
    condition,
    measured,
    medication,
    observation,
    procedure,
    report,
    word,
)
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactDefinition, ReadRule


def generic(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """By the first rule that can say it. What silence says of a closed fact needs no resource."""
    if definition.type.closed and value == definition.type.silence():
        return []
    for rule in definition.rules:
        found = _by(rule, value, frame)
        if found is not None:
            return [found]
    raise InputUnreadable(f"{definition.type.name}={value}: no rule of its file says so")


def _by(rule: ReadRule, value: Value, frame: Frame) -> Resource | None:
    match value:
        case Span():
            return _number(rule, value, frame)
        case Choice():
            return _answer(rule, next(iter(value.possible)), frame)
        case Flag():
            return _flag(rule, frame, so=value.so)
        case Members():
            return _member(rule, sorted(value.has), frame)


def _number(rule: ReadRule, value: Span, frame: Frame) -> Resource | None:
    """In a unit that needs no conversion; in multiples of normal, with the limit as reference."""
    if "Observation" not in rule.places or (rule.table and not _is_itself(rule)):
        return None
    code, when = frame.coded(rule.concept), frame.ago(MEASURED)
    if not rule.upper_limit:
        unit = next((unit for unit, factor in rule.units.items() if factor == 1), "")
        return observation(code, when, **measured(value, unit))
    unit, limit = next(iter(rule.upper_limit.items()))
    ends = [None if end is None else end * limit for end in (value.low, value.high)]
    scaled = Span(ends[0], ends[1], unit, value.low_open, value.high_open)
    high = measured(Span(limit, limit, unit), unit)["valueQuantity"]
    return observation(code, when, **measured(scaled, unit), referenceRange=[{"high": high}])


def _is_itself(rule: ReadRule) -> bool:
    """Is the scale of the rule that of the fact (ECOG), and not another one (Karnofsky)?"""
    return all(one == other for one, other in rule.table.items())


def _answer(rule: ReadRule, wanted: str, frame: Frame) -> Resource | None:
    """The coded or worded answer; without answers the concept says it by being there."""
    for answer in rule.answers:
        if answer.says["value"] == wanted and "Observation" in rule.places:
            code, when = frame.coded(rule.concept), frame.ago(MEASURED)
            return observation(code, when, valueCodeableConcept=frame.coded(answer))
    if rule.concept.says.get("value") == wanted:
        return _there(rule.places, rule.concept, frame)
    return None


def _member(rule: ReadRule, wanted: Sequence[str], frame: Frame) -> Resource | None:
    return _answer(rule, wanted[0], frame) if len(wanted) == 1 else None


def _flag(rule: ReadRule, frame: Frame, *, so: bool) -> Resource | None:
    """A result on the right side of its limit, a yes or no, or the thing itself (or its denial)."""
    if rule.above is not None and "Observation" in rule.places:
        beyond = rule.above * 2 if so else rule.above / 2
        unit = next(unit for unit, factor in rule.units.items() if factor == 1 and unit != "")
        code, when = frame.coded(rule.concept), frame.ago(MEASURED)
        return observation(code, when, **measured(Span(beyond, beyond, unit), unit))
    says = rule.concept.says.get("value", "true") == "true"
    if says == so and set(rule.places) - {"text", "Observation"}:
        return _there(rule.places, rule.concept, frame)
    if "Observation" in rule.places:
        code = frame.coded(rule.concept)
        return observation(code, frame.ago(MEASURED), valueBoolean=says == so)
    if "text" in rule.places:
        phrase = word(rule.concept)
        sentence = f"{phrase.capitalize()}." if says == so else f"No {phrase}."
        return report("Clinic letter", sentence, frame.ago(FINDING))
    return None


def _there(places: Sequence[str], concept: Concept, frame: Frame) -> Resource:
    """The thing itself: a Condition, a drug that is taken, a Procedure that was done, or words."""
    code, when = frame.coded(concept), frame.ago(FINDING)
    if "Condition" in places:
        return condition(code, when)
    if any(place.startswith("Medication") for place in places):
        return medication(code, "active", when)
    if "Procedure" in places:
        return procedure(code, "completed", when)
    return report("Clinic letter", f"{word(concept).capitalize()}.", when)
