"""The proof that a record belongs to the patient in context."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.clinical.fact import Problem
from cdshooks.errors import PatientMismatch
from cdshooks.fhir.body import Body
from cdshooks.fhir.peek import text


class _Resource(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    id: Raw | UnsetType = UNSET


class _Entry(msgspec.Struct, gc=False):
    resource: _Resource = msgspec.field(default_factory=_Resource)


class _Bundle(msgspec.Struct, gc=False):
    entry: list[Raw] = []


_RESOURCE, _ENTRY = msgspec.json.Decoder(_Resource), msgspec.json.Decoder(_Entry)
_BUNDLE = msgspec.json.Decoder(_Bundle)


def check_identity(body: Body, patient_id: str, key: str) -> tuple[Problem, ...]:
    """Raise PatientMismatch if the Patient in `body` is another one than in context.

    A Patient without an id proves nothing and is named. Other resources are not looked at here.
    """
    ids = _patient_ids(body)
    if any(ids) and patient_id not in ids:
        raise PatientMismatch("is not the patient of context.patientId", f"prefetch.{key}.id")
    return () if all(ids) else (Problem("Patient", "id", "is missing"),)


def _patient_ids(body: Body) -> list[str | None]:
    """The id of each Patient in `body`; None for one that has none, or none that is a string."""
    if body.type == "Patient" and body.members is not None:  # as good as always
        return [text(body.members.id)]
    raw = bytes(body)
    resource = _RESOURCE.decode(raw)
    found = _inside(raw) if resource.resource_type == "Bundle" else [resource]
    return [text(one.id) for one in found if one.resource_type == "Patient"]


def _inside(bundle: bytes) -> Iterator[_Resource]:
    """Each resource of a Bundle; an entry that cannot be read hides no other (page.py names it)."""
    for entry in _BUNDLE.decode(bundle).entry:
        try:
            yield _ENTRY.decode(entry).resource
        except msgspec.DecodeError:
            continue
