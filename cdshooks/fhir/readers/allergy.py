"""Serious allergies to the drugs that the treatments use."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdshooks.clinical.value import Members
from cdshooks.fhir.chart import Chart, Matched
from cdshooks.fhir.readers.naming import is_named
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.fhir.record import Entry
from cdshooks.knowledge.facts import Family

# FHIR R4: allergy-clinical and allergy-verification. Absent counts as active; a resolved or
# inactive allergy is, by its definition, no risk any more.
_OVER = frozenset({"inactive", "resolved"})
_NOT_SO = frozenset({"refuted", "entered-in-error"})


def read(chart: Chart, family: Family, _earlier: Readings) -> Iterator[Reading]:
    """risk.hypersensitivity: the drug classes with an allergy that is serious and not refuted."""
    if "AllergyIntolerance" not in chart.by_type:
        return
    for concept in family.saying("class"):
        if concept.key not in chart.matched:
            continue
        drug_class = concept.says["class"]
        for matched in chart.matching(concept, "AllergyIntolerance"):
            if is_named(matched, concept) and _counts(matched.entry):
                path = _serious(matched, chart, family)
                if path:
                    place = where(matched.entry, path, matched.coded.printed)
                    value = Members(frozenset({drug_class}), frozenset())
                    yield Reading("risk.hypersensitivity", value, place, matched.entry.date)


def _counts(entry: Entry) -> bool:
    clinical, verified = (
        _codes(entry.body.get(element)) for element in ("clinicalStatus", "verificationStatus")
    )
    return not (clinical & _OVER or verified & _NOT_SO)


def _serious(matched: Matched, chart: Chart, family: Family) -> str:
    """Where the allergy is said to be serious: its criticality, or a reaction; '' if nowhere."""
    body = matched.entry.body
    if body.get("criticality") == "high":
        return "criticality"
    anaphylaxis = family.concepts["anaphylaxis"].key
    for position, reaction in enumerate(body.get("reaction", ())):
        if reaction.get("severity") == "severe":
            return f"reaction[{position}].severity"
        shown = [n for one in reaction.get("manifestation", ()) for n in chart.coded(one).names]
        if anaphylaxis in chart.names_in(shown):
            return f"reaction[{position}].manifestation"
    return ""


def _codes(concept: Any) -> set[str]:
    codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
    return {str(coding.get("code", "")).strip().lower() for coding in codings}
