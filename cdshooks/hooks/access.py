"""The leave that a caller gives to read from its FHIR server during one call."""

import re
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from cdshooks.errors import RequestInvalid
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


class _Sent(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: int
    scope: str
    subject: str
    patient: str | None = None


_SENT = msgspec.json.Decoder(_Sent)


def read_authorization(raw: Raw, fhir_server: str | None) -> FhirAuthorization | None:
    """The access granted by a `fhirAuthorization`; None where a part of it is missing.

    Without access a call goes on with what was prefetched. Without `fhirServer` it is refused,
    since nobody can tell where the token may go (CDS Hooks, invariant cds-r-1).
    """
    members(raw, "fhirAuthorization")
    if fhir_server is None:
        raise RequestInvalid("is given without fhirServer (cds-r-1)", "fhirAuthorization")
    try:
        sent = _SENT.decode(raw)
    except msgspec.DecodeError:
        return None
    if sent.token_type.lower() != "bearer" or not _TOKEN.fullmatch(sent.access_token):
        return None
    return FhirAuthorization(
        sent.access_token, sent.expires_in, sent.scope, sent.subject, sent.patient
    )
