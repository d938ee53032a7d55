"""The data of one call: what the client sent, and what had to be fetched because it did not.

Missing is never "no": a required key that cannot be had ends the call with 412, any other is named
as not assessed, so that its facts stay unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from cdshooks.clinical.fact import Problem
from cdshooks.errors import DataRequired, FetchFailed
from cdshooks.fhir.base import Fetched
from cdshooks.fhir.body import Body
from cdshooks.hooks.access import NoAccess
from cdshooks.hooks.caller import Fetch
from cdshooks.hooks.discovery import PrefetchTemplate, Service, leaves_out_older, narrowing, query
from cdshooks.hooks.identity import check_identity
from cdshooks.hooks.page import Kind, Prefetched, state
from cdshooks.hooks.request import HookRequest

_FAILED = "the client could not read it (OperationOutcome)"
_FAILED_IN_PART = "the FHIR server could not read a part of it"
_NOT_ASKED_FOR = "what the FHIR server sent is not what was asked for"
_UNSURE = "a part of it cannot be read"
_SHORT = "fewer entries came than the server counts"
_NO_SUCH_RESOURCE = (404, 410)
_LACKING = {
    Kind.ABSENT: "it was not sent",
    Kind.JUNK: "what was sent is not what was asked for",
    Kind.PARTIAL: "only a part of it was sent",
}

State: TypeAlias = Literal["sent", "null", "fetched", "partial", "failed", "absent"]
"""What came of a key: sent whole, nothing on file, fetched whole, a part, could not be read, or
neither sent nor asked for."""


@dataclass(frozen=True, slots=True)
class Collected:
    """`bodies` are (key, resource or Bundle); `not_assessed` maps a key to its reason.

    A key may stand in both: the part that is there is used, and nothing is concluded from the rest.
    `narrowed` maps a key to the parameters by which its template asks for less than all: what is
    there counts, and nothing is concluded from what is not. `newest` are those of them of which
    only older ones can be missing. `states` are for the log: names of keys and what
    came of each.
    """

    bodies: tuple[tuple[str, Body], ...]
    not_assessed: Mapping[str, str]
    problems: tuple[Problem, ...]
    states: Mapping[str, State]
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    newest: frozenset[str] = frozenset()


class _Had(msgspec.Struct, frozen=True, gc=False):
    """What there is of one key; `reason` is why it is not all, None when it is."""

    bodies: Sequence[Body]
    state: State
    reason: str | None = None


def collect(
    request: HookRequest, service: Service, fetch: Fetch | None = None, began: float = 0.0
) -> Collected:
    """The data that `service` asks for; DataRequired if a required key cannot be had.

    A key that the service does not ask for is ignored, whatever it holds.
    """
    sent = {
        template.key: state(request.prefetch.get(template.key), template.resource_type)
        for template in service.prefetch
    }
    fetched = _fetched(request, _wanted(request, service, sent), fetch, began)
    had = {
        template.key: _had(request, sent[template.key], template, fetched)
        for template in service.prefetch
    }
    _insist(request, service, had)
    _insist_on_the_patient(service.prefetch, fetched)
    return Collected(
        bodies=tuple((key, body) for key, one in had.items() for body in one.bodies),
        not_assessed={key: one.reason for key, one in had.items() if one.reason is not None},
        problems=(*_junk(sent), *_same_patient(request, service, had)),
        states={key: one.state for key, one in had.items()},
        narrowed={one.key: by for one in service.prefetch if (by := narrowing(one.template))},
        newest=frozenset(one.key for one in service.prefetch if leaves_out_older(one.template)),
    )


def _wanted(
    request: HookRequest, service: Service, sent: Mapping[str, Prefetched]
) -> dict[str, str]:
    """What to ask the FHIR server: queries for missing keys, next links for those sent in part."""
    lacking = [one for one in service.prefetch if sent[one.key].kind in _LACKING]
    if not lacking:
        return {}
    tokens = {
        "context.patientId": request.patient_id,
        "context.userId": request.user_id or "",
        "context.encounterId": request.encounter_id or "",
    }
    queries = {
        template.key: sent[template.key].next_url
        if sent[template.key].kind is Kind.PARTIAL
        else query(template.template, tokens)
        for template in lacking
    }
    return {key: query for key, query in queries.items() if query is not None}


def _fetched(
    request: HookRequest, wanted: Mapping[str, str], fetch: Fetch | None, began: float
) -> Mapping[str, Fetched]:
    access = request.authorization
    if not wanted or fetch is None or request.fhir_server is None or isinstance(access, NoAccess):
        return {}
    token = None if access is None else access.access_token
    return fetch(request.fhir_server, wanted, token, began)


def _had(
    request: HookRequest,
    sent: Prefetched,
    template: PrefetchTemplate,
    fetched: Mapping[str, Fetched],
) -> _Had:
    if sent.kind is Kind.NULL:
        return _Had([], "null")
    if sent.kind is Kind.OUTCOME:
        return _Had([], "failed", _FAILED)
    if sent.kind is Kind.OK:
        return _Had(_bodies([sent]), "sent")
    first = [] if sent.body is None else [sent]
    pages, failure = fetched.get(template.key, ((), None))
    if pages:
        rest = [state(page, template.resource_type) for page in pages]
        return _together([*first, *rest], failure)
    why = [_fault(sent) or _LACKING[sent.kind]]
    if isinstance(request.authorization, NoAccess):
        why.append(request.authorization.why)
    if failure is not None:
        why.append(str(failure))
    found: State = "partial" if first else "absent" if failure is None else "failed"
    return _Had(_bodies(first), found, "; ".join(why))


def _bodies(pages: Iterable[Prefetched]) -> list[Body]:
    return [one.body for one in pages if one.body is not None]


def _together(pages: Sequence[Prefetched], failure: FetchFailed | None) -> _Had:
    """The usable ones of these pages, and why they are not all that is on file."""
    usable = _bodies(pages)
    total = max((one.total or 0 for one in pages), default=0)
    reason = None
    if failure is not None:
        reason = str(failure)
    elif any(one.kind is Kind.JUNK for one in pages):
        reason = _NOT_ASKED_FOR
    elif len(usable) < len(pages):
        reason = _FAILED_IN_PART
    elif faults := [fault for one in pages if (fault := _fault(one))]:
        reason = faults[0]
    elif total > _matches(pages):
        reason = _SHORT
    found: State = "fetched" if reason is None else "partial" if usable else "failed"
    return _Had(usable, found, reason)


def _fault(one: Prefetched) -> str | None:
    return _FAILED_IN_PART if one.failed_in_part else _UNSURE if one.unsure else None


def _matches(pages: Sequence[Prefetched]) -> int:
    """How many were found: a server whose data change meanwhile may give one on two pages."""
    named = sum(len(one.ids) for one in pages)
    distinct = frozenset[str]().union(*(one.ids for one in pages))
    return sum(one.matches for one in pages) - named + len(distinct)


def _insist(request: HookRequest, service: Service, had: Mapping[str, _Had]) -> None:
    """Raise if a required key has nothing at all to go by."""
    lacking = {
        template.key: had[template.key].reason or ""
        for template in service.prefetch
        if template.required and not had[template.key].bodies and had[template.key].reason
    }
    if lacking:
        misnamed = not lacking.keys() <= request.prefetch.keys()
        raise DataRequired(lacking, _foreign(request, service) if misnamed else "")


def _foreign(request: HookRequest, service: Service) -> str:
    """How many keys are none of the service's; never their names, which are a caller's words."""
    count = len(request.prefetch.keys() - {template.key for template in service.prefetch})
    if not count:
        return ""
    told = "prefetch key that was sent is" if count == 1 else "prefetch keys that were sent are"
    return f"{count} {told} none of this service's: compare with discovery"


def _insist_on_the_patient(
    templates: Iterable[PrefetchTemplate], fetched: Mapping[str, Fetched]
) -> None:
    """Raise if the FHIR server knows no such patient: its empty searches do not mean "nothing"."""
    for template in templates if fetched else ():
        _, failure = fetched.get(template.key, ((), None))
        unknown = failure is not None and failure.status in _NO_SUCH_RESOURCE
        if template.resource_type == "Patient" and unknown:
            raise DataRequired({template.key: "the FHIR server knows no such patient"})


def _junk(sent: Mapping[str, Prefetched]) -> list[Problem]:
    return [
        Problem("prefetch", key, "is not the resource or Bundle that was asked for")
        for key, one in sent.items()
        if one.kind is Kind.JUNK
    ]


def _same_patient(
    request: HookRequest, service: Service, had: Mapping[str, _Had]
) -> Iterator[Problem]:
    for template in service.prefetch:
        if template.resource_type == "Patient":
            for body in had[template.key].bodies:
                yield from check_identity(body, request.patient_id, template.key)
