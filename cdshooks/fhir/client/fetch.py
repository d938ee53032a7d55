"""Asking the FHIR servers of one caller.

One call asks several searches at once and has one deadline for all of them, connecting included.
It goes to registered bases only, follows no redirect and no link elsewhere, keeps no cookie and no
token, and believes nothing about the size or the kind of an answer. What could not be had comes
back as a FetchFailed beside the pages that could; it names the resource type, never a URL.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

from cdshooks.fhir.base import Fetched, FhirBase
from cdshooks.fhir.client.exchange import Exchange, Server
from cdshooks.fhir.client.search import Search, failed
from cdshooks.outbound.dial import Resolve
from cdshooks.outbound.restraint import Restraint
from cdshooks.outbound.session import Room, Session
from cdshooks.outbound.target import Target

OWN_WORK_SECONDS = 0.05
"""What reading the record, assessing it and writing the cards may take of the answer's time."""

_NOT_REGISTERED = "the FHIR server is not one that this service may call"


class FhirClient:
    """`client(base, {key: query or next link}, token)` gives {key: (pages, why not all)}.

    Fetching takes `fetch_seconds` at most, and ends early enough for an answer `answer_seconds`
    after the call came (None: `fetch_seconds` and our own work). `bytes_at_most` is for one call.
    The threads are this client's own: a server that hangs takes none from other callers. A base
    that is only a URL is one that the operator named for a sandbox, wherever it is. Raises
    SettingsInvalid if a TLS file of a base cannot be used.
    """

    def __init__(
        self,
        bases: Iterable[FhirBase | str],
        fetch_seconds: float = 0.4,
        answer_seconds: float | None = None,
        *,
        bytes_at_most: int = 16_777_216,
        threads: int = 32,
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolve | None = None,
    ):
        self._fetch_seconds = fetch_seconds
        self._answer_seconds = answer_seconds or fetch_seconds + OWN_WORK_SECONDS
        self._bytes_at_most = bytes_at_most
        named = map(_named, bases)
        self._servers = {
            base.url.rstrip("/"): Server(
                base, Session(base.target, threads, resolve), Restraint(clock)
            )
            for base in named
        }
        self._threads = ThreadPoolExecutor(threads, "fhir")

    def __call__(
        self,
        base: str,
        queries: Mapping[str, str],
        token: str | None = None,
        began: float | None = None,
    ) -> dict[str, Fetched]:
        """Ask all `queries` at once. The answer is there within the time, whatever they do."""
        server = self._servers.get(base.rstrip("/"))
        if server is None:
            return {key: ((), failed(query, _NOT_REGISTERED)) for key, query in queries.items()}
        refusal = server.restraint.refusal()
        if refusal is not None:
            return {key: ((), failed(query, refusal)) for key, query in queries.items()}
        deadline = self._deadline(began)
        room = Room(self._bytes_at_most)
        searches = {
            key: Search(Exchange(server, token, deadline, room, self._fetch_seconds / 2), query)
            for key, query in queries.items()
        }
        running = [self._threads.submit(search.run) for search in searches.values()]
        late = wait(running, max(0.0, deadline - time.monotonic())).not_done
        for future in late:
            future.cancel()
        _learn(server.restraint, searches.values())
        return {key: search.outcome for key, search in searches.items()}

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for server in self._servers.values():
            server.session.close()

    def _deadline(self, began: float | None) -> float:
        now = time.monotonic()
        answered = (now if began is None else began) + self._answer_seconds
        return min(now + self._fetch_seconds, answered - OWN_WORK_SECONDS)


def _named(base: FhirBase | str) -> FhirBase:
    return FhirBase(Target(base, private=True)) if isinstance(base, str) else base


def _learn(restraint: Restraint, searches: Iterable[Search]) -> None:
    """Count the call as one: a patient with much on file may be late with each of its searches."""
    alive = {search.exchange.alive for search in searches}
    if True in alive:
        restraint.succeeded()
    elif False in alive:
        restraint.failed()
