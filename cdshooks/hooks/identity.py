"""The proof that a record belongs to the patient in context."""

import msgspec
from msgspec import Raw

from cdshooks.clinical.fact import Problem
from cdshooks.errors import PatientMismatch


class _Resource(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    id: str | None = None


class _Entry(msgspec.Struct, gc=False):
    resource: _Resource = msgspec.field(default_factory=_Resource)


class _Body(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    id: str | None = None
    entry: list[_Entry] = []


_BODY = msgspec.json.Decoder(_Body)


def check_identity(body: bytes | Raw, patient_id: str, key: str) -> tuple[Problem, ...]:
    """Raise PatientMismatch if the Patient in `body` is another one than in context.

    A Patient without an id proves nothing and is named. Other resources are not looked at here.
    """
    ids = _patient_ids(body)
    if any(ids) and patient_id not in ids:
        raise PatientMismatch("is not the patient of context.patientId", f"prefetch.{key}.id")
    return () if all(ids) else (Problem("Patient", "id", "is missing"),)


def _patient_ids(body: bytes | Raw) -> list[str | None]:
    try:
        read = _BODY.decode(body)
    except msgspec.DecodeError:  # an id that is no string, or an entry that is no object
        return [None]
    if read.resource_type == "Patient":
        return [read.id]
    entries = [entry.resource for entry in read.entry]
    return [resource.id for resource in entries if resource.resource_type == "Patient"]
