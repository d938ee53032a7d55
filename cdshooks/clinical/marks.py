"""What the value of a fact says to the statements about it, as bits (program.py)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import compress
from operator import is_not
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


class Marks:
    """The bits that a value of one fact sets: those of its statements, and two of the fact itself.

    `filed`: a usable record gives it. `aged`: its reading is past its warning age.
    """

    def __init__(self, silent: Fact, first: int, remembered: int):
        self.name, self.silent = silent.name, silent
        self.filed, self.aged = 1 << first, 2 << first
        self.silence = 0  # the bits of the silent fact
        self._statements: list[tuple[Statement, bool, int]] = []
        self._limits: list[Decimal] = []
        self._seen = Kept[object, int](remembered)

    def add(self, statement: Statement, opened: bool, yes: int) -> None:
        self._statements.append((statement, opened, yes))
        self.silence = self.bits(self.silent)
        if statement.number is not None:
            self._limits = sorted({*self._limits, statement.number})

    def delta(self, fact: Fact) -> int:
        """The bits in which a fact differs from that of a silent record.

        They are kept under what the statements can tell of a value: of a number its place among
        their limits. One function, for this is asked of each fact of each patient. Keys of what is
        assumed or aged are longer than those of the same kind of value.
        """
        key: object = fact.value
        if isinstance(key, Span):
            low, high, _, low_open, high_open = key
            if low is not None and low == high and not (low_open or high_open):
                # As good as always one number: twice its place, and one more if it is a limit.
                key = bisect_left(self._limits, low) + bisect_right(self._limits, low)
            else:
                key = self._place(low, low_open), self._place(high, high_open)
        if fact.assumed or fact.aged:
            key = key, fact.assumed, fact.aged
        delta = self._seen.get(key)
        if delta is None:
            delta = self._seen.keep(key, self.bits(fact) ^ self.silence)
        return delta

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

    def _place(self, end: Decimal | None, is_open: bool) -> int:
        """Where an end lies: between two limits, on one, or on one that it excludes."""
        if end is None:
            return -1
        before, through = bisect_left(self._limits, end), bisect_right(self._limits, end)
        return 3 * before if before == through else 3 * before + (2 if is_open else 1)


class Given:
    """Facts that are looked at together."""

    def __init__(self, marks: Iterable[Marks]):
        self._marks = tuple(marks)
        self._silent = tuple(one.silent for one in self._marks)
        self._names = tuple(one.name for one in self._marks)

    def delta(self, by_name: Mapping[str, Fact]) -> int:
        """The bits in which they differ from those of a silent record.

        Of nine facts in ten the record is silent: to pass over these is left to C.
        """
        facts = tuple(map(by_name.__getitem__, self._names))
        told = map(is_not, facts, self._silent)
        delta = 0
        for marks, fact in compress(zip(self._marks, facts, strict=True), told):
            delta ^= marks.delta(fact)
        return delta
