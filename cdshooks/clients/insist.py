"""What the keys of one client have to be together, and all clients beside each other."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdshooks.clients.client import Client
from cdshooks.clients.credentials import holds_sandbox_key
from cdshooks.clients.presets import SANDBOX_ISSUER, Preset
from cdshooks.clients.table import Table
from cdshooks.clients.urls import url_problem

_OPEN_KEY = "is of the public sandbox, whose private key is public: for serve --sandbox only"
_SIGNS = "signs its calls, and a sandbox asks nobody to sign in: serve without --sandbox"

_UNSET = Client("", "")  # what holds where a key is not given


def insist(table: Table, read: Mapping[str, Any], preset: Preset, *, sandbox: bool) -> None:
    """A problem for each way in which the keys that could be read make no safe client."""
    if "issuer" not in table.values:
        table.problem("issuer", "is missing: the iss of the client's tokens")
    if not {"jwks_file", "jku"} & table.values.keys():
        table.problem("", "has no keys, so nobody could be verified: give jku or jwks_file")
    fetch, answer = (read.get(key, getattr(_UNSET, key)) for key in ("fetch_ms", "answer_ms"))
    if fetch >= answer:
        table.problem("fetch_ms", "leaves no time to answer: less than answer_ms")
    if sandbox and not preset.sandbox_only:
        table.problem("", _SIGNS)
    if not sandbox:
        _insist_outside_of_the_sandbox(table, read, preset)


def _insist_outside_of_the_sandbox(table: Table, read: Mapping[str, Any], preset: Preset) -> None:
    if preset.sandbox_only:
        table.problem("preset", _OPEN_KEY)
        return
    named = {"issuer": read.get("issuer"), "jku": read["jku"].url if "jku" in read else None}
    for key, url in named.items():
        if url is not None and _same_site(url, SANDBOX_ISSUER):
            table.problem(key, _OPEN_KEY)
    if "jwks_file" in read and holds_sandbox_key(read["jwks_file"]):
        table.problem("jwks_file", _OPEN_KEY)
    for audience in read.get("audiences", ()):
        # A name that other services may have too would let their tokens in here.
        if said := url_problem(audience):
            table.problem("audiences", f"one of them {said}")


def _same_site(url: str, site: str) -> bool:
    folded = url.lower().replace("http://", "https://", 1)
    return folded == site or folded.startswith((f"{site}/", f"{site}:", f"{site}."))


def insist_each_once(clients: Iterable[Client], table: Table) -> None:
    """A problem for each issuer that two clients have: whose rules would hold for its tokens?"""
    first: dict[str, str] = {}
    for client in clients:
        before = first.setdefault(client.issuer, client.name)
        if before != client.name:
            table.problem(
                client.name, f"has the issuer of {table.place}.{before}: each issuer once"
            )
