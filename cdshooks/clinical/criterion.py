"""Statements with their reason and source, nested by `all` and `any`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cdshooks.clinical.fact import Facts
from cdshooks.clinical.statement import Statement
from cdshooks.clinical.truth import Truth, all_of, any_of

WhenUnknown: TypeAlias = Literal["ask", "silent", "yes"]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One statement. `critical`: if YES it is about immediate harm and gets a card of its own.

    `tell`: a card says it; not what its headline says already.
    `when_unknown`: ask for the fact, stay silent, or read UNKNOWN as yes (and say so).
    """

    statement: Statement
    why: str
    sources: tuple[str, ...]
    when_unknown: WhenUnknown = "ask"
    critical: bool = False
    tell: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Criteria of which all must hold, or any one; its own `why` stands for parts without one."""

    mode: Literal["all", "any"]
    parts: tuple["Criterion", ...]


Criterion: TypeAlias = Leaf | Group


def answer(criterion: Criterion, facts: Facts) -> Truth:
    """The truth of a criterion. Of `any` the first YES decides, of `all` the first NO."""
    if isinstance(criterion, Leaf):
        truth = criterion.statement.ask(facts)
        opened = truth is Truth.UNKNOWN and criterion.when_unknown == "yes"
        return Truth.YES if opened else truth
    truths = (answer(part, facts) for part in criterion.parts)
    return all_of(truths) if criterion.mode == "all" else any_of(truths)


def leaves(criterion: Criterion) -> Iterator[Leaf]:
    """Every leaf, in the order of the file."""
    if isinstance(criterion, Leaf):
        yield criterion
        return
    for part in criterion.parts:
        yield from leaves(part)


def deciding(criterion: Criterion, facts: Facts, truth: Truth) -> Iterator[Leaf]:
    """The leaves that make the criterion `truth`: of an `any` that is YES only its YES branches."""
    if answer(criterion, facts) is not truth:
        return
    if isinstance(criterion, Leaf):
        yield criterion
        return
    for part in criterion.parts:
        yield from deciding(part, facts, truth)


def opened(criterion: Criterion, facts: Facts) -> Iterator[Leaf]:
    """The leaves that were read as yes although the record does not say so."""
    for leaf in leaves(criterion):
        if leaf.when_unknown == "yes" and leaf.statement.ask(facts) is Truth.UNKNOWN:
            yield leaf
