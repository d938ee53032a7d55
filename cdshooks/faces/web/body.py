"""The body of a call, read by the event loop: so large, so soon, and so much of all calls together.

Nobody has looked at a token yet, so what is read here is what anybody can make us keep in memory.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

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


class Coming(Protocol):
    """A body on its way (RSGI): awaited whole, or chunk by chunk."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...


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
    """What one call has in memory, or may have once it is there: `size` bytes.

    `chunks` are what has come of a body of unknown length. `until` ends the wait for the rest.
    """

    chunks: list[bytes | bytearray] = field(default_factory=list)
    size: int = 0
    given_up: bool = False
    until: asyncio.Timeout | None = None

    def add(self, chunk: bytes) -> None:
        """Keep it as it came, so that the whole is copied once, at the end.

        But of one byte each chunks would take forty times as much: many become one array.
        """
        self.chunks.append(chunk)
        if len(self.chunks) > CHUNKS_AT_MOST:
            first, *others = self.chunks
            array = first if isinstance(first, bytearray) else bytearray(first)
            array += b"".join(others)
            self.chunks = [array]

    def give_up(self) -> None:
        self.chunks, self.size, self.given_up = [], 0, True
        if self.until is not None and not self.until.expired():
            self.until.reschedule(0)  # now: nothing more of it is to come

    def whole(self) -> bytes:
        """The body, which is not kept here any longer."""
        first = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        self.chunks = []
        return bytes(first)  # no copy of what is bytes already


class Bodies:
    """The bodies under way in one event loop."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._room = self._all_room = LARGEST_AT_ONCE * settings.max_body_bytes
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
        self, path: str, headers: Mapping[str, str], coming: Coming, share: Share
    ) -> bytes:
        """The whole body. Raises RequestRefused."""
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise BodyUnsupported("a compressed body is not accepted", "Content-Encoding")
        if headers.get("transfer-encoding", "chunked").lower() != "chunked":
            raise BodyUnsupported("is not chunked alone", "Transfer-Encoding")
        at_most, too_large = _limit(path, headers, self._settings)
        announced = _announced(headers)
        if announced is not None and announced > at_most:
            raise too_large()
        if announced is None and "transfer-encoding" not in headers:
            return b""  # there is none (RFC 9112, 6.3)
        try:
            async with asyncio.timeout(self._settings.body_seconds) as share.until:
                if announced is not None and self._has_plenty(announced):
                    return await self._at_once(coming, share, announced)
                body = await self._collected(coming, share, at_most, too_large)
                if announced is not None:
                    _insist_on(announced, body)
                return body
        except TimeoutError:
            if share.given_up:
                raise Saturated("the service is busy, try again") from None
            raise BodyLate("did not arrive in time", "body") from None
        finally:
            self._coming.discard(share)

    def _has_plenty(self, length: int) -> bool:
        """Also if all of it counts before it comes: half of the room is for what has really come.

        So nobody takes the room of others by words alone.
        """
        return self._room - length >= self._all_room / 2

    async def _at_once(self, coming: Coming, share: Share, length: int) -> bytes:
        """The whole body, for which this loop wakes up once. More than its length never comes."""
        self._make_room(share, length)
        try:
            body = await coming()
        except RuntimeError:  # RSGI's own. Mostly nobody is left to read this answer
            raise RequestInvalid("ended before it was complete", "body") from None
        _insist_on(length, body)
        return body

    async def _collected(
        self, coming: Coming, share: Share, at_most: int, too_large: _Refusal
    ) -> bytes:
        """The whole body, of which nobody knows the length before; refused once it is too large.

        RSGI ends it with one empty chunk, but with two where it broke off, or has a trailer: since
        these cannot be told apart, a trailer is refused as well.
        """
        ends = 0
        async for chunk in coming:
            ends += not chunk
            share.add(chunk)
            self._make_room(share, len(chunk))
            if share.size > at_most:
                raise too_large()
        if ends > 1:
            raise RequestInvalid("ended before it was complete, or with a trailer", "body")
        return share.whole()

    def _make_room(self, share: Share, more: int) -> None:
        """For so many bytes of it, and where there is none give up the largest that is coming.

        So a few cannot keep out all. Raises Saturated if it is this one.
        """
        share.size += more
        self._room -= more
        while self._room < 0 and self._coming:
            largest = max(self._coming, key=lambda one: one.size)
            self._coming.discard(largest)
            self._room += largest.size
            largest.give_up()
        if share.given_up:
            raise Saturated("the service is busy, try again")


def _limit(path: str, headers: Mapping[str, str], settings: Settings) -> tuple[int, _Refusal]:
    """How many bytes are read, and what is said to a call that sends more."""
    at_most = settings.max_body_bytes
    if not settings.sandbox:
        of_service = canonical(path).startswith("/cds-services/")
        if of_service and "authorization" not in headers:
            return min(at_most, STRANGERS_AT_MOST), partial(CallerUnknown, "absent")
        at_most = at_most if of_service else min(at_most, STRANGERS_AT_MOST)
    return at_most, partial(BodyTooLarge, f"more than {at_most} bytes", "body")


def _insist_on(length: int, body: bytes) -> None:
    if len(body) != length:
        raise RequestInvalid("is not as long as Content-Length says", "body")


def _announced(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise RequestInvalid("is not a number", "Content-Length")
    return int(length)
