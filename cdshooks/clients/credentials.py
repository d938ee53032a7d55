"""The key and certificate files that a config file names: what keeps one from being used.

This is the check before the service binds; whoever uses a file reads it anew.
"""

import json
import ssl
from pathlib import Path
from typing import Any

BYTES_AT_MOST = 1_000_000

# The members by which a JWK is more than a public key (RFC 7518, 6.2.2, 6.3.2, 6.4.1).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# The key that the public sandbox signs with. Its private half is in the sandbox's source.
SANDBOX_KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"

_ACCEPTED = '{"keys": [...]} with public EC P-384 or RSA keys, each with its kid'


def jwks_problem(path: Path) -> str | None:
    """What keeps the file from being the public keys of a client, in words."""
    keys = _keys(path)
    if keys is None:
        return f"is no JWK set: {_ACCEPTED}"
    if any(not _PRIVATE.isdisjoint(key) for key in keys):
        return (
            "holds a private or secret key: ask the client for its public keys only, "
            "and tell it that this key is no longer a secret"
        )
    if not any(_is_usable(key) for key in keys):
        return f"holds no key that can be used: {_ACCEPTED}"
    return None


def kids(path: Path) -> tuple[str, ...]:
    """The ids of the usable keys in a file, as the client sends them."""
    return tuple(str(key["kid"]) for key in _keys(path) or () if _is_usable(key))


def ca_problem(path: Path) -> str | None:
    """What keeps the file from being a list of certificate authorities."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):
        return "holds no certificates: a file of certificates in PEM"
    return None


def certificate_problem(certificate: Path, key: Path | None) -> str | None:
    """What keeps our certificate and its key from being shown to a server."""

    def no_password() -> str:
        raise ValueError

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, no_password)
    except (OSError, ValueError):
        return (
            "is no certificate with the key that belongs to it: "
            "both in PEM, in one file or in certificate_key, the key not encrypted"
        )
    return None


def _keys(path: Path) -> list[dict[str, Any]] | None:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(BYTES_AT_MOST + 1))
        keys = found["keys"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    sound = isinstance(keys, list) and keys and all(isinstance(key, dict) for key in keys)
    return keys if sound else None


def _is_usable(key: dict[str, Any]) -> bool:
    shape = key.get("kty"), key.get("crv")
    return bool(key.get("kid")) and shape in (("EC", "P-384"), ("RSA", None))
