"""One resource, read strictly: repeated keys refused, decimals kept, unread elements left out.

`project` keeps the elements that are read (a quarter of a usual Observation), so that an odd
extension or narrative costs neither time nor the reading. What is not valid FHIR among them is
dropped by element and named; the rest of the resource is still read.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.models import MISSING, Elements, Place, encode, faults

_VALUES = (
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueDateTime",
)
_DRUG = ("status", "medicationCodeableConcept", "medicationReference", "note")
# What some reader reads, and no more.
ELEMENTS: Mapping[str, frozenset[str]] = {
    name: frozenset(elements) | {"resourceType"}
    for name, elements in {
        "Patient": ("gender", "identifier"),
        "Condition": (
            *("clinicalStatus", "verificationStatus", "code", "bodySite", "stage", "note"),
            "extension",
        ),
        "Observation": (
            *("status", "code", "bodySite", "interpretation", "note", "dataAbsentReason"),
            *("component", "referenceRange", "hasMember", "focus", "specimen", *_VALUES),
        ),
        "Procedure": ("status", "code", "bodySite", "note"),
        "MedicationRequest": (*_DRUG, "intent", "doNotPerform"),
        "MedicationStatement": _DRUG,
        "MedicationAdministration": _DRUG,
        "DiagnosticReport": (
            *("status", "code", "conclusion", "conclusionCode", "result", "presentedForm"),
        ),
        "AllergyIntolerance": (
            *("clinicalStatus", "verificationStatus", "code", "criticality", "reaction"),
        ),
    }.items()
}
_DATES: Mapping[str, frozenset[str]] = {
    name: frozenset(elements)
    for name, elements in {
        "Patient": ("birthDate", "deceasedBoolean", "deceasedDateTime"),
        "Condition": (
            *("recordedDate", "onsetDateTime", "onsetPeriod", "abatementDateTime"),
            *("abatementPeriod", "abatementAge", "abatementRange", "abatementString"),
        ),
        "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
        "Procedure": ("performedDateTime", "performedPeriod"),
        "MedicationRequest": ("authoredOn",),
        "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
        "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
        "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
        "AllergyIntolerance": ("recordedDate",),
    }.items()
}
# Elements that may turn the meaning round: without them the resource is not read at all.
_DRUG_MODIFIERS = frozenset({"status", "intent", "doNotPerform"})
_MODIFIERS: Mapping[str, frozenset[str]] = {
    "Condition": frozenset({"clinicalStatus", "verificationStatus"}),
    "Procedure": frozenset({"status"}),
    "MedicationRequest": _DRUG_MODIFIERS,
    "MedicationStatement": _DRUG_MODIFIERS,
    "MedicationAdministration": _DRUG_MODIFIERS,
}
_BOOLEANS = frozenset({"valueBoolean", "doNotPerform"})  # pydantic takes "false", and 0, for one
_STATUSES = ("clinicalStatus", "verificationStatus")
_ODD_AT_TIMES = _BOOLEANS.union(_STATUSES, {"component"})


PARTS_AT_MOST = 5_000
"""JSON objects of one resource. A report with a hundred contained results has a thousand; one with
a hundred thousand notes or components is a fault or an attack, and would take seconds."""


class ResourceUnreadable(ValueError):
    """A resource that cannot be read at all; the message names no value."""


def decode(raw: bytes) -> dict[str, Any]:
    """The resource as dicts with Decimals. Raises ResourceUnreadable (repeated keys included)."""
    if len(raw) > PARTS_AT_MOST and raw.count(b"{") > PARTS_AT_MOST:
        raise ResourceUnreadable(f"has more than the {PARTS_AT_MOST} parts that are read of one")
    resource = _sound(raw)
    if resource is None:
        resource = _strictly(raw)
    if not isinstance(resource, dict):
        raise ResourceUnreadable("is not an object")
    if b"null" not in raw:
        return resource
    # FHIR has no null for a value that is not there; senders do. It is read as not there.
    try:
        return _without_null(resource)
    except RecursionError:
        raise ResourceUnreadable("is nested deeper than any resource") from None


def _sound(raw: bytes) -> Any:
    """What `raw` says, if it says it in the one way in which we would write it ourselves.

    Written anew, a key that stood twice stands once: equal bytes prove that none did. It is four
    times as fast as asking each object; most senders write as we do, without spaces and escapes.
    """
    try:
        value = _DECODE(raw)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if encode(value) == raw else None


def _strictly(raw: bytes) -> Any:
    try:
        return _STRICT.decode(raw.decode("utf-8"))
    except ResourceUnreadable:
        raise
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise ResourceUnreadable("is not valid JSON") from None
    except (ValueError, ArithmeticError):
        # An exponent of twenty digits is JSON, and no Decimal; five thousand digits are no int.
        raise ResourceUnreadable("has a number that nobody can have measured") from None


def decoded_or_none(raw: bytes | Raw) -> Mapping[str, Any] | None:
    """The resource; None where it cannot be read, for those who have nothing to report."""
    try:
        return decode(bytes(raw))
    except ResourceUnreadable:
        return None


def project(
    resource: Mapping[str, Any], report: Callable[[str, str], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(validated elements, date elements) of a resource.

    What is dropped goes to `report` as (path, problem).
    Dates are not validated here: one without a zone is still read, to the day (dates.py).
    """
    kind = resource["resourceType"]
    kept, dates = _parted(resource, ELEMENTS[kind], _DATES[kind])
    _brought_to_r4(kept, report)
    if _KNOWN.know(kind, kept):
        return kept, dates
    for narrow in (True, False):
        found = faults(_complete(kind, kept))
        if not found:
            _KNOWN.learn(kind, kept)
            return kept, dates
        for place, problem in found:
            if narrow and _stripped(kept, place):
                continue
            if place and place[0] in _MODIFIERS.get(kind, ()):
                raise ResourceUnreadable(f"has a {place[0]} that cannot be read")
            report(_path(place) or kind, problem)
            lacking = problem == MISSING and len(place) > 1  # then its owner cannot be read
            _drop(kept, place[: -1 if lacking else None] if narrow else place[:1])
        kept = _without_null(kept)
    if faults(_complete(kind, kept)):
        raise ResourceUnreadable("is not valid FHIR R4")
    return kept, dates


