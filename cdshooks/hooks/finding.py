"""One fact of one patient as the cards tell it: its value, what it rests on, where that stands."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.value import Choice, Flag, Span
from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.hooks.card import place, prose
from cdshooks.hooks.wording import Wording

_REFERENCE, _DATE = attrgetter("reference"), attrgetter("date")
OF_OLD_DATA = " (from out-of-date data)"
BASES_AT_MOST = 3
PLACES_AT_MOST = 2


class Finding(NamedTuple):
    """`told` is the value as Markdown, and whether it is out of date; `markdown` the value alone.

    `places` are where it stands, the newest first, and `where` names their resources, as Markdown.
    Of what was not read from the chart, `behind` are the fact and those that it was derived from,
    down to the chart, and `bases` those read from the chart that decide it.
    """

    fact: Fact
    markdown: str
    told: str
    places: tuple[Provenance, ...]
    where: str
    behind: tuple[Fact, ...] = ()
    bases: tuple[Fact, ...] = ()


class Findings(dict[str, Finding]):
    """The facts of one patient by name as the cards tell them, each formed at first use."""

    def __init__(self, facts: Facts, wording: Wording):
        super().__init__()
        self._by_name, self._wording = facts.by_name, wording

    def __missing__(self, name: str) -> Finding:
        fact = self._by_name[name]
        places = fact.readings
        if not places:
            found = self[name] = self._followed(fact)
            return found
        if len(places) == 1:  # as most have
            where = place(places[0].reference)
        else:
            places = _sorted(places)
            where = _where(places)
        value, dated = fact.value, places[0].date
        if isinstance(value, Choice) and not fact.assumed:  # as most are
            markdown = self._wording.valued((name, value.possible))
        else:
            markdown = _value(fact, self._wording)
        if dated and not (value is None or fact.assumed):
            day = dated[:10]
            shown = day if day.replace("-", "").isdigit() else prose(day)
            markdown = f"{markdown} ({shown})"
        told = markdown
        if fact.aged:
            told += " (out of date)" if dated else OF_OLD_DATA
        found = self[name] = Finding(fact, markdown, told, places, where)
        return found

    def _followed(self, fact: Fact) -> Finding:
        """One that follows from others, or of which the record says nothing."""
        behind: tuple[Fact, ...]
        bases: tuple[Fact, ...]
        first = self._by_name.get(fact.derived_from[0]) if len(fact.derived_from) == 1 else None
        if first and first.readings:  # as of most
            behind, bases = (fact, first), (first,)
        else:
            behind = _behind(fact, self._by_name)
            bases = _bases(fact.name, behind, self._wording.vocabulary)
        places: tuple[Provenance, ...] = ()
        where = ""
        if len(bases) == 1:  # it stands where that one does
            base = self[bases[0].name]
            places, where = base.places, base.where
        elif bases:
            places = _sorted(tuple([place for base in bases for place in base.readings]))
            where = _where(places)
        markdown = _value(fact, self._wording)
        told = markdown + OF_OLD_DATA if fact.aged else markdown
        return Finding(fact, markdown, told, places, where, behind, bases)


def _sorted(places: tuple[Provenance, ...]) -> tuple[Provenance, ...]:
    """The newest first."""
    try:
        return tuple(sorted(places, key=_DATE, reverse=True))
    except TypeError:  # one has no date, and comes last
        return tuple(sorted(places, key=_dated, reverse=True))


def _value(fact: Fact, wording: Wording) -> str:
    """Label and value as Markdown; only what is read is made so anew."""
    value = fact.value
    if value is None or fact.assumed:
        return wording.unvalued(fact.name, value is None)
    if isinstance(value, Choice):
        return wording.valued((fact.name, value.possible))
    if isinstance(value, Flag):
        return wording.valued((fact.name, value.so))
    label, unit = wording.labelled(fact.name)
    text = f"{label}: {value}"
    # But for the unit a span is digits and signs, of which no markup can be made.
    return text if isinstance(value, Span) and value.unit == unit else prose(text)


def _behind(fact: Fact, by_name: Mapping[str, Fact]) -> tuple[Fact, ...]:
    """Each fact once, in the order in which one follows from the other."""
    found, waiting = {fact.name: fact}, [*reversed(fact.derived_from)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = one = by_name.get(name) or Fact(name)
            if one.derived_from and not one.readings:
                waiting += reversed(one.derived_from)
    return tuple(found.values())


def _bases(name: str, behind: Iterable[Fact], vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """Those that the vocabulary names as settling it come first, then its kin; three at most."""
    read = tuple([one for one in behind if one.readings])
    if len(read) <= 1:  # as good as always
        return read
    if name not in vocabulary:
        return read[:1]
    asked, group = vocabulary[name].asks, name.partition(".")[0] + "."
    settling = [one for one in read if one.name in asked]
    kin = [one for one in read if one.name not in asked and one.name.startswith(group)]
    return ((*settling, *kin) or read)[:BASES_AT_MOST]


def _dated(where: Provenance) -> str:
    return where.date or ""


def _where(places: Sequence[Provenance]) -> str:
    references = dict.fromkeys(map(_REFERENCE, places))
    marks = ", ".join(map(place, islice(references, PLACES_AT_MOST)))
    more = len(references) - PLACES_AT_MOST
    return f"{marks} and {more} more" if more > 0 else marks
