"""What the files of mappings/ say about treatments, requests and warnings, as typed values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, leaves

Indicator: TypeAlias = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A published source. `read` says how much of it was read: figures, partly, or not read.

    A "link" is an address that a card leads to; nothing is taken from it.
    """

    id: str
    label: str
    url: str
    read: str


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that a card adds, with its sources: always, or where `when` is YES."""

    text: str
    sources: tuple[str, ...]
    when: Criterion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DraftOrder:
    """The template of an order: what its button says, an R4 resource without subject and reason.

    `before_checks`: drafted too while a check is due. For referrals that need no safe patient, such
    as a discussion in the board; never for a therapy. Of several orders that name the same `once`,
    a card drafts the first only.
    """

    label: str
    resource: Mapping[str, Any]
    unless: Criterion | None = None
    before_checks: bool = False
    once: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """One file of mappings/treatments/. `silent`: while undecided the row asks for nothing.

    Treatments of one `family` are shown as one option, the lowest `rank` first.
    `place` is where an offer is shown: an option of its own, a sentence of the board line, or a
    text that stands under the options ("note").
    """

    id: str
    title: str
    covers: tuple[str, ...]
    version: str
    status: str
    summary: str
    indicator: Indicator
    place: Literal["option", "board", "note"]
    silent: bool
    family: str
    rank: int
    consider: tuple[Criterion, ...]
    block: tuple[Criterion, ...]
    hold: tuple[Criterion, ...]
    caution: tuple[Criterion, ...]
    sayings: tuple[Saying, ...] = ()
    orders: tuple[DraftOrder, ...] = ()
    sources: tuple[str, ...] = field(init=False, repr=False)
    """Every source that the file cites, in the order of first use."""
    consider_facts: frozenset[str] = field(init=False, repr=False)
    decisive_facts: frozenset[str] = field(init=False, repr=False)
    """What is asked to consider it, and what its outcome rests on."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "consider_facts", facts_of(self.consider))
        object.__setattr__(self, "decisive_facts", facts_of(self.decisive))
        cited = [source for leaf in self.every_leaf() for source in leaf.sources]
        cited += [source for saying in self.sayings for source in saying.sources]
        object.__setattr__(self, "sources", tuple(dict.fromkeys(cited)))

    @property
    def decisive(self) -> tuple[Criterion, ...]:
        """What the outcome rests on."""
        return (*self.consider, *self.block, *self.hold)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What the outcome and the cautions rest on; not what `say` and `orders` ask."""
        return (*self.decisive, *self.caution)

    def every_leaf(self) -> Iterator[Leaf]:
        """Every statement with its reason, also those that a sentence of `say` waits for."""
        told = (saying.when for saying in self.sayings if saying.when)
        for criterion in (*self.criteria, *told):
            yield from leaves(criterion)


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One file of mappings/requests/: a missing fact, and how to obtain it.

    Asked when a treatment waits for one of `facts`, or when `ask_when` holds by itself; never while
    `never_when` holds. Requests of one `group` share a card line and one order.
    """

    id: str
    title: str
    covers: tuple[str, ...]
    summary: str
    facts: tuple[str, ...]
    ask_when: tuple[Criterion, ...]
    never_when: tuple[Criterion, ...]
    sayings: tuple[Saying, ...]
    orders: tuple[DraftOrder, ...]
    group: str
    rank: int


@dataclass(frozen=True, slots=True, eq=False)
class Caveat:
    """One file of mappings/warnings/: a state that a clinician must see, and what to draft then."""

    id: str
    title: str
    covers: tuple[str, ...]
    when_any: tuple[Criterion, ...]
    text: str
    sources: tuple[str, ...]
    indicator: Indicator
    orders: tuple[DraftOrder, ...] = ()


def facts_of(criteria: Iterable[Criterion]) -> frozenset[str]:
    """The facts that some criteria ask."""
    asked = (leaf for criterion in criteria for leaf in leaves(criterion))
    return frozenset(name for leaf in asked for name in leaf.statement.facts)
