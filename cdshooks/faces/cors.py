"""Which web pages may read the answers: those of listed origins, or in a sandbox any.

Never with `Access-Control-Allow-Credentials`: a CDS client signs each call with a token of its own,
and a browser that added cookies or certificates by itself could be made to by any page.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cdshooks.faces.correlation import CORRELATION_ID, REQUEST_ID, TRACEPARENT, Headers
from cdshooks.settings import Settings

_IDS = f"{REQUEST_ID}, {CORRELATION_ID}, {TRACEPARENT}"
_NEVER = frozenset({"*", "null"})  # "null" is every page without an origin, sandboxed frames too

_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", f"Authorization, Content-Type, {_IDS}, tracestate"),
    ("Access-Control-Max-Age", "600"),
]
_EXPOSED = [("Access-Control-Expose-Headers", f"{_IDS}, Retry-After, WWW-Authenticate")]


@dataclass(frozen=True, slots=True)
class Cors:
    """`origins` are compared character by character, as browsers send them (RFC 6454, 6.2)."""

    origins: frozenset[str] = frozenset()
    any_origin: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Cors":
        """The origins of the service and of all clients: a preflight does not say who asks."""
        if settings.sandbox:
            return cls(any_origin=True)
        clients = (origin for client in settings.clients for origin in client.cors_origins)
        return cls(_listed([*settings.cors_origins, *clients]))

    def headers(self, origin: str | None, *, preflight: bool) -> Headers:
        """What an answer to a page of `origin` carries, errors too: else a page sees no error."""
        told = _PREFLIGHT if preflight else _EXPOSED
        if self.any_origin:
            return [("Access-Control-Allow-Origin", "*"), *told]
        if not self.origins:
            return []
        vary = ("Vary", "Origin")  # also where no page is let in: a cache must not mix the two
        if origin not in self.origins:
            return [vary]
        return [vary, ("Access-Control-Allow-Origin", origin), *told]


def _listed(origins: Iterable[str]) -> frozenset[str]:
    return frozenset(origins) - _NEVER
