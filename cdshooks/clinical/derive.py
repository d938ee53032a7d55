"""Derived facts: decision tables, the highest of several classes, and counts.

A table is asked row by row. A row that is YES settles it; a row that is UNKNOWN leaves its result
possible and the next row is asked (Ki-67 "2-4 %" gives G1 or G2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, reduce
from itertools import product
from operator import or_
from types import MappingProxyType
from typing import TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, answer, leaves
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.marks import TOGETHER, Given, Kept
from cdshooks.clinical.program import Answers, Program
from cdshooks.clinical.statement import may_be, may_be_else
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Flag, Span, Value
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT, FactType, Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """When `when` holds, the fact is one of `then`; no member in `then` means unknown."""

    when: Criterion
    then: frozenset[str]
    note: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A decision table for a choice or a flag. `otherwise` is the result when no row is YES."""

    fact: FactType
    rows: tuple[Row, ...]
    otherwise: frozenset[str] | None

    def derive(self, facts: Facts) -> Fact:
        possible: set[str] = set()
        notes: list[str] = []
        asked: list[Row] = []
        for row in self.rows:
            truth = answer(row.when, facts)
            if truth is Truth.NO:
                continue
            asked.append(row)
            possible |= row.then or self.fact.answers()
            if row.note and truth is Truth.YES:
                notes.append(row.note)
            if truth is Truth.YES:
                break
        else:
            possible |= self.fact.answers() if self.otherwise is None else self.otherwise
            asked = list(self.rows)  # that none of them is YES is what decided
        return self._fact(facts, possible, notes, asked)

    def _fact(self, facts: Facts, possible: set[str], notes: list[str], asked: list[Row]) -> Fact:
        names = dict.fromkeys(
            name for row in asked for leaf in leaves(row.when) for name in leaf.statement.facts
        )
        value = _value(self.fact, possible)
        return _derived(self.fact, value, facts, names, tuple(notes))


@dataclass(frozen=True, slots=True, eq=False)
class HighestOf:
    """The highest class that any of `inputs` gives; inputs that are not known do not count.

    Of sets, the higher of each pair: {G1, G2} with G2 gives G2, with G1 stays {G1, G2}.
    """

    fact: FactType
    inputs: tuple[str, ...]
    alone_notes: tuple[tuple[str, str], ...] = ()

    def derive(self, facts: Facts) -> Fact:
        known = [name for name in self.inputs if isinstance(facts.value(name), Choice)]
        if not known:
            return _derived(self.fact, None, facts, self.inputs, ())
        rank = {value: position for position, value in enumerate(self.fact.values)}
        sets = [
            choice.possible for name in known if isinstance(choice := facts.value(name), Choice)
        ]
        highest = {max(pair, key=rank.__getitem__) for pair in product(*sets)}
        notes = tuple(note for name, note in self.alone_notes if known == [name])
        return _derived(self.fact, _value(self.fact, highest), facts, known, notes)


@dataclass(frozen=True, slots=True, eq=False)
class CountOf:
    """How many of `inputs` are something else than `none`."""

    fact: FactType
    inputs: tuple[str, ...]
    none: str

    def derive(self, facts: Facts) -> Fact:
        sure = unsure = 0
        for name in self.inputs:
            value = facts.value(name)
            possible = value.possible if isinstance(value, Choice) else frozenset({self.none, "?"})
            sure += self.none not in possible
            unsure += self.none in possible and len(possible) > 1
        span = Span(Decimal(sure), Decimal(sure + unsure), self.fact.unit)
        return _derived(self.fact, span, facts, self.inputs, ())


Derivation: TypeAlias = Table | HighestOf | CountOf


