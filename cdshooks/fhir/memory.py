"""What was read of a resource is remembered for the next time the chart is opened.

In this process alone, never on a disk. A key says everything that the value depends on, and nobody
changes a value, so that an answer is the same with and without a memory.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

_OF_AN_ITEM = 600  # bytes of the key, of its place in the order, and of what holds them


class Memory:
    """Values by key, in at most `limit` bytes; what was longest not asked for makes room.

    `hits`, `misses` and `bytes` are for whoever watches it. Nothing is kept with a limit of 0.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.hits = self.misses = self.bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any | None:
        """What was kept under `key`; None if nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of `size` bytes, which nobody changes any more; one too large is not."""
        size += _OF_AN_ITEM
        if size > self.limit:
            return
        with self._lock:
            known = self._kept.pop(key, None)
            self.bytes += size - (known[1] if known is not None else 0)
            self._kept[key] = value, size
            while self.bytes > self.limit:
                _, (_, gone) = self._kept.popitem(last=False)
                self.bytes -= gone


def at_most(json: bytes) -> int:
    """The bytes that a JSON value takes as Python objects, reckoned from above.

    To measure each object would take longer than to read the resource again. Each mark of JSON
    stands for one object at most: a quote for half a string, a brace for a dict, and so on.
    """
    marks = {mark: json.count(mark) for mark in (b'"', b"{", b"[", b":", b",")}
    letters = len(json) if json.isascii() else 4 * len(json)
    strings = 40 * marks[b'"']
    dicts, lists = 370 * marks[b"{"], 120 * marks[b"["]
    members = 120 * (marks[b":"] + marks[b","])  # a place in a dict or list, and a number in it
    return letters + strings + dicts + lists + members
