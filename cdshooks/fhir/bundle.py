"""Every resource of a body as raw JSON: Bundles of all types, single resources, nested Bundles.

Nothing is decoded here beyond the envelope. What is not a resource is named and passed over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, Raw, UnsetType

MAX_DEPTH = 8  # Bundles in Bundles; more is a fault or an attack


class Peek(msgspec.Struct, gc=False):
    """The elements by which a resource is picked; each is decoded only when it is needed."""

    resourceType: str  # noqa: N815  (FHIR's own spelling)
    id: Raw | UnsetType = UNSET
    meta: Raw | UnsetType = UNSET
    status: Raw | UnsetType = UNSET
    subject: Raw | UnsetType = UNSET
    patient: Raw | UnsetType = UNSET
    code: Raw | UnsetType = UNSET
    medicationCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815
    medicationReference: Raw | UnsetType = UNSET  # noqa: N815
    component: Raw | UnsetType = UNSET
    valueString: Raw | UnsetType = UNSET  # noqa: N815
    valueCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815
    note: Raw | UnsetType = UNSET
    conclusion: Raw | UnsetType = UNSET
    conclusionCode: Raw | UnsetType = UNSET  # noqa: N815
    presentedForm: Raw | UnsetType = UNSET  # noqa: N815
    hasMember: Raw | UnsetType = UNSET  # noqa: N815
    contained: Raw | UnsetType = UNSET
    entry: Raw | UnsetType = UNSET


class _Entry(msgspec.Struct, gc=False):
    fullUrl: str | UnsetType = UNSET  # noqa: N815
    resource: Raw | UnsetType = UNSET


class _Bundle(msgspec.Struct, gc=False, tag_field="resourceType", tag="Bundle"):
    entry: list[_Entry] = []


@dataclass(slots=True)
class Found:
    """One resource of a body. `place` names it when it has no id."""

    peek: Peek
    raw: bytes | Raw
    full_url: str | None
    place: str

    @property
    def reference(self) -> str:
        """`Observation/x`, or the place in the Bundle of a resource without a usable id."""
        own = text(self.peek.id)
        return f"{self.peek.resourceType}/{own}" if own else self.place


class _Container(msgspec.Struct, gc=False):
    """What a contained resource may take from its container: whose it is, and when it was true."""

    contained: list[Raw] = []
    subject: Raw | UnsetType = UNSET
    effectiveDateTime: Raw | UnsetType = UNSET  # noqa: N815
    effectivePeriod: Raw | UnsetType = UNSET  # noqa: N815
    effectiveInstant: Raw | UnsetType = UNSET  # noqa: N815
    issued: Raw | UnsetType = UNSET


class _Contained(msgspec.Struct, gc=False):
    id: str | UnsetType = UNSET
    subject: Raw | UnsetType = UNSET
    effectiveDateTime: Raw | UnsetType = UNSET  # noqa: N815
    effectivePeriod: Raw | UnsetType = UNSET  # noqa: N815
    effectiveInstant: Raw | UnsetType = UNSET  # noqa: N815
    issued: Raw | UnsetType = UNSET


_DATES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
_CONTAINER = msgspec.json.Decoder(_Container)
_CONTAINED = msgspec.json.Decoder(_Contained)
_PEEK = msgspec.json.Decoder(Peek)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_ENTRIES = msgspec.json.Decoder(list[_Entry])
_RAW_ENTRIES = msgspec.json.Decoder(list[Raw])
_ENTRY = msgspec.json.Decoder(_Entry)
_TEXT = msgspec.json.Decoder(str)

Report = Callable[[str, str, str], None]


def text(raw: Raw | UnsetType) -> str | None:
    """The string at `raw`; None if there is none, or it is not a string."""
    if raw is UNSET:
        return None
    try:
        return _TEXT.decode(raw)
    except msgspec.DecodeError:
        return None


def resources(bodies: Iterable[tuple[str, bytes | Raw]], report: Report) -> Iterator[Found]:
    """Every resource in `bodies`, (name, JSON) pairs; `report` gets what is not a resource."""
    for name, raw in bodies:
        try:  # nearly every body is a sound Bundle, read in one go
            entries = _BUNDLE.decode(raw).entry
        except (msgspec.DecodeError, RecursionError):
            yield from _resources(raw, None, name, report, 0)
        else:
            yield from _inside(entries, name, report, 0)


def _resources(
    raw: bytes | Raw, full_url: str | None, place: str, report: Report, depth: int
) -> Iterator[Found]:
    try:
        peek = _PEEK.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        report(place, "resourceType", "is not a FHIR resource")
        return
    if peek.resourceType != "Bundle":
        yield Found(peek, raw, full_url, place)
    elif depth >= MAX_DEPTH:
        report(place, "entry", "Bundles are nested too deep to be read")
    elif peek.entry is not UNSET:
        yield from _inside(_entries(peek.entry, place, report), place, report, depth)


def _inside(
    entries: Iterable[_Entry | None], place: str, report: Report, depth: int
) -> Iterator[Found]:
    for position, entry in enumerate(entries):
        if entry is not None and entry.resource is not UNSET:
            url = entry.fullUrl if entry.fullUrl is not UNSET else None
            inner = f"{place}.entry[{position}]"
            yield from _resources(entry.resource, url, inner, report, depth + 1)


def _entries(raw: Raw, place: str, report: Report) -> Iterable[_Entry | None]:
    """The entries of a Bundle; when one of them is odd, each by itself."""
    try:
        return _ENTRIES.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        listed = _RAW_ENTRIES.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        report(place, "entry", "is not a list")
        return ()
    return [_entry(one, f"{place}.entry[{i}]", report) for i, one in enumerate(listed)]


def _entry(raw: Raw, place: str, report: Report) -> _Entry | None:
    try:
        return _ENTRY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        report(place, "resource", "is not a Bundle entry")
        return None


def contained(holder: Found) -> Iterator[Found]:
    """The Observations contained in a resource, with the subject and date of their container.

    What they say of themselves is kept. They are named `container#id`.
    """
    if holder.peek.contained is UNSET:
        return
    try:
        container = _CONTAINER.decode(holder.raw)
    except (msgspec.DecodeError, RecursionError):
        return
    for position, raw in enumerate(container.contained):
        made = _with(raw, container)
        if made is not None:
            own, whole = made
            named = own.id if own.id is not UNSET else str(position)
            peek = msgspec.structs.replace(_PEEK.decode(whole), id=UNSET)
            yield Found(peek, whole, holder.full_url, f"{holder.reference}#{named}")


def _with(raw: Raw, container: _Container) -> tuple[_Contained, bytes] | None:
    """An Observation with what it takes from its container; None if it is no Observation."""
    try:
        own, peek = _CONTAINED.decode(raw), _PEEK.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    if peek.resourceType != "Observation":
        return None
    taken = [] if own.subject is not UNSET else ["subject"]
    if all(getattr(own, name) is UNSET for name in _DATES):
        taken += _DATES
    values = ((name, getattr(container, name)) for name in taken)
    added = b"".join(b'"%s":%s,' % (n.encode(), bytes(v)) for n, v in values if v is not UNSET)
    opened, brace, rest = bytes(raw).partition(b"{")
    return own, opened + brace + added + rest
