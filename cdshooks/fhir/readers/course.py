"""How a treatment stands: running, over, or not to be counted."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypeAlias

from cdshooks.fhir.dates import FhirDate, read_date
from cdshooks.fhir.record import Entry

Course: TypeAlias = Literal["current", "past"]

# FHIR R4 status codes; those that are not listed (draft, cancelled, not-done, not-taken, intended,
# preparation, entered-in-error) say nothing that was given. Of an unknown one see fhir/status.py.
_COURSES: Mapping[str, Mapping[str, Course]] = {
    "MedicationRequest": {
        "active": "current",
        "on-hold": "current",
        "stopped": "past",
        "completed": "past",
    },
    "MedicationStatement": {
        "active": "current",
        "on-hold": "current",
        "stopped": "past",
        "completed": "past",
    },
    "MedicationAdministration": {
        "in-progress": "current",
        "on-hold": "past",
        "stopped": "past",
        "completed": "past",
    },
    "Procedure": {
        "in-progress": "current",
        "on-hold": "current",
        "stopped": "past",
        "completed": "past",
    },
}
_ONLY_MEANT = frozenset({"proposal", "plan", "option"})
_PERIODS = ("effectivePeriod", "performedPeriod")


def course(entry: Entry, as_of: date) -> Course | None:
    """Running or over; None if it does not count. A drug whose period is over is over."""
    if entry.body.get("doNotPerform") is True or entry.body.get("intent") in _ONLY_MEANT:
        return None
    found = _COURSES.get(entry.type, {}).get(entry.status)
    ended = _of_period(entry, "end")
    if found == "current" and ended is not None and ended.last < as_of:
        return "past"
    return found


def began(entry: Entry) -> FhirDate | None:
    """The first day on file: the start of its period, else its date."""
    return _of_period(entry, "start") or entry.date


def last_given(entry: Entry) -> FhirDate | None:
    """The last day on file: the end of its period, else its date."""
    return _of_period(entry, "end") or entry.date


def _of_period(entry: Entry, end: str) -> FhirDate | None:
    for element in _PERIODS:
        period: Any = entry.dates.get(element)
        if isinstance(period, Mapping) and end in period:
            return read_date(period[end])[0]
    return None
