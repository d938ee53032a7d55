"""What an answer tells of itself for the log: ids, counts and states, no value of the chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a call is about, as soon as that is read. Both texts are the client's own."""

    hook_instance: str = field(repr=False)
    patient_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Advised:
    """What was answered: `cards` by indicator, and from what.

    `prefetch` has the state of the data by key, `lacking` the reasons of the required keys in whose
    place a card stands, `problems` counts the parts of the record that could not be used.
    """

    cards: Mapping[str, int]
    prefetch: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    problems: int = 0


Tell = Callable[[Asked | Advised], None]


def tell_nobody(_told: Asked | Advised) -> None:
    """Where nothing is logged."""
