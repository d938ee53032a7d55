"""The record of one patient: what some fact may be read from, validated; the rest untouched.

Two steps, since speed and safety are decided here: a typed peek at every resource (whose it is, its
codes), then the strict reading of the few that matter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET, Raw

from cdshooks.clinical.fact import Problem
from cdshooks.fhir.bundle import Found, contained, resources, text
from cdshooks.fhir.coding import NOTHING, Coded, coded
from cdshooks.fhir.dated import DATED_BY, dated
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.drugs import by_url, drug
from cdshooks.fhir.identity import Identity, Ownership, identity, referred
from cdshooks.fhir.newest import newest
from cdshooks.fhir.pick import MEDICATIONS, Picker
from cdshooks.fhir.project import ResourceUnreadable, decode, decoded_or_none, project
from cdshooks.fhir.status import UNCLEAR, counts, holds, is_unclear
from cdshooks.fhir.versions import Report, newest_versions
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
    mapped: bool = False  # it holds a code that is read through the site's code map

    @property
    def status(self) -> str:
        return str(self.body.get("status", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What was delivered of one patient.

    `unavailable`: resource types of which nothing, or not all, could be had: their silence is no
    "no". `incomplete`: those of them of which a part is there: a newer value may be missing.
    `without_older`: those of them of which only older values may be.
    """

    patient: Entry | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    unavailable: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    without_older: frozenset[str] = frozenset()
    urls: Mapping[str, str] = field(default_factory=dict)

    def target(self, reference: Any, container: str = "") -> str:
        """`Type/id` of what a Reference points to; of a contained resource `container#id`."""
        written = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(written, str):
            return ""
        if written.startswith("#"):
            return f"{container}{written}"
        if written in self.urls:
            return self.urls[written]
        found = _TYPE_AND_ID.search(written)
        return found[1] if found else written

    def of_type(self, *types: str) -> Iterable[Entry]:
        return (entry for entry in self.entries if entry.type in types)


# Types whose silence says no: no such therapy, diagnosis or allergy.
_LISTS = MEDICATIONS | {"Condition", "Procedure", "AllergyIntolerance"}
ANOTHERS = "is not the patient in context; set aside"
UNTOLD = "is not known to be the patient in context; set aside"
_TYPE_AND_ID = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$"
)
_PERSON = re.compile(r"(?:^|/)(Patient|RelatedPerson|Group|Person)/")


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
        without_older: frozenset[str] = frozenset(),
    ) -> Record:
        """The record of `patient_id`, from (name, JSON) pairs; what is another's is set aside."""
        problems: list[Problem] = []

        def report(reference: str, path: str, problem: str) -> None:
            problems.append(Problem(reference, path, problem))

        sent = list(resources(bodies, report))
        patients = list(newest_versions(_of(sent, "Patient"), report))
        ownership = Ownership(self._identity(patients, patient_id, server))
        found = list(newest_versions(sent, report, ownership.whose))
        found += [inner for one in found if holds(one) for inner in contained(one)]
        addressed = [one for one in found if one.full_url and "#" not in one.place]
        # Two entries under one URL are no FHIR; there the patient's own is what is meant.
        addressed.sort(key=lambda one: ownership.whose(one) == "own")
        urls = {one.full_url: one.reference for one in addressed if one.full_url}
        unread: set[str] = set()
        untold: set[str] = set()
        wanted = (one for one in found if self._is_read(one, ownership, report))
        picked, without_some = newest(wanted, report)
        entries = [
            entry
            for entry in self._entries(picked, found, ownership, report, unread, untold)
            if _is_of_patient(entry, ownership, urls, report)
        ]
        patient = next((entry for entry in entries if entry.type == "Patient"), None)
        others = tuple(entry for entry in entries if entry.type != "Patient")
        named = tuple(sorted(set(problems)))
        # What cannot be told, or read, may be the very therapy or allergy that silence would deny.
        incomplete |= untold
        without_older |= without_some
        lacking = unavailable | incomplete | without_some | (unread & _LISTS)
        return Record(patient, others, named, lacking, incomplete, without_older, urls)

    def _entries(
        self,
        picked: Iterable[Found],
        found: Sequence[Found],
        ownership: Ownership,
        report: Report,
        unread: set[str],
        untold: set[str],
    ) -> Iterator[Entry]:
        """What is read and counts, in an order of its own; `unread` gets the types of the rest.

        `untold` gets the types of which some that would count may or may not be the patient's.
        """
        medications = by_url(_of(found, "Medication"))
        # Sorted after picking: most of a record is never looked at again.
        for one in sorted(picked, key=_place):
            entry = self._entry(one, medications, report, unread)
            if entry is not None and ownership.whose(one) == "own":
                yield entry
            elif entry is not None:
                untold.add(entry.type)

    def _identity(
        self, patients: Sequence[Found], patient_id: str | None, server: str | None
    ) -> Identity:
        own = [one for one in patients if text(one.peek.id) == patient_id]
        bodies = [decoded_or_none(one.raw) for one in own]
        urls = _full_urls(own)
        others = _full_urls(patients) - urls
        return identity(bodies[0] if bodies else None, patient_id, urls, others, server)

    def _is_read(self, one: Found, ownership: Ownership, report: Report) -> bool:
        """Is it the patient's, or may it be, and is some fact read from it?"""
        kind, whose = one.peek.resourceType, ownership.whose(one)
        if kind == "Patient":
            return whose == "own"
        if kind not in DATED_BY:
            return False
        if whose != "own":
            report(one.reference, "subject", UNTOLD if whose == "unknown" else ANOTHERS)
        return whose != "another's" and self._picker.wants(one.peek)

    def _entry(
        self, one: Found, medications: Mapping[str, Found], report: Report, unread: set[str]
    ) -> Entry | None:
        """The entry; None if it does not count, or cannot be read: then `unread` gets its type."""
        reference, kind = one.reference, one.peek.resourceType
        try:
            resource = _understood(decode(bytes(one.raw)))
            body, dates = project(resource, lambda path, said: report(reference, path, said))
        except ResourceUnreadable as error:
            report(reference, kind, str(error))
            unread.add(kind)
            return None
        if not counts(kind, body, reference, report):
            return None
        concept = body.get("code")
        if kind in MEDICATIONS:
            concept = drug(resource, body, medications)
            if concept is None:
                report(reference, "medication[x]", "points to a drug that was not sent")
                unread.add(kind)
        if is_unclear(kind, body):
            if concept is None or self._picker.reads(concept):
                report(reference, "status", UNCLEAR)
                unread.add(kind)
            return None
        start, date = dated(kind, dates, lambda path, said: report(reference, path, said))
        about = coded(concept, self._systems) if concept else NOTHING
        mapped = bool(self._systems.local) and any(_mapped((body, concept), self._systems))
        return Entry(kind, reference, body, dates, date, about, start, mapped)


