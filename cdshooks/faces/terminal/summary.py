"""Clients and presets in a few lines, and what to know of them that is no mistake."""

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from cdshooks.clients.client import Client
from cdshooks.clients.presets import ORACLE_HEALTH_ISSUER, Preset
from cdshooks.faces.terminal.sheet import services_of
from cdshooks.hooks.discovery import Service, narrowing
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.trust.keys import read_jwks


def preset_lines(name: str, preset: Preset) -> Iterator[str]:
    """What a preset is, what it fills in, where that was seen and what is left to the site."""
    filled = {**preset.values, **_differing(preset.profile)}
    yield f"{name}: {preset.title}"
    yield from _entry("fills in", ", ".join(map(_assignment, filled.items())) or "nothing")
    yield from _entry("seen in", preset.seen)
    yield from _entry("sure", preset.sure)
    yield from _entry("by hand", preset.by_hand)


def _differing(profile: Profile) -> dict[str, object]:
    parts = {one.name: getattr(profile, one.name) for one in fields(Profile)}
    return {
        f"profile.{name}": value
        for name, value in parts.items()
        if value != getattr(EVERYTHING, name)
    }


def _assignment(pair: tuple[str, object]) -> str:
    name, value = pair
    listed = sorted(value) if isinstance(value, frozenset) else value
    return f"{name} = {json.dumps(listed)}"


def _entry(title: str, text: str) -> list[str]:
    first, rest = f"  {title:<10}", " " * 12
    return textwrap.wrap(
        text, 80, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


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
        yield from _entry("note", note)


def _notes(client: Client, services: Iterable[Service]) -> Iterator[str]:
    if client.jwks_file is not None:
        yield from _key_notes(client.jwks_file, client)
    if client.tenants is None and client.issuer == ORACLE_HEALTH_ISSUER:
        yield "no tenants: this issuer signs for every site of its vendor, and each may call"
    if not client.fhir_servers:
        yield "no FHIR server: what is not prefetched is missing"
    elif client.fhir_client_id is None:
        yield "no fhir_client_id: whose access token it is, is not compared"
    if client.profile.link_hosts is not None and not client.profile.link_hosts:
        yield "profile.link_hosts is empty: no card has a link"
    for template in (one for service in services for one in service.prefetch):
        if left_out := narrowing(template.template):
            yield f"{template.key}: what {', '.join(left_out)} leaves out is not assessed"


def _key_notes(file: Path, client: Client) -> Iterator[str]:
    for why in read_jwks(file.read_bytes()).refused:
        yield f"jwks_file: not used is {why}"
    if client.jku is not None:
        yield "jwks_file is used; jku is only compared, its new keys are not read"
