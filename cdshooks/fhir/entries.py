"""The entries of a Bundle that was read in one pass, down to a peek at each resource."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.peek import Peek
from cdshooks.fhir.placed import address, end_of


class Item(msgspec.Struct, gc=False):
    """An entry of a Bundle; `resource` is NOTHING if there is none that can be read."""

    resource: Peek
    fullUrl: str | UnsetType = UNSET  # noqa: N815
    search: Raw | UnsetType = UNSET


_LIST = b'"entry":['
_ITEM, _RAWS = msgspec.json.Decoder(Item), msgspec.json.Decoder(list[Raw])


class Entries(Sequence[bytes | Raw]):
    """The JSON of each entry, cut out of the body when it is asked for: few ever are.

    Nobody told where an entry begins and ends. But its `search` stands last in it, as in FHIR: so
    the brace after that ends it, and what comes after the comma is the next one.
    """

    def __init__(self, items: Sequence[Item], body: bytes, start: int, end: int, begin: int):
        """The list stands at `start` to `end` in the body, and the body at the address `begin`."""
        self.items, self.text = items, memoryview(body)[start:end]
        self._body, self._start, self._begin = body, start, begin

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, place: int) -> bytes | Raw: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes | Raw]: ...
    def __getitem__(self, place: int | slice) -> bytes | Raw | Sequence[bytes | Raw]:
        if isinstance(place, slice):
            return self._raws[place]
        before = _end(self.items[place - 1], self._body, self._begin) if place else self._start
        end = _end(self.items[place], self._body, self._begin)
        if before is None or end is None:
            return self._raws[place]
        return self._body[before + 1 : end]

    def __iter__(self) -> Iterator[bytes | Raw]:
        return iter(self._raws)

    @cached_property
    def _raws(self) -> list[Raw]:
        """All of them, where one is not written in the usual way, or if most are asked for."""
        return _RAWS.decode(self.text)


def _end(item: Item, body: bytes, begin: int) -> int | None:
    """Where an entry ends in the body; None if something stands in it after its `search`."""
    if item.search is UNSET:
        return None
    end = end_of(item.search, body, begin)
    return end + 1 if end is not None and body[end : end + 1] == b"}" else None


def placed(items: Sequence[Item], body: bytes) -> Entries | None:
    """The entries of a list that was decoded from `body`; None if nobody can tell where it is.

    A list begins where its first entry does. What is taken for the first one is one whole entry, so
    that it is the first one, and nothing else.
    """
    begin = address(body)
    first, last = _end(items[0], body, begin), _end(items[-1], body, begin)
    if first is None or last is None or body[last : last + 1] != b"]":
        return None
    start = body.rfind(_LIST, 0, first) + len(_LIST) - 1
    try:
        _ITEM.decode(memoryview(body)[start + 1 : first])
    except (msgspec.DecodeError, RecursionError):
        return None
    return Entries(items, body, start, last + 1, begin)
