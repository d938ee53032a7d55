"""One query to a FHIR server, with the pages behind it."""

import random
import re
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from cdshooks.errors import FetchFailed
from cdshooks.fhir.base import Fetched, FhirBase
from cdshooks.fhir.client.links import resolved
from cdshooks.fhir.client.page import read_page
from cdshooks.outbound.restraint import Restraint
from cdshooks.outbound.session import LATE, OK, Answer, NotDelivered, Room, Session

PAGES_AT_MOST = 20
ENTRIES_AT_MOST = 20_000

_TYPE = re.compile(r"[A-Z][A-Za-z]*")
_SEARCH = re.compile(r"([A-Z][A-Za-z]*)\?(.*)")
_FORM = "application/x-www-form-urlencoded"
_OVERLOADED = frozenset({500, 502, 503, 504})
_GET_REFUSED = frozenset({405, 414})
_TOO_MANY = 429
_UNAVAILABLE = 503
_JITTER = random.SystemRandom()
_JITTER_SECONDS = (0.005, 0.03)


def failed(query: str, reason: str, status: int | None = None) -> FetchFailed:
    """Why `query` has no answer: made and not raised, as a traceback would hold on to the token."""
    return FetchFailed(_resource_type(query) or "the next page", reason, status)


@dataclass(frozen=True, slots=True)
class Server:
    """A base with the connections to it and what was learned about it."""

    base: FhirBase
    session: Session
    restraint: Restraint


def _resource_type(query: str) -> str | None:
    found = _TYPE.match(query)
    return found.group() if found else None


class _Request(NamedTuple):
    url: str
    form: str | None = None  # sent by POST to _search, which reads as much as a GET

    @property
    def method(self) -> str:
        return "GET" if self.form is None else "POST"


@dataclass
class Search:
    """`run` it on a thread of its own; `outcome` is what came until then, at any time."""

    server: Server
    query: str
    token: str | None = field(repr=False)
    deadline: float
    room: Room
    pages: list[bytes] = field(default_factory=list, repr=False)
    failure: FetchFailed | None = None
    finished: bool = False
    alive: bool | None = None  # whether the server answered at all; None if it was not asked
    retried: bool = False
    entries: int = 0

    @property
    def outcome(self) -> Fetched:
        return tuple(self.pages), self.failure if self.finished else failed(self.query, LATE)

    def run(self) -> None:
        try:
            self._follow()
        except _Refused as refusal:
            self.failure = failed(self.query, refusal.reason, refusal.status)
        except NotDelivered as error:
            self.failure = failed(self.query, error.reason)
        self.finished = True

    def _follow(self) -> None:
        """Read page after page. What was read stays, also when the next one fails."""
        request: _Request | None = self._first()
        seen: set[str] = set()
        while request is not None:
            if request.url in seen or len(seen) == PAGES_AT_MOST:
                raise NotDelivered(f"more than {PAGES_AT_MOST} pages, or one that links to itself")
            seen.add(request.url)
            answer = self._delivered(request)
            page = read_page(answer, _resource_type(self.query))
            self.entries += len(page.entry)
            if self.entries > ENTRIES_AT_MOST:
                raise NotDelivered(f"more than {ENTRIES_AT_MOST} entries")
            self.pages.append(answer.body)
            request = None if page.following is None else _Request(self._url(page.following))

    def _first(self) -> _Request:
        url = self._url(self.query)
        posted = self._posted() if self.server.base.search == "post" else None
        return posted or _Request(url)

    def _posted(self) -> _Request | None:
        """The query as a POST to _search; None if it is no search (a read, or a next link)."""
        parts = _SEARCH.fullmatch(self.query)
        return _Request(self._url(f"{parts[1]}/_search"), parts[2]) if parts else None

    def _url(self, link: str) -> str:
        url = resolved(self.server.base.url.rstrip("/"), link)
        if url is None:
            raise NotDelivered("the link to the next page leads elsewhere")
        return url

    def _delivered(self, request: _Request) -> Answer:
        answer = self._asked(request)
        if answer.status in _GET_REFUSED and request.form is None and not self.pages:
            posted = self._posted()
            answer = answer if posted is None else self._asked(posted)
        if answer.status != OK:
            raise _Refused(answer.status, _resource_type(self.query))
        return answer

    def _asked(self, request: _Request) -> Answer:
        """The answer, asked for once more if it was a fault that may have passed."""
        try:
            answer = self._once(request)
        except NotDelivered as error:
            if not error.again or not self._waited():
                raise
            return self._once(request)
        passing = answer.status in _OVERLOADED and answer.retry_after is None
        return self._once(request) if passing and self._waited() else answer

    def _waited(self) -> bool:
        """Wait a moment for a second try, of which a search has one and only within its time."""
        pause = _JITTER.uniform(*_JITTER_SECONDS)
        if self.retried or time.monotonic() + 2 * pause > self.deadline:
            return False
        self.retried = True
        time.sleep(pause)
        return True

    def _once(self, request: _Request) -> Answer:
        paused = self.server.restraint.paused()
        if paused is not None:
            raise NotDelivered(paused)
        known = self.alive
        self.alive = known or False  # before it is asked: at the deadline nobody waits for us
        try:
            answer = self._sent(request)
        except NotDelivered as error:
            self.alive = self.alive if error.dead else known
            raise
        self.alive = known or answer.status not in _OVERLOADED
        asked_for_less = answer.status == _UNAVAILABLE and answer.retry_after is not None
        if answer.status == _TOO_MANY or asked_for_less:
            self.server.restraint.pause(answer.retry_after)
        return answer

    def _sent(self, request: _Request) -> Answer:
        return self.server.session.ask(
            request.method,
            request.url,
            self._headers(request),
            deadline=self.deadline,
            room=self.room,
            form=request.form,
        )

    def _headers(self, request: _Request) -> dict[str, str]:
        headers = {"Accept": "application/fhir+json"}
        if request.form is not None:
            headers["Content-Type"] = _FORM
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


class _Refused(NotDelivered):
    """The server answered, and not with what was asked for."""

    def __init__(self, status: int, resource_type: str | None):
        of_token = {
            401: ": it does not accept the access token",
            403: f": the access token has no scope to read {resource_type or 'this'}",
            _TOO_MANY: ": it asks to be called less",
        }
        super().__init__(f"the FHIR server answered {status}{of_token.get(status, '')}")
        self.status = status
