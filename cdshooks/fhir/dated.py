"""When a resource was true: which of its elements says so."""

from collections.abc import Callable, Mapping
from typing import Any

from cdshooks.fhir.dates import FhirDate, read_date

# The elements that date a resource, the first that is there wins (knowledge: "which observation
# counts").
DATED_BY: Mapping[str, tuple[str, ...]] = {
    "Observation": ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "Condition": ("recordedDate", "onsetDateTime", "onsetPeriod"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "AllergyIntolerance": ("recordedDate",),
    "Patient": (),
}


def dated(
    kind: str, dates: Mapping[str, Any], report: Callable[[str, str], None]
) -> tuple[FhirDate | None, FhirDate | None]:
    """(beginning, clinical date); of a period the clinical date is its end, if it has one."""
    for element in DATED_BY[kind]:
        value, start, end = dates.get(element), None, None
        if isinstance(value, dict):
            start, end = (
                _read(value[part], element, report) if part in value else None
                for part in ("start", "end")
            )
        elif value is not None:
            end = _read(value, element, report)
        date = end or start
        if date is not None:
            return start, date
    return None, None


def _read(printed: Any, element: str, report: Callable[[str, str], None]) -> FhirDate | None:
    date, problem = read_date(printed)
    if problem:
        report(element, problem)
    return date
