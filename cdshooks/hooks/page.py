"""What one prefetched value, or one fetched page, is: usable or not, whole or a part.

An EHR may send a key with a resource, a Bundle, a page of one, null, an OperationOutcome, or the
text of an error page. These mean different things to a clinician ("nothing on file" or "could not
be read") and are kept apart here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from cdshooks.errors import RequestInvalid
from cdshooks.hooks.envelope import elements, is_null, members, text

_T = TypeVar("_T")
_OUTCOME_TYPE = "OperationOutcome"


class Kind(Enum):
    ABSENT = "absent"  # not sent: ask the FHIR server
    NULL = "null"  # asked by the client, nothing on file
    OUTCOME = "outcome"  # asked by the client, failed: asking again is no use
    JUNK = "junk"  # not what was asked for, or not FHIR at all
    PARTIAL = "partial"  # a part of what is on file
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Prefetched:
    """The state of one value; `total` is how many the server claims.

    `matches` counts the resources of the type that was asked for, each once and not those that only
    come along; `ids` are theirs. `unsure`: nobody can tell whether this is all, since an entry, the
    total or a link cannot be read.
    """

    kind: Kind
    matches: int = 0
    total: int | None = None
    next_url: str | None = None
    failed_in_part: bool = False
    unsure: bool = False
    ids: frozenset[str] = field(default=frozenset(), repr=False, compare=False)


class _Head(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    id: Any = None  # a string by the book, and no reason to pass over the resource if it is none


class _Search(msgspec.Struct, gc=False):
    mode: str = ""


class _Entry(msgspec.Struct, gc=False):
    resource: _Head = msgspec.field(default_factory=_Head)
    search: _Search = msgspec.field(default_factory=_Search)

    def answers(self, resource_type: str) -> bool:
        """Is it a match of the search, and not what comes along? An unreadable one may be."""
        matched = self.search.mode not in ("include", "outcome")
        return matched and self.resource.resource_type in (resource_type, "")


class _Bare(msgspec.Struct, gc=False):
    resource: _Head = msgspec.field(default_factory=_Head)


class _Link(msgspec.Struct, gc=False):
    relation: str = ""
    url: str = ""


class _Issue(msgspec.Struct, gc=False):
    severity: str = ""


class _Outcome(msgspec.Struct, gc=False):
    issue: list[_Issue] = []


class _OutcomeEntry(msgspec.Struct, gc=False):
    resource: _Outcome = msgspec.field(default_factory=_Outcome)


_ENTRIES, _ENTRY = msgspec.json.Decoder(list[_Entry]), msgspec.json.Decoder(_Entry)
_BARE = msgspec.json.Decoder(_Bare)
_LINKS, _TOTAL = msgspec.json.Decoder(list[_Link]), msgspec.json.Decoder(int | None)
_OUTCOME = msgspec.json.Decoder(_OutcomeEntry)


def state(raw: bytes | Raw | None, resource_type: str) -> Prefetched:
    """What `raw` is as an answer to a query for `resource_type`; None was not sent."""
    if raw is None:
        return Prefetched(Kind.ABSENT)
    if is_null(raw):
        return Prefetched(Kind.NULL)
    try:
        fields = members(raw, "resource")
        found = text(fields["resourceType"], "resourceType")
        if found == "Bundle":
            return _bundle(fields, resource_type)
    except (RequestInvalid, KeyError):
        return Prefetched(Kind.JUNK)
    if found == _OUTCOME_TYPE:
        return Prefetched(Kind.OUTCOME)
    return Prefetched(Kind.OK if found == resource_type else Kind.JUNK, matches=1)


def _bundle(fields: Mapping[str, Raw], resource_type: str) -> Prefetched:
    entries = _entries(fields.get("entry"))
    types = [one.resource.resource_type for one in entries]
    outcomes = types.count(_OUTCOME_TYPE)
    matches, ids = _distinct([one.resource.id for one in entries if one.answers(resource_type)])
    failed = outcomes > 0 and _reports_a_failure(fields["entry"], entries)
    total, odd_total = _read(_TOTAL, fields.get("total"), None)
    links, odd_links = _read(_LINKS, fields.get("link"), [])
    following = [one.url for one in links if one.relation == "next"]
    next_url = next(filter(None, following), None)
    if failed and not matches:
        return Prefetched(Kind.OUTCOME)
    if not matches and outcomes < len(entries):
        return Prefetched(Kind.JUNK)  # all of it is of another type
    unsure = "" in types or odd_total or odd_links or "" in following
    whole = not (failed or unsure) and next_url is None and (total is None or total <= matches)
    kind = Kind.OK if whole else Kind.PARTIAL
    return Prefetched(kind, matches, total, next_url, failed, unsure, ids)


def _distinct(ids: Sequence[Any]) -> tuple[int, frozenset[str]]:
    """How many resources have these ids, and the ids: a server may give the same one twice."""
    named = [one for one in ids if isinstance(one, str)]
    distinct = frozenset(named)
    return len(ids) - len(named) + len(distinct), distinct


def _is_outcome(entry: _Entry) -> bool:
    return entry.resource.resource_type == _OUTCOME_TYPE


def _entries(entry: Raw | None) -> list[_Entry]:
    """The head of each entry; one that cannot be read spoils no other."""
    if entry is None:
        return []
    try:
        return _ENTRIES.decode(entry)
    except msgspec.DecodeError:
        return [_entry(one) for one in elements(entry, "entry")]


def _entry(entry: Raw) -> _Entry:
    try:
        return _ENTRY.decode(entry)
    except msgspec.DecodeError:
        pass
    try:
        return _Entry(_BARE.decode(entry).resource)
    except msgspec.DecodeError:
        return _Entry()


def _reports_a_failure(entry: Raw, entries: list[_Entry]) -> bool:
    """Whether an OperationOutcome among the entries says more than a warning."""
    return any(
        _is_failure(raw)
        for raw, one in zip(elements(entry, "entry"), entries, strict=True)
        if _is_outcome(one)
    )


def _is_failure(entry: Raw) -> bool:
    try:
        issues = _OUTCOME.decode(entry).resource.issue
    except msgspec.DecodeError:
        return True
    return any(issue.severity not in ("warning", "information") for issue in issues) or not issues


def _read(decoder: msgspec.json.Decoder[_T], raw: Raw | None, nothing: _T) -> tuple[_T, bool]:
    """The value, `nothing` if there is none, and whether it is there and cannot be read."""
    if raw is None or is_null(raw):
        return nothing, False
    try:
        return decoder.decode(raw), False
    except msgspec.DecodeError:
        return nothing, True
