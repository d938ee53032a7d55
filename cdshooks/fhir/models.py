"""The fhir.resources models of the types that are read: the only importer of fhir.resources.

R4 data are validated with the R4B models, which do not differ for what is read here. The models
check shapes; they do not check codes of required bindings, which are ours to check.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar, get_args, get_origin

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
from pydantic import TypeAdapter, ValidationError

MISSING = "is missing"
Validate: TypeAlias = Callable[[Any], Any]  # raises ValidationError
Check: TypeAlias = Callable[[Any], bool]  # False: not known to be valid
_T = TypeVar("_T")

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
}
TYPES = frozenset(_MODELS)


Place: TypeAlias = tuple[int | str, ...]


def faults(resource: Mapping[str, Any]) -> tuple[tuple[Place, str], ...]:
    """What is not R4 in a resource, as (place, problem) without any value; () if it is valid."""
    try:
        _MODELS[resource["resourceType"]].model_validate(resource)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=False, include_context=False)
        return tuple((_place(fault["loc"]), _words(str(fault["type"]))) for fault in listed)
    except _STUMBLED:
        texts = tuple((place, "is not an object") for place in _texts_for_extensions(resource))
        return texts or (((), "cannot be judged"),)
    return ()


# fhir.resources takes a text in place of the extension of a primitive ("_code") for JSON, and
# raises these of what it finds in there.
_STUMBLED = (AttributeError, TypeError)


def _texts_for_extensions(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where a text stands in place of the extension of a primitive."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name.startswith("_") and isinstance(member, str):
                yield (*place, name)
            else:
                yield from _texts_for_extensions(member, (*place, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts_for_extensions(item, (*place, number))


REMEMBERED = 8_192  # of each kind; a bound, so that made-up ones cannot fill the memory
_LONGEST = 1_024  # bytes of what is remembered: codes and ranges are short, prose is not
encode = msgspec.json.Encoder(decimal_format="number").encode  # a Decimal as it was printed


class Elements:
    """Which resources are valid, by their elements: the same verdict as `faults`, much sooner.

    A model of fhir.resources checks each element by the type of its field, and beside that only
    which elements are there: required, one of several, or unknown. So a resource is valid if every
    element is, and if one with the same elements was found valid as a whole; and so is each object
    in it (_DataType). Whatever is not found valid here is for `faults` to judge.
    """

    def __init__(self, elements: Mapping[str, Iterable[str]]) -> None:
        """`elements` are the names of those that are read, by type."""
        self._shapes: set[tuple[str, ...]] = set()
        self._valid: set[bytes] = set()
        self._types = _DataTypes()
        self._checks = {
            kind: {name: self._types.check(_MODELS[kind], name) for name in names if name != _TYPE}
            for kind, names in elements.items()
        }
        self._own = {
            kind: {name: check for name, check in checks.items() if name in _OWN}
            for kind, checks in self._checks.items()
        }

    def know(self, kind: str, projection: Mapping[str, Any]) -> bool:
        """Is a resource with these elements, and what R4 requires beside them, known to be valid?

        The projection is free of null.
        """
        if (kind, *projection) not in self._shapes:
            return False
        own, usual = self._own[kind], {}
        try:
            for name, value in projection.items():
                if name not in own:
                    usual[name] = value
                elif not own[name](value):
                    return False
            return self._is_usual(kind, usual)
        except RecursionError:
            return False

    def _is_usual(self, kind: str, usual: Mapping[str, Any]) -> bool:
        """But for what is the patient's own, whole resources repeat: those are looked up at once.

        `usual` has the type of the resource among its elements.
        """
        written = encode(usual)
        if written in self._valid:
            return True
        checks = self._checks[kind]
        holds = all(name == _TYPE or checks[name](value) for name, value in usual.items())
        if holds and len(written) <= _LONGEST:
            _note(self._valid, written)
        return holds

    def learn(self, kind: str, projection: Mapping[str, Any]) -> None:
        """Take note of a resource that was found valid as a whole."""
        _note(self._shapes, (kind, *projection))


class _DataTypes:
    """What checks the elements of models; each data type is taken apart when it is first met."""

    def __init__(self) -> None:
        self.shapes: set[tuple[str, ...]] = set()
        self.values: set[tuple[int, type, str]] = set()
        self._types: dict[Any, _DataType] = {}
        self._primitives = 0

    def check(self, model: Any, name: str) -> Check:
        """What tells whether a value is known to be valid in this element of a model."""
        annotation = _fields(model)[name].annotation
        validate: Validate = TypeAdapter(annotation).validator.validate_python
        data_type, is_list = _data_type(annotation)
        if data_type is None:
            return self._primitive(validate)
        if data_type not in self._types:
            self._types[data_type] = _DataType(data_type, self)
        holds = self._types[data_type].holds
        if not is_list:
            return holds

        def all_hold(value: Any) -> bool:
            if type(value) is not list or not value:
                return _is_valid(validate, value)
            return all(map(holds, value))

        return all_hold

    def _primitive(self, validate: Validate) -> Check:
        """Remembers short texts and numbers: codes, units and round values repeat."""
        self._primitives += 1
        number, known = self._primitives, self.values

        def holds(value: Any) -> bool:
            kind = type(value)
            if kind not in _PRINTED or len(written := str(value)) > _SHORT:
                return _is_valid(validate, value)
            key = number, kind, written
            if key in known:
                return True
            valid = _is_valid(validate, value)
            if valid:
                _note(known, key)
            return valid

        return holds


class _DataType:
    """One data type of objects (FHIR R4, data types), whose objects are judged by their members."""

    def __init__(self, data_type: Any, types: _DataTypes):
        self._data_type, self._types = data_type, types
        self._name = str(data_type.__name__)
        self._checks: dict[str, Check] = {}

    def holds(self, value: Any) -> bool:
        if type(value) is not dict:
            return False
        if (self._name, *value) not in self._types.shapes:
            return self._judge(value)
        checks = self._checks
        for name, member in value.items():  # noqa: SIM110  (all() of a generator takes twice as long)
            if not checks[name](member):
                return False
        return True

    def _judge(self, value: Mapping[str, Any]) -> bool:
        """The verdict of the model on one with other members than were ever seen together."""
        model = self._data_type.get_model_klass()
        if not _is_valid(model.model_validate, value):
            return False
        fields = _fields(model)
        if fields.keys() >= value.keys():
            for name in value.keys() - self._checks.keys():
                self._checks[name] = self._types.check(model, name)
            _note(self._types.shapes, (self._name, *value))
        return True


_TYPE = "resourceType"  # it has chosen the model
_SHORT = 128  # characters of a single value that is remembered
_PRINTED = frozenset({str, Decimal, int})  # what differs when it is printed, if it differs


def _note(known: set[_T], one: _T) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    known.add(one)


def _data_type(annotation: Any) -> tuple[Any, bool]:
    """The data type of an element, None if it is primitive, and whether the element is a list."""
    for inner in get_args(annotation):
        found, is_list = _data_type(inner)
        if found is not None:
            return found, is_list or get_origin(annotation) is list
    return (annotation if hasattr(annotation, "get_model_klass") else None), False


# The elements that differ from patient to patient.
_OWN = frozenset(
    {
        *("component", "conclusion", "focus", "hasMember", "identifier", "medicationReference"),
        *("note", "presentedForm", "result", "specimen", "valueCodeableConcept"),
        *("valueDateTime", "valueInteger", "valueQuantity", "valueRange", "valueRatio"),
        "valueString",
    }
)


def _fields(model: Any) -> Mapping[str, Any]:
    """The elements of a model, as they are named in FHIR, without the extensions of primitives.

    What such an extension says may stand for the primitive itself, so that it is no member alone.
    """
    named = {field.alias: field for field in model.model_fields.values()}
    return {name: field for name, field in named.items() if not name.startswith("_")}


def _is_valid(validate: Validate, value: Any) -> bool:
    try:
        validate(value)
    except (ValidationError, *_STUMBLED):
        return False
    return True


def _place(loc: Place) -> Place:
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
