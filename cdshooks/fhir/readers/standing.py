"""How a Condition stands: active, suspected, history, or not to be used at all."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from cdshooks.fhir.chart import Chart
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.memory import Remembered

Standing: TypeAlias = Literal["active", "suspected", "history", "ignored"]

# FHIR R4 condition-clinical and condition-ver-status; absent clinicalStatus counts as active.
_CLINICAL: dict[str, Standing] = {
    "active": "active",
    "recurrence": "active",
    "relapse": "active",
    "remission": "history",
    "inactive": "history",
    "resolved": "history",
}
_VERIFICATION: dict[str, Standing] = {
    "refuted": "ignored",
    "entered-in-error": "ignored",
    "provisional": "suspected",
    "differential": "suspected",
    "unconfirmed": "suspected",
}
# ICD-10-GM states certainty in the coding itself; it outranks clinicalStatus.
_CERTAINTY = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
_GERMAN: dict[str, Standing] = {"G": "active", "V": "suspected", "Z": "history", "A": "ignored"}

# The codes of both statuses, the German certainty, and whether an end is on file.
_Statuses: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], Standing | None, bool]

_ABATEMENT = frozenset(
    f"abatement{kind}" for kind in ("DateTime", "Age", "Period", "Range", "String")
)


class Stated(NamedTuple):
    """The standing of a Condition, and what its statuses say in so many words."""

    stands: Standing
    has_returned: bool  # recurrence or relapse
    is_confirmed: bool
    is_unclear: bool  # no verificationStatus of FHIR, and no German certainty beside it
    is_there: bool  # active, and without an end


def standing(entry: Entry) -> Standing:
    """The standing of a Condition; a German certainty wins, then verificationStatus."""
    return stated(entry).stands


def stated(entry: Entry) -> Stated:
    body = entry.body
    clinical, verified = _codes(body.get("clinicalStatus")), _codes(body.get("verificationStatus"))
    return _stated((clinical, verified, _certainty(body), _has_ended(entry)))


def _stated_by(key: _Statuses) -> Stated:
    clinical, verified, certainty, has_ended = key
    has_returned = "recurrence" in clinical or "relapse" in clinical
    is_confirmed = "confirmed" in verified
    is_known = is_confirmed or not _VERIFICATION.keys().isdisjoint(verified)
    is_unclear = bool(verified) and not is_known and certainty is None
    told = _told(verified, _VERIFICATION) or certainty or _told(clinical, _CLINICAL)
    stands: Standing = told or ("history" if has_ended else "active")
    if certainty is not None and certainty != "active":
        stands = certainty
    is_there = stands == "active" and not has_ended
    return Stated(stands, has_returned, is_confirmed, is_unclear, is_there)


# Nearly all Conditions have one of a few pairs of statuses.
_stated = Remembered(_stated_by, length=lambda key: sum(map(len, (*key[0], *key[1]))))


def is_present(entry: Entry, chart: Chart) -> bool:
    """Does the entry say that something is there now (Condition), or was done (Procedure)?"""
    if entry.type == "Condition":
        known = chart.present.get(id(entry))  # asked by many readers, of each of its sentences
        if known is None:
            known = chart.present[id(entry)] = stated(entry).is_there
        return known
    if entry.type == "Procedure":
        return entry.status in ("completed", "in-progress")
    return True


def _has_ended(entry: Entry) -> bool:
    return not entry.dates.keys().isdisjoint(_ABATEMENT)


def _told(codes: Iterable[str], standings: Mapping[str, Standing]) -> Standing | None:
    """What the first code that FHIR knows says: a site's own code may stand before or beside it."""
    for code in codes:
        if code in standings:
            return standings[code]
    return None


def _codes(concept: Any) -> tuple[str, ...]:
    """The codes of a status; without any its text."""
    if not isinstance(concept, dict):
        return ()
    written = []
    for coding in concept.get("coding", ()):
        code = coding.get("code") if isinstance(coding, dict) else None
        if isinstance(code, str):
            written.append(code.strip().lower())
    text = concept.get("text")
    return (text.strip().lower(),) if not written and isinstance(text, str) else tuple(written)


def _certainty(body: Any) -> Standing | None:
    code = body.get("code")
    for coding in code.get("coding", ()) if isinstance(code, dict) else ():
        for extension in coding.get("extension", ()):
            if extension.get("url") == _CERTAINTY:
                value = extension.get("valueCoding", {}).get("code", extension.get("valueCode", ""))
                return _GERMAN.get(str(value).strip().upper())
    return None
