"""The number of an Observation or component, whatever value[x] it comes in."""

from collections.abc import Mapping
from typing import Any

from cdshooks.fhir.quantity import (
    ParsedNumber,
    from_quantity,
    from_range,
    from_ratio,
    parse_number_text,
)


def number_of(part: Mapping[str, Any]) -> ParsedNumber | None:
    """The number with its unit as sent; None if there is none, or it cannot be read for sure."""
    if "valueQuantity" in part:
        return from_quantity(part["valueQuantity"])
    if "valueRange" in part:
        return from_range(part["valueRange"])
    if "valueRatio" in part:
        return from_ratio(part["valueRatio"])
    if "valueInteger" in part:
        return from_quantity({"value": part["valueInteger"]})
    element, printed = printed_value(part)
    return parse_number_text(printed) if element else None


def printed_value(part: Mapping[str, Any]) -> tuple[str, str]:
    """(element, its value as a clinician would read it) of value[x]; ('', '') if there is none."""
    for element, show in _SHOWN.items():
        if element in part:
            return element, show(part[element])
    return "", ""


def _quantity(value: Mapping[str, Any]) -> str:
    unit = value.get("unit", value.get("code", ""))
    return f"{value.get('comparator', '')}{value.get('value', '')} {unit}".strip()


def _range(value: Mapping[str, Any]) -> str:
    return f"{_quantity(value.get('low', {}))} - {_quantity(value.get('high', {}))}"


def _ratio(value: Mapping[str, Any]) -> str:
    return f"{_quantity(value.get('numerator', {}))} / {_quantity(value.get('denominator', {}))}"


def _concept(value: Mapping[str, Any]) -> str:
    if "text" in value:
        return str(value["text"])
    shown = [c.get("display", c.get("code", "")) for c in value.get("coding", ())]
    return str(shown[0]) if shown else ""


_SHOWN: Mapping[str, Any] = {
    "valueQuantity": _quantity,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueInteger": str,
    "valueString": str,
    "valueBoolean": lambda value: "yes" if value else "no",
    "valueCodeableConcept": _concept,
    "valueDateTime": str,
}
