"""The table [clients.NAME.profile]: how the client's record system shows cards."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from cdshooks.clients.table import Table
from cdshooks.clients.urls import host_problem
from cdshooks.hooks.profile import CardMembers

_Read = Callable[[Table, str], Any]

PROFILE: Mapping[str, _Read] = {
    "link_hosts": lambda table, key: _hosts(table.texts(key, host_problem)),
    "app_context": Table.flag,
    "card_members": lambda table, key: table.choice(key, get_args(CardMembers)),
    "one_card_an_option": Table.flag,
    "critical": Table.flag,
    "detail_at_most": lambda table, key: table.whole(key, 200, 100_000),
    "suggestions": Table.flag,
    "override_reasons": Table.flag,
}


def read_profile(table: Table, key: str) -> dict[str, Any] | None:
    """The parts of a profile that the file gives; the others are those of the preset."""
    given = table.table(key)
    if given is None:
        return None
    given.expect(PROFILE)
    read = {name: reader(given, name) for name, reader in PROFILE.items()}
    return {name: value for name, value in read.items() if value is not None}


def _hosts(hosts: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if hosts is None else frozenset(host.lower() for host in hosts)
