"""How a Condition stands: active, suspected, history, or not to be used at all."""

from typing import Any, Literal, TypeAlias

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


def standing(entry: Entry) -> Standing:
    """The standing of a Condition; a German certainty wins, then verificationStatus."""
    certainty = _certainty(entry.body)
    if certainty is not None and certainty != "active":
        return certainty
    verified = _told(entry.body.get("verificationStatus"), _VERIFICATION)
    if verified is not None:
        return verified
    if certainty is not None:
        return certainty
    ended: Standing = "history" if _has_ended(entry) else "active"
    return _told(entry.body.get("clinicalStatus"), _CLINICAL) or ended


def has_returned(entry: Entry) -> bool:
    """Does clinicalStatus say recurrence or relapse in so many words?"""
    return not {"recurrence", "relapse"}.isdisjoint(_codes(entry.body.get("clinicalStatus")))


def is_confirmed(entry: Entry) -> bool:
    """Does verificationStatus say confirmed in so many words?"""
    return "confirmed" in _codes(entry.body.get("verificationStatus"))


def is_present(entry: Entry) -> bool:
    """Does the entry say that something is there now (Condition), or was done (Procedure)?"""
    if entry.type == "Condition":
        return not _has_ended(entry) and standing(entry) == "active"
    if entry.type == "Procedure":
        return entry.status in ("completed", "in-progress")
    return True


def _has_ended(entry: Entry) -> bool:
    return any(element.startswith("abatement") for element in entry.dates)


def _told(concept: Any, standings: dict[str, Standing]) -> Standing | None:
    """What the first code that FHIR knows says: a site's own code may stand before or beside it."""
    for code in _codes(concept):
        if code in standings:
            return standings[code]
    return None


def _codes(concept: Any) -> list[str]:
    """The codes of a status; without any its text."""
    if not isinstance(concept, dict):
        return []
    codes = [coding.get("code") for coding in concept.get("coding", ()) if isinstance(coding, dict)]
    written = [code.strip().lower() for code in codes if isinstance(code, str)]
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
