"""One call on its way through: its ids, the headers of its answer, and its line in the log."""

import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIEnvironment

from cdshooks.errors import (
    DataRequired,
    RequestRefused,
    TokenRefused,
)
from cdshooks.faces.web.answers import Headers
from cdshooks.faces.web.correlation import trace_of
from cdshooks.faces.web.cors import Cors
from cdshooks.faces.web.log import in_log, keyed_hash, tell
from cdshooks.hooks.told import Advised, Asked
from cdshooks.settings import Settings

EXCHANGE = "cdshooks.exchange"  # its place in a WSGI environment

PROBES = ("/healthz", "/readyz")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KEY_OF_THIS_START = secrets.token_bytes(32)


Count = Callable[[Mapping[str, Any], int, float], None]
"""Hears of each call what the log is told, its status, and the seconds that it took."""


def count_nothing(_told: Mapping[str, Any], _status: int, _seconds: float) -> None:
    """Where nobody asks for counts."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What all calls of a process have in common."""

    cors: Cors
    log_key: bytes
    count: Count = count_nothing

    @classmethod
    def of(cls, settings: Settings, count: Count = count_nothing) -> "Edge":
        given = settings.log_key
        key = given.get_secret_value().encode() if given else _KEY_OF_THIS_START
        return cls(Cors.of(settings), key, count)


class Exchange:
    """Made when a call comes, told what is found out of it, asked for headers when it ends.

    `header` gives a header of the call by its name. `arrived` is when the whole call was here, on
    time.monotonic(): the budget of the answer counts from it.
    """

    def __init__(
        self,
        edge: Edge,
        method: str,
        header: Callable[[str], str | None],
        *,
        draining: bool = False,
    ):
        self.draining = draining
        self.arrived = self._began = time.monotonic()
        self._edge, self._origin = edge, header("Origin")
        self._trace = trace_of(header)
        self._ids = self._trace.ids()
        self._preflight = method == "OPTIONS"
        self._told: dict[str, Any] = {"method": method if method in _METHODS else "other"}

    def in_log(self) -> AbstractContextManager[None]:
        """Within it every line of the log, of libraries too, has the ids of this call."""
        return in_log(self._ids)

    def note(self, **fields: Any) -> None:
        self._told |= fields

    def hear(self, told: Asked | Advised) -> None:
        """What the engine tells. A patient and an instance that is no UUID become keyed hashes."""
        if isinstance(told, Advised):
            self.note(cards=told.cards, prefetch=told.prefetch)
            self.note(keys=tuple(told.lacking), lacking=told.lacking, problems=told.problems)
            return
        instance = told.hook_instance
        plain = _UUID.fullmatch(instance) is not None
        self.note(
            instance=instance if plain else self._hashed(instance),
            patient=self._hashed(told.patient_id),
        )

    def refuse(self, error: RequestRefused) -> None:
        """Note why; of a token that is not accepted all this is for the log alone."""
        if isinstance(error, TokenRefused):
            who = {"client": error.client, "claimed": error.claimed}
            self.note(reason=error.reason, **{key: name for key, name in who.items() if name})
        elif isinstance(error, DataRequired):
            self.note(keys=error.keys, lacking=error.reasons)
        elif error.path is not None:
            self.note(at=error.path)

    def end(self, status: int, *, closing: bool = False) -> Headers:
        """The headers that every answer has, errors too. The call is logged and counted: ask once.

        `closing`: no further call may come on this connection, nor on any while draining.
        """
        seconds = time.monotonic() - self._began
        level, ms = _level(status, self._told.get("route")), round(seconds * 1000, 1)
        tell(level, "call", **self._ids, **self._told, status=status, ms=ms, worker=os.getpid())
        self._edge.count(self._told, status, seconds)
        headers = [
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self._trace.headers(),
            *self._edge.cors.headers(self._origin, preflight=self._preflight),
        ]
        return [*headers, ("Connection", "close")] if closing or self.draining else headers

    def _hashed(self, text: str) -> str:
        return keyed_hash(self._edge.log_key, str(self._told.get("client")), text)


def exchange_of(environment: WSGIEnvironment) -> Exchange:
    found: Exchange = environment[EXCHANGE]
    return found


def _level(status: int, route: str | None) -> int:
    if status >= 500:
        return logging.WARNING
    return logging.DEBUG if route in PROBES else logging.INFO
