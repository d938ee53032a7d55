"""What can go wrong, drawn once.

CdsHooksError
 ├ KnowledgeInvalid   mappings/ cannot be used: every problem with file, line and what is accepted
 ├ SettingsInvalid    the service cannot start as configured
 ├ RequestRefused     a caller's request is answered with a 4xx: carries the status
 │  ├ RequestInvalid    400  the request breaks CDS Hooks or JSON: path and rule, never the value
 │  ├ ServiceUnknown    404  no such service
 │  ├ BodyTooLarge      413  the body passes the limit
 │  ├ BodyUnsupported   415  not JSON, or an encoding that is not enabled
 │  ├ DataRequired      412  required data could not be had: the prefetch keys
 │  ├ PatientMismatch   412  the data are of another patient than the one in context
 │  ├ CallerUnknown     401  the token does not prove who calls: a reason code, for our log only
 │  ├ CallerForbidden   403  a known caller that may not use this
 │  └ TrustUnavailable  503  whether a token was used before cannot be found out now
 ├ FetchFailed        the FHIR server did not deliver: what was asked for and why not
 ├ KeysUnreadable     a client's JWK Set cannot be used: what is wrong with it as a whole
 └ InputUnreadable    a file or line given to the command line is not something we read

No message of these classes holds a value that came from a caller or a chart: they name the place.
"""

from collections.abc import Mapping
from dataclasses import dataclass


class CdsHooksError(Exception):
    """Any error that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class KnowledgeProblem:
    """One thing wrong in a file of mappings/, with the cure."""

    file: str
    line: int
    problem: str
    accepted: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}\n    accepted: {self.accepted}"


class KnowledgeInvalid(CdsHooksError):
    """Raised once, with every problem found; nothing is half loaded."""

    def __init__(self, problems: tuple[KnowledgeProblem, ...]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class SettingsInvalid(CdsHooksError):
    """The service cannot start: the message says which setting and what is accepted."""


class RequestRefused(CdsHooksError):
    """A request that is answered with `status`; `path` is a FHIRPath-like place in the body."""

    status = 400
    code = "invalid"  # http://hl7.org/fhir/issue-type

    def __init__(self, diagnostics: str, path: str | None = None):
        super().__init__(diagnostics if path is None else f"{path}: {diagnostics}")
        self.diagnostics, self.path = diagnostics, path


class RequestInvalid(RequestRefused):
    """The body is not JSON, or not a CDS Hooks request."""


class ServiceUnknown(RequestRefused):
    status, code = 404, "not-found"


class BodyTooLarge(RequestRefused):
    status, code = 413, "too-long"


class BodyUnsupported(RequestRefused):
    status, code = 415, "not-supported"


class DataRequired(RequestRefused):
    """Required prefetch keys were neither sent nor could be fetched: `reasons` by key.

    `hint` is for who connects the client.
    """

    status, code = 412, "required"

    def __init__(self, reasons: Mapping[str, str], hint: str = ""):
        told = "; ".join(f"{key}: {reason}" for key, reason in reasons.items())
        keys = ", ".join(f"prefetch.{key}" for key in reasons)
        more = f"; {hint}" if hint else ""
        super().__init__(f"required data could not be had ({told}){more}", keys)
        self.reasons = reasons

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.reasons)


class PatientMismatch(RequestRefused):
    status, code = 412, "conflict"


class CallerUnknown(RequestRefused):
    """A token is absent or fails a check: one text for all of them, the `reason` for our log."""

    status, code = 401, "login"

    def __init__(self, reason: str):
        super().__init__("the caller is not known")
        self.reason = reason


class CallerForbidden(RequestRefused):
    """A verified caller that is not registered for this service or tenant; `reason` as above."""

    status, code = 403, "forbidden"

    def __init__(self, reason: str):
        super().__init__("the caller may not use this")
        self.reason = reason


class TrustUnavailable(RequestRefused):
    """The store of used tokens does not answer, so no token can be accepted; `reason` as above."""

    status, code = 503, "transient"

    def __init__(self, reason: str):
        super().__init__("callers cannot be verified now, try again")
        self.reason = reason


class FetchFailed(CdsHooksError):
    """The FHIR server did not deliver `what` (a resource type, never a URL with a patient id)."""

    def __init__(self, what: str, reason: str, status: int | None = None):
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.status = what, reason, status


class KeysUnreadable(CdsHooksError):
    """What should be a client's JWK Set is none, or is too large to be one."""


class InputUnreadable(CdsHooksError):
    """A file or line given to the command line is neither a Bundle nor a hook request."""
