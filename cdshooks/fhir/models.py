"""The fhir.resources models of the types that are read: the only importer of fhir.resources.

R4 data are validated with the R4B models, which do not differ for what is read here. The models
check shapes; they do not check codes of required bindings, which are ours to check.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from fhir.resources.R4B.allergyintolerance import AllergyIntolerance
from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.medicationadministration import MedicationAdministration
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.medicationstatement import MedicationStatement
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.quantity import Quantity
from fhir.resources.R4B.servicerequest import ServiceRequest
from pydantic import TypeAdapter, ValidationError

MISSING = "is missing"
Validate: TypeAlias = Callable[[Any], Any]  # raises ValidationError

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


REMEMBERED = 8_192  # elements; a bound, so that made-up ones cannot fill the memory
_LONGEST = 1_024  # bytes of what is remembered: codes and ranges are short, prose is not
encode = msgspec.json.Encoder(decimal_format="number").encode  # a Decimal as it was printed


class Elements:
    """Which resources are valid, by their elements: the same verdict as `faults`, much sooner.

    A model of fhir.resources checks each element by the type of its field, and beside that only
    which elements are there: required, one of several, or unknown. So a resource is valid if every
    element is, and if one with the same elements was found valid as a whole. Whatever is not found
    valid here is for `faults` to judge.
    """

    def __init__(self, elements: Mapping[str, Iterable[str]]) -> None:
        """`elements` are the names of those that are read, by type."""
        self._shapes: set[tuple[str, ...]] = set()
        self._valid: set[tuple[str, str, bytes]] = set()
        self._fields = {kind: _fields(_MODELS[kind], names) for kind, names in elements.items()}
        self._quantity = _fields(Quantity, _USUAL)

    def know(self, kind: str, projection: Mapping[str, Any]) -> bool:
        """Is a resource with these elements, and what R4 requires beside them, known to be valid?

        The projection is free of null.
        """
        if (kind, *projection) not in self._shapes:
            return False
        # But for what is the patient's own, whole resources repeat: those are looked up at once.
        usual = {}
        for name, value in projection.items():
            if name not in _OWN:
                usual[name] = value
            elif not self._holds(kind, name, value):
                return False
        return self._remembered(
            kind, "", usual, lambda: all(self._holds(kind, *one) for one in usual.items())
        )

    def learn(self, kind: str, projection: Mapping[str, Any]) -> None:
        """Take note of a resource that was found valid as a whole."""
        if len(self._shapes) >= REMEMBERED:
            self._shapes.clear()
        self._shapes.add((kind, *projection))

    def _holds(self, kind: str, name: str, value: Any) -> bool:
        if name == "resourceType":  # which has chosen the model
            return True
        if name == "valueQuantity" and isinstance(value, dict) and value and value.keys() <= _USUAL:
            return self._is_quantity(value)
        field = self._fields[kind][name]
        if isinstance(value, (dict, list)):
            return self._remembered(kind, name, value, lambda: _is_valid(field, value))
        return _is_valid(field, value)

    def _is_quantity(self, quantity: Mapping[str, Any]) -> bool:
        """No two values are alike, so that remembering them would be of no use; their units are."""
        fields, unit = self._quantity, dict(quantity)
        if "value" in unit and not _is_valid(fields["value"], unit.pop("value")):
            return False
        return self._remembered(
            "Quantity", "", unit, lambda: all(_is_valid(fields[one], unit[one]) for one in unit)
        )

    def _remembered(self, kind: str, name: str, value: Any, judge: Callable[[], bool]) -> bool:
        key = kind, name, encode(value)
        if key in self._valid:
            return True
        holds = judge()
        if holds and len(key[2]) <= _LONGEST:
            if len(self._valid) >= REMEMBERED:
                self._valid.clear()
            self._valid.add(key)
        return holds


# The elements of a Quantity that may stand together in any way: none is required.
_USUAL = frozenset({"value", "comparator", "unit", "system", "code"})


# The elements that differ from patient to patient.
_OWN = frozenset(
    {
        *("component", "conclusion", "focus", "hasMember", "identifier", "medicationReference"),
        *("note", "presentedForm", "result", "specimen", "valueDateTime", "valueInteger"),
        *("valueQuantity", "valueRange", "valueRatio", "valueString"),
    }
)


def _fields(model: Any, names: Iterable[str]) -> dict[str, Validate]:
    """What checks these elements of a model, as the model itself does."""
    return {
        field.alias: TypeAdapter(field.annotation).validator.validate_python
        for field in model.model_fields.values()
        if field.alias in names
    }


def _is_valid(validate: Validate, value: Any) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


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
