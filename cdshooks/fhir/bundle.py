"""Every resource of a body as raw JSON: Bundles of all types, single resources, nested Bundles.

Nothing is decoded here beyond the envelope. What is not a resource is named and passed over.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.body import NOTHING, Body, opened, resource_in
from cdshooks.fhir.entries import Entries
from cdshooks.fhir.peek import PEEK, Peek

MAX_DEPTH = 8  # Bundles in Bundles; more is a fault or an attack


class Found(msgspec.Struct, gc=False):
    """One resource of a body: alone in `source`, or in the entry that stands there.

    `within` names the body it was found in, or itself if it is alone.
    """

    peek: Peek
    source: bytes | Raw
    full_url: str | None
    within: str
    position: int = -1  # among the entries of a Bundle

    @property
    def raw(self) -> bytes | Raw:
        # Few of many resources are read, so an entry is taken apart once more for those.
        return self.source if self.position < 0 else resource_in(self.source)

    @property
    def place(self) -> str:
        """What names it when it has no id."""
        return self.within if self.position < 0 else f"{self.within}.entry[{self.position}]"

    @property
    def reference(self) -> str:
        """`Observation/x`, or the place in the Bundle of a resource without a usable id."""
        own = self.peek.own_id
        return f"{self.peek.resourceType}/{own}" if own else self.place


class Resources:
    """All resources of some bodies, in columns; a Found is only made of one that is looked at.

    Of a thousand resources a few dozen are read. What is asked of all of them is asked of `peeks`,
    `types` and `urls` (their full URLs), which stand in the same order.
    """

    def __init__(self, found: Iterable[Found] = ()) -> None:
        self.peeks: list[Peek] = []
        self.types: list[str] = []
        self.urls: list[str | UnsetType | None] = []
        # Where each run of entries begins: in the columns, and among the entries of its body.
        self._runs: list[int] = []
        self._bodies: list[tuple[str, int, Sequence[bytes | Raw] | Entries]] = []
        for one in found:
            self.add(one)

    def __len__(self) -> int:
        return len(self.peeks)

    def __getitem__(self, place: int) -> Found:
        run = bisect_right(self._runs, place) - 1
        within, first, sources = self._bodies[run]
        further = place - self._runs[run]
        position = first if first < 0 else first + further
        url = self.urls[place] or None
        return Found(self.peeks[place], sources[further], url, within, position)

    def __iter__(self) -> Iterator[Found]:
        return (self[place] for place in range(len(self)))

    def add(self, one: Found) -> None:
        self._begin(one.within, one.position, (one.source,))
        self.peeks.append(one.peek)
        self.types.append(one.peek.resourceType)
        self.urls.append(one.full_url)

    def add_all(self, body: Body, within: str) -> None:
        """Every entry of a flat Bundle."""
        if body.items:
            self._begin(within, 0, body.entries)
            self.peeks += body.peeks
            self.types += body.types
            self.urls += [item.fullUrl for item in body.items]

    def _begin(self, within: str, position: int, sources: Sequence[bytes | Raw] | Entries) -> None:
        self._runs.append(len(self.peeks))
        self._bodies.append((within, position, sources))

    def of_type(self, kind: str) -> list[Found]:
        return [self[place] for place, one in enumerate(self.types) if one == kind]


class ByUrl(Mapping[str, Found]):
    """Resources by the full URL that they were delivered under.

    `places` is asked once, when the first URL is looked up: few charts refer by them.
    """

    def __init__(self, found: Resources, places: Callable[[], Mapping[str, int]]) -> None:
        self._found, self._ask = found, places

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return self._ask()

    def __getitem__(self, url: str) -> Found:
        return self._found[self._places[url]]

    def __contains__(self, url: object) -> bool:
        return url in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


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

Report = Callable[[str, str, str], None]


def resources(bodies: Iterable[tuple[str, bytes | Raw | Body]], report: Report) -> Resources:
    """Every resource in `bodies`, (name, JSON) pairs; `report` gets what is not a resource."""
    found = Resources()
    for name, given in bodies:
        body = given if isinstance(given, Body) else opened(given)
        _gather(body, name, None, report, 0, found)
    return found


def _gather(
    body: Body, place: str, full_url: str | None, report: Report, depth: int, found: Resources
) -> None:
    if body.type is None:
        report(place, "resourceType", "is not a FHIR resource")
    elif body.type != "Bundle":
        raw = bytes(body)
        found.add(Found(PEEK.decode(raw), raw, full_url, place))
    elif depth >= MAX_DEPTH:
        report(place, "entry", "Bundles are nested too deep to be read")
    elif not body.listed:
        report(place, "entry", "is not a list")
    else:
        _inside(body, place, report, depth, found)


def _inside(body: Body, place: str, report: Report, depth: int, found: Resources) -> None:
    if body.is_flat:
        found.add_all(body, place)
        return
    for position, (item, raw) in enumerate(zip(body.items, body.entries, strict=True)):
        peek, url = item.resource, item.fullUrl or None
        if peek is NOTHING or position in body.faults:
            if position in body.faults:
                report(f"{place}.entry[{position}]", *body.faults[position])
        elif peek.resourceType == "Bundle":
            inner = f"{place}.entry[{position}]"
            _gather(opened(resource_in(raw)), inner, url, report, depth + 1, found)
        else:
            found.add(Found(peek, raw, url, place, position))


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
            peek = msgspec.structs.replace(PEEK.decode(whole), id=UNSET)
            yield Found(peek, whole, holder.full_url, f"{holder.reference}#{named}")


def _with(raw: Raw, container: _Container) -> tuple[_Contained, bytes] | None:
    """An Observation with what it takes from its container; None if it is no Observation."""
    try:
        own, peek = _CONTAINED.decode(raw), PEEK.decode(raw)
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
