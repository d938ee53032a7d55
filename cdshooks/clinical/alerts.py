"""Warnings as a program asks them."""

from collections.abc import Iterable
from typing import TypeAlias

from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.marks import TOGETHER, Kept
from cdshooks.clinical.program import YES, Program
from cdshooks.clinical.treatment import Caveat

# A warning, and the statements that make it due.
Due: TypeAlias = tuple[Caveat, tuple[Leaf, ...]]


class Alerts:
    """The warnings, with those that were due before and why."""

    def __init__(self, caveats: Iterable[Caveat], program: Program):
        self._each = [(caveat, program.any_of(caveat.when_any)) for caveat in caveats]
        self._hangs_on = program.statement_bits(
            one for each, _ in self._each for one in each.when_any
        )
        self._lines = Kept[int, list[Due]](TOGETHER * program.remembered)

    def due(self, known: int) -> list[Due]:
        """The warnings that are due, each with the statements that make it so."""
        line = known & self._hangs_on
        try:
            return self._lines[line]
        except KeyError:
            due = [(one, when) for one, when in self._each if when.truth(line) is YES]
            found = [(caveat, tuple(when.deciding(line, YES))) for caveat, when in due]
            return self._lines.keep(line, found)
