"""What is known of a patient, and where each piece of it was read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Value


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in the record that could not be used, told without a value of the chart."""

    reference: str
    path: str
    problem: str
    set_aside: bool = False  # a value was there: of a future date, an unsure unit, or unreadable


# These two are tuples, which are made and hashed in a third of the time: a chart has dozens.
class Provenance(NamedTuple):
    """Where a reading stands in the record: resource, element, date and the words as printed.

    `mapped`: a code of the site stands there, and was read through the site's code map.
    """

    reference: str
    path: str
    date: str | None = None
    printed: str | None = None
    from_text: bool = False
    mapped: bool = False


class Fact(NamedTuple):
    """One entry of the vocabulary for one patient.

    `value` None is unknown, and `why_absent` then says why. `assumed` marks a closed fact that was
    read from silence ("not recorded"). `aged` marks a reading that is past its warning age,
    `expired` a fact that is unknown because its newest reading was too old to be used.
    `notes` are sentences that a clinician must see beside the value.
    """

    name: str
    value: Value | None = None
    readings: tuple[Provenance, ...] = ()
    derived_from: tuple[str, ...] = ()
    why_absent: str | None = None
    assumed: bool = False
    aged: bool = False
    expired: bool = False
    notes: tuple[str, ...] = ()


# Both can be copied at the speed of a dict.
ByName: TypeAlias = dict[str, Fact] | MappingProxyType[str, Fact]


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one patient by name; asking for a name outside the vocabulary is a KeyError.

    `answered` tells what a criterion comes to: of those that were asked before, and of every one of
    the program (program.py) that these facts went through.
    """

    by_name: ByName = field(default_factory=dict)
    answered: dict[object, Truth] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Fact:
        return self.by_name[name]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.by_name.values())

    def value(self, name: str) -> Value | None:
        return self.by_name[name].value

    def on_file(self, name: str) -> bool:
        """Does a usable record give this fact? What is only assumed is not on file."""
        fact = self.by_name[name]
        return fact.value is not None and not fact.assumed

    def having(self, facts: Iterable[Fact]) -> "Facts":
        """These facts with others added or put in their place; nothing is answered of them yet."""
        by_name = self.by_name.copy()  # of a proxy this is ten times faster than to unpack it
        by_name.update({fact.name: fact for fact in facts})
        return Facts(MappingProxyType(by_name))

    def without(self, names: Iterable[str], why: str = "hidden") -> "Facts":
        """These facts with some made unknown."""
        return self.having(
            self[name]._replace(
                value=None, readings=(), assumed=False, expired=False, why_absent=why
            )
            for name in names
        )
