"""Signs of spread in codes: secondary cancers, TNM results, stages."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cdshooks.fhir.chart import Matched
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.spread.record import Evidence, Primary, TumourRecord
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.reading import where

TNM = {"m0": "m0", "m1": "metastatic", "n0": "no-node", "n1": "node"}
STAGES = {
    "stage-one": "localised",
    "stage-two-three": "local-or-regional",
    "stage-four": "metastatic",
}
# The stage in one word, as registries say it.
_SUMMARIES = {"localised": "localised", "regional": "regional", "metastasis": "metastatic"}
# A stage group by itself: "IV", "IVA"; in a stage-group result also "4".
_GROUP = re.compile(r"(?:stage )?(i{1,3}|iv|[1-4])[abc]?", re.IGNORECASE)
_GROUPS = {
    "i": "stage-one",
    "ii": "stage-two-three",
    "iii": "stage-two-three",
    "iv": "stage-four",
    "1": "stage-one",
    "2": "stage-two-three",
    "3": "stage-two-three",
    "4": "stage-four",
}
# Of these stage IVA and IVB may be without a distant metastasis (AJCC, thyroid and thymus).
_IV_BEFORE_METASTASIS = frozenset({"thyroid", "thymus"})
_IVA = re.compile(r"(?:stage )?(?:iv|4)[ab]", re.IGNORECASE)
# "pT3N1M0", "pN1", "cM0": categories written as one word; X says nothing.
_CATEGORIES = re.compile(
    r"(?:[cpyra]{0,3}T(?:is|[0-4Xx])[a-d]?)?"
    r"(?:[cpyra]{0,3}N(?:(?P<n>[0-3])(?:mi|[a-c])?|[Xx]))?"
    r"(?:[cpyra]{0,3}M(?:(?P<m>[01])[a-c]?|[Xx]))?"
)


def coded_evidence(record: TumourRecord) -> Iterator[Evidence]:
    """Signs in Conditions, in TNM results and in the stages of the NET."""
    for name in record.secondaries():
        for matched in record.matching(name, "Condition"):
            yield _secondary(matched, name, record)
    for name in record.on_file(("tnm-m", "tnm-n", "tnm-all", "stage-group")):
        for matched in record.matching(name, "Observation"):
            if "dataAbsentReason" not in matched.part:
                yield from _result(matched, record, is_group=name == "stage-group")
    yield from _stages(record)


def _secondary(matched: Matched, name: str, record: TumourRecord) -> Evidence:
    concept = record.family.concepts[name]
    kind, place = "metastatic", concept.says["place"]
    if place == "nodes":
        kind, place = record.primary.node_kind(concept)
    printed = where(matched.entry, "code", matched.coded.printed)
    return Evidence(kind, printed, matched.entry.date, place)


def _result(matched: Matched, record: TumourRecord, *, is_group: bool) -> Iterator[Evidence]:
    element, printed = printed_value(matched.part)
    place = where(matched.entry, f"{matched.path}.{element}".strip("."), printed)
    kinds = _kinds(matched.part.get("valueCodeableConcept"), [printed], record)
    if is_group and not kinds:
        kinds = _group(printed, record, digits=True)
    for kind in kinds:
        yield Evidence(kind, place, matched.entry.date)


def _group(printed: str, record: TumourRecord, *, digits: bool) -> set[str]:
    """What a stage group that stands alone says; a bare digit may be a grade, or a T."""
    written = printed.strip()
    found = _GROUP.fullmatch(written)
    if not found or (found[1].isdigit() and not digits) or is_local_four(written, record.primary):
        return set()
    return {STAGES[_GROUPS[found[1].lower()]]}


def is_local_four(written: str, primary: Primary) -> bool:
    """Is it a stage IVA or IVB of a tumour, or of a site unknown, that has M0 in it?"""
    sites = primary.sites or _IV_BEFORE_METASTASIS
    return _IVA.fullmatch(written) is not None and bool(sites & _IV_BEFORE_METASTASIS)


def _kinds(concept: Any, texts: Sequence[str], record: TumourRecord) -> set[str]:
    """What a category or stage says: by its codes, or else in words."""
    coded = record.chart.coded(concept)
    keys = record.chart.index.find(coded.codes)
    meanings = {**TNM, **STAGES, **_SUMMARIES}
    by_code = {meanings[n] for n in meanings if record.family.concepts[n].key in keys}
    if by_code:
        return by_code
    worded = record.named([*texts, *coded.displays])
    kinds = {
        meanings[name]
        for w in worded
        for name in meanings
        for hit in w.affirmed(name)
        if not is_local_four(hit.phrase, record.primary)
    }
    return kinds | {kind for w in worded for kind in categories(w.sentence.printed_words)}


def categories(words: Iterable[str]) -> Iterator[str]:
    """What TNM categories among the words of a sentence say, also those written together."""
    for word in words:
        found = _CATEGORIES.fullmatch(word)
        if found and found["n"]:
            yield "node" if int(found["n"]) else "no-node"
        if found and found["m"]:
            yield "metastatic" if int(found["m"]) else "m0"


def _stages(record: TumourRecord) -> Iterator[Evidence]:
    """The stages of the NET itself."""
    for entry in record.chart.of_type("Condition"):
        if "stage" not in entry.body or not record.is_tumour(entry):
            continue
        if not is_present(entry, record.chart):
            continue
        for position, stage in enumerate(entry.body["stage"]):
            summary: Mapping[str, Any] = stage.get("summary", {})
            coded = record.chart.coded(summary)
            place = where(entry, f"stage[{position}].summary", coded.printed)
            kinds = _kinds(summary, [coded.text], record)
            for kind in kinds or _group(coded.printed, record, digits=False):
                yield Evidence(kind, place, entry.date)
