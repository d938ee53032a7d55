"""The token of a call, as it is sent: what it says of itself, before any of it is believed."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cdshooks.errors import CallerUnknown
from cdshooks.trust.jws import Jws, read_jws
from cdshooks.trust.keys import KID_AT_MOST
from cdshooks.trust.strict import strict_object

TOKEN_AT_MOST = 16_384  # characters of the Authorization header


class _Issuer(msgspec.Struct, gc=False):
    iss: str | None = None


_ISSUER = msgspec.json.Decoder(_Issuer)


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A JWT whose parts can be read. No part of it is ever shown in a log or an error."""

    jws: Jws
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def kid(self) -> str | None:
        """The id of its key; None if there is none that a key could have."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) and 1 <= len(kid) <= KID_AT_MOST else None

    @property
    def issuer(self) -> str | None:
        issuer = self.claims.get("iss")
        return issuer if isinstance(issuer, str) else None


def read_token(authorization: str | None) -> Token:
    """The token of an Authorization header. Raises CallerUnknown."""
    if authorization is None:
        raise CallerUnknown("absent")
    if len(authorization) > TOKEN_AT_MOST:
        raise CallerUnknown("size")
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer":  # any case: RFC 9110, 11.1
        raise CallerUnknown("scheme")
    try:
        jws = read_jws(text)
    except ValueError:
        raise CallerUnknown("form") from None
    return Token(jws, _object(jws.header, "header"), _object(jws.payload, "claims"))


def claimed_issuer(authorization: str) -> str | None:
    """Whom a token names, read in passing: to sort calls by, never to trust.

    The strict reading of the whole costs ten times as much, and comes when it is verified.
    """
    if len(authorization) > TOKEN_AT_MOST:
        return None
    try:
        payload = authorization.split(".", 2)[1]
        return _ISSUER.decode(base64.urlsafe_b64decode(payload + "==")).iss
    except (IndexError, ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _object(text: bytes, reason: str) -> dict[str, Any]:
    try:
        return strict_object(text)
    except ValueError:
        raise CallerUnknown(reason) from None
