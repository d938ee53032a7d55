"""What a short text says is remembered: names of tests and diagnoses repeat from day to day.

The key is all that the answer depends on: the text, and not whose it is. Most are names, and
sentences of reports, that many charts share, but a short text of one chart, such as a result in
words, is among them. So they are few, bounded by number, and never written anywhere; a long
sentence is read anew each time. Single words are remembered likewise. Whether a process remembers
resources (`memory_bytes`) makes no difference here.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakValueDictionary

SHORT: Final = 160  # characters of a text that is remembered
REMEMBERED: Final = 512  # texts; a bound, so that made-up names cannot fill the memory
WORDS: Final = 4096  # words that are remembered

_LONGEST_WORD: Final = 40  # letters
_HALF: Final = REMEMBERED // 2
_UNKNOWN: Final[Any] = object()
_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")
# By identity: a dict has no hash.
_every: "WeakValueDictionary[int, Remembered[Any, Any]]" = WeakValueDictionary()


class Remembered(dict[_Key, _Answer]):
    """A function of a text, or of a few, that remembers what it answered about short ones.

    The answer is shared, so it has to be one that nobody can change. `length`: the characters of a
    key. What was not asked for again while half of the room filled makes way, so that the texts
    of one chart do not drive out the names that all charts share.

    It is the dict of its newer answers: one that is known costs no step of Python, and a chart asks
    for some sixty.
    """

    remembers = True

    def __init__(
        self,
        read: Callable[[_Key], _Answer],
        length: Callable[[_Key], int] = len,  # type: ignore[assignment]
    ):
        super().__init__()
        self._read, self._length = read, length
        self._older: dict[_Key, _Answer] = {}
        _every[id(self)] = self

    if TYPE_CHECKING:

        def __call__(self, key: _Key) -> _Answer: ...

    else:
        __call__ = dict.__getitem__

    def __missing__(self, key: _Key) -> _Answer:
        answer: _Answer = self._older.get(key, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = self._read(key)
        if Remembered.remembers and self._length(key) <= SHORT:
            if len(self) >= _HALF:
                self._older = dict(self)
                self.clear()
            self[key] = answer
        return answer

    def forget(self) -> None:
        self.clear()
        self._older = {}


class RememberedWords(Remembered[str, _Answer]):
    """A function of a word: texts differ from chart to chart, and their words hardly do."""

    def __missing__(self, word: str) -> _Answer:
        answer: _Answer = self._read(word)
        if Remembered.remembers and len(word) <= _LONGEST_WORD:
            if len(self) >= WORDS:  # made-up words cannot fill the memory
                self.clear()
            self[word] = answer
        return answer


def remember_texts(on: bool) -> None:
    """Switch the memory of texts on or off for the whole process; off, it is emptied too."""
    Remembered.remembers = on
    for one in _every.values():
        one.forget()
