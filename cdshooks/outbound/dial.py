"""The way from a name to a socket: resolve once, check every address, connect to a checked one.

Whoever owns a name can let it resolve to a public address while it is checked and to 127.0.0.1 when
it is connected to. Here nothing is resolved a second time; TLS still checks the name.
"""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

from cdshooks.errors import CdsHooksError
from cdshooks.outbound.address import may_reach

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) -> addresses. Raises OSError."""

_RESOLVERS = 4


class AddressRefused(CdsHooksError):
    """A name leads to an address that it may not lead to."""


class Dial:
    """`dial(host, port, seconds)` gives a connected socket within the time, or raises OSError.

    The resolver of the system cannot be interrupted: it runs on threads of this one target, so that
    a dead name server costs the others nothing.
    """

    def __init__(self, resolve: Resolve | None, *, private: bool):
        self._resolve, self._private = resolve or _system, private
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, "resolve")

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Raise AddressRefused if even one of the addresses of `host` is not allowed."""
        until = time.monotonic() + seconds
        addresses = self._resolvers.submit(self._resolve, host, port).result(seconds)
        if not all(may_reach(address, private=self._private) for address in addresses):
            raise AddressRefused("its name leads to an address that is not allowed")
        failed = OSError("the name has no address")
        for place, address in enumerate(addresses):
            share = (until - time.monotonic()) / (len(addresses) - place)
            try:
                return _connected(address, port, share)
            except OSError as error:
                failed = error
        raise failed

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)


class _WholeTimeout:
    """A socket whose timeout is for all that follows, and not for each read anew.

    A server that drips one byte a second would never be too late for the latter.
    """

    _until: float | None = None

    def settimeout(self, value: float | None, /) -> None:
        self._until = None if value is None else time.monotonic() + value
        super().settimeout(value)  # type: ignore[misc]

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            super().settimeout(left)  # type: ignore[misc]
        return super().recv_into(*args, **kwargs)  # type: ignore[misc, no-any-return]


class BoundedSocket(_WholeTimeout, socket.socket):
    """A TCP socket with one timeout for all that follows."""


class BoundedTlsSocket(_WholeTimeout, ssl.SSLSocket):
    """The same with TLS. The handshake has such a timeout by itself."""


def _connected(address: str, port: int, seconds: float) -> socket.socket:
    if seconds <= 0:
        raise TimeoutError("no answer in time")
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    connection = BoundedSocket(family, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(seconds)
        connection.connect((address, port))
    except OSError:
        connection.close()
        raise
    return connection


def _system(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
