"""A client in a few lines, and what to know of it that is no mistake."""

from collections.abc import Iterable, Iterator

from cdshooks.clients.client import Client
from cdshooks.faces.sheet import services_of
from cdshooks.hooks.discovery import Service, narrowing
from cdshooks.trust.keys import read_jwks


def summary(client: Client, services: Iterable[Service]) -> Iterator[str]:
    allowed = services_of(client, services)
    yield client.name
    yield f"  issuer    {client.issuer}"
    if client.jwks_file is not None:
        yield f"  keys      {client.jwks_file}"
    elif client.jku is not None:
        yield f"  keys      {client.jku.url}"
    yield f"  services  {', '.join(service.id for service in allowed)}"
    for base in client.fhir_servers:
        yield f"  server    {base.url}"
    for note in _notes(client, allowed):
        yield f"  note      {note}"


def _notes(client: Client, services: Iterable[Service]) -> Iterator[str]:
    if client.jwks_file is not None:
        for why in read_jwks(client.jwks_file.read_bytes()).refused:
            yield f"jwks_file: not used is {why}"
    if not client.fhir_servers:
        yield "no FHIR server: what is not prefetched is missing"
    elif client.fhir_client_id is None:
        yield "no fhir_client_id: whose access token it is, is not compared"
    if client.profile.link_hosts is not None and not client.profile.link_hosts:
        yield "profile.link_hosts is empty: no card has a link"
    for template in (one for service in services for one in service.prefetch):
        if left_out := narrowing(template.template):
            names = ", ".join(left_out)
            yield f"{template.key}: what {names} leaves out is not assessed"
