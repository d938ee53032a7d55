"""The fhir.resources models of the types that are read: the only importer of fhir.resources.

R4 data are validated with the R4B models, which do not differ for what is read here. The models
check
shapes; they do not check codes of required bindings, which are ours to check.
"""

from collections.abc import Mapping
from typing import Any

from fhir.resources.R4B.allergyintolerance import AllergyIntolerance
from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.medicationadministration import MedicationAdministration
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.medicationstatement import MedicationStatement
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.servicerequest import ServiceRequest
from pydantic import ValidationError

MISSING = "is missing"

_MODELS: dict[str, Any] = {
    "AllergyIntolerance": AllergyIntolerance,
    "Condition": Condition,
    "DiagnosticReport": DiagnosticReport,
    "MedicationAdministration": MedicationAdministration,
    "MedicationRequest": MedicationRequest,
    "MedicationStatement": MedicationStatement,
    "Observation": Observation,
    "Patient": Patient,
    "Procedure": Procedure,
    "ServiceRequest": ServiceRequest,
}
TYPES = frozenset(_MODELS)


def faults(resource: Mapping[str, Any]) -> tuple[tuple[tuple[int | str, ...], str], ...]:
    """What is not R4 in a resource, as (place, problem) without any value; () if it is valid."""
    try:
        _MODELS[resource["resourceType"]].model_validate(resource)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=False, include_context=False)
        return tuple((_place(fault["loc"]), _words(str(fault["type"]))) for fault in listed)
    return ()


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where in the resource; "root" is how fhir.resources calls the whole of an object."""
    return tuple(part for part in loc if part != "root")


def _words(kind: str) -> str:
    """A pydantic error type as words; its message may hold the value, its type never does."""
    return {
        "missing": MISSING,
        "extra_forbidden": "is not an element of FHIR R4",
        "string_type": "is not a text",
        "list_type": "is not a list",
        "model_type": "is not an object",
        "decimal_parsing": "is not a number",
    }.get(kind, f"is not valid FHIR R4 ({kind.replace('_', ' ')})")
