"""The record of one patient: what some fact may be read from, validated; the rest untouched.

Two steps, since speed and safety are decided here: a typed peek at every resource (whose it is, its
codes), then the strict reading of the few that matter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, Raw

from cdshooks.clinical.fact import Problem
from cdshooks.fhir.bundle import Found, resources, text
from cdshooks.fhir.coding import NOTHING, Coded, coded
from cdshooks.fhir.dates import FhirDate, read_date
from cdshooks.fhir.identity import Identity, Ownership, identity, referred
from cdshooks.fhir.pick import Picker
from cdshooks.fhir.project import ResourceUnreadable, decode, project
from cdshooks.knowledge.codes import CodeSystems


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One readable resource of the patient.

    `date` is when it was true (its clinical date), of a period the end; `start` is the beginning.
    """

    type: str
    reference: str
    body: Mapping[str, Any]
    dates: Mapping[str, Any]
    date: FhirDate | None
    coded: Coded
    start: FhirDate | None = None

    @property
    def status(self) -> str:
        return str(self.body.get("status", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What was delivered of one patient.

    `unavailable`: resource types of which nothing, or not all, could be had: their silence is no
    "no". `incomplete`: those of them of which a part is there: a newer value may be missing.
    """

    patient: Entry | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    unavailable: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()

    def of_type(self, *types: str) -> Iterable[Entry]:
        return (entry for entry in self.entries if entry.type in types)


# The elements that date a resource, the first that is there wins (knowledge: "which observation
# counts").
_DATED_BY: Mapping[str, tuple[str, ...]] = {
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
# FHIR R4 observation-status and diagnostic-report-status.
_FINAL: Mapping[str, frozenset[str]] = {
    "Observation": frozenset({"final", "amended", "corrected"}),
    "DiagnosticReport": frozenset({"final", "amended", "corrected", "appended"}),
}
_NOT_YET = frozenset({"preliminary", "partial"})
_NO_RESULT = frozenset({"entered-in-error", "cancelled", "registered", "unknown"})
_MEDICATIONS = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")


class Reader:
    """Reads records with the codes and words of one knowledge base."""

    def __init__(self, picker: Picker, systems: CodeSystems):
        self._picker, self._systems = picker, systems

    def read(
        self,
        bodies: Sequence[tuple[str, bytes | Raw]],
        patient_id: str | None,
        *,
        server: str | None = None,
        unavailable: frozenset[str] = frozenset(),
        incomplete: frozenset[str] = frozenset(),
    ) -> Record:
        """The record of `patient_id`, from (name, JSON) pairs; what is another's is set aside."""
        problems: list[Problem] = []

        def report(reference: str, path: str, problem: str) -> None:
            problems.append(Problem(reference, path, problem))

        found = sorted(resources(bodies, report), key=_place)
        owner = self._identity(found, patient_id, server)
        ownership = Ownership(owner)
        picked = [one for one in found if self._is_read(one, ownership, report)]
        medications = {
            url: one for one in found if one.peek.resourceType == "Medication" for url in _urls(one)
        }
        entries = [
            entry
            for one in _newest_versions(picked)
            if (entry := self._entry(one, medications, report)) is not None
        ]
        patient = next((entry for entry in entries if entry.type == "Patient"), None)
        others = tuple(entry for entry in entries if entry.type != "Patient")
        named = tuple(sorted(set(problems)))
        return Record(patient, others, named, unavailable | incomplete, incomplete)

    def _identity(
        self, found: Iterable[Found], patient_id: str | None, server: str | None
    ) -> Identity:
        patients = [one for one in found if one.peek.resourceType == "Patient"]
        own = [one for one in patients if text(one.peek.id) == patient_id]
        bodies = [_quietly(one.raw) for one in own]
        urls = frozenset(one.full_url for one in own if one.full_url)
        return identity(bodies[0] if bodies else None, patient_id, urls, server)

    def _is_read(self, one: Found, ownership: Ownership, report: Any) -> bool:
        peek = one.peek
        if peek.resourceType == "Patient":
            return text(peek.id) == ownership.identity.id
        if peek.resourceType not in _DATED_BY:
            return False
        subject = peek.patient if peek.resourceType == "AllergyIntolerance" else peek.subject
        if subject is UNSET or not ownership.owns(subject):
            report(one.reference, "subject", "is not the patient in context; set aside")
            return False
        return self._picker.wants(peek)

    def _entry(self, one: Found, medications: Mapping[str, Found], report: Any) -> Entry | None:
        reference = one.reference
        try:
            resource = decode(bytes(one.raw))
            body, dates = project(resource, lambda path, said: report(reference, path, said))
        except ResourceUnreadable as error:
            report(reference, one.peek.resourceType, str(error))
            return None
        kind = one.peek.resourceType
        if not _counts(kind, body, reference, report):
            return None
        concept = body.get("code")
        if kind in _MEDICATIONS:
            concept = _medication(resource, body, medications)
        start, date = _dated(kind, dates, lambda path, said: report(reference, path, said))
        about = coded(concept, self._systems) if concept else NOTHING
        return Entry(kind, reference, body, dates, date, about, start)


def patient_ids(bodies: Sequence[tuple[str, bytes | Raw]]) -> tuple[str, ...]:
    """The ids of every Patient in `bodies`, in order; without one, of every patient referred to."""
    found = list(resources(bodies, lambda *_: None))
    own = [text(one.peek.id) for one in found if one.peek.resourceType == "Patient"]
    if not any(own):
        own = [referred(one.peek.subject) for one in found if one.peek.subject is not UNSET]
    return tuple(dict.fromkeys(one for one in own if one))


def _place(one: Found) -> tuple[str, str, bytes]:
    """An order that does not depend on the order in which the resources came."""
    own = text(one.peek.id)
    return one.peek.resourceType, own or "", b"" if own else bytes(one.raw)


def _quietly(raw: bytes | Raw) -> Mapping[str, Any] | None:
    try:
        return decode(bytes(raw))
    except ResourceUnreadable:
        return None


def _counts(kind: str, body: Mapping[str, Any], reference: str, report: Any) -> bool:
    """Does the status let a result count? What is not final yet is named, what is no result is not.

    A Procedure counts by its status where it is read.
    """
    status = body.get("status")
    if kind not in _FINAL or status in _FINAL[kind]:
        return True
    if status in _NOT_YET:
        report(reference, "status", f"is {status}: not used until it is final")
    elif status not in _NO_RESULT:
        report(reference, "status", "is missing, or no status of a result: not used")
    return False


def _medication(
    resource: Mapping[str, Any], body: Mapping[str, Any], medications: Mapping[str, Found]
) -> Any:
    """The drug of a medication resource: in place, contained, or a Medication of the record."""
    if "medicationCodeableConcept" in body:
        return body["medicationCodeableConcept"]
    reference = body.get("medicationReference")
    if not isinstance(reference, Mapping):
        return None
    target = reference.get("reference")
    contained = resource.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, Mapping) and target == f"#{one.get('id')}":
            return one.get("code")
    if isinstance(target, str) and target in medications:
        found = _quietly(medications[target].raw)
        return found.get("code") if found else None
    return {"text": reference["display"]} if isinstance(reference.get("display"), str) else None


def _urls(one: Found) -> Iterable[str]:
    return {one.reference, one.full_url or one.reference}


def _newest_versions(found: Iterable[Found]) -> Iterable[Found]:
    """Of several versions of one resource the newest: highest meta.versionId, then lastUpdated."""
    newest: dict[str, Found] = {}
    for one in found:
        known = newest.get(one.reference)
        if known is None or _version(one) > _version(known):
            newest[one.reference] = one
    return newest.values()


def _version(one: Found) -> tuple[int, str]:
    if one.peek.meta is UNSET:
        return 0, ""
    meta = _quietly(one.peek.meta) or {}
    version, updated = str(meta.get("versionId", "")), str(meta.get("lastUpdated", ""))
    return (int(version) if version.isdigit() else 0), updated


def _dated(
    kind: str, dates: Mapping[str, Any], report: Callable[[str, str], None]
) -> tuple[FhirDate | None, FhirDate | None]:
    """(beginning, clinical date); of a period the clinical date is its end, if it has one."""
    for element in _DATED_BY[kind]:
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
