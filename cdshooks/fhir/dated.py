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
        value = dates.get(element)
        if value is None:
            continue
        period = value if isinstance(value, Mapping) else {"end": value}
        read = {}
        for end in ("start", "end"):
            if end in period:
                read[end], problem = read_date(period[end])
                if problem:
                    report(element, problem)
        date = read.get("end") or read.get("start")
        if date is not None:
            return read.get("start"), date
    return None, None
