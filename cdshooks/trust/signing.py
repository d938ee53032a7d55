"""Tokens as a client signs them, for trying a service. The service itself never signs one."""

import secrets
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cdshooks.errors import KeysUnreadable
from cdshooks.trust.keys import ALGORITHMS, Algorithm
from cdshooks.trust.strict import strict_object

_RSA_BITS = 3_072


def new_key(algorithm: Algorithm) -> dict[str, Any]:
    """A private JWK whose kid is its thumbprint (RFC 7638)."""
    key: ECKey | RSAKey
    if algorithm == "ES384":
        key = ECKey.generate_key("P-384", auto_kid=True)
    else:
        key = RSAKey.generate_key(_RSA_BITS, auto_kid=True)
    return dict(key.as_dict(private=True, alg=algorithm, use="sig"))


def public_set(private: Mapping[str, Any]) -> dict[str, Any]:
    """The JWK Set with the public part of a private JWK."""
    return {"keys": [_imported(private).as_dict()]}


def sign(
    private: bytes,
    issuer: str,
    audience: str,
    now: int,
    lifetime: int,
    jku: str | None = None,
    tenant: str | None = None,
) -> str:
    """A token for one call, as CDS Hooks has it; times in seconds. Raises KeysUnreadable."""
    try:
        key = _imported(strict_object(private))
    except (KeyError, TypeError, ValueError, JoseError):
        raise KeysUnreadable(
            "not a private JWK of ES384 or RS384 as `trust keys` makes it"
        ) from None
    header = {"alg": key.alg, "typ": "JWT", "kid": key.kid}
    if jku is not None:
        header["jku"] = jku
    claims = {
        "iss": issuer,
        "aud": audience,
        "exp": now + lifetime,
        "iat": now,
        "jti": secrets.token_urlsafe(24),
    }
    if tenant is not None:
        claims["tenant"] = tenant
    return jwt.encode(header, claims, key, algorithms=list(ALGORITHMS))


def _imported(private: Mapping[str, Any]) -> ECKey | RSAKey:
    """Raises KeyError, ValueError or JoseError unless it is a private key with alg and kid."""
    kinds: Mapping[str, type[ECKey | RSAKey]] = {"ES384": ECKey, "RS384": RSAKey}
    key = kinds[private["alg"]].import_key(dict(private))
    if not key.is_private or not key.kid:
        raise ValueError("not a private key with a kid")
    return key
