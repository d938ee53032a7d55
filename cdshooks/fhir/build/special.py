"""Resources for the facts that have readers of their own: a table of makers."""

from collections.abc import Mapping

from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.resources import (
    FINDING,
    STATUS,
    TESTED,
    Frame,
    Maker,
    Resource,
    allergy,
    condition,
    measured,
    medication,
    observation,
    procedure,
    report,
    word,
)
from cdshooks.fhir.build.sentences import SENTENCES
from cdshooks.knowledge.facts import FactDefinition

_SYNDROMES: Mapping[str, str] = {
    "carcinoid": "Carcinoid syndrome",
    "insulin": "Endogenous hyperinsulinism",
    "gastrin": "Zollinger-Ellison syndrome",
    "glucagon": "Glucagon-secreting",
    "vip": "Verner-Morrison",
    "acth": "Ectopic ACTH",
    "somatostatin": "Somatostatin-secreting",
    "catecholamine": "Catecholamine excess",
}


def _said(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """A sentence of the table; what silence says of a closed fact needs none."""
    name = definition.type.name
    if definition.type.closed and value == definition.type.silence():
        return []
    found = SENTENCES.get((name, str(value)))
    if found is None:
        accepted = [said for fact, said in SENTENCES if fact == name]
        raise InputUnreadable(f"{name}={value}: of this fact only {', '.join(accepted)} is built")
    title, sentence, days = found
    return [report(title, sentence, frame.ago(days))]


# Results with a number, by the name that their reader knows them by.
_MEASURED: Mapping[str, tuple[str, str]] = {
    "tumour.ki67": ("pathology", "ki67"),
    "tumour.size_mm": ("pathology", "size"),
    "liver.lesion_count": ("spread", "liver-count"),
    "liver.largest_mm": ("spread", "liver-size"),
    "liver.involvement_pct": ("spread", "liver-share"),
}


def _number(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    code = frame.coded(frame.concept(*_MEASURED[definition.type.name]))
    return [observation(code, frame.ago(FINDING), **measured(_span(value), definition.type.unit))]


def _mitoses(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """UCUM has no unit for 2 mm2, so the name of the result says it."""
    code = {"text": "Mitotic count per 2 mm2"}
    return [observation(code, frame.ago(FINDING), **measured(_span(value), ""))]


def _grade(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    code = frame.coded(frame.concept("pathology", "grade"))
    return [observation(code, frame.ago(FINDING), valueCodeableConcept={"text": _one(value)})]


def _stage(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """M1; or M0, and N1 where it is regional."""
    stage = _one(value)
    found = [_tnm("tnm-m", "m1" if stage == "metastatic" else "m0", frame)]
    return [*found, _tnm("tnm-n", "n1", frame)] if stage == "regional" else found


def _nodes(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    return [_tnm("tnm-n", "n1" if value == Flag(so=True) else "n0", frame)]


def _tnm(category: str, answer: str, frame: Frame) -> Resource:
    code = frame.coded(frame.concept("spread", category))
    value = frame.coded(frame.concept("spread", answer))
    return observation(code, frame.ago(FINDING), valueCodeableConcept=value)


def _status(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    status = _one(value)
    if status == "mixed":
        return _said(definition, value, frame)
    code = frame.coded(frame.concept("progression", "disease-status"))
    answer = frame.coded(frame.concept("progression", status))
    return [observation(code, frame.ago(STATUS), valueCodeableConcept=answer)]


def _months(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    span = _span(value)
    if span.low is None or span.low != span.high:
        raise InputUnreadable(f"{definition.type.name}={value}: accepted is one number of months")
    return [report("CT abdomen", f"Stable disease for {span.low:f} months.", frame.ago(STATUS))]


def _types(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    has = sorted(value.has) if isinstance(value, Members) else []
    if not has:
        return _said(definition, value, frame)
    return [condition({"text": _SYNDROMES[one]}, frame.ago(FINDING)) for one in has]


def _symptom(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """The Condition of a symptom, or of a crisis."""
    if value == definition.type.silence():
        return []
    name = definition.type.name
    concepts = frame.families["syndrome"].concepts
    symptoms = [c for c in concepts.values() if c.says.get("symptom") == name and c.words]
    concept = symptoms[0] if symptoms else concepts["crisis"]
    return [condition({"text": word(concept)}, frame.ago(FINDING))]


def _pregnant(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    code = frame.coded(frame.concept("pregnancy", "status"))
    so = value == Flag(so=True)
    answer = frame.coded(frame.concept("pregnancy", "pregnant" if so else "not-pregnant"))
    return [observation(code, frame.ago(TESTED), valueCodeableConcept=answer)]


def _breastfeeding(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    code = {"text": word(frame.concept("pregnancy", "breastfeeding"))}
    return [observation(code, frame.ago(TESTED), valueBoolean=value == Flag(so=True))]


def _allergies(_: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    has = sorted(value.has) if isinstance(value, Members) else []
    concepts = frame.families["allergy"].concepts
    return [allergy(frame.coded(concepts[one]), frame.ago(FINDING)) for one in has]


def _therapy(definition: FactDefinition, value: Value, frame: Frame) -> list[Resource]:
    """Running since 10 months; or over for more than a year, so that a progression is of now."""
    course = _one(value)
    if course == "none":
        return []
    name = definition.type.name
    concepts = frame.families["therapy"].concepts.values()
    concept = next(c for c in concepts if c.says.get("fact") == name)
    drug = {"text": word(concept)} if concept.says.get("start") else frame.coded(concept)
    if concept.says.get("start"):
        status, days = ("in-progress", 1) if course == "current" else ("completed", 400)
        return [procedure(drug, status, frame.ago(days + 300))]
    if course == "current":
        return [medication(drug, "active", frame.ago(300))]
    return [medication(drug, "completed", frame.ago(700), frame.ago(400))]


def _one(value: Value) -> str:
    return next(iter(value.possible)) if isinstance(value, Choice) else ""


def _span(value: Value) -> Span:
    assert isinstance(value, Span)  # noqa: S101  build_values gives spans to numbers only
    return value


MAKERS: Mapping[str, Maker] = {
    **{fact: _said for fact, _ in SENTENCES},
    **dict.fromkeys(_MEASURED, _number),
    "tumour.mitoses": _mitoses,
    "tumour.grade_stated": _grade,
    "tumour.node_positive": _nodes,
    "extent.stage": _stage,
    "progression.status": _status,
    "progression.stable_months": _months,
    "syndrome.types": _types,
    "syndrome.crisis": _symptom,
    "patient.pregnant": _pregnant,
    "patient.breastfeeding": _breastfeeding,
    "risk.hypersensitivity": _allergies,
}
_BY_PREFIX: Mapping[str, Maker] = {"symptom.": _symptom, "prior.": _therapy}
_FROM_DATES = frozenset({"prior.prrt_recent"})  # follows from the dates of another fact


def maker_of(name: str) -> Maker | None:
    """The maker of a fact that has a reader of its own; None if it is not built here."""
    if name in MAKERS or name in _FROM_DATES:
        return MAKERS.get(name)
    return next((maker for prefix, maker in _BY_PREFIX.items() if name.startswith(prefix)), None)
