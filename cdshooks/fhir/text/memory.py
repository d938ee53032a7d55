"""What a short text says is remembered: names of tests and diagnoses repeat from day to day.

It is knowledge of words, and of no patient: the key is the whole text, and nothing else goes into
the answer. A long text, such as a report, is read anew each time.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

SHORT: Final = 160  # characters of a text that is remembered
REMEMBERED: Final = 2_000  # texts; a bound, so that made-up names cannot fill the memory

_T = TypeVar("_T")
_every: "WeakSet[Remembered[Any]]" = WeakSet()


class Remembered(Generic[_T]):
    """A function of a text that remembers what it answered about the short ones.

    The answer is shared, so it has to be one that nobody can change.
    """

    remembers = True

    def __init__(self, read: Callable[[str], _T]):
        self._read = read
        self._known: dict[str, _T] = {}
        _every.add(self)

    def __call__(self, text: str) -> _T:
        known = self._known
        if text in known:
            return known[text]
        answer = self._read(text)
        if len(text) <= SHORT and Remembered.remembers:
            if len(known) >= REMEMBERED:
                known.clear()
            known[text] = answer
        return answer

    def forget(self) -> None:
        self._known.clear()


def remember_texts(on: bool) -> None:
    """Switch the memory of texts on or off for the whole process; off, it is emptied too."""
    Remembered.remembers = on
    for one in _every:
        one.forget()
