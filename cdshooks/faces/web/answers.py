"""Answers that are not advice: OperationOutcome bodies.

Errors are OperationOutcomes (CDS Hooks 3.0, "Returning OperationOutcome") sent as application/json:
every body of this API is JSON by the specification ("Use of JSON"), clients of 1.0 and 2.0 accept
nothing else, and to a FHIR client application/json is a synonym.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from cdshooks.errors import CallerTooFrequent, CallerUnknown, RequestRefused, TrustUnavailable
from cdshooks.faces.web.log import tell_error

JSON = "application/json"

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


class BodyLate(RequestRefused):
    """The body did not arrive in the time that is given to it."""

    status, code = HTTPStatus.REQUEST_TIMEOUT, "timeout"


class HostRefused(RequestRefused):
    """The sandbox was called by a name other than loopback, as a rebound DNS name would do."""

    status, code = HTTPStatus.MISDIRECTED_REQUEST, "security"


class OverShare(RequestRefused):
    """So many calls of this client wait already that one more would wait in the place of others."""

    status, code = HTTPStatus.TOO_MANY_REQUESTS, "throttled"


class Saturated(RequestRefused):
    """Every thread is busy, and the queue is full, or was so long that the call is too late."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "throttled"


# A caller that is not known learns how to sign in, and nothing of why it failed.
_HEADERS: Mapping[type[RequestRefused], Headers] = {
    CallerUnknown: [("WWW-Authenticate", "Bearer")],
    OverShare: [("Retry-After", "1")],
    Saturated: [("Retry-After", "1")],
    TrustUnavailable: [("Retry-After", "5")],
    CallerTooFrequent: [("Retry-After", "60")],  # the hour may be over, or not
}


def refused(error: RequestRefused) -> Answer:
    return outcome(error.status, error.code, str(error), _HEADERS.get(type(error)))


def outcome(status: int, code: str, diagnostics: str, headers: Headers | None = None) -> Answer:
    """An error as an OperationOutcome; `code` is of http://hl7.org/fhir/issue-type."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    return Answer(status, [("Content-Type", JSON), *(headers or [])], body)


def internal_error(error: BaseException) -> Answer:
    """The constant answer to a mistake of ours, with a number that finds it in the log.

    The log gets the type and the place of the error.
    """
    number = uuid.uuid4().hex
    tell_error("internal-error", error, number=number)
    text = f"Internal error {number}. No advice was given; the operator finds it by this number."
    return outcome(HTTPStatus.INTERNAL_SERVER_ERROR, "exception", text)
