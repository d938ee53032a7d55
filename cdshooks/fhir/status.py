"""Whether a resource counts, by its status."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.dated import DATED_BY
from cdshooks.fhir.peek import text

# FHIR R4 observation-status and diagnostic-report-status.
_FINAL: Mapping[str, frozenset[str]] = {
    "Observation": frozenset({"final", "amended", "corrected"}),
    "DiagnosticReport": frozenset({"final", "amended", "corrected", "appended"}),
}
_NOT_YET = frozenset({"preliminary", "partial"})
_NO_RESULT = frozenset({"entered-in-error", "cancelled", "registered", "unknown"})
# FHIR R4: what tells whether a treatment was given. "unknown" stands for any of these.
_ORDER = frozenset({"active", "on-hold", "stopped", "completed", "entered-in-error"})
_TELLING: Mapping[str, frozenset[str]] = {
    "MedicationRequest": _ORDER | {"draft", "cancelled"},
    "MedicationStatement": _ORDER | {"intended", "not-taken"},
    "MedicationAdministration": _ORDER - {"active"} | {"in-progress", "not-done"},
    "Procedure": _ORDER - {"active"} | {"preparation", "in-progress", "not-done"},
}
UNCLEAR = "is missing, unknown or no status: not used"


class _Stated(msgspec.Struct, gc=False):
    status: Raw | UnsetType = UNSET


_STATED = msgspec.json.Decoder(_Stated)


def counts(kind: str, body: Mapping[str, Any], report: Callable[[str, str], None]) -> bool:
    """Does the status let a result count? What is not final yet is named, what is no result is not.

    A Procedure counts by its status where it is read.
    """
    status = body.get("status")
    if kind not in _FINAL or status in _FINAL[kind]:
        return True
    if status in _NOT_YET:
        report("status", f"is {status}: not used until it is final")
    elif status not in _NO_RESULT:
        report("status", "is missing, or no status of a result: not used")
    return False


def is_unclear(kind: str, body: Mapping[str, Any]) -> bool:
    """May a treatment have been given or not, for all that its status says?"""
    return kind in _TELLING and body.get("status") not in _TELLING[kind]


def holds(one: Found) -> bool:
    """Do the resources that it contains count? Not those of a result that does not count itself."""
    kind, status = one.peek.resourceType, text(_STATED.decode(one.raw).status)
    stands = status in _FINAL[kind] if kind in _FINAL else status != "entered-in-error"
    return kind in DATED_BY and stands
