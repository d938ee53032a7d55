"""What a token must pass, in the order in which it is asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cdshooks.clients.client import Client
from cdshooks.trust.jws import signature_holds
from cdshooks.trust.keys import ALGORITHMS, Key
from cdshooks.trust.token import Token

KeyOf: TypeAlias = Callable[[Client, str], Key | None]
"""(client, kid) -> the key that this client has registered under that id."""

CHECKS = (
    *("type", "algorithm", "member", "kid"),  # of the header alone
    *("issuer", "jku", "key", "key-algorithm", "signature"),
    *("times", "expired", "issued-later", "not-yet", "lifetime"),
    *("audience", "jti", "tenant", "service"),
)
"""The reason code of each check. A token is good if every one of them is passed."""

FORBIDDEN = frozenset({"tenant", "service"})  # we know the caller, who may not do this

JTI_AT_MOST = 256  # characters; a UUID has 36
_LATEST = 2**53  # seconds; far beyond any date, and exact as a float
_REFUSED_MEMBERS = frozenset({"jwk", "x5u", "x5c", "crit", "b64"})

Check: TypeAlias = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Call:
    """What was called: the path behind the public base, and when (seconds since 1970)."""

    base: str
    path: str
    now: float

    @property
    def url(self) -> str:
        return self.base + self.path

    @property
    def service(self) -> str | None:
        """The id in /cds-services/ID or /cds-services/ID/feedback."""
        parts = self.path.split("/", 3)
        return parts[2] if len(parts) > 2 else None


def examine(token: Token, client: Client | None, key_of: KeyOf, call: Call) -> Iterator[Check]:
    """Each of CHECKS with whether it is passed; what an earlier failure leaves open is left out.

    `client` is the one registered for the issuer. Lazy: no key is asked for before it is needed.
    """
    yield from _of_header(token)
    yield "issuer", client is not None
    if client is None:
        return
    yield "jku", _names_registered_jku(token.header, client)
    key = key_of(client, token.kid) if token.kid is not None else None
    yield "key", key is not None
    if key is not None:
        yield "key-algorithm", token.header.get("alg") == key.algorithm
        yield "signature", signature_holds(token.jws, key)
    yield from _of_times(token.claims, client, call.now)
    yield "audience", _is_meant_for(token.claims.get("aud"), {call.url, *client.audiences})
    yield "jti", _is_jti(token.claims.get("jti"))
    yield "tenant", _is_among(token.claims.get("tenant"), client.tenants)
    yield "service", call.service is None or _is_among(call.service, client.services)


def _of_header(token: Token) -> Iterator[Check]:
    kind = token.header.get("typ")
    yield "type", isinstance(kind, str) and kind.upper() == "JWT"
    yield "algorithm", token.header.get("alg") in ALGORITHMS
    yield "member", not _REFUSED_MEMBERS & token.header.keys()
    yield "kid", token.kid is not None


def _names_registered_jku(header: Mapping[str, Any], client: Client) -> bool:
    """A client whose keys we have in a file may name any place: we never go there."""
    if client.jku is None or "jku" not in header:
        return True
    return bool(header["jku"] == client.jku.url)


@dataclass(frozen=True, slots=True)
class _Times:
    """In seconds since 1970."""

    expires: float
    issued: float
    not_before: float


def _of_times(claims: Mapping[str, Any], client: Client, now: float) -> Iterator[Check]:
    times = _times(claims)
    yield "times", times is not None
    if times is None:
        return
    skew = client.skew_seconds
    yield "expired", times.expires > now - skew
    yield "issued-later", times.issued <= now + skew
    yield "not-yet", times.not_before <= now + skew
    yield "lifetime", 0 < times.expires - times.issued <= client.lifetime_seconds


def _times(claims: Mapping[str, Any]) -> _Times | None:
    """None unless `exp` and `iat` are times, and `nbf` is one if it is given."""
    expires, issued = _time(claims.get("exp")), _time(claims.get("iat"))
    not_before = _time(claims.get("nbf", 0))
    if expires is None or issued is None or not_before is None:
        return None
    return _Times(expires, issued, not_before)


def _time(value: object) -> float | None:
    """A NumericDate (RFC 7519, 2); True is no number here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= _LATEST else None


def _is_meant_for(audience: object, ours: set[str]) -> bool:
    """`aud` is one text or a list of them (RFC 7519, 4.1.3); one must be ours to the letter."""
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        return False
    return not ours.isdisjoint(named)


def _is_jti(jti: object) -> bool:
    """Printable, so that every store of used tokens can hold it."""
    return isinstance(jti, str) and 1 <= len(jti) <= JTI_AT_MOST and jti.isprintable()


def _is_among(value: object, allowed: frozenset[str] | None) -> bool:
    return allowed is None or (isinstance(value, str) and value in allowed)
