"""Answers that are not advice: OperationOutcome bodies, and the headers that every answer has.

Errors are OperationOutcomes (CDS Hooks 3.0, "Returning OperationOutcome") sent as application/json:
every body of this API is JSON by the specification ("Use of JSON"), clients of 1.0 and 2.0 accept
nothing else, and to a FHIR client application/json is a synonym.
"""

import logging
import traceback
import uuid
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from cdshooks.errors import RequestRefused

JSON = "application/json"

Headers = list[tuple[str, str]]

_log = logging.getLogger("cdshooks")


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


class Saturated(RequestRefused):
    """Every thread is busy and the queue is full."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "throttled"


def refused(error: RequestRefused) -> Answer:
    headers = [("Retry-After", "1")] if isinstance(error, Saturated) else []
    return outcome(error.status, error.code, str(error), headers)


def outcome(status: int, code: str, diagnostics: str, headers: Headers | None = None) -> Answer:
    """An error as an OperationOutcome; `code` is of http://hl7.org/fhir/issue-type."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    return Answer(status, [("Content-Type", JSON), *(headers or [])], body)


def internal_error(error: BaseException) -> Answer:
    """The constant answer to a mistake of ours, with a number that finds it in the log.

    The log gets the kind and the place of the error. Its text may hold what a chart said.
    """
    number = uuid.uuid4().hex
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    place = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    _log.error("internal error %s: %s at %s", number, type(error).__qualname__, place)
    text = f"Internal error {number}. No advice was given; the operator finds it by this number."
    return outcome(HTTPStatus.INTERNAL_SERVER_ERROR, "exception", text)


def common_headers(*, sandbox: bool, preflight: bool) -> Headers:
    """What every answer carries, errors too: without CORS a browser client sees no error at all.

    The sandbox lets any page read, without credentials. Elsewhere no page may, until clients are
    configured.
    """
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    if sandbox:
        headers.append(("Access-Control-Allow-Origin", "*"))
    if sandbox and preflight:
        headers += [
            ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
            ("Access-Control-Max-Age", "600"),
        ]
    return headers
