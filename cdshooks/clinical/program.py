"""Criteria compiled once, and asked of a patient as bits.

Each distinct statement has a place of two bits in one whole number, `known`: the first is set if it
is YES, the second if it is NO, neither if it is UNKNOWN. A list of statements, however long, is
then asked with one `&` (Kleene's logic, as in truth.py), and most treatments are ruled out by it.

`Statement.ask` stays the definition: it is asked of each value of a fact once, and its answers are
remembered for that value. A fact of which the record is silent costs one look.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, leaves
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import Vocabulary

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN

# Of one fact: more than the patients of a ward have, and a bound for charts made up to fill it.
REMEMBERED = 512


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """All of some criteria, or any: the bits of their statements, and the groups among them.

    One of the bits `settling` makes it `settled` (of `all` a NO, of `any` a YES); to be the
    `other`, it takes every bit of `holding`. `parts` are the criteria in the order of the file.
    """

    settled: Truth
    other: Truth
    settling: int
    holding: int
    groups: tuple["Test", ...]
    parts: tuple["Part", ...]

    def truth(self, known: int) -> Truth:
        if known & self.settling:
            return self.settled
        truth = self.other if known & self.holding == self.holding else UNKNOWN
        for group in self.groups:
            one = group.truth(known)
            if one is self.settled:
                return one
            if one is UNKNOWN:
                truth = one
        return truth

    def unknown(self, known: int) -> list[Leaf]:
        """The leaves that leave it UNKNOWN, where it is that."""
        found = []
        for leaf, bits, group in self.parts:
            if leaf is not None:
                if not known & bits:
                    found.append(leaf)
            elif group is not None and group.truth(known) is UNKNOWN:
                found += group.unknown(known)
        return found


# A statement with both of its bits, or a group.
Part: TypeAlias = tuple[Leaf, int, None] | tuple[None, int, Test]


class Marks:
    """The bits that a value of one fact sets: those of its statements, and two of the fact itself.

    `filed`: a usable record gives it. `aged`: its reading is past its warning age.
    """

    def __init__(self, silent: Fact, first: int, remembered: int):
        self.name, self.silent = silent.name, silent
        self.filed, self.aged = 1 << first, 2 << first
        self._statements: list[tuple[Statement, bool, int]] = []
        self._limits: list[Decimal] = []
        self._seen: dict[object, int] = {}
        self._remembered = remembered

    def add(self, statement: Statement, opened: bool, yes: int) -> None:
        self._statements.append((statement, opened, yes))
        if statement.number is not None:
            self._limits = sorted({*self._limits, statement.number})

    def delta(self, fact: Fact) -> int:
        """The bits in which a fact differs from that of a silent record."""
        key = (self._told_apart(fact.value), fact.assumed, fact.aged)
        delta = self._seen.get(key)
        if delta is None:
            delta = self.bits(fact) ^ self.bits(self.silent)
            if len(self._seen) < self._remembered:
                self._seen[key] = delta
        return delta

    def bits(self, fact: Fact) -> int:
        """The bits of a fact, by the definition of each statement."""
        facts = Facts({self.name: fact})
        bits = self.filed if facts.on_file(self.name) else 0
        bits |= self.aged if fact.aged else 0
        for statement, opened, yes in self._statements:
            truth = statement.ask(facts)
            if truth is NO:
                bits |= yes << 1
            elif truth is YES or opened:
                bits |= yes
        return bits

    def _told_apart(self, value: Value | None) -> object:
        """What the statements can tell of a value; of a number only its place among their limits.

        No dataclass: these hash in C, and this is asked of each fact of each patient.
        """
        match value:
            case Flag():
                return value.so
            case Choice():
                return value.possible
            case Span():
                low, high = value.low, value.high
                return self._place(low, value.low_open), self._place(high, value.high_open)
            case Members():
                return value.has, value.lacks
        return None

    def _place(self, end: Decimal | None, is_open: bool) -> int:
        """Where an end lies: between two limits, on one, or on one that it excludes."""
        if end is None:
            return -1
        limits = self._limits
        place = bisect_left(limits, end)
        if place == len(limits) or limits[place] != end:
            return 3 * place
        return 3 * place + (2 if is_open else 1)


class Program:
    """Criteria in their compiled form.

    `remembered`: how many values of each fact are remembered; with 0 none is.
    """

    def __init__(
        self,
        criteria: Iterable[Criterion],
        vocabulary: Vocabulary,
        remembered: int = REMEMBERED,
    ):
        self.remembered = remembered
        self.marks: dict[str, Marks] = {}
        self._vocabulary = vocabulary
        self._tests: dict[Criterion, Test] = {}
        self._places: dict[tuple[str, bool], int] = {}
        self._width = self._silence = 0
        for criterion in criteria:
            self._compile(criterion)
        for marks in self.marks.values():
            self._silence |= marks.bits(marks.silent)

    def known(self, by_name: Mapping[str, Fact], asked: Iterable[Marks]) -> int:
        """What is known of a patient by some facts; of all others the record is silent."""
        known = self._silence
        for marks in asked:
            fact = by_name[marks.name]
            if fact is not marks.silent:  # most are
                known ^= marks.delta(fact)
        return known

    def delta(self, fact: Fact) -> int:
        """The bits in which a fact differs from that of a silent record."""
        marks = self.marks.get(fact.name)
        return marks.delta(fact) if marks else 0

    def test(self, criterion: Criterion) -> Test:
        """The compiled form of a criterion; KeyError if it is none of this program."""
        return self._tests[criterion]

    def all_of(self, criteria: Iterable[Criterion]) -> Test:
        return self._listed("all", criteria)

    def any_of(self, criteria: Iterable[Criterion]) -> Test:
        return self._listed("any", criteria)

    def bits_of(self, criteria: Iterable[Criterion]) -> int:
        """Every bit that the answers to some criteria, and the standing of their facts, hang on."""
        bits = 0
        for leaf in (leaf for criterion in criteria for leaf in leaves(criterion)):
            bits |= 3 * self._yes(leaf)
            for name in leaf.statement.facts:
                bits |= self.marks[name].filed | self.marks[name].aged
        return bits

    def aged_bits(self, criteria: Iterable[Criterion]) -> int:
        """The bits of the facts of some criteria that say that their reading is aged."""
        asked = (leaf for criterion in criteria for leaf in leaves(criterion))
        names = {name for leaf in asked for name in leaf.statement.facts}
        return sum(self.marks[name].aged for name in names)

    def _compile(self, criterion: Criterion) -> Test:
        test = self._tests.get(criterion)
        if test is None:
            parts = (criterion,) if isinstance(criterion, Leaf) else criterion.parts
            mode = "all" if isinstance(criterion, Leaf) else criterion.mode
            test = self._tests[criterion] = self._listed(mode, parts)
        return test

    def _listed(self, mode: str, criteria: Iterable[Criterion]) -> Test:
        """A list of criteria. What is a group of the same mode is dissolved in it."""
        parts: list[Part] = []
        for criterion in criteria:
            if isinstance(criterion, Leaf):
                parts.append((criterion, 3 * self._yes(criterion), None))
            elif criterion.mode == mode:
                parts += self._compile(criterion).parts
            else:
                parts.append((None, 0, self._compile(criterion)))
        both = reduce(or_, (bits for _, bits, _ in parts), 0)
        yes = both & self._every_yes()
        groups = tuple(group for _, _, group in parts if group is not None)
        if mode == "all":
            return Test(NO, YES, both ^ yes, yes, groups, tuple(parts))
        return Test(YES, NO, yes, both ^ yes, groups, tuple(parts))

    def _every_yes(self) -> int:
        """The first bit of each place."""
        return ((1 << self._width) - 1) // 3

    def _yes(self, leaf: Leaf) -> int:
        """The YES bit of a statement; if it is read as yes while unknown, of another statement."""
        statement, opened = leaf.statement, leaf.when_unknown == "yes"
        place = self._places.get((statement.text, opened))
        if place is None:
            place = self._places[statement.text, opened] = self._next_place()
            self._give(statement, opened, 1 << place)
        return 1 << place

    def _next_place(self) -> int:
        self._width += 2
        return self._width - 2

    def _give(self, statement: Statement, opened: bool, yes: int) -> None:
        """Lets the fact that a statement asks set its bits; what asks none is settled here."""
        for name in statement.facts:  # one
            if name not in self.marks:
                known = name in self._vocabulary
                silent = self._vocabulary[name].when_silent() if known else Fact(name)
                self.marks[name] = Marks(silent, self._next_place(), self.remembered)
            self.marks[name].add(statement, opened, yes)
        if not statement.facts:
            self._silence |= yes if statement.ask(Facts()) is YES else yes << 1


class Answers(dict[Any, Truth]):
    """What the criteria of a program come to for one patient; each is looked up once."""

    __slots__ = ("known", "program")

    def __init__(self, program: Program, known: int):
        self.program, self.known = program, known

    def __missing__(self, criterion: Criterion) -> Truth:
        truth = self[criterion] = self.program.test(criterion).truth(self.known)
        return truth

    def learn(self, known: int) -> None:
        """Facts were added: what was answered without them is forgotten."""
        if known != self.known:
            self.known = known
            self.clear()
