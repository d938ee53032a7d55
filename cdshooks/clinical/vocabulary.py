"""The fact vocabulary: which facts exist, what kind of value each has, and what silence means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Choice, Flag, Kind, Members, Value


@dataclass(frozen=True)
class FactType:
    """One entry of the vocabulary, as its file in mappings/ declares it.

    `closed`: silence of the record means no (false, none, empty) and is shown as assumed.
    `asks`: the base facts that settle this one when it is unknown; empty for a base fact.
    `asks_by_value`: other base facts that settle it once such a value is among the possible ones.
    `reads_as`: a value that stands for a doubt between others (HG-UNDET: G3-NET or NEC).
    `shown` are the words for values that a card does not print as they are written here.
    `warn_days`, `unknown_days`: the ages at which a reading is stale and no longer used.
    `warn_if`: a flag that makes it stale at any age (what is dated after a scan).
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    unit_text: str = ""
    values: tuple[str, ...] = ()
    closed: bool = False
    silent_value: str = ""
    asks: tuple[str, ...] = ()
    asks_by_value: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_as: Mapping[str, frozenset[str]] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    warn_days: int | None = None
    unknown_days: int | None = None
    warn_if: str = ""

    def answers(self) -> frozenset[str]:
        """Every value by name that the fact may have; of a flag true and false."""
        return frozenset(("true", "false") if self.kind == "flag" else self.values)

    def text(self, value: Value) -> str:
        """A value of this fact as a card prints it."""
        if isinstance(value, Choice) and self.shown:
            return " or ".join(sorted(self.shown.get(one, one) for one in value.possible))
        return str(value)

    def when_silent(self) -> Fact:
        """The fact of a record that says nothing about it: always the same one."""
        return self._silent

    @cached_property
    def _silent(self) -> Fact:
        if not self.closed:
            return Fact(self.name, why_absent="not documented")
        return Fact(self.name, self.silence(), assumed=True)

    def silence(self) -> Value:
        match self.kind:
            case "flag":
                return Flag(so=False)
            case "members":
                return Members(frozenset(), frozenset(self.values))
            case "choice":
                return Choice(frozenset({self.silent_value}))
        raise ValueError(f"{self.name} is a number: silence is not a number")


# What an assessment adds to the facts of a patient, so that later statements may ask about it.
OUTCOME_PREFIX = "outcome."  # outcome.<treatment id>: its outcome
NEEDS_PREFIX = "needs."  # needs.<treatment id>: the facts that leave it undecided
DATA_PREFIX = "data."
OUT_OF_DATE, SET_ASIDE = "data.out_of_date", "data.set_aside"
OF_THE_ASSESSMENT = (OUTCOME_PREFIX, NEEDS_PREFIX, DATA_PREFIX)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Every fact type by name, in the order in which they are listed."""

    types: Mapping[str, FactType]

    def __getitem__(self, name: str) -> FactType:
        return self.types[name]

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def __iter__(self) -> Iterator[FactType]:
        return iter(self.types.values())

    def settled_by(self, name: str, facts: Facts) -> tuple[str, ...]:
        """The base facts to ask for when `name` leaves a statement unknown."""
        fact_type = self.types[name]
        if not fact_type.asks and not fact_type.asks_by_value:
            return (name,)
        value = facts.value(name)
        if isinstance(value, Choice):
            for member, asked in fact_type.asks_by_value.items():
                if member in value.possible:
                    return asked
        open_inputs = [ask for ask in fact_type.asks if facts.value(ask) is None]
        settling = (self.settled_by(ask, facts) for ask in open_inputs or fact_type.asks)
        return tuple(dict.fromkeys(base for bases in settling for base in bases)) or (name,)
