"""One query to a FHIR server, with the pages behind it."""

import re
from dataclasses import dataclass, field

from cdshooks.errors import FetchFailed
from cdshooks.fhir.base import Fetched
from cdshooks.fhir.client.exchange import TOO_MANY, Exchange, Request
from cdshooks.fhir.client.links import resolved
from cdshooks.fhir.client.page import read_page
from cdshooks.fhir.models import TYPES
from cdshooks.outbound.session import LATE, OK, Answer, NotDelivered

PAGES_AT_MOST = 20
ENTRIES_AT_MOST = 20_000

_TYPE = re.compile(r"[A-Z][A-Za-z]*")
_SEARCH = re.compile(r"([A-Z][A-Za-z]*)\?(.*)")
_GET_REFUSED = frozenset({405, 414})


@dataclass
class Search:
    """`run` it on a thread of its own; `outcome` is what came until then, at any time."""

    exchange: Exchange
    query: str
    pages: list[bytes] = field(default_factory=list, repr=False)
    failure: FetchFailed | None = None
    finished: bool = False

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
        request: Request | None = self._first()
        seen: set[str] = set()
        entries = 0
        while request is not None:
            if request.url in seen or len(seen) == PAGES_AT_MOST:
                raise NotDelivered(f"more than {PAGES_AT_MOST} pages, or one that links to itself")
            seen.add(request.url)
            answer = self._delivered(request)
            page = read_page(answer, _resource_type(self.query))
            entries += len(page.entry)
            if entries > ENTRIES_AT_MOST:
                raise NotDelivered(f"more than {ENTRIES_AT_MOST} entries")
            self.pages.append(answer.body)
            request = None if page.following is None else Request(self._url(page.following))

    def _first(self) -> Request:
        asked = Request(self._url(self.query))
        by_post = self.exchange.server.base.search == "post"
        return (self._posted() if by_post else None) or asked

    def _posted(self) -> Request | None:
        """The query as a POST to _search; None if it is no search (a read, or a next link)."""
        parts = _SEARCH.fullmatch(self.query)
        return Request(self._url(f"{parts[1]}/_search"), parts[2]) if parts else None

    def _url(self, link: str) -> str:
        url = resolved(self.exchange.server.base.url.rstrip("/"), link)
        if url is None:
            raise NotDelivered("the link to the next page leads elsewhere")
        return url

    def _delivered(self, request: Request) -> Answer:
        answer = self.exchange.ask(request)
        if answer.status in _GET_REFUSED and request.form is None and not self.pages:
            posted = self._posted()
            answer = answer if posted is None else self.exchange.ask(posted)
        if answer.status != OK:
            raise _Refused(answer.status, _named(self.query), self.exchange.token is not None)
        return answer


def failed(query: str, reason: str, status: int | None = None) -> FetchFailed:
    """Why `query` has no answer: made and not raised, as a traceback would hold on to the token."""
    return FetchFailed(_named(query) or "the next page", reason, status)


def _resource_type(query: str) -> str | None:
    found = _TYPE.match(query)
    return found.group() if found else None


def _named(query: str) -> str | None:
    """The resource type to name; a next link is the words of a caller and never told."""
    found = _resource_type(query)
    return found if found in TYPES else None


class _Refused(NotDelivered):
    """The server answered, and not with what was asked for."""

    def __init__(self, status: int, resource_type: str | None, has_token: bool):
        scope = f"the access token has no scope to read {resource_type or 'this'}"
        why = {401: ": it does not accept the access token", 403: f": {scope}"}
        if not has_token:
            why = dict.fromkeys(why, ", and the call brought no access token (fhirAuthorization)")
        why[TOO_MANY] = ": it asks to be called less"
        super().__init__(f"the FHIR server answered {status}{why.get(status, '')}")
        self.status = status
