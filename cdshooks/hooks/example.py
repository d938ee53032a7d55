"""A hook request as a client would send it for the patient of a Bundle: for page, README, tests."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from cdshooks.hooks.request import AS_OF, JURISDICTION
from cdshooks.knowledge.services import Service

USER = "Practitioner/example"
_NAMESPACE = uuid.UUID("1b671a64-40d5-491e-99b0-da01ff1f3341")


def example_request(
    bundle: Mapping[str, Any],
    service: Service,
    as_of: date | None = None,
    jurisdiction: str | None = None,
) -> dict[str, Any]:
    """The request to `service` with the resources of `bundle` as prefetch; the same each time.

    The day and the jurisdiction are read by a sandbox only. Raises ValueError without a Patient.
    """
    entries = _stored([entry for entry in bundle.get("entry", ()) if entry.get("resource")])
    patient = next((one for one in entries if _type(one) == "Patient"), None)
    if patient is None or "id" not in patient["resource"]:
        raise ValueError("the Bundle holds no Patient with an id")
    patient_id = patient["resource"]["id"]
    chosen = {AS_OF: as_of and as_of.isoformat(), JURISDICTION: jurisdiction}
    extension = {name: value for name, value in chosen.items() if value}
    return {
        "hook": service.hook,
        "hookInstance": str(uuid.uuid5(_NAMESPACE, f"{service.id}/{patient_id}")),
        "context": {"userId": USER, "patientId": patient_id},
        "prefetch": {
            template.key: patient["resource"]
            if template.resource_type == "Patient"
            else _found(template.resource_type, entries)
            for template in service.prefetch
        },
        **({"extension": extension} if extension else {}),
    }


def _found(resource_type: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The searchset of one type. What its resources point to and no key asks for comes with it."""
    matches = [entry for entry in entries if _type(entry) == resource_type]
    named = set(_references(matches))
    included = [
        entry for entry in entries if _type(entry) in _INCLUDED and named & set(_names(entry))
    ]
    searchset: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": _count(matches),
    }
    if matches:
        searchset["entry"] = [
            *({**entry, "search": {"mode": "match"}} for entry in matches),
            *({**entry, "search": {"mode": "include"}} for entry in included),
        ]
    return searchset


def _count(entries: Sequence[Mapping[str, Any]]) -> int:
    """How many resources these are; versions of one count as one, as a server counts them."""
    ids = [entry["resource"].get("id") for entry in entries]
    return ids.count(None) + len({one for one in ids if one is not None})


_INCLUDED = frozenset({"Medication", "Specimen", "BodyStructure"})


def _stored(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries as a server would give them out: with ids, and references by type and id."""
    stored, addresses = [], {}
    for entry in entries:
        url, resource = str(entry.get("fullUrl", "")), dict(entry["resource"])
        if url.startswith("urn:"):
            resource.setdefault("id", url.rpartition(":")[2])
            addresses[url] = f"{resource.get('resourceType')}/{resource['id']}"
            url = ""
        stored.append({"fullUrl": url, "resource": resource} if url else {"resource": resource})
    return [{**entry, "resource": _readdressed(entry["resource"], addresses)} for entry in stored]


def _readdressed(value: Any, addresses: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _readdressed(inner, addresses) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readdressed(inner, addresses) for inner in value]
    return addresses.get(value, value) if isinstance(value, str) else value


def _type(entry: Mapping[str, Any]) -> str:
    return str(entry["resource"].get("resourceType", ""))


def _names(entry: Mapping[str, Any]) -> Iterator[str]:
    yield str(entry.get("fullUrl", ""))
    yield f"{_type(entry)}/{entry['resource'].get('id', '')}"


def _references(value: Any) -> Iterable[str]:
    """Every `reference` in a piece of JSON."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
