"""Which drug a medication resource is about, wherever it is named."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.project import decoded_or_none

MEDICATIONS = frozenset({"MedicationRequest", "MedicationStatement", "MedicationAdministration"})
_LOGICAL = re.compile(r"(Medication/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$")


def by_url(medications: Iterable[Found]) -> dict[str, Found]:
    """Medication resources by each name under which another may point to them."""
    return {url: one for one in medications for url in (one.reference, one.full_url) if url}


def drug(
    resource: Mapping[str, Any], body: Mapping[str, Any], medications: Mapping[str, Found]
) -> Any:
    """The drug of a medication resource: in place, contained, or a Medication of the record."""
    if "medicationCodeableConcept" in body:
        return body["medicationCodeableConcept"]
    reference = body.get("medicationReference")
    if not isinstance(reference, Mapping):
        return None
    for one in _contained(resource, reference):
        return one.get("code")
    target = reference.get("reference")
    for key in _targets(target):
        if key in medications:
            found = decoded_or_none(medications[key].raw)
            return found.get("code") if found else None
    return {"text": reference["display"]} if isinstance(reference.get("display"), str) else None


def is_told_elsewhere(resource: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Is the drug neither in place nor contained, but in another resource of the record?"""
    reference = body.get("medicationReference")
    if "medicationCodeableConcept" in body or not isinstance(reference, Mapping):
        return False
    return not list(_contained(resource, reference))


def _contained(
    resource: Mapping[str, Any], reference: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The contained resources that a Reference points to; one, by the book."""
    target, contained = reference.get("reference"), resource.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, Mapping) and target == f"#{one.get('id')}":
            yield one


def _targets(reference: Any) -> Iterator[str]:
    """A reference as it stands, and as `Type/id` without server and version."""
    if isinstance(reference, str):
        yield reference
        found = _LOGICAL.search(reference)
        if found:
            yield found[1]
