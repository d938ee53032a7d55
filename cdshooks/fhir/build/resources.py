"""FHIR R4 resources in the plainest shape that is read; build.py adds id and subject."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from cdshooks.clinical.value import Span, Value
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactDefinition, Family

Resource: TypeAlias = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"

# Days before the day of assessment. What must be current is recent; nothing lies in the future.
DIAGNOSED, FINDING, SCANNED, STATUS, MEASURED, TESTED = 120, 30, 14, 20, 7, 3


@dataclass(frozen=True, slots=True)
class Frame:
    """What a maker needs beside the value: the day of assessment, the codes, the words."""

    as_of: date
    systems: CodeSystems
    families: Mapping[str, Family]

    def ago(self, days: int) -> str:
        return (self.as_of - timedelta(days=days)).isoformat()

    def concept(self, family: str, name: str) -> Concept:
        return self.families[family].concepts[name]

    def coded(self, concept: Concept) -> Resource:
        """The first code of a concept, else its first word.

        The words beside the codes of SNOMED CT are ours and no descriptions, so they are left out.
        """
        for code in concept.codes:
            if not code.prefix:
                coding = {"system": self.systems.by_name[code.system].uri, "code": code.code}
                if code.system == "SNOMED":
                    return {"coding": [coding]}
                return {"coding": [{**coding, "display": code.display}]}
        return {"text": word(concept)}


Maker: TypeAlias = Callable[[FactDefinition, Value, Frame], list[Resource]]


def word(concept: Concept) -> str:
    """The first word of a concept that is no stem."""
    words = concept.heard
    whole = [one for one in words if "*" not in one]
    return whole[0] if whole else words[0].rstrip("*")


def condition(
    code: Resource, when: str, clinical: str = "active", verification: str = "confirmed"
) -> Resource:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": clinical}]},
        "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": verification}]},
        "code": code,
        "recordedDate": when,
    }


def observation(code: Resource, when: str, **value: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "effectiveDateTime": when,
        **value,
    }


def report(title: str, sentence: str, when: str) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": title},
        "effectiveDateTime": when,
        "conclusion": sentence,
    }


def medication(drug: Resource, status: str, start: str, end: str | None = None) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "status": status,
        "medicationCodeableConcept": drug,
        "effectivePeriod": {"start": start, **({"end": end} if end else {})},
    }


def procedure(code: Resource, status: str, when: str) -> Resource:
    return {
        "resourceType": "Procedure",
        "status": status,
        "code": code,
        "performedDateTime": when,
    }


def allergy(substance: Resource, when: str) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "criticality": "high",
        "code": substance,
        "recordedDate": when,
    }


def number(value: Decimal) -> int | float:
    """As JSON writes it; a FHIR decimal of up to 15 digits survives that."""
    return int(value) if value == value.to_integral_value() else float(value)


def measured(span: Span, unit: str) -> Resource:
    """value[x] of a span: a Quantity with its comparator, or a Range."""

    def quantity(value: Decimal, **more: str) -> Resource:
        coded = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
        return {"value": number(value), **more, **coded}

    low, high = span.low, span.high
    if low is not None and low == high:
        return {"valueQuantity": quantity(low)}
    if low == 0 and high is not None and not span.low_open:
        return {"valueQuantity": quantity(high, comparator="<" if span.high_open else "<=")}
    if low is not None and (high is None or span.low_open):
        return {"valueQuantity": quantity(low, comparator=">" if span.low_open else ">=")}
    ends = {"low": low, "high": high}
    return {"valueRange": {end: quantity(at) for end, at in ends.items() if at is not None}}
