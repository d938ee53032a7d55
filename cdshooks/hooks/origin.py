"""What a fact rests on: the readings of the chart behind it, and the notes on the way."""

from collections.abc import Iterator

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice
from cdshooks.hooks.consult import Consult

BASES_AT_MOST = 3


def bases_of(name: str, consult: Consult) -> list[str]:
    """The facts read from the chart that decide a fact; of one that was read, itself.

    Those that the vocabulary names as settling it come first, three at most.
    """
    read = [one.name for one in _behind(name, consult) if one.readings]
    if name in read or name not in consult.vocabulary:
        return read[:1]
    asked = consult.vocabulary[name].asks
    settling = [base for base in read if base in asked]
    group = name[: name.index(".") + 1]
    kin = [base for base in read if base.startswith(group)]
    return list(dict.fromkeys([*settling, *kin] or read))[:BASES_AT_MOST]


def notes_of(name: str, consult: Consult) -> Iterator[str]:
    """What a reader of the fact must know: the notes on it and on what it follows from."""
    for one in _behind(name, consult):
        yield from one.notes


def says_nothing(fact: Fact, consult: Consult) -> bool:
    """Is every value that the vocabulary has still possible?"""
    if not isinstance(fact.value, Choice) or fact.name not in consult.vocabulary:
        return fact.value is None
    return fact.value.possible >= set(consult.vocabulary[fact.name].values)


def _behind(name: str, consult: Consult) -> Iterator[Fact]:
    """A fact, then those that it was derived from, down to the chart."""
    fact = consult.fact(name)
    yield fact
    for inner in fact.derived_from if not fact.readings else ():
        if inner != name:
            yield from _behind(inner, consult)
