"""The table [service] of the config file, and the rules of those settings that are URLs."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from cdshooks.clients.table import Table

STORES = ("sqlite", "postgresql", "redis", "rediss", "unix")

_RELATIVE = re.compile(r"sqlite(\+\w+)?:///(?![/:])")

_TYPES: Mapping[object, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float)}


def read_service(
    file: Table,
    types: Mapping[str, object],
    words: Mapping[str, str],
    variable: Callable[[str], str],
) -> dict[str, object]:
    """The settings in the file that have their type; paths are those of the file's folder.

    `words` says of each what a wrong value is not, `variable` names the variable of a setting,
    which is where a secret belongs.
    """
    service = file.table("service")
    if service is None:
        return {}
    service.expect(types)
    return {
        key: _placed(service, key, types[key])
        for key in service.values
        if key in types and _is_sound(service, key, types[key], words[key], variable)
    }


def _is_sound(
    table: Table, key: str, annotation: object, said: str, variable: Callable[[str], str]
) -> bool:
    """Whether a value is what TOML calls a value of this type: "1" is no number, nor is true."""
    value = table.values[key]
    if key == "sandbox":  # a line in a file is overlooked, and would switch sign-in off
        said = "is for the command line: serve --sandbox"
    elif annotation == SecretStr | None:
        said = f"is a secret: give it as {variable(key)}"
    elif _has_password(value):
        said = f"holds a password: give it as {variable(key)}"
    elif type(value) in _TYPES.get(annotation, (type(value),)):
        return True
    table.problem(key, said)
    return False


def _placed(table: Table, key: str, annotation: object) -> object:
    value = table.values[key]
    if not isinstance(value, str):
        return value
    if key == "replay_store" and _RELATIVE.match(value):
        scheme, _, path = value.partition(":///")
        return f"{scheme}:///{table.folder / path}"
    return table.folder / value if annotation in (Path, Path | None) else value


def _has_password(value: object) -> bool:
    try:
        return isinstance(value, str) and urlsplit(value).password is not None
    except ValueError:
        return False


def store_problem(url: str) -> str | None:
    """What keeps `url` from being the store of used tokens."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in STORES or not rest.strip("/"):
        return f"begins with none of {', '.join(STORES)}: sqlite:////folder/file"
    return "has to outlast a restart: a file, or a server" if ":memory:" in rest else None


def fhir_base_problem(url: str, *, https_only: bool) -> str | None:
    """What keeps `url` from being the base of a FHIR server that a sandbox reads."""
    try:
        parts = urlsplit(url)
        sound = parts.port != 0 and parts.hostname and not (parts.username or parts.password)
    except ValueError:
        return "one of them is not a URL"
    if not sound or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        return "each is http(s)://host[:port]/path and nothing more"
    if https_only and parts.scheme != "https":
        return "http is for the sandbox, use https"
    return None
