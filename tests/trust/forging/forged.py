"""What a forger sends, and what our log says of it."""

from dataclasses import dataclass
from typing import Any

from tests.trust.ehr import ABSENT


@dataclass(frozen=True)
class Forged:
    """What is sent as Authorization, and why it is refused."""

    name: str
    reason: str
    authorization: str | None

    def __str__(self) -> str:
        return self.name


def sent(name: str, reason: str, jwt: str) -> Forged:
    return Forged(name, reason, f"Bearer {jwt}")


def shown(value: Any) -> str:
    """For the name of a test: ASCII, and not too long."""
    text = "absent" if value is ABSENT else ascii(value)
    return text if len(text) < 90 else f"{text[:20]}... of {len(text)}"
