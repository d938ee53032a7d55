"""The records that are named on the command line: one in a file, or one on each line of it."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LINES = frozenset({".ndjson", ".jsonl"})
STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Item:
    """One Bundle or hook request; `name` is its file, and the line in a file of many."""

    name: str
    body: bytes


def items(path: Path) -> Iterator[Item]:
    """What is in a file, in order; a file of lines is never held as a whole.

    A file whose name does not say so holds lines if a first line is an object by itself and more
    follow. `-` is standard input.
    """
    if path.suffix.lower() in LINES:
        with path.open("rb") as file:
            yield from _numbered(str(path), file)
        return
    body = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    name = "stdin" if path == STDIN else str(path)
    if _is_lines(body):
        yield from _numbered(name, iter(body.splitlines()))
    else:
        yield Item(name, body)


def _numbered(name: str, lines: Iterator[bytes]) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Item(f"{name}:{number}", line.strip())


def _is_lines(body: bytes) -> bool:
    """Pretty-printed JSON has one line that begins with its brace: the first, and not complete."""
    starts = [line for line in body.splitlines() if line.strip()]
    if len(starts) < 2:
        return False
    return any(_is_object(line) for line in starts if line.startswith(b"{"))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