def _parted(
    resource: Mapping[str, Any], read: frozenset[str], dating: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    kept = {name: value for name, value in resource.items() if name in read}
    return kept, {name: resource[name] for name in dating if name in resource}


def _brought_to_r4(kept: dict[str, Any], report: Callable[[str, str], None]) -> None:
    if not _ODD_AT_TIMES.isdisjoint(kept):
        _no_false_booleans(kept, report)
        _as_concepts(kept)


def _as_concepts(kept: dict[str, Any]) -> None:
    """A status that is a plain code, as before R4, brought to the form of R4."""
    for name in _STATUSES:
        if isinstance(kept.get(name), str):
            kept[name] = {"coding": [{"code": kept[name]}]}


def _no_false_booleans(kept: dict[str, Any], report: Callable[[str, str], None]) -> None:
    """Take out what is no boolean; of a MedicationRequest it would turn the meaning round."""
    listed = kept.get("component")
    parts = [("", kept)]
    if isinstance(listed, list):
        named = ((f"component[{n}].", part) for n, part in enumerate(listed))
        parts += [(path, part) for path, part in named if isinstance(part, dict)]
    for path, part in parts:
        for name in _BOOLEANS & part.keys():
            if not isinstance(part[name], bool):
                if name == "doNotPerform":
                    raise ResourceUnreadable("has a doNotPerform that is neither true nor false")
                report(f"{path}{name}", "is neither true nor false")
                del part[name]


def _stripped(kept: dict[str, Any], place: Place) -> bool:
    """Was it only the white space around a text, such as a code, that made it invalid?"""
    holder: Any = kept
    for part in place[:-1]:
        holder = _member(holder, part)
    written = _member(holder, place[-1]) if place else None
    if not isinstance(written, str) or written.strip() in ("", written):
        return False
    holder[place[-1]] = written.strip()
    return True


def _drop(kept: dict[str, Any], place: Place) -> None:
    """Take out the element at `place`; what is read of the rest does not depend on it."""
    holder: Any = kept
    for part in place[:-1]:
        holder = _member(holder, part)
    if place and isinstance(holder, dict):
        holder.pop(str(place[-1]), None)
    elif place and isinstance(holder, list) and isinstance(place[-1], int):
        holder[place[-1]] = None


def _without_null(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The items of lists that were taken out are null, too."""
    return {key: _pruned(member) for key, member in resource.items() if member is not None}


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return _without_null(value)
    return (
        [_pruned(item) for item in value if item is not None] if isinstance(value, list) else value
    )


def _member(holder: Any, part: int | str) -> Any:
    if isinstance(holder, list):
        return holder[part] if isinstance(part, int) and part < len(holder) else None
    return holder.get(part) if isinstance(holder, dict) else None


def _path(place: Place) -> str:
    """FHIRPath-like: component[0].code.coding."""
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _complete(kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The projection with the elements that R4 requires but we do not read."""
    whole = dict(kept)
    subject = "patient" if kind == "AllergyIntolerance" else "subject"
    if kind != "Patient":
        whole[subject] = {"reference": "Patient/-"}
    if kind == "MedicationAdministration":
        whole["effectiveDateTime"] = "2000-01-01"
    if kind.startswith("Medication") and "medicationReference" not in kept:
        whole.setdefault("medicationCodeableConcept", {"text": "-"})
    if kind in ("Observation", "DiagnosticReport"):
        whole.setdefault("code", {"text": "-"})
    if "status" in ELEMENTS[kind]:
        whole.setdefault("status", "unknown")
    if kind == "MedicationRequest":
        whole.setdefault("intent", "order")
    return whole


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ResourceUnreadable("gives a key twice")
    return found


def _no_constant(_: str) -> Any:
    raise ResourceUnreadable("has a number that JSON does not know")


_KNOWN = Elements(ELEMENTS)
_DECODE = msgspec.json.Decoder(float_hook=Decimal).decode
_STRICT = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Decimal, parse_constant=_no_constant
)
