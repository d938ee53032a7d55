"""Who is let in: anybody in a sandbox, verified clients elsewhere, nobody where there are none."""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from cdshooks.clients.client import Client
from cdshooks.errors import FetchFailed
from cdshooks.faces.web.policy import Admission
from cdshooks.faces.web.readiness import Readiness
from cdshooks.faces.web.turns import away
from cdshooks.fhir.base import Fetched, FhirBase
from cdshooks.hooks.caller import Caller, Fetch, sandbox_caller
from cdshooks.settings import Settings
from cdshooks.trust.keyring import Get, KeyRing
from cdshooks.trust.keys import SET_AT_MOST
from cdshooks.trust.replay import UsedTokens, open_store
from cdshooks.trust.verify import Verifier

if TYPE_CHECKING:
    from cdshooks.fhir.client import FhirClient

_KEY_SET_SECONDS = 5.0  # fetched beside the calls, which wait for it only as long as they may


def admission(settings: Settings, clock: Callable[[], float] = time.monotonic) -> Admission | None:
    """How one worker lets callers in; None where nobody can be. `clock` counts seconds.

    Raises SettingsInvalid if the keys of a client or the store of used tokens cannot be had.
    """
    if settings.sandbox:
        return _of_anybody(settings)
    if not settings.clients or settings.public_base is None:
        return None
    keys = KeyRing(settings.clients, _key_sets(settings.clients), clock)
    used = open_store(settings.replay_store)
    verifier = Verifier(settings.clients, settings.public_base, keys.key, used.first_use)
    return _of_clients(settings.clients, verifier, used, clock)


def _of_anybody(settings: Settings) -> Admission:
    servers = settings.fhir_servers
    fetch = _fhir_client(servers, settings.fetch_budget_ms / 1000) if servers else None
    caller = sandbox_caller(None if fetch is None else _leaving_room(fetch))
    return Admission(lambda _authorization, _path: caller)


def _of_clients(
    clients: tuple[Client, ...], verifier: Verifier, used: UsedTokens, clock: Callable[[], float]
) -> Admission:
    fetches = {client.name: _fetch(client) for client in clients if client.fhir_servers}
    callers = {client.name: _caller(client, fetches.get(client.name)) for client in clients}

    def admit(authorization: str | None, path: str) -> Caller:
        return callers[verifier.verify(authorization, path).name]

    def close() -> None:
        for fetch in fetches.values():
            fetch.close()
        used.close()

    return Admission(admit, Readiness(used.ready, clock), close)


def _fetch(client: Client) -> "FhirClient":
    """Connections and threads of its own, so that none waits for those of another client."""
    return _fhir_client(client.fhir_servers, client.fetch_ms / 1000, client.answer_ms / 1000)


def _leaving_room(fetch: Fetch) -> Fetch:
    """Others may compute while a call waits for a FHIR server."""

    def fetched(
        base: str, asked: Mapping[str, str], token: str | None, began: float
    ) -> Mapping[str, Fetched]:
        with away():
            return fetch(base, asked, token, began)

    return fetched


def _caller(client: Client, fetch: "FhirClient | None") -> Caller:
    return Caller(
        name=client.name,
        fetch=None if fetch is None else _leaving_room(fetch),
        profile=client.profile,
        jurisdiction=client.jurisdiction,
        services=client.services,
        templates=client.prefetch,
        fhir_client_id=client.fhir_client_id,
        gets_assessment=client.gets_assessment,
        missing_as_card=client.missing_as_card,
    )


# What opens connections is loaded here, and only for those who have somewhere to connect to: it
# takes a tenth of a second, which no call is to wait for.


def _fhir_client(bases: Iterable[FhirBase | str], *seconds: float) -> "FhirClient":
    from cdshooks.fhir.client import FhirClient  # noqa: PLC0415

    return FhirClient(bases, *seconds)


def _key_sets(clients: Iterable[Client]) -> Get:
    """What fetches the key set of a client that publishes one."""
    if all(client.jku is None for client in clients):
        return _no_key_set
    from cdshooks.outbound.document import get_document  # noqa: PLC0415

    return partial(
        get_document,
        at_most=SET_AT_MOST,
        seconds=_KEY_SET_SECONDS,
        accept="application/jwk-set+json, application/json",
    )


def _no_key_set(_jku: object) -> bytes:
    raise FetchFailed("the document", "no client publishes a key set")
