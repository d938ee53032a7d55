"""The public keys of a client in a file: what nobody should have sent us, found before it is used.

Which of the keys can verify a token is told by `cdshooks.trust.keys`.
"""

import json
from pathlib import Path
from typing import Any

BYTES_AT_MOST = 1_000_000

# The members by which a JWK is more than a public key (RFC 7518, 6.2.2, 6.3.2, 6.4.1).
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# The key that the public sandbox signs with. Its private half is in the sandbox's source.
SANDBOX_KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"


def jwks_problem(path: Path) -> str | None:
    """What keeps the file from being a set of public keys, in words."""
    document = _document(path)
    keys = _keys(document)
    alone = [document] if isinstance(document, dict) else []
    if any(not PRIVATE_MEMBERS.isdisjoint(key) for key in (*keys, *alone)):
        return (
            "holds a private key: give the public jwks.json, and tell the client that this key "
            "is no longer a secret"
        )
    if not keys:
        return 'is no JWK set: {"keys": [...]} with public EC P-384 or RSA keys'
    return None


def holds_sandbox_key(path: Path) -> bool:
    return any(key.get("kid") == SANDBOX_KID for key in _keys(_document(path)))


def _document(path: Path) -> object:
    """What the file holds as JSON; None if it holds none."""
    try:
        with path.open("rb") as file:
            return json.loads(file.read(BYTES_AT_MOST + 1))
    except (OSError, ValueError, RecursionError):
        return None


def _keys(document: object) -> list[dict[str, Any]]:
    """The keys of a JWK set as they stand there; none if it is no set of them."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        return []
    return keys
