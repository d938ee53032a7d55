"""Whose resource it is: only the patient in context counts (docs/architecture.md, "Reading")."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.bundle import Found, Resources
from cdshooks.fhir.peek import Peek
from cdshooks.fhir.project import decoded_or_none

Whose: TypeAlias = Literal["own", "another's", "unknown"]
"""Of the patient in context, of somebody who is named and is not that patient, or of either."""

_REFERENCE = re.compile(
    r"(?:(?P<base>(?i:https?)://[^?#]+?)/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)

_FULL_URL = re.compile(
    r"((?i:https?)://[^?#]+)/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_LAST = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LASTS = re.compile(r"[A-Za-z0-9\-.]{1,64}(?:/[A-Za-z0-9\-.]{1,64})*+")
_USUAL_PORT = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class Identity:
    """The patient in context: id, the full URLs it was delivered under, and its identifiers.

    `others` are the full URLs of the other Patients that came. `identifiers` tells (system, value)
    of each when it is asked: few charts refer by them, so that the Patient is not read for others.
    """

    id: str | None
    full_urls: frozenset[str]
    others: frozenset[str]
    bases: frozenset[str]
    identifiers: Callable[[], frozenset[tuple[str, str]]]

    def owns(self, subject: Any) -> bool:
        return self.whose(subject) == "own"

    def whose(self, subject: Any, base: str = "") -> Whose:
        """Whom a `subject` (a FHIR Reference) names. A display alone names nobody.

        A relative reference is relative to `base`, the server of the resource it stands in (FHIR
        R4, Bundle: resolving references).
        """
        if not isinstance(subject, Mapping):
            return "unknown"
        reference = subject.get("reference")
        if isinstance(reference, str):
            return self._referred(reference, base)
        return self._identified(subject.get("identifier"))

    def _referred(self, reference: str, base: str) -> Whose:
        """The same id on another server is unknown: servers have names within and without."""
        if reference in self.full_urls:
            return "own"
        found = _REFERENCE.fullmatch(reference)
        if reference in self.others or (found and found["id"] != self.id):
            return "another's"
        if found is None:
            return "unknown"
        server = found["base"] or base
        known = not (server and self.bases) or _canonical(server) in self.bases
        return "own" if known else "unknown"

    def _identified(self, identifier: Any) -> Whose:
        if not (isinstance(identifier, Mapping) and _is_named(identifier)):
            return "unknown"
        system, value = identifier["system"], identifier["value"]
        known = self.identifiers()
        if (system, value) in known:
            return "own"
        return "another's" if any(system == own for own, _ in known) else "unknown"


_OTHERWISE = ("Patient", "AllergyIntolerance")  # those that have no `subject` by the book
_SPELLINGS = 4  # of the usual subject; whatever stands beside these is asked for one by one


class Ownership:
    """Identity.whose, remembered by the bytes of the subject: a record repeats the same few."""

    def __init__(self, identity: Identity):
        self.identity = identity
        self._known: dict[tuple[bytes, str], Whose] = {}
        self._servers: dict[str, str] = {}

    def whose(self, one: Found) -> Whose:
        """Whose the resource is, by its subject, and by the URL that it was delivered under."""
        return self._whose(one.peek, one.full_url)

    def _whose(self, peek: Peek, full_url: str | UnsetType | None) -> Whose:
        if peek.resourceType == "Patient":
            return "own" if peek.own_id == self.identity.id else "another's"
        is_allergy = peek.resourceType == "AllergyIntolerance"
        return self._of_subject(peek.patient if is_allergy else peek.subject, full_url)

    def _of_subject(self, subject: Raw | UnsetType, full_url: str | UnsetType | None) -> Whose:
        if subject is UNSET:
            return "unknown"
        url = full_url if self.identity.bases else None
        key = bytes(subject), self._server(url) if url else ""
        answer = self._known.get(key)
        if answer is None:
            answer = self._known[key] = self.identity.whose(_object(key[0]), key[1])
        return answer

    def strangers(self, found: Resources) -> dict[int, Whose]:
        """The places of those that are not, or may not be, of the patient in context, in order.

        Nearly all of a record has one subject, in a few spellings, and comes from one server. Such
        a group is asked for as a whole.
        """
        asked = {place for place, kind in enumerate(found.types) if kind in _OTHERWISE}
        for group in self._by_server(range(len(found)), found.urls):
            asked.update(self._not_own(group, found))
        # A Found would be cut out of its body, of which nothing is asked here.
        peeks, urls = found.peeks, found.urls
        whose = {place: self._whose(peeks[place], urls[place]) for place in sorted(asked)}
        return {place: one for place, one in whose.items() if one != "own"}

    def _not_own(self, left: Sequence[int], found: Resources) -> list[int]:
        """Those of one server that are not, or not for sure, the patient's by their `subject`."""
        peeks, rest = found.peeks, list[int]()
        for _ in range(_SPELLINGS):
            if not left:
                break
            likely = left[len(left) // 2]  # the most of a chart stands together
            subject = peeks[likely].subject
            others = [place for place in left if peeks[place].subject != subject]
            if self._of_subject(subject, found.urls[likely]) != "own":
                rest += [place for place in left if peeks[place].subject == subject]
            left = others
        return [*rest, *left]

    def _by_server(
        self, left: Sequence[int], urls: Sequence[str | UnsetType | None]
    ) -> list[Sequence[int]]:
        """The places, those together whose resources come from one server, if that matters."""
        if not self.identity.bases:
            return [left]
        nameless = [place for place in left if not urls[place]]
        named = [place for place in left if urls[place]] if nameless else left
        if self._is_one_server([urls[place] or "" for place in named]):
            return [nameless, named]
        return [nameless, *([place] for place in named)]

    def _is_one_server(self, urls: Sequence[str]) -> bool:
        parted = [url.rpartition("/") for url in urls]
        servers = {self._server(f"{stem}/-") for stem in {stem for stem, _, _ in parted}}
        lasts = "/".join([last for _, _, last in parted])
        return len(servers) == 1 and _LASTS.fullmatch(lasts) is not None

    def _server(self, url: str) -> str:
        """The server that a full URL is on; empty if it is no URL of a resource.

        Full URLs differ in their last part alone, so what stands before it is remembered.
        """
        stem, _, last = url.rpartition("/")
        if not _LAST.fullmatch(last):
            return ""
        server = self._servers.get(stem)
        if server is None:
            found = _FULL_URL.fullmatch(f"{stem}/-")
            server = self._servers[stem] = found[1] if found else ""
        return server


def referred(subject: msgspec.Raw) -> str | None:
    """The id of the patient that a subject refers to; None if it refers to none."""
    reference = _object(bytes(subject))
    target = reference.get("reference") if isinstance(reference, dict) else None
    found = _REFERENCE.fullmatch(target) if isinstance(target, str) else None
    return found["id"] if found else None


def _object(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_named(identifier: Mapping[str, Any]) -> bool:
    """Has an Identifier both a system and a value?"""
    both = (identifier.get("system"), identifier.get("value"))
    return all(isinstance(one, str) and one for one in both)


def _canonical(base: str) -> str:
    """A base as servers are compared (RFC 3986, 6.2): scheme and host small, no usual port."""
    scheme, _, rest = base.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    port = _USUAL_PORT.get(scheme.lower(), "")
    return f"{scheme.lower()}://{host.lower().removesuffix(port)}{slash}{path}"


def identity(
    patient: bytes | Raw | None,
    patient_id: str | None,
    full_urls: frozenset[str],
    others: frozenset[str],
    server: str | None,
) -> Identity:
    """The identity of a Patient resource; `server` is the FHIR base it came from, if known."""
    found = [match for url in full_urls if (match := _REFERENCE.fullmatch(url))]
    bases = {match["base"] for match in found if match["base"]} | ({server} if server else set())
    identifiers = cache(lambda: _identifiers(patient))
    return Identity(patient_id, full_urls, others, frozenset(map(_canonical, bases)), identifiers)


def _identifiers(patient: bytes | Raw | None) -> frozenset[tuple[str, str]]:
    read = decoded_or_none(patient) if patient is not None else None
    listed = (read or {}).get("identifier")
    return frozenset(
        (entry["system"], entry["value"])
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, Mapping) and _is_named(entry)
    )
