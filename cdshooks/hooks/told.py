"""What an answer tells of itself for the log: ids, counts and states, no value of the chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["had", "part", "lacking", "none"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a call is about, as soon as that is read. Both texts are the client's own."""

    hook_instance: str = field(repr=False)
    patient_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Advised:
    """`cards` by indicator, the state of the data by prefetch key, the `problems` of the record."""

    cards: Mapping[str, int]
    prefetch: Mapping[str, State]
    problems: int


Tell = Callable[[Asked | Advised], None]


def tell_nobody(_told: Asked | Advised) -> None:
    """Where nothing is logged."""
