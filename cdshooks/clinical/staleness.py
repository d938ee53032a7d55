"""Which data behind an answer are out of date, and how they are named."""

from collections.abc import Collection, Iterable
from operator import attrgetter

from cdshooks.clinical.explain import newest_date
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Flag
from cdshooks.clinical.vocabulary import OUT_OF_DATE, SET_ASIDE, Vocabulary

_NAME, _READINGS, _DERIVED_FROM = map(attrgetter, ("name", "readings", "derived_from"))
_AGED, _EXPIRED = attrgetter("aged"), attrgetter("expired")


class Ages:
    """Finds the data that are out of date, and what follows from them, with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary):
        self._overtaken = [(one.name, one.warn_if) for one in vocabulary if one.warn_if]
        self._settled_by = [(one.name, one.asks) for one in vocabulary if one.asks]

    def old(self, facts: Facts) -> list[Fact]:
        """The facts that are out of date, by name. Most patients have none."""
        # What was not read is not old: to pass over it, nine facts in ten, is left to C.
        read = list(filter(_READINGS, facts.by_name.values()))
        names = {*map(_NAME, filter(_AGED, read)), *map(_NAME, filter(_EXPIRED, read))}
        for name, flag in self._overtaken:
            known = facts.by_name.get(name)
            if known and known.readings and facts.value(flag) == Flag(so=True):
                names.add(name)
        return [facts[name] for name in sorted(names)]

    def resting_on(self, old: Iterable[Fact], facts: Facts) -> list[tuple[Fact, set[str]]]:
        """Each of these facts with the names behind which it stands, its own among them.

        A fact stands behind those that follow from it, and those that it would settle.
        """
        behind = [(one.name, one.derived_from) for one in filter(_DERIVED_FROM, facts)]
        behind += [one for one in self._settled_by if one[0] in facts.by_name]
        return [(fact, _reaching({fact.name}, behind)) for fact in old]


def _reaching(reached: set[str], behind: Collection[tuple[str, tuple[str, ...]]]) -> set[str]:
    """`reached`, with every name that leads there."""
    grown = reached.union([name for name, names in behind if not reached.isdisjoint(names)])
    return grown if len(grown) == len(reached) else _reaching(grown, behind)


def told_data(names: Collection[str], facts: Facts, vocabulary: Vocabulary) -> list[str]:
    """The data that statements about data speak of: label and date, or what is wrong."""
    told = []
    for name in facts[OUT_OF_DATE].derived_from if OUT_OF_DATE in names else ():
        when = newest_date(facts[name])
        told.append(f"{vocabulary[name].label}{f' ({when})' if when else ''}")
    for place in facts[SET_ASIDE].readings if SET_ASIDE in names else ():
        # Not which resource: the same result under two ids says nothing more. The problems name it.
        kind = place.reference.split("/", maxsplit=1)[0]
        told.append(f"{kind} {place.path} {place.printed}")
    return list(dict.fromkeys(told))
