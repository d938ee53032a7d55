"""Reading from the FHIR server of a caller, which may be slow, wrong or hostile.

One call asks several searches at once and has one deadline for all of them, connecting included.
It goes to registered bases only, follows no redirect and no link elsewhere, keeps no cookie and no
token, and believes nothing about the size or the kind of an answer. What could not be had comes
back as a FetchFailed beside the pages that could; it names the resource type, never a URL.
"""

import contextlib
import logging
import re
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from cdshooks.errors import FetchFailed
from cdshooks.fhir.base import Fetched

PAGES_AT_MOST = 20
_CHUNK = 65_536
_TYPE = re.compile(r"[A-Z][A-Za-z]*")
_UNSAFE = re.compile(r"[\\#\s\x00-\x1f\x7f]")
_CLIMBS = re.compile(r"/\.{1,2}(?:/|$)|%2e|%2f|%5c", re.IGNORECASE)


class FhirClient:
    """`client(base, {key: query or next link}, token)` gives {key: (pages, why not all)}."""

    def __init__(
        self,
        bases: Iterable[str],
        budget_seconds: float = 0.4,
        *,
        bytes_at_most: int = 33_554_432,
        threads: int = 16,
    ):
        self.bases = frozenset(base.rstrip("/") for base in bases)
        self.budget_seconds, self.bytes_at_most = budget_seconds, bytes_at_most
        self._session = _session(threads)
        self._pool = ThreadPoolExecutor(threads, "fhir")

    def __call__(
        self,
        base: str,
        queries: Mapping[str, str],
        token: str | None = None,
        began: float | None = None,
    ) -> dict[str, Fetched]:
        """Ask all `queries` at once. The answer is there within the budget, whatever they do."""
        deadline = (time.monotonic() if began is None else began) + self.budget_seconds
        searches = {
            key: _Search(
                self._session, base.rstrip("/"), query, token, deadline, self.bytes_at_most
            )
            for key, query in queries.items()
        }
        if base.rstrip("/") not in self.bases:
            unknown = "the FHIR server is not one that this service may call"
            return {key: ((), search.failed(unknown)) for key, search in searches.items()}
        running = {key: self._pool.submit(search.run) for key, search in searches.items()}
        for key, future in running.items():
            try:
                future.result(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                future.cancel()
                searches[key].abandon()
        return {key: search.outcome for key, search in searches.items()}

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._session.close()


@dataclass
class _Search:
    """One query with the pages behind it."""

    session: requests.Session
    base: str
    query: str
    token: str | None = field(repr=False)
    deadline: float
    bytes_left: int
    pages: list[bytes] = field(default_factory=list)
    failure: FetchFailed | None = None
    finished: bool = False
    abandoned: bool = False
    connection: HTTPConnection | None = None

    @property
    def outcome(self) -> Fetched:
        late = self.abandoned or not self.finished
        return tuple(self.pages), self.failed("no answer in time") if late else self.failure

    def failed(self, reason: str, status: int | None = None) -> FetchFailed:
        found = _TYPE.match(self.query)
        return FetchFailed(found.group() if found else "the next page", reason, status)

    def run(self) -> None:
        _RUNNING.search = self
        try:
            self._follow()
        except FetchFailed as failure:
            self.failure = failure
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # Of an error only its kind: its text holds the URL, and that the patient's id.
            late = isinstance(error, requests.Timeout) or time.monotonic() >= self.deadline
            reason = "no answer in time" if late else f"no answer ({type(error).__name__})"
            self.failure = self.failed(reason)
        finally:
            _RUNNING.search = None
        self.finished = True

    def abandon(self) -> None:
        """Cut the connection, so that a dripping server does not keep a thread of ours."""
        self.abandoned = True
        sock = self.connection.sock if self.connection else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _follow(self) -> None:
        """Read page after page. What was read stays, also when the next one fails."""
        link: str | None = self.query
        seen: set[str] = set()
        while link is not None:
            url = _resolved(self.base, link)
            if url is None:
                raise self.failed("the link to the next page leads elsewhere")
            if url in seen or len(seen) == PAGES_AT_MOST:
                raise self.failed(f"more than {PAGES_AT_MOST} pages, or one that links to itself")
            seen.add(url)
            body = self._get(url)
            link = self._next(body)
            self.pages.append(body)

    def _get(self, url: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.session.get(
            url, headers=headers, timeout=self._left(), stream=True, allow_redirects=False
        ) as response:
            if response.status_code != requests.codes.ok:
                status = response.status_code
                raise self.failed(f"the FHIR server answered {status}", status)
            body = bytearray()
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                self.bytes_left -= len(chunk)
                if self.bytes_left < 0:
                    raise self.failed("the answer is too large")
                self._left()
            return bytes(body)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.failed("no answer in time")
        return left

    def _next(self, body: bytes) -> str | None:
        """The link to the next page; raises if the body is not an answer to the query."""
        try:
            body.decode()
            page = _PAGE.decode(body)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
            raise self.failed("the answer is not FHIR JSON") from None
        if page.resource_type == "OperationOutcome":
            raise self.failed("the FHIR server answered with an OperationOutcome")
        asked = _TYPE.match(self.query)
        if page.resource_type not in ("Bundle", asked.group() if asked else None):
            raise self.failed("the answer is another kind of resource")
        return next((link.url for link in page.link if link.relation == "next"), None)


class _Link(msgspec.Struct, gc=False):
    relation: str = ""
    url: str = ""


class _Page(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str
    link: list[_Link] = []


_PAGE = msgspec.json.Decoder(_Page)


def _resolved(base: str, link: str) -> str | None:
    """The URL of `link` if it stays under `base`: the same characters, then no way up or out."""
    if _UNSAFE.search(link) or _CLIMBS.search("/" + link.partition("?")[0]):
        return None
    try:
        url = urljoin(f"{base}/", link)
    except ValueError:
        return None
    return url if url.startswith((f"{base}/", f"{base}?")) else None


# ---- connections that a deadline can cut ------------------------------------------------------

_RUNNING = threading.local()


class _Cuttable(HTTPConnection):
    """A connection that tells the search running on this thread about itself."""

    def _announce(self) -> None:
        search = getattr(_RUNNING, "search", None)
        if search is not None:
            search.connection = self

    def connect(self) -> None:
        self._announce()
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._announce()
        super().request(*args, **kwargs)


class _CuttableTls(_Cuttable, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Cuttable


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CuttableTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def _session(connections: int) -> requests.Session:
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its lines hold URLs
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc and no CA bundle from the environment
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    session.headers.update({"Accept": "application/fhir+json", "User-Agent": "cdshooks-net"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=connections, pool_maxsize=connections))
    return session
