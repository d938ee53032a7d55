"""Templates of draft orders: an R4 resource with the few elements that a template may have.

The subject, the reason, status draft and intent proposal are added for each patient.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cdshooks.knowledge.codes import CodeSystems, loinc_checks
from cdshooks.knowledge.source import Node

Read: TypeAlias = Callable[[Node, CodeSystems], Any]

PRIORITIES = ("routine", "urgent", "asap", "stat")


def read_template(node: Node, systems: CodeSystems) -> dict[str, Any]:
    """The resource as JSON; a problem for each element that a template cannot have."""
    entries = dict(node.pairs())
    kind = entries.get("resourceType")
    if kind is None:
        node.problem("'resourceType' is missing", ", ".join(_ELEMENTS))
        return {}
    required, optional = _ELEMENTS[kind.one_of(tuple(_ELEMENTS))]
    elements = {**required, **optional}
    fields = node.fields(("resourceType", *required), tuple(optional))
    return {
        name: value.text() if name == "resourceType" else elements[name](value, systems)
        for name, value in fields.items()
    }


def _concept(node: Node, systems: CodeSystems) -> dict[str, Any]:
    """A CodeableConcept: what to obtain in words, with codes where verified ones exist."""
    fields = node.fields(("text",), ("coding",))
    found: dict[str, Any] = {}
    if "coding" in fields:
        found["coding"] = [_coding(item, systems) for item in fields["coding"].items()]
    return found | ({"text": fields["text"].text()} if "text" in fields else {})


def _coding(node: Node, systems: CodeSystems) -> dict[str, str]:
    fields = node.fields(("system", "code"), ("display",))
    coding = {name: value.text() for name, value in fields.items()}
    uris = {system.uri: name for name, system in systems.by_name.items()}
    if "system" in coding and coding["system"] not in uris:
        fields["system"].problem(f"there is no code system {coding['system']!r}", ", ".join(uris))
    if "code" in coding:
        if " " in coding["code"]:
            fields["code"].problem(f"{coding['code']!r} is no code", "a code without spaces")
        if uris.get(coding.get("system", "")) == "LOINC" and not loinc_checks(coding["code"]):
            fields["code"].problem(f"{coding['code']!r} is no LOINC code", "see loinc.org")
    return coding


def _sentences(node: Node, _: CodeSystems) -> list[dict[str, str]]:
    """Annotations or dosage instructions: each a text."""
    listed = [item.fields(("text",), ()) for item in node.items()]
    return [{"text": fields["text"].text()} for fields in listed if "text" in fields]


def _priority(node: Node, _: CodeSystems) -> str:
    return node.one_of(PRIORITIES)


_ELEMENTS: Mapping[str, tuple[Mapping[str, Read], Mapping[str, Read]]] = {
    "ServiceRequest": ({"code": _concept}, {"priority": _priority, "note": _sentences}),
    "MedicationRequest": (
        {"medicationCodeableConcept": _concept},
        {"priority": _priority, "dosageInstruction": _sentences, "note": _sentences},
    ),
}
