"""What the value of a fact says to the statements about it, as bits (program.py)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import compress
from operator import attrgetter, is_not
from typing import TypeVar

from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Span

K = TypeVar("K")
V = TypeVar("V")

# More than the patients of a ward differ in one fact or for one rule, and a bound for charts that
# are made up to fill it.
REMEMBERED = 128
# Of rules that are asked together patients differ more, and there are few such tables.
TOGETHER = 8


class Kept(dict[K, V]):
    """What was found out once, `most` of it at most; of no patient, only of what is alike."""

    def __init__(self, most: int):
        self._most = most

    def keep(self, key: K, value: V) -> V:
        if len(self) < self._most:
            self[key] = value
        return value


_NAME = attrgetter("name")


class Marks:
    """The bits that a value of one fact sets: those of its statements, and two of the fact itself.

    `filed`: a usable record gives it. `aged`: its reading is past its warning age. `limits` are the
    numbers of its statements; `seen` has what values said before.
    """

    __slots__ = ("_statements", "aged", "filed", "limits", "name", "seen", "silence", "silent")

    def __init__(self, silent: Fact, first: int, remembered: int):
        self.name, self.silent = silent.name, silent
        self.filed, self.aged = 1 << first, 2 << first
        self.silence = 0  # the bits of the silent fact
        self._statements: list[tuple[Statement, bool, int]] = []
        self.limits: list[Decimal] = []
        self.seen = Kept[object, int](remembered)

    def add(self, statement: Statement, opened: bool, yes: int) -> None:
        self._statements.append((statement, opened, yes))
        self.silence = self.bits(self.silent)
        if statement.number is not None:
            self.limits = sorted({*self.limits, statement.number})

    def bits(self, fact: Fact) -> int:
        """The bits of a fact, by the definition of each statement."""
        facts = Facts({self.name: fact})
        bits = self.filed if facts.on_file(self.name) else 0
        bits |= self.aged if fact.aged else 0
        for statement, opened, yes in self._statements:
            truth = statement.ask(facts)
            if truth is Truth.NO:
                bits |= yes << 1
            elif truth is Truth.YES or opened:
                bits |= yes
        return bits


def differing(given: Iterable[tuple[Marks, Fact]]) -> int:
    """The bits in which facts differ from those of a silent record.

    They are kept under what the statements can tell of a value: of a number its place among their
    limits. One loop, for this is asked of each fact of each patient. Keys of what is assumed or
    aged are longer than those of the same kind of value.
    """
    differing = 0
    for marks, fact in given:
        key: object = fact.value
        if isinstance(key, Span):
            low, high, _, low_open, high_open = key
            if low is not None and low == high and not (low_open or high_open):
                # As good as always one number: twice its place, and one more if it is a limit.
                key = bisect_left(marks.limits, low) + bisect_right(marks.limits, low)
            else:
                key = _place(low, low_open, marks.limits), _place(high, high_open, marks.limits)
        if fact.assumed or fact.aged:
            key = key, fact.assumed, fact.aged
        bits = marks.seen.get(key)
        if bits is None:
            bits = marks.seen.keep(key, marks.bits(fact) ^ marks.silence)
        differing ^= bits
    return differing


def _place(end: Decimal | None, is_open: bool, limits: list[Decimal]) -> int:
    """Where an end lies: between two limits, on one, or on one that it excludes."""
    if end is None:
        return -1
    before, through = bisect_left(limits, end), bisect_right(limits, end)
    return 3 * before if before == through else 3 * before + (2 if is_open else 1)


class Given:
    """Facts that are looked at together."""

    def __init__(self, marks: Iterable[Marks]):
        self._marks = {one.name: one for one in marks}
        self._names = tuple(self._marks)
        self._silent = tuple(one.silent for one in self._marks.values())

    def delta(self, by_name: Mapping[str, Fact]) -> int:
        """The bits in which they differ from those of a silent record.

        Of most facts the record is silent: to pass over these is left to C, and their marks are
        not touched, which are not in the processor's memory when a patient comes.
        """
        facts = tuple(map(by_name.__getitem__, self._names))
        told = tuple(compress(facts, map(is_not, facts, self._silent)))
        marks = map(self._marks.__getitem__, map(_NAME, told))
        return differing(zip(marks, told, strict=True))
