"""What one Condition is: a NET, a look-alike, another cancer, a secondary, or nothing of these.

A known code decides; the text of the Condition may deny or doubt it, and what contradicts itself is
named and not used (docs/architecture.md, "Reading").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdshooks.fhir.chart import Chart, Matched
from cdshooks.fhir.readers.condition_text import (
    LOOK_ALIKES,
    NEOPLASMS,
    TUMOURS,
    ConditionText,
    condition_text,
)
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.primary_site import primary_sites
from cdshooks.fhir.readers.standing import Standing, has_returned, is_confirmed, standing
from cdshooks.fhir.record import Entry
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_NOT_THE_PATIENTS = frozenset({"family-history", "screening"})
_CHAPTER = "diagnosis/malignancy-chapter"
_HISTOLOGY_EXTENSION = "histology-morphology-behavior"
# What a code may say of a tumour that its text calls a NET.
_MADE_CLEAR = (None, "other-cancer", "skin-cancer", "secondary", "small-cell")
# Chapters of ICD-10 in which a tumour, or a past one, is coded: C, D0-D4, Z85.
_TUMOUR_CHAPTERS = ("C", "D0", "D1", "D2", "D3", "D4", "Z85")


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One Condition (or morphology result) as read: what it is, how it stands, and what it says."""

    entry: Entry
    path: str
    printed: str
    entity: str
    standing: Standing
    secondary: bool = False
    concepts: tuple[Concept, ...] = field(default=())
    sites: tuple[str, ...] = ()

    def says(self, what: str) -> tuple[str, ...]:
        """Every value that its concepts say of `what`, each once."""
        return tuple(dict.fromkeys([c.says[what] for c in self.concepts if what in c.says]))


def judge(entry: Entry, chart: Chart, family: Family, *, is_told: bool) -> Finding | None:
    """The finding of one Condition; None if it says nothing about a tumour, or cannot be used.

    `is_told`: its text has the word of a tumour.
    """
    coded = (*concepts_of(entry.coded.codes, chart, family), *_histology(entry, chart, family))
    if entry.coded.text and not coded and not is_told:
        return None
    stands, entity_coded = standing(entry), _entity(coded)
    if stands == "ignored" or entity_coded in _NOT_THE_PATIENTS:
        return None
    text = _text(entry, coded, family)
    if _takes_back(entry, chart, text, entity_coded):
        return None
    words = tuple(dict.fromkeys(named.concept for named in text.affirmed))
    entity = _settled(entry, chart, entity_coded, _entity(words))
    by_code = any("history" in concept.says for concept in coded)
    doubted = _doubted(entry, chart, stands, text, entity, is_past=by_code)
    if entity is None or doubted is None:
        return None
    secondary = _is_secondary(coded) or (not _tells_primary(coded) and text.is_of_metastasis)
    sites = primary_sites(entry, coded, text, chart, family, is_secondary=secondary)
    told, printed = (*coded, *words), entry.coded.printed
    placed = _placed(entity, told, sites)
    return Finding(entry, "code", printed, placed, doubted, secondary, told, sites)


def _text(entry: Entry, coded: tuple[Concept, ...], family: Family) -> ConditionText:
    """Its text; without one, and without a known code, what its code is called."""
    names = (entry.coded.text,) if entry.coded.text or coded else entry.coded.displays
    return condition_text(names, family)


def _takes_back(entry: Entry, chart: Chart, text: ConditionText, coded: str | None) -> bool:
    """Does the text say that the tumour is denied, looked for, or a relative's?"""
    affirmed = any(named.concept.says.get("entity") for named in text.affirmed)
    reasons = {
        "is coded as a tumour and speaks of a relative; not used": text.of_a_relative,
        "is coded as a tumour that its text denies; not used": text.denied and not affirmed,
        "is coded as a tumour that is only looked for; not used": text.looks_for and not affirmed,
    }
    for reason, holds in reasons.items():
        if holds and coded in NEOPLASMS:
            chart.report(entry, "code", reason)
        if holds:
            return True
    return False


def concepts_of(
    codes: Iterable[tuple[str, str]], chart: Chart, family: Family
) -> tuple[Concept, ...]:
    """The concepts of this family that codes belong to; a chapter only where nothing else is."""
    by_key = family.by_key
    found = [by_key[key] for key in chart.index.find(codes) if key in by_key]
    known = [concept for concept in found if concept.key != _CHAPTER]
    told = any("entity" in concept.says for concept in known)
    return tuple(known if told else found)


def _histology(entry: Entry, chart: Chart, family: Family) -> Iterable[Concept]:
    """What mCODE's histology extension says, by its codes or else in its words."""
    by_key = family.by_key
    for extension in entry.body.get("extension", ()):
        if str(extension.get("url", "")).endswith(_HISTOLOGY_EXTENSION):
            told = chart.coded(extension.get("valueCodeableConcept"))
            known = concepts_of(told.codes, chart, family)
            named = (by_key[key] for key in chart.names_in(told.names) if key in by_key)
            yield from known or named


