"""A CDS Hooks request, read strictly where we rely on it and tolerantly elsewhere.

Strict: JSON, UTF-8, keys given once, the members that choose the patient, the hook and where a
token may go. Tolerant: unknown members, an optional member that is null, extensions of others.
What a caller sent never stands in an error, only the name of the element.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from msgspec import Raw

from cdshooks.errors import RequestInvalid
from cdshooks.hooks.access import FhirAuthorization, NoAccess, read_authorization
from cdshooks.hooks.envelope import Values, check_utf8, envelope, is_null, members, text

JURISDICTIONS = ("us", "eu", "uk-nice")
AS_OF = "org.cdshooks-net.asOf"
JURISDICTION = "org.cdshooks-net.jurisdiction"

# Who may be looking at the chart, as the CDS Hooks library has it for each hook.
_STAFF = ("Practitioner", "PractitionerRole")
USER_TYPES: Mapping[str, tuple[str, ...]] = {
    "patient-view": (*_STAFF, "Patient", "RelatedPerson"),
    "order-select": _STAFF,
    "order-sign": _STAFF,
}

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # FHIR R4, id
_INSTANCE = re.compile(r"[^\x00-\x1f\x7f]{1,256}")  # a UUID by the book; its form costs no advice
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RULES = {
    _ID: "is not a FHIR id (1 to 64 letters, digits, - and .)",
    _INSTANCE: "is not a text of 1 to 256 characters",
    _DATE: "is not a date (YYYY-MM-DD)",
}


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of a hook. `prefetch` values are unread JSON; no prefetch is an empty mapping."""

    hook: str
    hook_instance: str
    patient_id: str
    user_id: str | None = None
    encounter_id: str | None = None
    fhir_server: str | None = None
    authorization: FhirAuthorization | NoAccess | None = None
    prefetch: Values = field(default_factory=dict, repr=False)
    as_of: date | None = None
    jurisdiction: str | None = None


def parse_request(
    body: bytes,
    *,
    hook: str,
    sandbox: bool,
    fhir_client_id: str | None = None,
    keys: Sequence[str] = (),
) -> HookRequest:
    """The request in `body` to a service of `hook`, which asks for the prefetch `keys`.

    Only in sandbox mode may a request choose its own date and jurisdiction. `fhir_client_id` is the
    subject that access tokens of this caller must name. Raises RequestInvalid if it breaks CDS
    Hooks, PatientMismatch if its access token is for another patient than its context.
    """
    check_utf8(body)
    fields, prefetch = envelope(body, keys)
    if _required(fields, "hook") != hook:
        raise RequestInvalid("is not the hook that this service answers", "hook")
    context = _object(fields, "context", required=True)
    extension = _object(fields, "extension")
    fhir_server = _optional(fields, "fhirServer")
    patient_id = _matching(_ID, _required(context, "patientId", "context."), "context.patientId")
    raw = fields.get("fhirAuthorization")
    return HookRequest(
        hook=hook,
        hook_instance=_matching(_INSTANCE, _required(fields, "hookInstance"), "hookInstance"),
        patient_id=patient_id,
        user_id=_user(context, hook),
        encounter_id=_encounter(context),
        fhir_server=fhir_server,
        authorization=None
        if raw is None or is_null(raw)
        else read_authorization(raw, fhir_server, patient_id, fhir_client_id),
        prefetch=MappingProxyType(prefetch or _object(fields, "prefetch")),
        as_of=_as_of(extension) if sandbox else None,
        jurisdiction=_jurisdiction(extension) if sandbox else None,
    )


def _user(context: Mapping[str, Raw], hook: str) -> str | None:
    types = USER_TYPES.get(hook)
    if types is None:
        return _optional(context, "userId", "context.")
    user = _required(context, "userId", "context.")
    resource_type, _, logical_id = user.partition("/")
    if resource_type not in types or not _ID.fullmatch(logical_id):
        raise RequestInvalid(f"is not Type/id with one of {', '.join(types)}", "context.userId")
    return user


def _encounter(context: Mapping[str, Raw]) -> str | None:
    encounter = _optional(context, "encounterId", "context.")
    # Some clients send "" when a chart is opened outside of an encounter.
    return _matching(_ID, encounter, "context.encounterId") if encounter else None


def _as_of(extension: Mapping[str, Raw]) -> date | None:
    path = f"extension.{AS_OF}"
    printed = _optional(extension, AS_OF, "extension.")
    if printed is None:
        return None
    try:
        return date.fromisoformat(_matching(_DATE, printed, path))
    except ValueError:
        raise RequestInvalid(_RULES[_DATE], path) from None


def _jurisdiction(extension: Mapping[str, Raw]) -> str | None:
    jurisdiction = _optional(extension, JURISDICTION, "extension.")
    if jurisdiction is not None and jurisdiction not in JURISDICTIONS:
        accepted = ", ".join(JURISDICTIONS)
        raise RequestInvalid(f"is not one of {accepted}", f"extension.{JURISDICTION}")
    return jurisdiction


def _optional(fields: Mapping[str, Raw], name: str, above: str = "") -> str | None:
    raw = fields.get(name)
    return None if raw is None or is_null(raw) else text(raw, above + name)


def _required(fields: Mapping[str, Raw], name: str, above: str = "") -> str:
    if name not in fields:
        raise RequestInvalid("is missing", above + name)
    return text(fields[name], above + name)


def _object(fields: Mapping[str, Raw], name: str, *, required: bool = False) -> dict[str, Raw]:
    raw = fields.get(name)
    if raw is None and required:
        raise RequestInvalid("is missing", name)
    return {} if raw is None or (is_null(raw) and not required) else members(raw, name)


def _matching(pattern: re.Pattern[str], value: str, path: str) -> str:
    if not pattern.fullmatch(value):
        raise RequestInvalid(_RULES[pattern], path)
    return value
