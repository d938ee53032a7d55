"""How a Condition stands: active, suspected, history, or not to be used at all."""

from typing import Any, Literal, NamedTuple, TypeAlias

from cdshooks.fhir.chart import Chart
from cdshooks.fhir.record import Entry

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


class Stated(NamedTuple):
    """The standing of a Condition, and what its statuses say in so many words."""

    stands: Standing
    has_returned: bool  # recurrence or relapse
    is_confirmed: bool
    is_unclear: bool  # no verificationStatus of FHIR, and no German certainty beside it


def standing(entry: Entry) -> Standing:
    """The standing of a Condition; a German certainty wins, then verificationStatus."""
    return stated(entry).stands


def stated(entry: Entry) -> Stated:
    clinical = _codes(entry.body.get("clinicalStatus"))
    verified = _codes(entry.body.get("verificationStatus"))
    has_returned = "recurrence" in clinical or "relapse" in clinical
    is_confirmed = "confirmed" in verified
    is_unclear = (
        bool(verified)
        and not is_confirmed
        and _VERIFICATION.keys().isdisjoint(verified)
        and _certainty(entry.body) is None
    )
    return Stated(_standing(entry, clinical, verified), has_returned, is_confirmed, is_unclear)


def _standing(entry: Entry, clinical: list[str], verified: list[str]) -> Standing:
    certainty = _certainty(entry.body)
    if certainty is not None and certainty != "active":
        return certainty
    told = _told(verified, _VERIFICATION) or certainty or _told(clinical, _CLINICAL)
    return told or ("history" if _has_ended(entry) else "active")


def is_present(entry: Entry, chart: Chart) -> bool:
    """Does the entry say that something is there now (Condition), or was done (Procedure)?"""
    if entry.type == "Condition":
        known = chart.present.get(id(entry))  # asked by many readers, of each of its sentences
        return note_presence(entry, standing(entry), chart) if known is None else known
    if entry.type == "Procedure":
        return entry.status in ("completed", "in-progress")
    return True


def note_presence(entry: Entry, stands: Standing, chart: Chart) -> bool:
    """Is a Condition there now? The chart keeps the answer."""
    present = stands == "active" and not _has_ended(entry)
    chart.present[id(entry)] = present
    return present


def _has_ended(entry: Entry) -> bool:
    return any(element.startswith("abatement") for element in entry.dates)


def _told(codes: list[str], standings: dict[str, Standing]) -> Standing | None:
    """What the first code that FHIR knows says: a site's own code may stand before or beside it."""
    for code in codes:
        if code in standings:
            return standings[code]
    return None


def _codes(concept: Any) -> list[str]:
    """The codes of a status; without any its text."""
    if not isinstance(concept, dict):
        return []
    written = []
    for coding in concept.get("coding", ()):
        code = coding.get("code") if isinstance(coding, dict) else None
        if isinstance(code, str):
            written.append(code.strip().lower())
    text = concept.get("text")
    return [text.strip().lower()] if not written and isinstance(text, str) else written


def _certainty(body: Any) -> Standing | None:
    code = body.get("code")
    for coding in code.get("coding", ()) if isinstance(code, dict) else ():
        for extension in coding.get("extension", ()):
            if extension.get("url") == _CERTAINTY:
                value = extension.get("valueCoding", {}).get("code", extension.get("valueCode", ""))
                return _GERMAN.get(str(value).strip().upper())
    return None
