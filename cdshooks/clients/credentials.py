"""The public keys of a client in a file: what nobody should have sent us, found before it is used.

Which of the keys can verify a token is told by `cdshooks.trust.keys`.
"""

import json
from pathlib import Path
from typing import Any

BYTES_AT_MOST = 1_000_000

# The members by which a JWK is more than a public key (RFC 7518, 6.2.2, 6.3.2, 6.4.1).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# The key that the public sandbox signs with. Its private half is in the sandbox's source.
SANDBOX_KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"


def jwks_problem(path: Path) -> str | None:
    """What keeps the file from being a set of public keys, in words."""
    keys = _keys(path)
    if not keys:
        return 'is no JWK set: {"keys": [...]} with public EC P-384 or RSA keys'
    if any(not _PRIVATE.isdisjoint(key) for key in keys):
        return (
            "holds a private or secret key: ask the client for its public keys only, "
            "and tell it that this key is no longer a secret"
        )
    return None


def holds_sandbox_key(path: Path) -> bool:
    return any(key.get("kid") == SANDBOX_KID for key in _keys(path))


def _keys(path: Path) -> list[dict[str, Any]]:
    """The keys of the file as they stand there; none if it is no set of them."""
    try:
        with path.open("rb") as file:
            keys = json.loads(file.read(BYTES_AT_MOST + 1))["keys"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    sound = isinstance(keys, list) and all(isinstance(key, dict) for key in keys)
    return keys if sound else []