def _mapped(element: Any, systems: CodeSystems) -> Iterator[bool]:
    """Whether each coding in an element, at any depth, is a mapped code of the site."""
    if isinstance(element, Mapping):
        system, code = element.get("system"), element.get("code")
        if isinstance(system, str) and isinstance(code, str):
            yield systems.is_mapped(system, code)
        element = element.values()
    elif not isinstance(element, (list, tuple)):
        return
    for inner in element:
        yield from _mapped(inner, systems)


def _is_of_patient(
    entry: Entry, ownership: Ownership, urls: Mapping[str, str], report: Report
) -> bool:
    """Is it about the patient? An Observation may be about a relative, a donor or a newborn."""
    for one in entry.body.get("focus", ()):
        written = one.get("reference", "")
        target = urls.get(written, written)
        found = _PERSON.search(target)
        if found and not (found[1] == "Patient" and ownership.identity.owns({"reference": target})):
            report(entry.reference, "focus", "is about someone else than the patient; set aside")
            return False
    return True


def patient_ids(bodies: Sequence[tuple[str, bytes | Raw]]) -> tuple[str, ...]:
    """The ids of every Patient in `bodies`, in order; without one, of every patient referred to."""
    found = list(resources(bodies, lambda *_: None))
    own = [text(one.peek.id) for one in found if one.peek.resourceType == "Patient"]
    if not any(own):
        own = [referred(one.peek.subject) for one in found if one.peek.subject is not UNSET]
    return tuple(dict.fromkeys(one for one in own if one))


def _of(found: Iterable[Found], kind: str) -> list[Found]:
    """The resources of one type, in an order that is theirs."""
    return sorted((one for one in found if one.peek.resourceType == kind), key=_place)


def _full_urls(found: Iterable[Found]) -> frozenset[str]:
    return frozenset(one.full_url for one in found if one.full_url)


def _place(one: Found) -> tuple[str, str, bytes]:
    """An order that does not depend on the order in which the resources came."""
    own = text(one.peek.id)
    return one.peek.resourceType, own or "", b"" if own else bytes(one.raw)


# Of DSTU2 and STU3: with another value than these the treatment was not given.
_GIVEN: dict[str, bool | str] = {
    "notDone": False,
    "notPerformed": False,
    "notGiven": False,
    "wasNotTaken": False,
}
_GIVEN |= {"wasNotGiven": False, "taken": "y"}


def _understood(resource: dict[str, Any]) -> dict[str, Any]:
    """FHIR R4: what carries a modifierExtension is not to be processed unless it is understood."""
    if "modifierExtension" in resource:
        raise ResourceUnreadable("carries a modifierExtension that is not understood")
    if any(resource[name] != given for name, given in _GIVEN.items() if name in resource):
        raise ResourceUnreadable("says in the words of an older FHIR that it may not be so")
    return resource
