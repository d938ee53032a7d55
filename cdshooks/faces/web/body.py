"""The body of a call, read by the event loop: so large, so soon, and so much of all calls together.

Nobody has looked at a token yet, so what is read here is what anybody can make us keep in memory.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

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


LARGEST_AT_ONCE = 4
"""The bodies of all calls of a worker that are not yet answered may be as large together as so many
of the largest. With one more byte the largest that is still coming is given up."""

CHUNKS_AT_MOST = 256
"""Pieces of one body that are kept apart; a sender may cut it as small as it likes."""

STRANGERS_AT_MOST = 65_536
"""Bytes that are read where no body is taken, and of a call to a service without a token: outside
of a sandbox these are refused anyway."""

_BUSY = "the service is busy, try again"


class _Limit(NamedTuple):
    """How many bytes are read, and what makes the refusal of a call that sends more.

    It is made where it is raised: an error that a frame holds would hold that frame, with the body,
    until the collector comes by.
    """

    at_most: int
    refusal: Callable[[], RequestRefused]


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
        self.size += len(chunk)
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
        _insist_on_plain(headers)
        limit, length = _limit(path, headers, self._settings), _announced(headers)
        if length is None and "transfer-encoding" not in headers:
            return b""  # there is none (RFC 9112, 6.3)
        if length is not None and length > limit.at_most:
            raise limit.refusal()
        try:
            async with asyncio.timeout(self._settings.body_seconds) as share.until:
                if length is not None and self._has_plenty(length):
                    return await self._at_once(coming, share, length)
                return await self._collected(coming, share, limit, length)
        except TimeoutError:
            if share.given_up:
                raise Saturated(_BUSY) from None
            raise BodyLate("did not arrive in time", "body") from None
        finally:
            self._coming.discard(share)

    def _has_plenty(self, length: int) -> bool:
        """Is there room for a body of which nothing has come? Half of it is for what has come.

        So nobody takes the room of others by words alone.
        """
        return self._room - length >= self._all_room / 2

    async def _at_once(self, coming: Coming, share: Share, length: int) -> bytes:
        """The whole body, for which this loop wakes up once. More than its length never comes."""
        share.size = length
        self._room -= length
        try:
            body = await coming()
        except RuntimeError:  # RSGI's own. Mostly nobody is left to read this answer
            raise RequestInvalid("ended before it was complete", "body") from None
        if share.given_up:  # in the moment in which it came
            raise Saturated(_BUSY)
        return _of_length(length, body)

    async def _collected(
        self, coming: Coming, share: Share, limit: _Limit, length: int | None
    ) -> bytes:
        """The whole body, chunk by chunk: what has come is what counts, whatever was announced.

        RSGI ends it with one empty chunk, but with two where it broke off, or has a trailer: since
        these cannot be told apart, a trailer is refused as well.
        """
        ends = 0
        async for chunk in coming:
            ends += not chunk
            self._keep(chunk, share)
            if share.given_up:
                raise Saturated(_BUSY)
            if share.size > limit.at_most:
                raise limit.refusal()
        if ends > 1:
            raise RequestInvalid("ended before it was complete, or with a trailer", "body")
        return _of_length(length, share.whole())

    def _keep(self, chunk: bytes, share: Share) -> None:
        """Keep it, and where there is no room give up the largest: a few cannot keep out all."""
        share.add(chunk)
        self._room -= len(chunk)
        while self._room < 0 and self._coming:
            largest = max(self._coming, key=lambda one: one.size)
            self._coming.discard(largest)
            self._room += largest.size
            largest.give_up()


def _insist_on_plain(headers: Mapping[str, str]) -> None:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise BodyUnsupported("a compressed body is not accepted", "Content-Encoding")
    if headers.get("transfer-encoding", "chunked").lower() != "chunked":
        raise BodyUnsupported("is not chunked alone", "Transfer-Encoding")


def _limit(path: str, headers: Mapping[str, str], settings: Settings) -> _Limit:
    at_most = settings.max_body_bytes
    if not settings.sandbox:
        of_service = canonical(path).startswith("/cds-services/")
        if of_service and "authorization" not in headers:
            return _Limit(min(at_most, STRANGERS_AT_MOST), partial(CallerUnknown, "absent"))
        at_most = at_most if of_service else min(at_most, STRANGERS_AT_MOST)
    return _Limit(at_most, partial(BodyTooLarge, f"more than {at_most} bytes", "body"))


def _announced(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise RequestInvalid("is not a number", "Content-Length")
    return int(length)


def _of_length(length: int | None, body: bytes) -> bytes:
    if length is not None and length != len(body):
        raise RequestInvalid("is not as long as Content-Length says", "body")
    return body
