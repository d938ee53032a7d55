"""Reading the config file, strictly.

A value knows its table and key. Problems are collected, so that one check reports all of them; none
repeats a value, which may be a secret or a patient's, and a key only where it is formed like one.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SWITCH = re.compile(r"(?i)auth|verif|insecure|unsafe|anonymous|disable|skip|trust|allow_all")

# What keys are called in other products, and here.
_ELSEWHERE = {
    "jwks": ("jwks_file", "jku"),
    "jwks_uri": ("jku",),
    "jwks_url": ("jku",),
    "iss": ("issuer",),
    "aud": ("audiences",),
}
_NO_SWITCH = "callers and certificates are always checked, and nothing switches that off"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the file: its place (`clients.north`) and what stands in it.

    Each reading method gives None where the key is absent, and also, with a problem, where its
    value cannot be used. Relative paths are those of `folder`, in which the file lies.
    """

    place: str
    values: Mapping[str, object]
    folder: Path
    problems: list[str] = field(default_factory=list)

    def problem(self, key: str, said: str) -> None:
        """Note what is wrong at `key` ("" is the table itself), and what would be accepted."""
        self.problems.append(f"{self._at(key)}: {said}")

    def expect(self, accepted: Iterable[str]) -> None:
        """A problem for each key that is none of these."""
        known = list(accepted)
        for key in self.values:
            if key not in known:
                self.problem(key, f"there is no such key: {cure(key, known)}")

    def text(self, key: str, wrong: Callable[[str], str | None] = lambda _: None) -> str | None:
        """A text that is not empty; `wrong` says what is wrong with one."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.problem(key, "is no text, or is empty")
            return None
        if said := wrong(value):
            self.problem(key, said)
            return None
        return value

    def choice(self, key: str, accepted: Iterable[str]) -> str | None:
        known = list(accepted)
        return self.text(
            key, lambda text: None if text in known else f"is not known: {cure(text, known)}"
        )

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problem(key, "is neither true nor false")
        return None

    def whole(self, key: str, low: int, high: int) -> int | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.problem(key, f"is no whole number from {low} to {high}")
        return None

    def texts(
        self, key: str, wrong: Callable[[str], str | None] = lambda _: None
    ) -> tuple[str, ...] | None:
        """A list of texts, each once; it may be empty."""
        each = self.items(key)
        if each is None:
            return None
        read = [each.text(at, wrong) for at in each.values]
        texts = [text for text in read if text is not None]
        if len(set(texts)) < len(texts):
            self.problem(key, "names one twice: each once")
        return tuple(texts)

    def items(self, key: str) -> "Table | None":
        """A list, as a table by position."""
        values = self.values.get(key)
        if values is None:
            return None
        if not isinstance(values, list):
            self.problem(key, "is no list: [..., ...]")
            return None
        numbered = {str(position): value for position, value in enumerate(values)}
        return Table(self._at(key), numbered, self.folder, self.problems)

    def file(self, key: str) -> Path | None:
        """A file that can be read."""
        text = self.text(key)
        if text is None:
            return None
        path = self.folder / text
        if _is_readable(path):
            return path
        self.problem(key, "cannot be read: the path of a file, from this file's folder")
        return None

    def table(self, key: str) -> "Table | None":
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.problem(key, f"is no table: [{self._at(key)}]")
            return None
        return Table(self._at(key), value, self.folder, self.problems)

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Every key whose value is a table; a problem for each of the others."""
        for key in self.values:
            table = self.table(key)
            if table is not None:
                yield key, table

    def _at(self, key: str) -> str:
        shown = key if _KEY.fullmatch(key) else "(a key)"
        return ".".join(part for part in (self.place, shown if key else "") if part)


def _is_readable(path: Path) -> bool:
    try:
        if not path.is_file():  # a pipe would never end
            return False
        with path.open("rb"):
            return True
    except (OSError, ValueError):
        return False


def cure(name: str, accepted: Iterable[str], say: Callable[[str], str] = str) -> str:
    """What was meant by a name that is none of the accepted ones, or all of these."""
    accepted = list(accepted)
    near = [other for other in _ELSEWHERE.get(name, ()) if other in accepted]
    near = near or difflib.get_close_matches(name, accepted, n=1, cutoff=0.7)
    if near:
        return f"did you mean {' or '.join(map(say, near))}?"
    return _NO_SWITCH if _SWITCH.search(name) else f"there are: {', '.join(map(say, accepted))}"
