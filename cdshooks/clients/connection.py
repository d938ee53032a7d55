"""Registered URLs of the config file, with how each is reached: a URL alone, or a table."""

from functools import partial

from cdshooks.clients.table import Table
from cdshooks.clients.urls import proxy_problem, url_problem
from cdshooks.errors import SettingsInvalid
from cdshooks.fhir.base import FhirBase
from cdshooks.outbound.target import Target, Tls
from cdshooks.outbound.tls import tls_context

TARGET_KEYS = ("url", "private", "ca_bundle", "certificate", "certificate_key", "proxy")
SERVER_KEYS = (*TARGET_KEYS, "search")

_PAIR = "both in PEM, in one file or in certificate_key, the key not encrypted"


def key_set(table: Table, key: str) -> Target | None:
    """The registered `jku`; None (and a problem) if it cannot be one."""
    read = _place(table, key)
    return None if read is None else _target(*read, TARGET_KEYS, query=True)


def fhir_bases(table: Table, key: str) -> tuple[FhirBase, ...] | None:
    """The FHIR servers of a client, each once."""
    each = table.items(key)
    if each is None:
        return None
    bases = [base for at in each.values if (base := _base(each, at)) is not None]
    if len({base.url.rstrip("/") for base in bases}) < len(bases):
        table.problem(key, "names one server twice: each once")
    return tuple(bases)


def _base(table: Table, key: str) -> FhirBase | None:
    read = _place(table, key)
    if read is None:
        return None
    target = _target(*read, SERVER_KEYS, query=False)
    search = read[0].choice("search", ("get", "post"))
    return None if target is None else FhirBase(target, "post" if search == "post" else "get")


def _place(table: Table, key: str) -> tuple[Table, Table, str] | None:
    """The table that describes a connection, and where its URL stands: table and key."""
    if isinstance(table.values.get(key), str):
        return Table("", {}, table.folder, table.problems), table, key
    described = table.table(key)
    return None if described is None else (described, described, "url")


def _target(
    table: Table, where: Table, at: str, accepted: tuple[str, ...], *, query: bool
) -> Target | None:
    table.expect(accepted)
    if at not in where.values:
        where.problem(at, "is missing: https://host[:port]/path")
    url = where.text(at, partial(url_problem, query=query))
    private = table.flag("private") or False
    tls = _tls(table)
    proxy = table.text("proxy", proxy_problem)
    return None if url is None else Target(url, private, tls, proxy)


def _tls(table: Table) -> Tls:
    bundle = table.file("ca_bundle")
    certificate, key = table.file("certificate"), table.file("certificate_key")
    if bundle is not None and not _works(Tls(ca_bundle=bundle)):
        table.problem("ca_bundle", "holds no certificates of authorities: a file in PEM")
    if "certificate_key" in table.values and "certificate" not in table.values:
        table.problem("certificate_key", "is the key of no certificate: give certificate too")
    readable = ("certificate_key" in table.values) == (key is not None)
    ours = Tls(certificate=certificate, certificate_key=key)
    if certificate is not None and readable and not _works(ours):
        table.problem("certificate", f"is no certificate with its key: {_PAIR}")
    return Tls(bundle, certificate, key)


def _works(tls: Tls) -> bool:
    try:
        tls_context(tls)
    except SettingsInvalid:
        return False
    return True
