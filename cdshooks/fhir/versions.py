"""Of several versions of one resource, the newest."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.bundle import Found
from cdshooks.fhir.dates import read_date
from cdshooks.fhir.peek import Peek
from cdshooks.fhir.project import decoded_or_none

Report: TypeAlias = Callable[[str, str, str], None]  # reference, element, what is wrong


class _Versioned(msgspec.Struct, gc=False):
    meta: Raw | UnsetType = UNSET


_VERSIONED = msgspec.json.Decoder(_Versioned)
_NEVER = datetime.min.replace(tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,64}")  # a meta.versionId that counts; FHIR R4, id


def newest_versions(
    found: Sequence[Found], report: Report, whose: Callable[[Found], Any] = lambda _: None
) -> Sequence[Found]:
    """Of several versions of one resource the newest: highest meta.versionId, then lastUpdated.

    What is not of the same `whose` is no version of it: ids are unique on one server only.
    """
    if all_differ([one.peek for one in found]):
        return found
    newest: dict[Any, Found] = {}
    for number, one in enumerate(found):
        own = one.peek.id
        key = number if own is UNSET else (one.peek.resourceType, _hashable(own), whose(one))
        known = newest.get(key)
        if known is None:
            newest[key] = one
        elif bytes(known.raw) != bytes(one.raw):
            newest[key] = _newer(known, one, report)
    return list(newest.values())


def all_differ(peeks: Sequence[Peek]) -> bool:
    """Has each an id that no other has? As good as always, and cheaper than to sort them out."""
    ids = [one.id for one in peeks]
    return set(map(type, ids)) <= {str} and len(set(ids)) == len(ids)


def _hashable(own: Any) -> str | bytes:
    return own if isinstance(own, str) else msgspec.json.encode(own)


def _newer(one: Found, other: Found, report: Report) -> Found:
    """The newer of two versions; without a version either may be, which is named."""
    if _version(one) == _version(other):
        report(one.reference, "meta.versionId", "stands twice with unlike contents; one was read")
        return max(one, other, key=lambda found: bytes(found.raw))
    return max(one, other, key=_version)


def _version(one: Found) -> tuple[int, datetime, str]:
    """meta.versionId if it is a number, meta.lastUpdated as an instant, and as it is printed."""
    try:
        raw = _VERSIONED.decode(one.raw).meta
    except (msgspec.DecodeError, RecursionError):
        return 0, _NEVER, ""
    meta = (decoded_or_none(raw) if raw is not UNSET else None) or {}
    version, updated = str(meta.get("versionId", "")), str(meta.get("lastUpdated", ""))
    read, _ = read_date(updated)
    at = read.at if read and read.at else _NEVER
    return (int(version) if _NUMBER.fullmatch(version) else 0), at, updated
