"""Statements as sentences that a clinician reads: the value on file, then the reason."""

from collections.abc import Iterator, Sequence

from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.vocabulary import Vocabulary


class Texts(dict[str, str]):
    """The facts of one patient by name as a card prints them, each made at first use."""

    def __init__(self, facts: Facts, vocabulary: Vocabulary):
        super().__init__()
        self._facts, self._vocabulary = facts, vocabulary

    def __missing__(self, name: str) -> str:
        text = self[name] = value_text(self._facts[name], self._vocabulary)
        return text


def sentence(leaf: Leaf, texts: Texts) -> str:
    """Value, date and reason, as in: Ki-67: 14 % (2026-03-01). Above 10 % evidence is thin."""
    shown = "; ".join([texts[name] for name in leaf.statement.facts])
    return f"{shown}. {leaf.why}" if shown else leaf.why


def value_text(fact: Fact, vocabulary: Vocabulary) -> str:
    """One fact as a card prints it: label, value, date; what is assumed or unknown says so."""
    fact_type = vocabulary[fact.name]
    if fact.value is None:
        return f"{fact_type.label}: not known"
    if fact.assumed:
        return f"{fact_type.label}: not recorded"
    return with_date(f"{fact_type.label}: {fact_type.text(fact.value)}", newest_date(fact))


def with_date(text: str, dated: str | None) -> str:
    return f"{text} ({dated})" if dated else text


def either(names: Sequence[str]) -> str:
    """One of several, in words.

    >>> either(["bone"]), either(["bone", "lung"]), either(["bone", "lung", "brain"])
    ('bone', 'bone or lung', 'bone, lung or brain')
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def newest_date(fact: Fact) -> str | None:
    """The date of the newest reading, to the day, as printed."""
    newest = ""
    for place in fact.readings:
        if place.date and place.date > newest:
            newest = place.date
    return newest[:10] or None


def places(name: str, facts: Facts) -> Iterator[Provenance]:
    """Where a fact was read; of a derived fact, where its inputs were."""
    fact = facts[name]
    yield from fact.readings
    for inner in fact.derived_from:
        if inner != name:
            yield from places(inner, facts)
