"""The leave that a caller gives to read from its FHIR server during one call."""

import re
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from cdshooks.errors import PatientMismatch, RequestInvalid
from cdshooks.hooks.envelope import members

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, 2.1: nothing that could split a header


@dataclass(frozen=True, slots=True)
class FhirAuthorization:
    """An access token with its limits, for this one call: never stored, never logged."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    subject: str
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class NoAccess:
    """Why a call gives no access, though it has a `fhirAuthorization`."""

    why: str


class _Sent(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: int
    scope: str
    subject: str
    patient: str | None = None


_SENT = msgspec.json.Decoder(_Sent)


def read_authorization(
    raw: Raw, fhir_server: str | None, patient_id: str, client_id: str | None
) -> FhirAuthorization | NoAccess:
    """The access that a `fhirAuthorization` grants, or why it grants none.

    Without access the token is never used, and the call goes on with what was prefetched. Refused
    is a call without `fhirServer`, since nobody can tell where the token may go (CDS Hooks,
    invariant cds-r-1), and one that speaks of two patients. `client_id` is the subject that our
    tokens are given to, None where it is not known.
    """
    members(raw, "fhirAuthorization")
    if fhir_server is None:
        raise RequestInvalid("is given without fhirServer (cds-r-1)", "fhirAuthorization")
    try:
        sent = _SENT.decode(raw)
    except msgspec.DecodeError:
        return NoAccess("fhirAuthorization lacks a member, or one is of another type")
    if sent.patient not in (None, patient_id, f"Patient/{patient_id}"):
        raise PatientMismatch(
            "is not the patient of context.patientId", "fhirAuthorization.patient"
        )
    if why := _unusable(sent, client_id):
        return NoAccess(why)
    return FhirAuthorization(
        sent.access_token, sent.expires_in, sent.scope, sent.subject, sent.patient
    )


def _unusable(sent: _Sent, client_id: str | None) -> str:
    """What is wrong with a token, in words that tell nothing of it; "" if it may be used."""
    if sent.token_type.lower() != "bearer" or not _TOKEN.fullmatch(sent.access_token):
        return "the access token is no Bearer token"
    if sent.expires_in <= 0:
        return "the access token has expired"
    if not sent.scope.strip():
        return "the access token has no scope"
    if client_id is not None and sent.subject != client_id:
        return "the access token was given to another subject"
    return ""
