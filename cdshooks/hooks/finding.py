"""One fact of one patient as the cards tell it: its value, what it rests on, where that stands."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cdshooks.clinical.explain import newest_date
from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.value import Choice, Flag, Span
from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.hooks.card import place, prose
from cdshooks.hooks.wording import Wording

BASES_AT_MOST = 3
PLACES_AT_MOST = 2


class Finding(NamedTuple):
    """`told` is the value as Markdown; in parts the value, and `old` if it is out of date.

    `text` is the value as plain text. `behind`: the fact, then those that it was derived from, down
    to the chart. `bases`: those read from the chart that decide it, itself if it was read. `places`
    are where these stand, the newest first, and `where` names their resources, as Markdown.
    """

    fact: Fact
    text: str
    markdown: str
    old: str
    told: str
    behind: Sequence[Fact]
    bases: Sequence[Fact]
    places: tuple[Provenance, ...]
    where: str


class Findings(dict[str, Finding]):
    """The facts of one patient by name as the cards tell them, each formed at first use."""

    def __init__(self, facts: Facts, wording: Wording):
        super().__init__()
        self._facts, self._wording = facts, wording

    def __missing__(self, name: str) -> Finding:
        found = self[name] = self._find(self._facts[name])
        return found

    def _find(self, fact: Fact) -> Finding:
        behind: Sequence[Fact] = (fact,)
        bases, places, where = behind, fact.readings, ""
        if not places:
            behind = _behind(fact, self._facts)
            bases = _bases(fact.name, behind, self._wording.vocabulary)
            if len(bases) == 1:  # as most have: it stands where that one does
                base = self[bases[0].name]
                places, where = base.places, base.where
            else:
                places = tuple([where for base in bases for where in base.readings])
        if not where:
            if len(places) > 1:
                places = tuple(sorted(places, key=_dated, reverse=True))
            where = _where(places)
        text, markdown = _value(fact, self._wording)
        old = _old(fact) if fact.aged else ""
        return Finding(fact, text, markdown, old, markdown + old, behind, bases, places, where)


def _value(fact: Fact, wording: Wording) -> tuple[str, str]:
    """Label, value and date as plain text and as Markdown; only what is read is made so anew."""
    value = fact.value
    if value is None or fact.assumed:
        return wording.unvalued(fact.name, value is None)
    if isinstance(value, Choice):
        text, markdown = wording.valued(fact.name, value.possible)
    elif isinstance(value, Flag):
        text, markdown = wording.valued(fact.name, value.so)
    else:
        label, unit = wording.labelled(fact.name)
        text = f"{label}: {value}"
        # But for the unit a span is digits and signs, of which no markup can be made.
        markdown = text if isinstance(value, Span) and value.unit == unit else prose(text)
    dated = newest_date(fact) if fact.readings else None
    if dated is None:
        return text, markdown
    return f"{text} ({dated})", f"{markdown} ({_day(dated)})"


def _day(dated: str) -> str:
    return dated if dated.replace("-", "").isdigit() else prose(dated)


def _behind(fact: Fact, facts: Facts) -> Sequence[Fact]:
    """Each fact once, in the order in which one follows from the other."""
    by_name, found, waiting = facts.by_name, {fact.name: fact}, [*reversed(fact.derived_from)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = one = by_name.get(name) or Fact(name)
            if one.derived_from and not one.readings:
                waiting += reversed(one.derived_from)
    return tuple(found.values())


def _bases(name: str, behind: Iterable[Fact], vocabulary: Vocabulary) -> Sequence[Fact]:
    """Those that the vocabulary names as settling it come first, then its kin; three at most."""
    read = [one for one in behind if one.readings]
    if len(read) <= 1:  # as good as always
        return read
    if name not in vocabulary:
        return read[:1]
    asked, group = vocabulary[name].asks, name.partition(".")[0] + "."
    settling = [one for one in read if one.name in asked]
    kin = [one for one in read if one.name not in asked and one.name.startswith(group)]
    return ([*settling, *kin] or read)[:BASES_AT_MOST]


def _dated(where: Provenance) -> str:
    return where.date or ""


def _where(places: Sequence[Provenance]) -> str:
    if len(places) == 1:
        return place(places[0].reference)
    references = list(dict.fromkeys([one.reference for one in places]))
    marks = ", ".join([place(one) for one in references[:PLACES_AT_MOST]])
    more = len(references) - PLACES_AT_MOST
    return f"{marks} and {more} more" if more > 0 else marks


def _old(fact: Fact) -> str:
    return " (out of date)" if newest_date(fact) else " (from out-of-date data)"
