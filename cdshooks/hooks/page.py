"""What one prefetched value, or one fetched page, is: usable or not, whole or a part.

An EHR may send a key with a resource, a Bundle, a page of one, null, an OperationOutcome, or the
text of an error page. These mean different things to a clinician ("nothing on file" or "could not
be read") and are kept apart here.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.errors import RequestInvalid
from cdshooks.fhir.body import Body, mode, opened
from cdshooks.fhir.members import Members
from cdshooks.hooks.envelope import is_null, members

_T = TypeVar("_T")
_OUTCOME_TYPE = "OperationOutcome"


class Kind(Enum):
    ABSENT = "absent"  # not sent: ask the FHIR server
    NULL = "null"  # asked by the client, nothing on file
    OUTCOME = "outcome"  # asked by the client, failed: asking again is no use
    JUNK = "junk"  # not what was asked for, or not FHIR at all
    PARTIAL = "partial"  # a part of what is on file
    OK = "ok"


# A Struct is made in a fifth of the time.
class Prefetched(msgspec.Struct, frozen=True, gc=False):
    """The state of one value; `total` is how many the server claims.

    `matches` counts the resources of the type that was asked for, each once and not those that only
    come along; `ids` are theirs. `unsure`: nobody can tell whether this is all, since an entry, the
    total or a link cannot be read. `body` is there if it is usable.
    """

    kind: Kind
    matches: int = 0
    total: int | None = None
    next_url: str | None = None
    failed_in_part: bool = False
    unsure: bool = False
    ids: frozenset[str] = frozenset()
    body: Body | None = None

    def __repr__(self) -> str:
        """Without what it holds of a patient."""
        return f"Prefetched({self.kind}, {self.matches}, {self.total})"


class _Link(msgspec.Struct, gc=False):
    relation: str = ""
    url: str = ""


class _Issue(msgspec.Struct, gc=False):
    severity: str = ""


class _Outcome(msgspec.Struct, gc=False):
    issue: list[_Issue] = []


class _OutcomeEntry(msgspec.Struct, gc=False):
    resource: _Outcome = msgspec.field(default_factory=_Outcome)


_LINKS, _TOTAL = msgspec.json.Decoder(list[_Link] | None), msgspec.json.Decoder(int | None)
_OUTCOME = msgspec.json.Decoder(_OutcomeEntry)

_NONE = 0, frozenset[str]()  # of an empty Bundle, as many are


def state(sent: bytes | Raw | Members | None, resource_type: str) -> Prefetched:
    """What was sent as an answer to a query for `resource_type`; None was not sent."""
    if sent is None:
        return Prefetched(Kind.ABSENT)
    if not isinstance(sent, Members) and is_null(sent):
        return Prefetched(Kind.NULL)
    return _judged(opened(sent), resource_type)


def _judged(body: Body, resource_type: str) -> Prefetched:
    found, listed = body.type, body.members
    if found is None or (body.raw is not None and _repeats_a_key(body)):
        return Prefetched(Kind.JUNK)
    if found == "Bundle":
        return _bundle(body, listed, resource_type) if listed else Prefetched(Kind.JUNK)
    if found == _OUTCOME_TYPE:
        return Prefetched(Kind.OUTCOME)
    if found != resource_type:
        return Prefetched(Kind.JUNK)
    return Prefetched(Kind.OK, matches=1, body=body)


def _repeats_a_key(body: Body) -> bool:
    """Whether a key stands twice in the resource itself (not in one of its entries).

    One that was taken apart with the envelope has none.
    """
    raw = body.raw or b""
    if body.members is not None and len(raw) == body.members.least():
        return False
    try:
        members(raw, "resource")
    except RequestInvalid:
        return True
    return False


def _bundle(body: Body, listed: Members, resource_type: str) -> Prefetched:
    types = body.types
    outcomes = types.count(_OUTCOME_TYPE)
    matches, ids = _distinct(_answering(body, resource_type)) if types else _NONE
    failed = outcomes > 0 and _reports_a_failure(body)
    total, odd_total = _read(_TOTAL, listed.total)
    links, odd_links = _read(_LINKS, listed.link)
    following = [one.url for one in links or () if one.relation == "next"]
    next_url = next(filter(None, following), None)
    if failed and not matches:
        return Prefetched(Kind.OUTCOME)
    if not matches and outcomes < len(types):
        return Prefetched(Kind.JUNK)  # all of it is of another type
    unsure = "" in types or odd_total or odd_links or "" in following
    whole = not (failed or unsure) and next_url is None and (total is None or total <= matches)
    kind = Kind.OK if whole else Kind.PARTIAL
    return Prefetched(kind, matches, total, next_url, failed, unsure, ids, body)


def _answering(body: Body, resource_type: str) -> list[Any]:
    """The ids of the matches of a search, not of what comes along; an unreadable one may be one."""
    asked_for, aside = (resource_type, ""), ("include", "outcome")
    if body.modes().isdisjoint(aside) and body.types.count(resource_type) == len(body.types):
        return [peek.id for peek in body.peeks]  # as good as always
    return [
        one.resource.id
        for kind, one in zip(body.types, body.items, strict=True)
        if kind in asked_for and mode(one.search) not in aside
    ]


def _distinct(ids: Sequence[Any]) -> tuple[int, frozenset[str]]:
    """How many resources have these ids, and the ids: a server may give the same one twice."""
    usual = set(map(type, ids)) <= {str}  # asked of all at once, since there may be thousands
    named = ids if usual else [one for one in ids if isinstance(one, str)]
    distinct = frozenset(named)
    return len(ids) - len(named) + len(distinct), distinct


def _reports_a_failure(body: Body) -> bool:
    """Whether an OperationOutcome among the entries says more than a warning."""
    return any(
        _is_failure(body.entries[place])
        for place, kind in enumerate(body.types)
        if kind == _OUTCOME_TYPE
    )


def _is_failure(entry: bytes | Raw) -> bool:
    try:
        issues = _OUTCOME.decode(entry).resource.issue
    except msgspec.DecodeError:
        return True
    return any(issue.severity not in ("warning", "information") for issue in issues) or not issues


def _read(decoder: msgspec.json.Decoder[_T | None], raw: Raw | UnsetType) -> tuple[_T | None, bool]:
    """The value, None if there is none, and whether it is there and cannot be read."""
    if raw is UNSET:
        return None, False
    try:
        return decoder.decode(raw), False
    except msgspec.DecodeError:
        return None, True
