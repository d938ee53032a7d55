"""New ids: those of cards and suggestions, and that of a call which brings none."""

import os
import uuid
from collections.abc import Callable
from typing import TypeAlias

NewUuid: TypeAlias = Callable[[], uuid.UUID | str]
AT_ONCE = 8  # as many ids as most answers have
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class RandomUuids:
    """Random UUIDs (RFC 9562, version 4) for one answer, as `uuid.uuid4` gives them.

    The digits of several are had from the system at once. None is kept for another answer: what a
    process had left when it forked would be given twice.
    """

    def __init__(self) -> None:
        self._digits, self._used = "", 0

    def __call__(self) -> str:
        at = self._used
        if at == len(self._digits):
            self._digits, at = os.urandom(16 * AT_ONCE).hex(), 0
        self._used = at + 32
        return uuid_of(self._digits[at : at + 32])


def uuid_of(digits: str) -> str:
    """A random UUID of 32 random hexadecimal digits."""
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}"
        f"-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"
    )