_ORDER = (
    "family-history",
    "screening",
    "MiNEN",
    "excluded",
    "PPGL",
    "MTC",
    "NEN",
    "small-cell",
    "secondary-NEN",
    "secondary",
    "other-cancer",
    "skin-cancer",
)

_RANKS = {entity: rank for rank, entity in enumerate(_ORDER)}


def _entity(concepts: Iterable[Concept]) -> str | None:
    """The most telling entity among concepts; None of a cancer of no organ in particular."""
    said = [c.says["entity"] for c in concepts if c.says.get("entity") in _RANKS]
    return min(said, key=_RANKS.__getitem__) if said else None


def _settled(entry: Entry, chart: Chart, coded: str | None, worded: str | None) -> str | None:
    """One entity from code and text. A look-alike named by either is never read as a NET."""
    if coded in NEOPLASMS and worded in LOOK_ALIKES:
        chart.report(entry, "code", "is coded as a NET and named something else; not used as a NET")
        return worded
    if coded in LOOK_ALIKES and worded in NEOPLASMS:
        chart.report(entry, "code", "is named a NET and coded as something else; not used as a NET")
        return coded
    if worded in ("other-cancer", "skin-cancer") and _is_no_tumour_code(entry):
        return coded  # "pain of breast cancer" is a pain
    if coded in NEOPLASMS and worded == "other-cancer" and _names_other_histology(entry, chart):
        chart.report(entry, "code", "is coded as a NET and named another cancer; not used as a NET")
        return "other-cancer"
    if worded in NEOPLASMS and coded in _MADE_CLEAR:
        return "secondary-NEN" if coded == "secondary" else worded
    return coded or worded


def _names_other_histology(entry: Entry, chart: Chart) -> bool:
    return any(
        said.entry is entry and said.about("diagnosis/other-histology")
        for said in chart.said("condition")
    )


def _is_no_tumour_code(entry: Entry) -> bool:
    """Is it coded in a chapter of ICD-10 that has no tumours?"""
    codes = [code for system, code in entry.coded.codes if system in ("ICD-10-CM", "ICD-10")]
    return bool(codes) and not any(code.startswith(_TUMOUR_CHAPTERS) for code in codes)


def _doubted(
    entry: Entry,
    chart: Chart,
    stands: Standing,
    text: ConditionText,
    entity: str | None,
    *,
    is_past: bool,
) -> Standing | None:
    """The standing after the text; "rule out" without an unconfirmed status is nothing.

    `is_past`: the code is that of a personal history; "recurrent carcinoid" under it is active.
    """
    if entity in NEOPLASMS and text.rules_out and stands != "suspected":
        chart.report(entry, "code.text", "asks to rule the tumour out; not used")
        return None
    if stands != "active":
        return stands
    if text.doubtful and not is_confirmed(entry) and not is_past:
        return "suspected"
    both = text.state == "both" or (is_past and text.state == "present")
    if both and entity in TUMOURS:
        chart.report(entry, "code.text", "calls the tumour past and present; read as active")
    if has_returned(entry) or both:
        return "active"
    if text.state in ("present", ""):
        return "history" if is_past else "active"
    return "suspected" if text.state == "maybe" else "history"


def _is_secondary(coded: Iterable[Concept]) -> bool:
    """Is it a secondary by its code?"""
    said = {concept.says.get("entity") for concept in coded}
    return bool(said & {"secondary", "secondary-NEN"}) and not said & NEOPLASMS


def _tells_primary(coded: Iterable[Concept]) -> bool:
    """Does a code name the place of the primary?"""
    return any(c.says.get("entity") in NEOPLASMS and "site" in c.says for c in coded)


def _placed(entity: str, concepts: Iterable[Concept], sites: tuple[str, ...]) -> str:
    """The entity, with "small cell" settled by the site of the primary."""
    small_cell = any(concept.key == "diagnosis/small-cell-nec" for concept in concepts)
    if entity == "small-cell" or (entity == "NEN" and small_cell):
        outside_lung = bool(sites) and "lung" not in sites
        return "NEN" if outside_lung or (entity == "NEN" and not sites) else "excluded"
    return entity


def morphology(matched: Matched, chart: Chart, family: Family) -> Finding | None:
    """The finding of a morphology result: the ICD-O-3 code of a specimen, or else its words."""
    value: Mapping[str, Any] = matched.part.get("valueCodeableConcept", {})
    found = chart.coded(value)
    concepts = concepts_of(found.codes, chart, family)
    element, printed = printed_value(matched.part)
    if not concepts:
        text = condition_text((printed,), family)
        doubted = text.doubtful or text.rules_out or text.looks_for
        concepts = () if doubted else tuple(dict.fromkeys(n.concept for n in text.affirmed))
    entity = _entity(concepts)
    if entity is None:
        return None
    path = f"{matched.path}.{element}".strip(".")
    return Finding(matched.entry, path, printed, entity, "active", concepts=concepts)
