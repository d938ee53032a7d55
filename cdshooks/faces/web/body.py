"""The body of a call, read by the event loop: so large, so soon, and so much of all calls together.

Nobody has looked at a token yet, so what is read here is what anybody can make us keep in memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cdshooks.errors import (
    BodyTooLarge,
    BodyUnsupported,
    CallerUnknown,
    RequestInvalid,
    RequestRefused,
)
from cdshooks.faces.web.answers import BodyLate, Saturated
from cdshooks.faces.web.wsgi import canonical
from cdshooks.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_Refusal = Callable[[], RequestRefused]
"""Makes the error where it is raised: one that a frame holds would hold that frame, with the body,
until the collector comes by."""

LARGEST_AT_ONCE = 4
"""The bodies of all calls of a worker that are not yet answered may be as large together as so many
of the largest. With one more byte the largest that is still coming is given up."""

CHUNKS_AT_MOST = 256
"""Pieces of one body that are kept apart; a sender may cut it as small as it likes."""

STRANGERS_AT_MOST = 65_536
"""Bytes that are read where no body is taken, and of a call to a service without a token: outside
of a sandbox these are refused anyway."""


@dataclass(slots=True, eq=False)
class Share:
    """What one call has in memory: `size` bytes, in `chunks` as long as there are more to come."""

    chunks: list[bytes | bytearray] = field(default_factory=list)
    size: int = 0
    given_up: bool = False

    def add(self, chunk: bytes) -> None:
        """Keep it as it came, so that the whole is copied once, at the end.

        But of one byte each chunks would take forty times as much: many become one array.
        """
        self.chunks.append(chunk)
        self.size += len(chunk)
        if len(self.chunks) > CHUNKS_AT_MOST:
            first, *others = self.chunks
            array = first if isinstance(first, bytearray) else bytearray(first)
            array += b"".join(others)
            self.chunks = [array]

    def whole(self) -> bytes:
        """The body, which is not kept here any longer."""
        first = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        self.chunks = []
        return bytes(first)  # no copy of what is bytes already


class Bodies:
    """The bodies under way in one event loop."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._room = LARGEST_AT_ONCE * settings.max_body_bytes
        self._coming: set[Share] = set()

    def share(self) -> Share:
        """For one call. What is read for it counts as kept in memory until it is let go."""
        share = Share()
        self._coming.add(share)
        return share

    def let_go(self, share: Share) -> None:
        self._coming.discard(share)
        self._room += share.size

    async def read(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, share: Share
    ) -> bytes:
        """The whole body. Raises RequestRefused."""
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise BodyUnsupported("a compressed body is not accepted", "Content-Encoding")
        if headers.get("transfer-encoding", "chunked").lower() != "chunked":
            raise BodyUnsupported("is not chunked alone", "Transfer-Encoding")
        at_most, too_large = _limit(scope, headers, self._settings)
        announced = _announced(headers)
        if announced is not None and announced > at_most:
            raise too_large()
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                body = await self._collected(receive, share, at_most, too_large)
        except TimeoutError:
            raise BodyLate("did not arrive in time", "body") from None
        if announced is not None and announced != len(body):
            raise RequestInvalid("is not as long as Content-Length says", "body")
        return body

    async def _collected(
        self, receive: Receive, share: Share, at_most: int, too_large: _Refusal
    ) -> bytes:
        """The whole body; refused as soon as it is one byte over, whatever its head announced."""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                # Mostly nobody is left to read this; a caller that closed only its side is.
                raise RequestInvalid("ended before it was complete", "body")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            self._keep(chunk, share)
            if share.given_up:
                raise Saturated("the service is busy, try again")
            if share.size > at_most:
                raise too_large()
        self._coming.discard(share)
        return share.whole()

    def _keep(self, chunk: bytes, share: Share) -> None:
        """Keep it, and where there is no room give up the largest: a few cannot keep out all."""
        share.add(chunk)
        self._room -= len(chunk)
        while self._room < 0 and self._coming:
            largest = max(self._coming, key=lambda one: one.size)
            self._coming.discard(largest)
            self._room += largest.size
            largest.chunks, largest.size, largest.given_up = [], 0, True


def _limit(scope: Scope, headers: Mapping[str, str], settings: Settings) -> tuple[int, _Refusal]:
    """How many bytes are read, and what is said to a call that sends more."""
    at_most = settings.max_body_bytes
    if not settings.sandbox:
        of_service = canonical(scope["path"]).startswith("/cds-services/")
        if of_service and "authorization" not in headers:
            return min(at_most, STRANGERS_AT_MOST), partial(CallerUnknown, "absent")
        at_most = at_most if of_service else min(at_most, STRANGERS_AT_MOST)
    return at_most, partial(BodyTooLarge, f"more than {at_most} bytes", "body")


def _announced(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise RequestInvalid("is not a number", "Content-Length")
    return int(length)
