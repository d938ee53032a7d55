"""The record of one patient: what some fact may be read from, validated; the rest untouched.

Two steps, since speed and safety are decided here: a typed peek at every resource (whose it is, its
codes), then the strict reading of the few that matter.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET, Raw

from cdshooks.clinical.fact import Problem
from cdshooks.fhir.body import Body
from cdshooks.fhir.bundle import ByUrl, Found, Report, Resources, contained, resources
from cdshooks.fhir.dated import DATED_BY
from cdshooks.fhir.drugs import MEDICATIONS, by_url
from cdshooks.fhir.entry import Entry, EntryReader
from cdshooks.fhir.identity import Identity, Ownership, Whose, identity, referred
from cdshooks.fhir.memory import Memory
from cdshooks.fhir.newest import newest
from cdshooks.fhir.pick import Picker
from cdshooks.fhir.status import holds
from cdshooks.fhir.types import name_unknown
from cdshooks.fhir.versions import all_differ, newest_versions
from cdshooks.knowledge.codes import CodeSystems

__all__ = ["ANOTHERS", "UNTOLD", "Entry", "Reader", "Record", "patient_ids"]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What was delivered of one patient.

    `unavailable`: resource types of which nothing, or not all, could be had: their silence is no
    "no". `incomplete`: those of them of which a part is there: a newer value may be missing.
    `without_older`: those of them of which only older values may be. `urls` are the full URLs under
    which resources were delivered.
    """

    patient: Entry | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    unavailable: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    without_older: frozenset[str] = frozenset()
    urls: Mapping[str, Found] = field(default_factory=dict)

    def target(self, reference: Any, container: str = "") -> str:
        """`Type/id` of what a Reference points to; of a contained resource `container#id`."""
        written = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(written, str):
            return ""
        if written.startswith("#"):
            return f"{container}{written}"
        if written in self.urls:
            return self.urls[written].reference
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

    def __init__(self, picker: Picker, systems: CodeSystems, memory: Memory | None = None):
        self._picker, self._entry = picker, EntryReader(systems, picker.reads, memory)

    def read(
        self,
        bodies: Sequence[tuple[str, bytes | Raw | Body]],
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

        sent = resources(bodies, report)
        unread = set(name_unknown(sent.types, report))
        patients = newest_versions(_in_order(sent.of_type("Patient")), report)
        ownership = Ownership(self._identity(patients, patient_id, server))
        found = sent
        if not all_differ(sent.peeks):
            found = Resources(newest_versions(list(sent), report, ownership.whose))
        urls = _addressed(found, ownership)
        inner = _inner(found)
        every = Resources([*found, *inner]) if inner else found
        untold: set[str] = set()
        strangers = ownership.strangers(every)
        _name(strangers, every, report)
        picked, without_some = newest(self._picked(every, strangers), report)
        whose = ownership.whose if "unknown" in strangers.values() else _own
        entries = [
            entry
            for entry in self._entries(picked, found, whose, problems, unread, untold)
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
        found: Resources,
        whose: Callable[[Found], Whose],
        problems: list[Problem],
        unread: set[str],
        untold: set[str],
    ) -> Iterator[Entry]:
        """What is read and counts, in an order of its own; `unread` gets the types of the rest.

        `untold` gets the types of which some that would count may or may not be the patient's.
        """
        # Sorted after picking: most of a record is never looked at again.
        medications: Mapping[str, Found] | None = None
        for one in _in_order(picked):
            read = self._entry.read(one)
            if read.drug_elsewhere:
                medications = medications or by_url(_in_order(found.of_type("Medication")))
                read = self._entry.with_drug(read, medications)
            problems += read.problems
            if read.lost:
                unread.add(one.peek.resourceType)
            if read.entry is not None and whose(one) == "own":
                yield read.entry
            elif read.entry is not None:
                untold.add(read.entry.type)

    def _identity(
        self, patients: Sequence[Found], patient_id: str | None, server: str | None
    ) -> Identity:
        own = [one for one in patients if one.peek.own_id == patient_id]
        urls = _full_urls(own)
        others = _full_urls(patients) - urls
        return identity(own[0].raw if own else None, patient_id, urls, others, server)

    def _picked(self, found: Resources, strangers: Mapping[int, Whose]) -> list[Found]:
        """Which are the patient's, or may be, and tell some fact."""
        types = found.types
        places = [place for place, kind in enumerate(types) if kind == "Patient"]
        places += self._picker.wanted(found.peeks, _READ)
        return [found[place] for place in places if strangers.get(place) != "another's"]


_READ = DATED_BY.keys() - {"Patient"}


def _own(_: Found) -> Whose:
    return "own"


def _name(strangers: Mapping[int, Whose], found: Resources, report: Report) -> None:
    """Report what is set aside, or not used, because of whom it is about."""
    for place, whose in strangers.items():
        if found.types[place] in _READ:
            said = UNTOLD if whose == "unknown" else ANOTHERS
            report(found[place].reference, "subject", said)


def _is_of_patient(
    entry: Entry, ownership: Ownership, urls: Mapping[str, Found], report: Report
) -> bool:
    """Is it about the patient? An Observation may be about a relative, a donor or a newborn."""
    for one in entry.body.get("focus", ()):
        written = one.get("reference", "")
        target = urls[written].reference if written in urls else written
        found = _PERSON.search(target)
        if found and not (found[1] == "Patient" and ownership.identity.owns({"reference": target})):
            report(entry.reference, "focus", "is about someone else than the patient; set aside")
            return False
    return True


def patient_ids(bodies: Sequence[tuple[str, bytes | Raw]]) -> tuple[str, ...]:
    """The ids of every Patient in `bodies`, in order; without one, of every patient referred to."""
    found = resources(bodies, lambda *_: None)
    own = [one.peek.own_id for one in found if one.peek.resourceType == "Patient"]
    if not any(own):
        own = [referred(one.peek.subject) for one in found if one.peek.subject is not UNSET]
    return tuple(dict.fromkeys(one for one in own if one))


def _addressed(found: Resources, ownership: Ownership) -> ByUrl:
    """Full URL to resource. Two under one URL are no FHIR: there the patient's own is meant."""

    def places() -> dict[str, int]:
        places = {url: place for place, url in enumerate(found.urls) if url}
        if len(places) < sum(map(bool, found.urls)):  # as good as never
            places.clear()
            for place, url in enumerate(found.urls):
                if url and (url not in places or ownership.whose(found[place]) == "own"):
                    places[url] = place
        return places

    return ByUrl(found, places)


def _inner(found: Resources) -> list[Found]:
    """What is contained in resources that count."""
    holders = [place for place, peek in enumerate(found.peeks) if peek.contained is not UNSET]
    return [part for n in holders if holds(found[n]) for part in contained(found[n])]


def _in_order(found: Iterable[Found]) -> list[Found]:
    """The resources in an order that is theirs."""
    return sorted(found, key=_place)


def _full_urls(found: Iterable[Found]) -> frozenset[str]:
    return frozenset(one.full_url for one in found if one.full_url)


def _place(one: Found) -> tuple[str, str, bytes]:
    """An order that does not depend on the order in which the resources came."""
    own = one.peek.own_id
    return one.peek.resourceType, own or "", b"" if own else bytes(one.raw)
