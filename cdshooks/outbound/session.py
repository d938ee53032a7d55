"""Requests to one registered target, each with one deadline and one size for all that it does.

What a library would do out of kindness is not done: this goes through the adapter of requests and
not through its Session, so there is no proxy, .netrc or CA bundle from the environment, no cookie
jar, and no redirect to follow.
"""

import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry, Timeout

from cdshooks.errors import CdsHooksError
from cdshooks.outbound.adapter import Adapter
from cdshooks.outbound.address import registered_as_private
from cdshooks.outbound.dial import AddressRefused, Dial, Resolve
from cdshooks.outbound.target import Target
from cdshooks.outbound.tls import tls_context

OK = 200
LATE = "no answer in time"
_CHUNK = 65_536


class NotDelivered(CdsHooksError):
    """Nothing usable came; the reason holds no URL.

    `dead`: the server did not answer, be it late or not at all. `again`: asking once more may help.
    """

    def __init__(self, reason: str, *, dead: bool = False, again: bool = False):
        super().__init__(reason)
        self.reason, self.dead, self.again = reason, dead, again


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; the body of a 200 only. `retry_after` is in seconds."""

    status: int
    content_type: str
    retry_after: float | None
    body: bytes


class Room:
    """How many bytes may still come; several requests may share it."""

    def __init__(self, at_most: int):
        self._left, self._lock = at_most, threading.Lock()

    def take(self, count: int) -> None:
        with self._lock:
            self._left -= count
            if self._left < 0:
                raise NotDelivered("the answer is too large")


class Session:
    """The connections to one target, kept open between requests; for any number of threads.

    Raises SettingsInvalid if a file of `target.tls` cannot be used.
    """

    def __init__(self, target: Target, connections: int = 16, resolve: Resolve | None = None):
        # Whoever registers a proxy means it, wherever it stands; the proxy resolves the target.
        private = target.proxy is not None or registered_as_private(target)
        self._dial = Dial(resolve, private=private)
        self._adapter = Adapter(tls_context(target.tls), self._dial, connections)
        self._proxies = {"http": target.proxy, "https": target.proxy} if target.proxy else {}
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its lines hold URLs

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        deadline: float,
        room: Room,
        form: str | None = None,
    ) -> Answer:
        """The answer, complete before `deadline` (time.monotonic()); else NotDelivered."""
        sent = {"Accept-Encoding": "gzip", "User-Agent": "cdshooks-net", **headers}
        try:
            request = requests.Request(method, url, sent, data=form).prepare()
            return self._sent(request, deadline, room)
        except AddressRefused as error:
            raise NotDelivered(str(error)) from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise _told(error, deadline) from None

    def close(self) -> None:
        self._adapter.close()
        self._dial.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sent(self, request: requests.PreparedRequest, deadline: float, room: Room) -> Answer:
        timeout: Any = Timeout(total=_left(deadline))  # which the types of requests do not know
        response = self._adapter.send(request, True, timeout, proxies=self._proxies)
        with response:
            body = (
                b"".join(_chunks(response, deadline, room)) if response.status_code == OK else b""
            )
        return Answer(
            response.status_code,
            response.headers.get("Content-Type", ""),
            _seconds(response.headers.get("Retry-After")),
            body,
        )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NotDelivered(LATE, dead=True)
    return left


def _chunks(response: requests.Response, deadline: float, room: Room) -> Iterator[bytes]:
    """The unpacked body; it ends as soon as it is too large or too late."""
    for chunk in response.iter_content(_CHUNK):
        room.take(len(chunk))
        _left(deadline)
        yield chunk


def _seconds(retry_after: str | None) -> float | None:
    try:
        return Retry().parse_retry_after(retry_after) if retry_after else None
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _told(error: Exception, deadline: float) -> NotDelivered:
    """Of an error only its kind: its text holds the URL, and that may hold a patient's id."""
    if isinstance(error, requests.Timeout) or time.monotonic() >= deadline:
        return NotDelivered(LATE, dead=True)
    if isinstance(error, requests.exceptions.SSLError):
        return NotDelivered(f"its TLS is not acceptable ({_tls_reason(error)})", dead=True)
    cut = isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)
    return NotDelivered(f"no answer ({type(error).__name__})", dead=cut, again=cut)


def _tls_reason(error: Exception) -> str:
    """What OpenSSL found, such as "certificate has expired"; it is wrapped several times."""
    cause: object = error
    while isinstance(cause, Exception) and not isinstance(cause, ssl.SSLError):
        cause = getattr(cause, "reason", None) or next(iter(cause.args), None)
    if not isinstance(cause, ssl.SSLError):
        return type(error).__name__
    return getattr(cause, "verify_message", None) or cause.reason or type(cause).__name__
