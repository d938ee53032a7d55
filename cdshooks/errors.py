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
 │  └ TokenRefused       a token that is not accepted: the reason and who, for our log only
 │     ├ CallerUnknown     401  it does not prove who calls: a reason code
 │     ├ CallerForbidden   403  a known caller that may not use this
 │     ├ CallerTooFrequent 429  a known caller that used too many tokens in this hour
 │     └ TrustUnavailable  503  whether it was used before cannot be found out now
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


class TokenRefused(RequestRefused):
    """A call whose token is not accepted. The caller gets one text, the rest is for our log.

    `client` is the name of the registered client whose signature held, `claimed` that of the one
    whose issuer the token names, as long as nothing proves it.
    """

    text = ""

    def __init__(self, reason: str, *, client: str | None = None, claimed: str | None = None):
        super().__init__(self.text)
        self.reason, self.client, self.claimed = reason, client, claimed


class CallerUnknown(TokenRefused):
    """A token is absent or fails a check."""

    status, code, text = 401, "login", "the caller is not known"


class CallerForbidden(TokenRefused):
    """A verified caller that is not registered for this service or tenant."""

    status, code, text = 403, "forbidden", "the caller may not use this"


class CallerTooFrequent(TokenRefused):
    """A verified caller that used more tokens in this hour than are remembered."""

    status, code, text = 429, "throttled", "too many calls in this hour"


class TrustUnavailable(TokenRefused):
    """The store of used tokens does not answer, so no token can be accepted."""

    status, code, text = 503, "transient", "callers cannot be verified now, try again"


class FetchFailed(CdsHooksError):
    """The FHIR server did not deliver `what` (a resource type, never a URL with a patient id)."""

    def __init__(self, what: str, reason: str, status: int | None = None):
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.status = what, reason, status


class KeysUnreadable(CdsHooksError):
    """What should be a client's JWK Set is none, or is too large to be one."""


class InputUnreadable(CdsHooksError):
    """A file or line given to the command line is neither a Bundle nor a hook request."""
