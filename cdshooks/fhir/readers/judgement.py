"""What the code, the text and the status of a Condition amount to, whosever it is.

A known code decides; the text of the Condition may deny or doubt it, and what contradicts itself is
named and not used (docs/architecture.md, "Reading"). Many patients have a Condition of the same
code, text and status: what came of it is remembered like a short text.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import msgspec

from cdshooks.clinical.value import Choice, Members, Value
from cdshooks.fhir.coding import Coded
from cdshooks.fhir.readers.condition_text import (
    LOOK_ALIKES,
    NEOPLASMS,
    TUMOURS,
    ConditionText,
    condition_text,
)
from cdshooks.fhir.readers.primary_site import primary_sites
from cdshooks.fhir.readers.standing import Standing, Stated
from cdshooks.fhir.reading import choice
from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_Report: TypeAlias = Callable[[str, str], None]  # of a path, and what is wrong there
_NOT_THE_PATIENTS = frozenset({"family-history", "screening"})
# What a code may say of a tumour that its text calls a NET.
_MADE_CLEAR = (None, "other-cancer", "skin-cancer", "secondary", "small-cell")
# Chapters of ICD-10 in which a tumour, or a past one, is coded: C, D0-D4, Z85.
_TUMOUR_CHAPTERS = ("C", "D0", "D1", "D2", "D3", "D4", "Z85")


class Case(msgspec.Struct, frozen=True, gc=False):
    """All that the judgement of a Condition depends on.

    `coded` are the concepts of its codes, `there` those of its body sites.
    """

    about: Coded
    coded: tuple[Concept, ...]
    there: tuple[Concept, ...]
    status: Stated
    names_other_histology: bool
    family: Family


class Sayings(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The facts, each with its value, that concepts say by themselves, whosever they are.

    `of_specimen` are those that pathology states; a diagnosis in history says nothing of them.
    """

    of_diagnosis: tuple[tuple[str, Value], ...]
    of_specimen: tuple[tuple[str, Value], ...]
    benign: bool