class Deriver:
    """Derivations compiled once: truth tables of which a line is written when it is first needed.

    A line hangs on the answers to the statements of a derivation, and on which of its facts are on
    file or aged. The program has compiled what the derivations ask.
    """

    def __init__(self, derivations: Iterable[Derivation], program: Program):
        self._program = program
        self._steps = [
            (one, one.fact.name, _hangs_on(one, program), Kept[int, Line](program.remembered))
            for one in derivations
        ]
        self._hangs_on = reduce(or_, (hangs_on for _, _, hangs_on, _ in self._steps), 0)
        self._lines = Kept[int, tuple[dict[str, Fact], int]](TOGETHER * program.remembered)
        later = {name for _, name, _, _ in self._steps}
        self._given = Given(
            marks
            for name, marks in program.marks.items()
            if name not in later and not name.startswith(OF_THE_ASSESSMENT)
        )

    def derive(self, facts: Facts, others: Iterable[Fact] = ()) -> Facts:
        """`facts`, and others, with every derived fact added."""
        by_name = facts.by_name.copy()
        by_name.update({fact.name: fact for fact in others})
        known = self._program.known(by_name, self._given)
        line = known & self._hangs_on
        found = self._lines.get(line)
        if found is None:
            found = self._lines.keep(line, self._derived(by_name.copy(), known))
        derived, delta = found
        by_name.update(derived)
        return Facts(MappingProxyType(by_name), Answers(self._program, known ^ delta))

    def _derived(self, by_name: dict[str, Fact], known: int) -> tuple[dict[str, Fact], int]:
        """Every derived fact, and the bits of all; one after the other, for they ask each other."""
        answers, delta = Answers(self._program, known), 0
        growing = Facts(MappingProxyType(by_name), answers)
        for derivation, name, hangs_on, lines in self._steps:
            answers.learn(known ^ delta)
            line = answers.known & hangs_on
            found = lines.get(line)
            if found is None:
                fact = derivation.derive(growing)
                found = lines.keep(line, (fact, self._program.delta(fact)))
            by_name[name], bits = found
            delta ^= bits
        return {name: by_name[name] for _, name, _, _ in self._steps}, delta


# A derived fact, and the bits in which it differs from an unknown one.
Line: TypeAlias = tuple[Fact, int]


def _hangs_on(derivation: Derivation, program: Program) -> int:
    criteria = settled_by(derivation)
    standing = sum(marks.filed | marks.aged for marks in program.asked_by(criteria))
    return program.statement_bits(criteria) | standing


def derive(facts: Facts, derivations: Iterable[Derivation]) -> Facts:
    """`facts` with every derived fact added; each derivation comes after its inputs."""
    return _deriver(tuple(derivations)).derive(facts)


@lru_cache(maxsize=4)  # no more: a deriver keeps the knowledge that it was made of alive
def _deriver(derivations: tuple[Derivation, ...]) -> Deriver:
    criteria = (criterion for one in derivations for criterion in settled_by(one))
    return Deriver(derivations, Program(criteria, Vocabulary({})))


def settled_by(derivation: Derivation) -> tuple[Criterion, ...]:
    """Criteria whose answers settle what the derivation gives."""
    if isinstance(derivation, Table):
        return tuple(row.when for row in derivation.rows)
    names = derivation.inputs
    if isinstance(derivation, HighestOf):
        asked = [may_be(name, value) for name in names for value in derivation.fact.values]
    else:
        none = derivation.none
        asked = [one for name in names for one in (may_be(name, none), may_be_else(name, none))]
    return tuple(Leaf(statement, "", ()) for statement in asked)


def inputs_of(derivation: Derivation) -> frozenset[str]:
    """The names of the facts that a derivation asks."""
    if isinstance(derivation, Table):
        return frozenset(
            name
            for row in derivation.rows
            for leaf in leaves(row.when)
            for name in leaf.statement.facts
        )
    return frozenset(derivation.inputs)


def _value(fact: FactType, possible: set[str]) -> Value | None:
    if fact.kind == "flag":
        return Flag("true" in possible) if len(possible) == 1 else None
    everything = possible >= fact.answers()
    return None if everything or not possible else Choice(frozenset(possible))


def _derived(
    fact: FactType, value: Value | None, facts: Facts, inputs: Iterable[str], notes: tuple[str, ...]
) -> Fact:
    inputs = tuple(inputs)
    used = tuple(name for name in inputs if facts.on_file(name))
    assumed = value is not None and not used
    return Fact(
        fact.name,
        value,
        derived_from=used or inputs,
        assumed=assumed,
        aged=any(facts[name].aged for name in used),
        why_absent=None if value is not None else "does not follow from what is recorded",
        notes=notes,
    )
