"""The compact form of a signed token (RFC 7515, 7.1), and whether its signature holds."""

import base64
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from cdshooks.trust.keys import Key


@dataclass(frozen=True, slots=True, repr=False)
class Jws:
    """The decoded parts, and the exact bytes that were signed. Nothing of it is proved."""

    header: bytes
    payload: bytes
    signed: bytes
    signature: bytes


def read_jws(text: str) -> Jws:
    """The parts of `text`. Raises ValueError unless each of three is canonical base64url."""
    first, second, third = text.split(".")
    signed = f"{first}.{second}".encode("ascii")
    return Jws(_decoded(first), _decoded(second), signed, _decoded(third))


def signature_holds(jws: Jws, key: Key) -> bool:
    """Whether `key` signed these bytes; its own algorithm is asked, the header's plays no part."""
    algorithm = JWSRegistry.algorithms[key.algorithm]
    try:
        algorithm.check_key(key.jwk)
        return algorithm.verify(jws.signed, jws.signature, key.jwk)
    except (JoseError, ValueError):
        return False


def _decoded(part: str) -> bytes:
    """Without padding, line ends, other alphabets or stray bits: encoding it again must give it."""
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise ValueError("not canonical base64url")
    return data
