"""The entries of a Bundle that was read in one pass, down to a peek at each resource."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.peek import Peek
from cdshooks.fhir.placed import end_of


class Item(msgspec.Struct, gc=False):
    """An entry of a Bundle; `resource` is NOTHING if there is none that can be read."""

    resource: Peek
    fullUrl: str | UnsetType = UNSET  # noqa: N815
    search: Raw | UnsetType = UNSET


_LIST = b'"entry":['
_BEFORE_AN_ENTRY = b"[,"  # with a space before the comma it stands later
_SHORT = 50_000  # bytes of a list: to find all of its entries takes no longer than to find ten
_ITEM, _RAWS = msgspec.json.Decoder(Item), msgspec.json.Decoder(list[Raw])


class Entries:
    """The JSON of each entry, cut out of the body when it is asked for: few ever are.

    Nobody told where an entry begins and ends. But its `search` stands last in it, as in FHIR: so
    the brace after that ends it, and what comes after the comma is the next one.
    """

    def __init__(self, items: list[Item], body: bytes, begin: int):
        """The items were decoded from a list in the body, which stands at the address `begin`."""
        self.items = items
        self._body, self._begin = body, begin
        self._start = 0
        self._raws: list[Raw] = []
        self.text = memoryview(b"")

    def find(self) -> bool:
        """Find the list in the body; False if nobody can tell where it is.

        A list begins where its first entry does. What is taken for the first one is one whole
        entry, so that it is the first one, and nothing else.
        """
        body, first, last = self._body, self._end(0), self._end(len(self.items) - 1)
        if first is None or last is None or body[last : last + 1] != b"]":
            return False
        start = body.rfind(_LIST, 0, first) + len(_LIST) - 1
        try:
            _ITEM.decode(memoryview(body)[start + 1 : first])
        except (msgspec.DecodeError, RecursionError):
            return False
        self._start, self.text = start, memoryview(body)[start : last + 1]
        return True

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> bytes | Raw:
        if len(self.text) < _SHORT:
            return self._all()[place]
        before = self._end(place - 1) if place else self._start
        end = self._end(place)
        if before is None or end is None or self._body[before] not in _BEFORE_AN_ENTRY:
            return self._all()[place]
        return self._body[before + 1 : end]

    def __iter__(self) -> Iterator[bytes | Raw]:
        return iter(self._all())

    def _all(self) -> list[Raw]:
        """Where one is not written in the usual way, each is asked for, or there are few."""
        self._raws = self._raws or _RAWS.decode(self.text)
        return self._raws

    def _end(self, place: int) -> int | None:
        """Where an entry ends in the body; None if something stands in it after its `search`."""
        search = self.items[place].search
        end = None if search is UNSET else end_of(search, self._body, self._begin)
        return end + 1 if end is not None and self._body[end : end + 1] == b"}" else None
