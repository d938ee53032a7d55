"""The goals of goals.toml, each beside its figure, the worst first."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figures

FILE = Path(__file__).parent / "goals.toml"


@dataclass(frozen=True)
class Goal:
    """`more`: the figure has to be at least `limit`, otherwise at most."""

    figure: str
    words: str
    limit: float
    unit: str
    aim: float | None = None
    more: bool = False


@dataclass(frozen=True)
class Verdict:
    """`value` is None where it could not be measured; `bare` is that of the bare reader, if any."""

    goal: Goal
    value: float | None
    bare: float | None = None

    @property
    def used(self) -> float:
        """How much of the limit is used: above 1 it is passed; the unknown comes first."""
        if self.value is None:
            return float("inf")
        limit, value = self.goal.limit, self.value
        return limit / value if self.goal.more else value / limit

    @property
    def words(self) -> str:
        if self.value is None:
            return "not measured"
        return "met" if self.used <= 1 else "NOT MET"


def read_goals(text: str) -> tuple[Goal, ...]:
    return tuple(Goal(**one) for one in tomllib.loads(text)["goals"])


def verdicts(goals: Iterable[Goal], figures: Figures, bare: Figures) -> list[Verdict]:
    """The worst first: by how much of its limit a figure uses."""
    found = [Verdict(goal, figures.get(goal.figure), bare.get(goal.figure)) for goal in goals]
    return sorted(found, key=lambda one: -one.used)