class Judged(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What a Condition is: its entity, how it stands, and what its concepts say."""

    entity: str
    standing: Standing
    secondary: bool
    said: Sayings
    sites: tuple[str, ...]


class Judgement(msgspec.Struct, frozen=True, eq=False, gc=False):
    """None if the Condition says nothing about a tumour, or cannot be used; `problems` say why."""

    judged: Judged | None
    problems: tuple[tuple[str, str], ...]


def _judge(case: Case) -> Judgement:
    problems: list[tuple[str, str]] = []
    judged = _judged(case, lambda path, said: problems.append((path, said)))
    return Judgement(judged, tuple(problems))


def _length(case: Case) -> int:
    return sum(map(len, case.about.names))


judgement: Final = Remembered(_judge, length=_length)


def _judged(case: Case, report: _Report) -> Judged | None:
    entity_coded = entity_of(case.coded)
    if case.status.stands == "ignored" or entity_coded in _NOT_THE_PATIENTS:
        return None
    text = _text(case)
    if _takes_back(text, entity_coded, report):
        return None
    words = tuple(dict.fromkeys(named.concept for named in text.affirmed))
    entity = _settled(case, entity_coded, entity_of(words), report)
    by_code = any("history" in concept.says for concept in case.coded)
    doubted = _doubted(case, text, entity, report, is_past=by_code)
    if entity is None or doubted is None:
        return None
    secondary = _is_secondary(case.coded) or (
        not _tells_primary(case.coded) and text.is_of_metastasis
    )
    sites = primary_sites(case.coded, text, case.there, report, is_secondary=secondary)
    told = (*case.coded, *words)
    return Judged(_placed(entity, told, sites), doubted, secondary, sayings(told), sites)


def _syndrome(one: str) -> Value:
    return Members(frozenset({one}), frozenset())


def _grades(told: str) -> Value:
    return Choice(frozenset(told.split("-or-")))


# What a concept says, the fact that it tells, and how its value is read.
_Saying: TypeAlias = tuple[str, str, Callable[[str], Value]]
_OF_DIAGNOSIS: Final[tuple[_Saying, ...]] = (
    ("coded", "tumour.coded_differentiation", choice),
    ("syndrome", "syndrome.types", _syndrome),
)
_OF_SPECIMEN: Final[tuple[_Saying, ...]] = (
    ("stated", "tumour.differentiation", choice),
    ("grade", "tumour.grade_by_morphology", _grades),
    ("lung", "tumour.lung_type_stated", choice),
)


def sayings(concepts: Iterable[Concept]) -> Sayings:
    """What concepts say, each value once."""
    told: dict[str, dict[str, None]] = {}
    for concept in concepts:
        for what, value in concept.says.items():
            told.setdefault(what, {})[value] = None
    of_diagnosis, of_specimen = (
        tuple([(fact, read(one)) for what, fact, read in facts for one in told.get(what, ())])
        for facts in (_OF_DIAGNOSIS, _OF_SPECIMEN)
    )
    return Sayings(of_diagnosis, of_specimen, "benign" in told)


def _text(case: Case) -> ConditionText:
    """Its text; without one, and without a known code, what its code is called."""
    about = case.about
    names = (about.text,) if about.text or case.coded else about.displays
    return condition_text(names, case.family)


def _takes_back(text: ConditionText, coded: str | None, report: _Report) -> bool:
    """Does the text say that the tumour is denied, looked for, or a relative's?"""
    affirmed = any(named.concept.says.get("entity") for named in text.affirmed)
    reasons = {
        "is coded as a tumour and speaks of a relative; not used": text.of_a_relative,
        "is coded as a tumour that its text denies; not used": text.denied and not affirmed,
        "is coded as a tumour that is only looked for; not used": text.looks_for and not affirmed,
    }
    for reason, holds in reasons.items():
        if holds and coded in NEOPLASMS:
            report("code", reason)
        if holds:
            return True
    return False


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


def entity_of(concepts: Iterable[Concept]) -> str | None:
    """The most telling entity among concepts; None of a cancer of no organ in particular."""
    said = [c.says["entity"] for c in concepts if c.says.get("entity") in _RANKS]
    return min(said, key=_RANKS.__getitem__) if said else None


def _settled(case: Case, coded: str | None, worded: str | None, report: _Report) -> str | None:
    """One entity from code and text. A look-alike named by either is never read as a NET."""
    if coded in NEOPLASMS and worded in LOOK_ALIKES:
        report("code", "is coded as a NET and named something else; not used as a NET")
        return worded
    if coded in LOOK_ALIKES and worded in NEOPLASMS:
        report("code", "is named a NET and coded as something else; not used as a NET")
        return coded
    if worded in ("other-cancer", "skin-cancer") and _is_no_tumour_code(case.about):
        return coded  # "pain of breast cancer" is a pain
    if coded in NEOPLASMS and worded == "other-cancer" and case.names_other_histology:
        report("code", "is coded as a NET and named another cancer; not used as a NET")
        return "other-cancer"
    if worded in NEOPLASMS and coded in _MADE_CLEAR:
        return "secondary-NEN" if coded == "secondary" else worded
    return coded or worded


def _is_no_tumour_code(about: Coded) -> bool:
    """Is it coded in a chapter of ICD-10 that has no tumours?"""
    codes = [code for system, code in about.codes if system in ("ICD-10-CM", "ICD-10")]
    return bool(codes) and not any(code.startswith(_TUMOUR_CHAPTERS) for code in codes)


def _doubted(
    case: Case, text: ConditionText, entity: str | None, report: _Report, *, is_past: bool
) -> Standing | None:
    """The standing after the text; "rule out" without an unconfirmed status is nothing.

    `is_past`: the code is that of a personal history; "recurrent carcinoid" under it is active.
    """
    stands = case.status.stands
    if entity in NEOPLASMS and text.rules_out and stands != "suspected":
        report("code.text", "asks to rule the tumour out; not used")
        return None
    if stands != "active":
        return stands
    is_unclear = case.status.is_unclear and entity in NEOPLASMS
    if is_unclear:
        report("verificationStatus", "is no status of a diagnosis; read as suspected")
    if is_unclear or (text.doubtful and not case.status.is_confirmed and not is_past):
        return "suspected"
    both = text.state == "both" or (is_past and text.state == "present")
    if both and entity in TUMOURS:
        report("code.text", "calls the tumour past and present; read as active")
    if case.status.has_returned or both:
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
