"""The public keys of a client: what a JWK Set may hold, and which of it is taken."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from cdshooks.clients.credentials import PRIVATE_MEMBERS
from cdshooks.errors import KeysUnreadable
from cdshooks.trust.roca import has_roca_fingerprint
from cdshooks.trust.strict import strict_object

Algorithm: TypeAlias = Literal["ES384", "RS384"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES384", "RS384")

SET_AT_MOST = 262_144  # bytes
KEYS_AT_MOST = 100
KID_AT_MOST = 1_024  # characters
RSA_BITS = range(2_048, 8_193)
EXPONENTS = range(3, 2**64)  # a longer one only makes every verification slow

_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
_NO_KEY = "its numbers make no key"


@dataclass(frozen=True, slots=True)
class Key:
    """One public key. It has one algorithm, which no token can choose."""

    kid: str
    algorithm: Algorithm
    jwk: ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of a set by `kid`, and why each other one is refused, by its place."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def find(self, kid: str) -> Key | None:
        return self.keys.get(kid)


class _Refused(Exception):
    """A key that is not taken, and why."""


def read_jwks(body: bytes) -> KeySet:
    """The keys of a JWK Set (RFC 7517) that can verify ES384 or RS384.

    Other keys are refused one by one; of a `kid` that is given twice, all. Raises KeysUnreadable
    where `body` is no such set, or is larger than any client needs.
    """
    listed = _listed(body)
    kids = Counter(kid for jwk in listed if isinstance(kid := jwk.get("kid"), str))
    keys: dict[str, Key] = {}
    refused: list[str] = []
    for number, jwk in enumerate(listed, 1):
        try:
            key = _key(jwk, kids)
        except _Refused as why:
            refused.append(f"key {number}: {why}")
        else:
            keys[key.kid] = key
    return KeySet(keys, tuple(refused))


def _listed(body: bytes) -> list[dict[str, Any]]:
    if len(body) > SET_AT_MOST:
        raise KeysUnreadable(f"more than {SET_AT_MOST} bytes")
    try:
        listed = strict_object(body).get("keys")
    except ValueError:
        raise KeysUnreadable("not a JSON object, or one that repeats a key") from None
    if not isinstance(listed, list) or not all(isinstance(jwk, dict) for jwk in listed):
        raise KeysUnreadable('"keys" is not an array of objects')
    if len(listed) > KEYS_AT_MOST:
        raise KeysUnreadable(f"more than {KEYS_AT_MOST} keys")
    return listed


def _key(jwk: Mapping[str, Any], kids: Mapping[str, int]) -> Key:
    """The key that `jwk` is; `kids` counts them over the set. Raises _Refused."""
    if PRIVATE_MEMBERS & jwk.keys():
        raise _Refused("it is a secret, and no longer one: publish its public part only, anew")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= KID_AT_MOST:
        raise _Refused(f"its kid is not a text of 1 to {KID_AT_MOST} characters")
    if kids[kid] > 1:
        raise _Refused("its kid is given twice")
    _check_purpose(jwk)
    kind = jwk.get("kty")
    if kind == "EC" and jwk.get("crv") == "P-384":
        return Key(kid, _checked(jwk, "ES384"), _imported(ECKey, jwk))
    if kind == "RSA":
        _check_numbers(_number(jwk, "n"), _number(jwk, "e"))
        return Key(kid, _checked(jwk, "RS384"), _imported(RSAKey, jwk))
    raise _Refused("it is neither EC on P-384 nor RSA")


def _check_purpose(jwk: Mapping[str, Any]) -> None:
    """`use` and `key_ops` are optional; what they say is binding (RFC 7517, 4.2 and 4.3)."""
    if jwk.get("use", "sig") != "sig":
        raise _Refused('its use is not "sig"')
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise _Refused('its key_ops are without "verify"')


def _checked(jwk: Mapping[str, Any], algorithm: Algorithm) -> Algorithm:
    if jwk.get("alg", algorithm) != algorithm:
        raise _Refused(f"its alg is not {algorithm}")
    return algorithm


def _imported(kind: type[ECKey] | type[RSAKey], jwk: Mapping[str, Any]) -> Any:
    """Only the numbers are taken; whatever else a JWK says has been looked at."""
    numbers = {name: jwk[name] for name in _MEMBERS[kind.key_type] if name in jwk}
    try:
        return kind.import_key(numbers)
    except (JoseError, ValueError):
        raise _Refused(_NO_KEY) from None


def _check_numbers(modulus: int, exponent: int) -> None:
    if modulus.bit_length() not in RSA_BITS:
        raise _Refused(f"it has not {RSA_BITS.start} to {RSA_BITS[-1]} bits")
    if exponent not in EXPONENTS or exponent % 2 == 0:
        raise _Refused("its exponent is 1, even, or longer than 64 bits")
    if has_roca_fingerprint(modulus):
        raise _Refused("it was made by a chip whose keys can be factored (CVE-2017-15361)")


def _number(jwk: Mapping[str, Any], name: str) -> int:
    text = jwk.get(name)
    try:
        return base64_to_int(text if isinstance(text, str) else "")
    except ValueError:
        raise _Refused(_NO_KEY) from None
