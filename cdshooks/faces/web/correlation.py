"""Which call is which, in our log and in those of others: request ids and W3C trace context."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from cdshooks.hooks.ids import uuid_of

Headers = list[tuple[str, str]]

REQUEST_ID, CORRELATION_ID, TRACEPARENT = "X-Request-Id", "X-Correlation-Id", "traceparent"

_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")  # it goes into a header and into the log
_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    r"(?P<more>-.*)?"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """The ids of one call; `span_id` is the one that this service gives its own part of it."""

    request_id: str
    correlation_id: str | None
    trace_id: str
    span_id: str
    flags: str = "00"

    def headers(self) -> Headers:
        """What every answer gives back (FHIR R4, 3.1.0.1.9, and W3C Trace Context, 3.2)."""
        parent = f"00-{self.trace_id}-{self.span_id}-{self.flags}"
        headers = [(REQUEST_ID, self.request_id), (TRACEPARENT, parent)]
        if self.correlation_id is not None:
            headers.append((CORRELATION_ID, self.correlation_id))
        return headers

    def ids(self) -> dict[str, str]:
        """The ids for the log."""
        named = {
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
            "trace_id": self.trace_id,
            "span_id": self.span_id,
        }
        return {name: value for name, value in named.items() if value is not None}


def trace_of(header: Callable[[str], str | None]) -> Trace:
    """The ids that a caller gave, new ones in place of those that are missing or ill formed."""
    given, fresh = header(TRACEPARENT), os.urandom(40).hex()
    trace_id, flags = (given and _parent(given)) or (fresh[:32], "00")
    return Trace(
        request_id=_sound(header(REQUEST_ID)) or uuid_of(fresh[48:]),
        correlation_id=_sound(header(CORRELATION_ID)),
        trace_id=trace_id,
        span_id=fresh[32:48],
        flags=flags,
    )


def _sound(given: str | None) -> str | None:
    return given if given is not None and _ID.fullmatch(given) else None


def _parent(traceparent: str) -> tuple[str, str] | None:
    """Trace id and flags; of a version above 00 only these parts are known."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or found["version"] == "ff" or (found["version"] == "00" and found["more"]):
        return None
    if not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    return found["trace"], f"{int(found['flags'], 16) & 1:02x}"  # whether it is sampled
