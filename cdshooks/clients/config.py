"""The config file (TOML): [service] for the settings, [clients.NAME] for each system that may call.

Nothing is half loaded: whoever reads clients here looks at the problems before using any of them.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cdshooks.clients.client import Client
from cdshooks.clients.connection import fhir_bases, key_set
from cdshooks.clients.credentials import BYTES_AT_MOST, jwks_problem
from cdshooks.clients.insist import insist, insist_each_once
from cdshooks.clients.presets import PRESETS
from cdshooks.clients.profiles import read_profile
from cdshooks.clients.table import Table, cure
from cdshooks.clients.templates import template_problem
from cdshooks.clients.urls import origin_problem
from cdshooks.hooks.request import JURISDICTIONS
from cdshooks.knowledge.services import Service

Services = Mapping[str, Service]
_Read = Callable[[Table, str], Any]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_POSITION = re.compile(r"at (line \d+, column \d+|end of document)")


def read_file(path: Path, problems: list[str]) -> Table | None:
    """The whole file; None, with a problem, if it is not TOML."""
    try:
        values = tomllib.loads(_text(path))
    except OSError as error:
        problems.append(f"config: {path} cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        # The parser's own words may hold what stands at that place.
        where = _POSITION.search(str(error))
        problems.append(
            f"config: is not TOML 1.0{' ' + where[0] if where else ''}: each key once, "
            "texts in quotation marks, tables as [service] and [clients.NAME]"
        )
    else:
        table = Table("", values, path.resolve().parent, problems)
        table.expect(("service", "clients"))
        return table
    return None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        body = file.read(BYTES_AT_MOST + 1)
    if len(body) > BYTES_AT_MOST:
        raise ValueError
    return body.decode()


def read_clients(file: Table, services: Services, *, sandbox: bool) -> tuple[Client, ...]:
    """The clients that are without a mistake; each mistake goes to the problems of `file`."""
    tables = file.table("clients")
    if tables is None:
        return ()
    if not tables.values:
        tables.problem("", "is empty, so nobody could call: [clients.NAME], or leave it out")
    readers = _readers(services)
    clients = [
        client
        for name, table in tables.tables()
        if (client := _client(name, table, readers, sandbox=sandbox)) is not None
    ]
    insist_each_once(clients, tables)
    return tuple(clients)


def client_keys() -> tuple[str, ...]:
    """Every key that a client's table may have."""
    return ("preset", *_readers({}))


def _client(
    name: str, table: Table, readers: Mapping[str, _Read], *, sandbox: bool
) -> Client | None:
    if not _NAME.fullmatch(name):
        table.problem("", "is no name of a client: up to 40 letters, digits, - and _")
    table.expect(("preset", *readers))
    named = "generic" if "preset" not in table.values else table.choice("preset", PRESETS)
    preset = PRESETS[named or "generic"]
    filled = replace(table, values={**preset.values, **table.values})
    read = {key: reader(filled, key) for key, reader in readers.items()}
    given = {key: value for key, value in read.items() if value is not None}
    given["profile"] = replace(preset.profile, **given.get("profile", {}))
    if named is not None:  # what an unknown preset would have filled in is not missing
        insist(filled, given, preset, sandbox=sandbox)
    return Client(name, **given) if "issuer" in given else None


def _readers(services: Services) -> Mapping[str, _Read]:
    """How the value of each key is read; all but `preset` are parts of a Client."""
    return {
        "issuer": lambda table, key: table.text(key, _word_problem),
        "jwks_file": _jwks_file,
        "jku": key_set,
        "audiences": lambda table, key: table.texts(key, _word_problem),
        "tenants": _allow_list(_word_problem),
        "services": _allow_list(partial(_unknown, accepted=services)),
        "skew_seconds": lambda table, key: table.whole(key, 0, 120),
        "lifetime_seconds": lambda table, key: table.whole(key, 60, 3_600),
        "fhir_servers": fhir_bases,
        "fhir_client_id": lambda table, key: table.text(key, _word_problem),
        "fetch_ms": lambda table, key: table.whole(key, 10, 60_000),
        "answer_ms": lambda table, key: table.whole(key, 20, 60_000),
        "jurisdiction": lambda table, key: table.choice(key, JURISDICTIONS),
        "prefetch": partial(_prefetch, services=services),
        "profile": read_profile,
        "cors_origins": lambda table, key: table.texts(key, origin_problem),
        "gets_assessment": Table.flag,
        "missing_as_card": Table.flag,
    }


def _jwks_file(table: Table, key: str) -> Path | None:
    path = table.file(key)
    said = None if path is None else jwks_problem(path)
    if said:
        table.problem(key, said)
    return None if said else path


def _allow_list(wrong: Callable[[str], str | None]) -> _Read:
    """Reads a list that lets in what it names; one that is empty would be read in two ways."""

    def read(table: Table, key: str) -> frozenset[str] | None:
        texts = table.texts(key, wrong)
        if texts is None:
            return None
        if not table.values[key]:
            table.problem(key, "is an empty list: name what is allowed, or leave the key out")
        return frozenset(texts)

    return read


def _word_problem(text: str) -> str | None:
    if "*" in text:
        return "holds *, and nothing here is a pattern: write each out"
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > 2_000:
        return "holds blanks, or what is not printable ASCII"
    return None


def _unknown(name: str, accepted: Iterable[str]) -> str | None:
    return None if name in accepted else f"is not known: {cure(name, accepted)}"


def _prefetch(table: Table, key: str, services: Services) -> Mapping[str, Mapping[str, str]] | None:
    named = table.table(key)
    if named is None:
        return None
    named.expect(services)
    return {
        service_id: _templates(templates, services[service_id])
        for service_id, templates in named.tables()
        if service_id in services
    }


def _templates(table: Table, service: Service) -> Mapping[str, str]:
    ours = {one.key: one for one in service.prefetch}
    table.expect(ours)
    read = {
        key: table.text(key, partial(template_problem, ours=ours[key], service=service))
        for key in table.values
        if key in ours
    }
    return {key: template for key, template in read.items() if template is not None}
