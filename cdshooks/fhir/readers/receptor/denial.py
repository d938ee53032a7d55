"""What a sentence denies that denies uptake: all of it, that of a lesion, or that of one region."""

from typing import Literal, TypeAlias

from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.text.lexicon import Hit

Denial: TypeAlias = Literal["lesion-denied", "part-denied", "denied"]

_TRACERS = ("sstr-scan", "sstr", "fdg", "mibg")


def denial(w: Wording, hit: Hit) -> Denial | None:
    """The denial that a word stands for; None if it says nothing of the tumour as a whole.

    "No uptake in the bone lesions" and "non-avid lesions": lesions that are there, without uptake.
    "No uptake", "no avid lesion", "negative for metastases": none anywhere.
    "No avid lymph nodes": none there, which says nothing of the rest.
    "No uptake in the lung", "no other uptake": nothing that counts.
    """
    if hit.phrase.endswith(" for"):
        return "denied"
    if hit in w.of("negative", "non-avid"):
        return "lesion-denied" if w.after(hit, 4, "lesion") or _of_lesion(w, hit) else "denied"
    if w.after(hit, 2, "in-place") and not w.after(hit, 3, *_TRACERS):
        return _in_place(w, hit)
    if _of_lesion(w, hit):
        return "lesion-denied"
    if w.within(w.part(hit), "elsewhere"):
        return None
    return "part-denied" if w.around(hit, 4, "region") else "denied"


def _of_lesion(w: Wording, hit: Hit) -> bool:
    """Is it said of a lesion named before, and not denied itself?"""
    return any(not lesion.negated for lesion in w.before(hit, 12, "lesion"))


def _in_place(w: Wording, hit: Hit) -> Denial | None:
    if w.after(hit, 6, "whole"):
        return "denied"
    lesions = [
        lesion for lesion in w.after(hit, 8, "lesion") if not w.before(lesion, 2, "to-suggest")
    ]
    return "lesion-denied" if lesions else None
