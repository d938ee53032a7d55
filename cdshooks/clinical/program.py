"""Criteria compiled once, and asked of a patient as bits.

Each distinct statement has a place of two bits in one whole number, `known`: the first is set if it
is YES, the second if it is NO, neither if it is UNKNOWN. A list of statements, however long, is
then asked with one `&` (Kleene's logic, as in truth.py), and most treatments are ruled out by it.

`Statement.ask` stays the definition: it is asked of each value of a fact once, and its answers are
remembered for that value. A fact of which the record is silent costs one look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, leaves
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.marks import REMEMBERED, Given, Marks, differing
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.vocabulary import Vocabulary

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """All of some criteria, or any: the bits of their statements, and the groups among them.

    One of the bits `settling` makes it `settled` (of `all` a NO, of `any` a YES); to be the
    `other`, it takes every bit of `holding`. `parts` are the criteria in the order of the file.
    """

    settled: Truth
    other: Truth
    settling: int
    holding: int
    groups: tuple["Question", ...]
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

    def deciding(self, known: int, truth: Truth) -> list[Leaf]:
        """The leaves that make it YES or NO, where it is that."""
        told = known & (self.settling if truth is self.settled else self.holding)
        found: list[Leaf] = []
        for leaf, bits, group in self.parts:
            if leaf is not None:
                if told & bits:
                    found.append(leaf)
            elif group is not None and group.truth(known) is truth:
                found += group.deciding(known, truth)
        return found

    def reasons(self, known: int) -> list[Leaf]:
        """Why it is YES, where it is that, told once: of `any` the first branch that holds."""
        found: list[Leaf] = []
        for leaf, bits, group in self.parts:
            if self.settled is YES and not self._holds(known, bits, group):
                continue
            if leaf is not None:
                found.append(leaf)
            elif group is not None:
                found += group.reasons(known)
            if self.settled is YES:
                break
        return found

    def _holds(self, known: int, bits: int, group: "Question | None") -> bool:
        """Is a part of an `any` YES?"""
        return bool(known & bits & self.settling) if group is None else group.truth(known) is YES

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
Part: TypeAlias = tuple[Leaf, int, None] | tuple[None, int, Question]


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
        self.questions: dict[Criterion, Question] = {}
        self._places: dict[tuple[str, bool], int] = {}
        self._width = self._silence = 0
        for criterion in criteria:
            self._compile(criterion)
        for marks in self.marks.values():
            self._silence |= marks.silence

    def known(self, by_name: Mapping[str, Fact], given: Given) -> int:
        """What is known of a patient by some facts; of all others the record is silent."""
        return self._silence ^ given.delta(by_name)

    def delta(self, fact: Fact) -> int:
        """The bits in which a fact differs from that of a silent record."""
        marks = self.marks.get(fact.name)
        return differing([(marks, fact)]) if marks else 0

    def question(self, criterion: Criterion) -> Question:
        """The compiled form of a criterion; KeyError if it is none of this program."""
        return self.questions[criterion]

    def all_of(self, criteria: Iterable[Criterion]) -> Question:
        return self._listed("all", criteria)

    def any_of(self, criteria: Iterable[Criterion]) -> Question:
        return self._listed("any", criteria)

    def statement_bits(self, criteria: Iterable[Criterion]) -> int:
        """Every bit that the answers to some criteria hang on."""
        asked = (leaf for criterion in criteria for leaf in leaves(criterion))
        return reduce(or_, (3 * self._yes(leaf) for leaf in asked), 0)

    def asked_by(self, criteria: Iterable[Criterion]) -> Iterable[Marks]:
        """The facts that some criteria ask, each once."""
        asked = (leaf for criterion in criteria for leaf in leaves(criterion))
        return [self.marks[n] for n in {name for leaf in asked for name in leaf.statement.facts}]

    def _compile(self, criterion: Criterion) -> Question:
        question = self.questions.get(criterion)
        if question is None:
            if isinstance(criterion, Leaf):
                yes = self._yes(criterion)
                question = Question(NO, YES, yes << 1, yes, (), ((criterion, 3 * yes, None),))
            else:
                question = self._listed(criterion.mode, criterion.parts)
            self.questions[criterion] = question
        return question

    def _listed(self, mode: str, criteria: Iterable[Criterion]) -> Question:
        """A list of criteria. What is a group of the same mode is dissolved in it."""
        parts: list[Part] = []
        for criterion in criteria:
            question = self._compile(criterion)
            same = isinstance(criterion, Leaf) or criterion.mode == mode
            parts += question.parts if same else ((None, 0, question),)
        both = reduce(or_, (bits for _, bits, _ in parts), 0)
        yes = both & self._every_yes()
        groups = tuple(group for _, _, group in parts if group is not None)
        if mode == "all":
            return Question(NO, YES, both ^ yes, yes, groups, tuple(parts))
        return Question(YES, NO, yes, both ^ yes, groups, tuple(parts))

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

    __slots__ = ("_questions", "known", "program")

    def __init__(self, program: Program, known: int):
        self.program, self.known, self._questions = program, known, program.questions

    def __missing__(self, criterion: Criterion) -> Truth:
        question, known = self._questions[criterion], self.known
        settled = known & question.settling  # one statement is enough for most
        truth = self[criterion] = question.settled if settled else question.truth(known)
        return truth

    def learn(self, known: int) -> None:
        """Facts were added: what was answered without them is forgotten."""
        if known != self.known:
            self.known = known
            self.clear()
