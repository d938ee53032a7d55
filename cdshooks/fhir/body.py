"""One body of FHIR JSON, a prefetched value or a fetched page, taken apart once for all who ask.

Whether it is what was asked for (hooks/page.py) and what is in it for the record (bundle.py) are
read from the same entries. What cannot be read spoils nothing beside it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.entries import Entries, Item
from cdshooks.fhir.members import Members
from cdshooks.fhir.peek import Peek, text


class _Search(msgspec.Struct, gc=False):
    mode: str = ""


class _Odd(msgspec.Struct, gc=False):
    """A Bundle whose list of entries is none."""

    resourceType: Raw | UnsetType = UNSET  # noqa: N815


class _Loose(msgspec.Struct, gc=False):
    resource: Raw | UnsetType = UNSET
    fullUrl: Raw | UnsetType = UNSET  # noqa: N815
    search: Raw | UnsetType = UNSET


class _Head(msgspec.Struct, gc=False):
    resourceType: str = ""  # noqa: N815


class _Whole(msgspec.Struct, gc=False):
    resource: Raw


NOTHING = Peek("")
_NO_FAULTS: Mapping[int, tuple[str, str]] = MappingProxyType({})
_UNREADABLE = (msgspec.DecodeError, RecursionError)
_MEMBERS, _ODD = msgspec.json.Decoder(Members), msgspec.json.Decoder(_Odd)
_ITEM, _LOOSE = msgspec.json.Decoder(Item), msgspec.json.Decoder(_Loose)
_PEEK, _HEAD = msgspec.json.Decoder(Peek), msgspec.json.Decoder(_Head)
_SEARCH, _WHOLE = msgspec.json.Decoder(_Search), msgspec.json.Decoder(_Whole)


class Body(msgspec.Struct, frozen=True, eq=False, gc=False):
    """`type` is its resourceType, None if it is no resource.

    Of a Bundle `items` are the entries, at the same place as their JSON in `entries`, `peeks` their
    resources, and `types` the types of those, "" if one cannot be read; `faults` maps the place of
    one that the record cannot use to (element, what is wrong). `listed` is False if there is
    something in place of the list of entries. `is_flat`: each entry was read at once, and none
    holds a Bundle.
    """

    raw: bytes | Raw | None
    type: str | None
    members: Members | None = None
    items: Sequence[Item] = ()
    peeks: Sequence[Peek] = ()
    types: Sequence[str] = ()
    faults: Mapping[int, tuple[str, str]] = _NO_FAULTS
    listed: bool = True
    is_flat: bool = False

    def __bytes__(self) -> bytes:
        """Its JSON; of a body that was taken apart within another, put together again."""
        if self.raw is None and self.members is not None:
            return self.members.together()
        return bytes(self.raw or b"")

    @property
    def entries(self) -> Sequence[bytes | Raw] | Entries:
        found = self.members.entry if self.members is not None else UNSET
        return () if found is UNSET else found

    def modes(self) -> set[str]:
        """Which kinds of match of a search there are; "" is any that cannot be read."""
        # There are one or two, so that each is decoded once and not for each entry. To set aside
        # those that are as the first takes a fifth of the time of putting all into a set.
        searches, kinds = [item.search for item in self.items], set[str]()
        if searches and searches.count(searches[0]) == len(searches):
            del searches[1:]
        for search in {bytes(one) for one in searches if one is not UNSET}:
            kinds.add(mode(search))
        return kinds


def opened(given: bytes | Raw | Members) -> Body:
    """The body, whatever it is. Two equal keys in it are not looked for here."""
    raw = None if isinstance(given, Members) else given
    try:
        members = given if isinstance(given, Members) else _MEMBERS.decode(given)
    except _UNREADABLE:
        return Body(raw, _type_of(given), listed=False)
    kind = text(members.resourceType)
    if kind != "Bundle" or members.entry is UNSET:
        return Body(raw, kind, members)
    items, faults = _items(members)
    peeks = [item.resource for item in items]
    types = [peek.resourceType for peek in peeks]
    is_flat = faults is _NO_FAULTS and "Bundle" not in types
    return Body(raw, kind, members, items, peeks, types, faults, is_flat=is_flat)


def _items(members: Members) -> tuple[Sequence[Item], Mapping[int, tuple[str, str]]]:
    """The entries, and what is wrong with some; _NO_FAULTS if each was read at once."""
    if isinstance(members.entry, Entries):
        return members.entry.items, _NO_FAULTS
    listed = members.entry if members.entry is not UNSET else []
    try:  # nearly every entry is sound
        return list(map(_ITEM.decode, listed)), _NO_FAULTS
    except _UNREADABLE:
        read = [_item(one) for one in listed]
        faults = {place: fault for place, (_, fault) in enumerate(read) if fault is not None}
        return [item for item, _ in read], faults


def resource_in(entry: bytes | Raw) -> Raw:
    """The JSON of the resource of an entry that has one."""
    return _WHOLE.decode(entry).resource


def _type_of(raw: Any) -> str | None:
    try:
        return text(_ODD.decode(raw).resourceType)
    except _UNREADABLE:
        return None


_NO_ENTRY = ("resource", "is not a Bundle entry")
_NO_RESOURCE = ("resourceType", "is not a FHIR resource")


def _item(raw: Raw) -> tuple[Item, tuple[str, str] | None]:
    """What can be read of an entry, and why the record cannot use it, if so."""
    try:
        return _ITEM.decode(raw), None
    except _UNREADABLE:
        pass
    try:
        loose = _LOOSE.decode(raw)
    except _UNREADABLE:
        return Item(NOTHING), _NO_ENTRY
    url = text(loose.fullUrl)
    fault = _NO_ENTRY if loose.fullUrl is not UNSET and url is None else None
    resource, typed = _resource(loose.resource)
    if resource is NOTHING and loose.resource is not UNSET:
        fault = fault or _NO_RESOURCE
    # A mode is believed only where it stands beside a resource, or beside nothing.
    search = loose.search if typed else UNSET
    return Item(resource, url if url is not None else UNSET, search), fault


def _resource(raw: Raw | UnsetType) -> tuple[Peek, bool]:
    """A peek at the resource, and whether its type could be asked for."""
    if raw is UNSET:
        return NOTHING, True
    for decoder in (_PEEK, _HEAD):
        try:
            found = decoder.decode(raw)
        except _UNREADABLE:
            continue
        return (found if isinstance(found, Peek) else NOTHING), True
    return NOTHING, False


def mode(search: bytes | Raw | UnsetType) -> str:
    """How an entry came to be found (FHIR R4, search-entry-mode); "" if that cannot be read."""
    try:
        return "" if search is UNSET else _SEARCH.decode(search).mode
    except _UNREADABLE:
        return ""
