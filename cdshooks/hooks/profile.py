"""How a client's record system shows cards: which parts of one it can take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """None is no limit. `link_hosts` are the hosts that the client lets a card link to."""

    link_hosts: frozenset[str] | None = None


EVERYTHING = Profile()
