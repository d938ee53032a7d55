"""Whose resource it is: only the patient in context counts (docs/architecture.md, "Reading")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_REFERENCE = re.compile(
    r"(?:(?P<base>https?://[^?#]+?)/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)

_FULL_URL = re.compile(
    r"(https?://[^?#]+)/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The patient in context: id, the full URLs it was delivered under, and its identifiers."""

    id: str | None
    full_urls: frozenset[str]
    bases: frozenset[str]
    identifiers: frozenset[tuple[str, str]]

    def owns(self, subject: Any, base: str = "") -> bool:
        """Does a `subject` (a FHIR Reference) name this patient? A display alone names nobody.

        A relative reference is relative to `base`, the server of the resource it stands in (FHIR
        R4, Bundle: resolving references).
        """
        if not isinstance(subject, Mapping):
            return False
        reference = subject.get("reference")
        if isinstance(reference, str):
            return self._is(reference, base)
        identifier = subject.get("identifier")
        if not isinstance(identifier, Mapping):
            return False
        system, value = identifier.get("system"), identifier.get("value")
        named = isinstance(system, str) and isinstance(value, str)
        return named and (system, value) in self.identifiers

    def _is(self, reference: str, base: str) -> bool:
        if reference in self.full_urls:
            return True
        found = _REFERENCE.fullmatch(reference)
        if not found or found["id"] != self.id:
            return False
        server = found["base"] or base
        return not (server and self.bases) or server in self.bases


class Ownership:
    """Identity.owns, remembered by the bytes of the subject: a record repeats the same few."""

    def __init__(self, identity: Identity):
        self.identity = identity
        self._known: dict[tuple[bytes, str], bool] = {}

    def owns(self, subject: msgspec.Raw, full_url: str | None) -> bool:
        """Is it the subject of a resource that was delivered under `full_url`?"""
        found = _FULL_URL.fullmatch(full_url) if full_url and self.identity.bases else None
        key = bytes(subject), found[1] if found else ""
        answer = self._known.get(key)
        if answer is None:
            answer = self._known[key] = self.identity.owns(_object(key[0]), key[1])
        return answer

    def cannot_tell(self, subject: msgspec.Raw) -> bool:
        """Could it be this patient's, had the Patient been delivered with its names?"""
        named = _object(bytes(subject))
        if not isinstance(named, Mapping):
            return False
        reference = named.get("reference")
        if isinstance(reference, str):
            return reference.startswith("urn:") and not self.identity.full_urls
        return isinstance(named.get("identifier"), Mapping) and not self.identity.identifiers


def referred(subject: msgspec.Raw) -> str | None:
    """The id of the patient that a subject refers to; None if it refers to none."""
    reference = _object(bytes(subject))
    target = reference.get("reference") if isinstance(reference, dict) else None
    found = _REFERENCE.fullmatch(target) if isinstance(target, str) else None
    return found["id"] if found else None


def _object(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_text(entry: Mapping[str, Any], name: str) -> bool:
    return isinstance(entry.get(name), str) and entry[name] != ""


def identity(
    patient: Mapping[str, Any] | None,
    patient_id: str | None,
    full_urls: frozenset[str],
    server: str | None,
) -> Identity:
    """The identity of a Patient resource; `server` is the FHIR base it came from, if known."""
    listed = (patient or {}).get("identifier")
    identifiers = frozenset(
        (entry["system"], entry["value"])
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, Mapping) and _is_text(entry, "system") and _is_text(entry, "value")
    )
    found = [match for url in full_urls if (match := _REFERENCE.fullmatch(url))]
    bases = {match["base"] for match in found if match["base"]}
    if server:
        bases.add(server.rstrip("/"))
    return Identity(patient_id, full_urls, frozenset(bases), identifiers)
