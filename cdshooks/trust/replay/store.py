"""What a place that remembers tokens can do."""

from typing import Protocol

from cdshooks.errors import CdsHooksError, SettingsInvalid

SPARE_SECONDS = 60
"""A token is remembered for so much longer: the clocks of two nodes may differ."""

SWEEP_EVERY = 16
SWEEP_ROWS = 48
"""In a table, with every 16th token at most 48 that are over are deleted: that keeps up with any
rate, and no single call pays for a large number of them."""


class StoreFailed(CdsHooksError):
    """The store did not answer: the kind of the error, never its text."""


class Store(Protocol):
    """One question each, StoreFailed if it is not answered. The caller keeps the time."""

    def add(self, digest: bytes, until: int, now: float) -> bool:
        """Remember a token at least until then; False if it is there already."""

    def usable(self) -> bool:
        """Whether one could be added now. Makes ready what has to be made."""

    def close(self) -> None: ...


def failed(cause: Exception) -> StoreFailed:
    """The kind of `cause`, with the code that the database gives it: its text may hold a row."""
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return StoreFailed(f"{type(cause).__name__} {code or ''}".rstrip())


def missing_extra(name: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"replay_store: its driver is not installed: pip install 'cdshooks-net[{name}]'"
    )
