"""Statements with their reason and source, nested by `all` and `any`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
    """Criteria of which all must hold, or any one."""

    mode: Literal["all", "any"]
    parts: tuple["Criterion", ...]
    leaves: tuple[Leaf, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inner = tuple(leaf for part in self.parts for leaf in leaves(part))
        object.__setattr__(self, "leaves", inner)


Criterion: TypeAlias = Leaf | Group


def answer(criterion: Criterion, facts: Facts) -> Truth:
    """The truth of a criterion. Of `any` the first YES decides, of `all` the first NO.

    It is looked up in the facts: of what a program has compiled, they tell it by themselves.
    """
    try:
        return facts.answered[criterion]
    except KeyError:
        truth = facts.answered[criterion] = _asked(criterion, facts)
        return truth


def _asked(criterion: Criterion, facts: Facts) -> Truth:
    if isinstance(criterion, Leaf):
        truth = criterion.statement.ask(facts)
        opened = truth is Truth.UNKNOWN and criterion.when_unknown == "yes"
        return Truth.YES if opened else truth
    truths = (answer(part, facts) for part in criterion.parts)
    return all_of(truths) if criterion.mode == "all" else any_of(truths)


def leaves(criterion: Criterion) -> tuple[Leaf, ...]:
    """Every leaf, in the order of the file."""
    return (criterion,) if isinstance(criterion, Leaf) else criterion.leaves


def deciding(criterion: Criterion, facts: Facts, truth: Truth) -> Iterator[Leaf]:
    """The leaves that make the criterion `truth`: of an `any` that is YES only its YES branches."""
    if answer(criterion, facts) is not truth:
        return
    if isinstance(criterion, Leaf):
        yield criterion
        return
    for part in criterion.parts:
        yield from deciding(part, facts, truth)


def all_deciding(criteria: Iterable[Criterion], facts: Facts, truth: Truth) -> tuple[Leaf, ...]:
    """The leaves that make any of the criteria `truth`."""
    return tuple(leaf for criterion in criteria for leaf in deciding(criterion, facts, truth))


def reasons(criterion: Criterion, facts: Facts) -> Iterator[Leaf]:
    """Why a criterion is YES, told once: of an `any` the first branch that holds."""
    if answer(criterion, facts) is not Truth.YES:
        return
    if isinstance(criterion, Leaf):
        yield criterion
        return
    holding = (part for part in criterion.parts if answer(part, facts) is Truth.YES)
    for part in [next(holding)] if criterion.mode == "any" else criterion.parts:
        yield from reasons(part, facts)
