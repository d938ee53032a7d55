"""One resource of the patient, read strictly: what it tells by itself.

Whose it is, and what other resources tell about it, is asked each time anew (record.py).
"""

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import structs

from cdshooks.clinical.fact import Problem
from cdshooks.fhir.bundle import Found
from cdshooks.fhir.coding import NOTHING, Coded, coded
from cdshooks.fhir.dated import dated
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.drugs import MEDICATIONS, drug, is_told_elsewhere
from cdshooks.fhir.memory import Memory, at_most
from cdshooks.fhir.models import encode
from cdshooks.fhir.project import ResourceUnreadable, decode, project
from cdshooks.fhir.status import UNCLEAR, counts, is_unclear
from cdshooks.knowledge.codes import CodeSystems


# A Struct is made in a tenth of the time.
class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One readable resource of the patient. Nobody changes what is in it: it is remembered.

    `date` is when it was true (its clinical date), of a period the end; `start` is the beginning.
    `key` is the same for two entries only if all of this is the same, but for `date`, which is the
    beginning of a period that has not ended on the day of the chart; without a memory it is empty.
    """

    type: str
    reference: str
    body: Mapping[str, Any]
    dates: Mapping[str, Any]
    date: FhirDate | None
    coded: Coded
    start: FhirDate | None = None
    mapped: bool = False  # it holds a code that is read through the site's code map
    key: bytes = b""

    @property
    def status(self) -> str:
        return str(self.body.get("status", ""))


class Read(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What came of reading one resource by itself.

    `entry` is None if it does not count or cannot be read, and `lost` if the type of the resource
    may not be silent for it. `drug_elsewhere`: another resource tells which drug it is about.
    """

    entry: Entry | None
    problems: tuple[Problem, ...] = ()
    lost: bool = False
    drug_elsewhere: bool = False


REMEMBERED = 8_192  # codes; a bound, so that made-up ones cannot fill the memory
_LONGEST = 512  # bytes of a code that is remembered
_UNSENT = "points to a drug that was not sent"
_OF_A_READ = 3_000  # bytes of an Entry, its codes, its dates and a few problems


class EntryReader:
    """Reads resources with the codes of one knowledge base, and remembers what it read.

    `reads` tells whether a CodeableConcept is read at all. The memory is of one knowledge base,
    too: nothing of that is in its keys.
    """

    def __init__(
        self, systems: CodeSystems, reads: Callable[[Any], bool], memory: Memory | None = None
    ):
        self._systems, self._reads = systems, reads
        self._codes: dict[bytes, Coded] = {}
        self._memory = memory if memory is not None and memory.limit else None

    def read(self, one: Found) -> Read:
        """What the resource tells by itself; a drug that another one tells is not looked for."""
        raw = bytes(one.raw)
        if self._memory is None:
            return self._read(one, raw, b"")
        key = _key(one, raw)
        known: Read | None = self._memory.get(key)
        if known is None:
            known = self._read(one, raw, key)
            self._memory.keep(key, known, _size(known))
        return known

    def _read(self, one: Found, raw: bytes, key: bytes) -> Read:
        reference, kind = one.reference, one.peek.resourceType
        problems: list[Problem] = []

        def report(path: str, said: str) -> None:
            problems.append(Problem(reference, path, said))

        try:
            resource = _understood(decode(raw))
            body, dates = project(resource, report)
        except ResourceUnreadable as error:
            report(kind, str(error))
            return Read(None, tuple(problems), lost=True)
        if not counts(kind, body, report):
            return Read(None, tuple(problems))
        concept, lost, elsewhere = body.get("code"), False, False
        if kind in MEDICATIONS:
            concept, elsewhere = drug(resource, body, {}), is_told_elsewhere(resource, body)
            lost = concept is None and not elsewhere
        if lost:
            report("medication[x]", _UNSENT)
        start, date = dated(kind, dates, report)
        about = self._coded(concept)
        mapped = self._is_mapped(body, concept)
        entry = Entry(kind, reference, body, dates, date, about, start, mapped, key)
        read = Read(entry, tuple(problems), lost, elsewhere)
        return read if elsewhere else self._if_clear(read, concept)

    def with_drug(self, read: Read, medications: Mapping[str, Found]) -> Read:
        """A medication resource, with the drug that a Medication of the record tells."""
        entry = read.entry
        if entry is None or not read.drug_elsewhere:
            return read
        concept = drug({}, entry.body, medications)
        if concept is None:
            problem = Problem(entry.reference, "medication[x]", _UNSENT)
            return structs.replace(read, problems=(*read.problems, problem), lost=True)
        key = _digest(entry.key, encode(concept)) if entry.key else b""
        mapped = entry.mapped or self._is_mapped(concept)
        entry = structs.replace(entry, coded=self._coded(concept), mapped=mapped, key=key)
        return self._if_clear(structs.replace(read, entry=entry), concept)

    def _if_clear(self, read: Read, concept: Any) -> Read:
        """Without its entry, if nobody can tell by the status whether the treatment was given."""
        entry = read.entry
        if entry is None or not is_unclear(entry.type, entry.body):
            return read
        if concept is not None and not self._reads(concept):
            return structs.replace(read, entry=None)
        problem = Problem(entry.reference, "status", UNCLEAR)
        return Read(None, (*read.problems, problem), lost=True)

    def _coded(self, concept: Any) -> Coded:
        """The content of a code, remembered like the verdict on it: a chart repeats the same."""
        if not concept:
            return NOTHING
        written = encode(concept)
        about = self._codes.get(written)
        if about is None:
            about = coded(concept, self._systems)
            if len(self._codes) >= REMEMBERED:
                self._codes.clear()
            if len(written) <= _LONGEST:
                self._codes[written] = about
        return about

    def _is_mapped(self, *elements: Any) -> bool:
        return bool(self._systems.local) and any(_mapped(elements, self._systems))


def _key(one: Found, raw: bytes) -> bytes:
    """By its bytes alone, if they name it; else by its place, too, as that is in its reference."""
    return _digest(b"" if one.peek.own_id else one.place.encode(), raw)


def _digest(before: bytes, raw: bytes) -> bytes:
    # JSON holds no NUL, so that the two parts cannot be taken for others.
    return blake2b(before + b"\0" + raw if before else raw, digest_size=32).digest()


def _size(read: Read) -> int:
    """The bytes that it takes, from above: the problems are sentences of ours, and few."""
    told = sum(300 + len(one.path) + len(one.reference) for one in read.problems)
    entry = read.entry
    return _OF_A_READ + told + (at_most(encode((entry.body, entry.dates))) if entry else 0)


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


# Of DSTU2 and STU3: with another value than these the treatment was not given.
_GIVEN: Mapping[str, bool | str] = {
    **dict.fromkeys(("notDone", "notPerformed", "notGiven", "wasNotTaken", "wasNotGiven"), False),
    "taken": "y",
}
_TURNING = _GIVEN.keys() | {"modifierExtension"}


def _understood(resource: dict[str, Any]) -> dict[str, Any]:
    """FHIR R4: what carries a modifierExtension is not to be processed unless it is understood."""
    if _TURNING.isdisjoint(resource):
        return resource
    if "modifierExtension" in resource:
        raise ResourceUnreadable("carries a modifierExtension that is not understood")
    if any(resource[name] != given for name, given in _GIVEN.items() if name in resource):
        raise ResourceUnreadable("says in the words of an older FHIR that it may not be so")
    return resource
