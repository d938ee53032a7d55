"""Stated grade, differentiation and lung type, from results, stage summaries and sentences."""

import re
from collections.abc import Iterator

from cdshooks.clinical.value import Choice
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.coding import Coded
from cdshooks.fhir.readers.conditions import concepts_of
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.knowledge.facts import Family

_GRADES = ("low", "intermediate", "high")
_WORDED = re.compile(r"\bg(?:rade)?[ -]?([123])\b|\bgrade[ -]?(iii|ii|i)\b")
_BARE = re.compile(r"\s*(?:g|grade)?\s*([123])\s*")
_ROMAN = {"i": "1", "ii": "2", "iii": "3"}


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """tumour.grade_stated, .differentiation, .coded_differentiation and .lung_type_stated."""
    results = chart.matching(family.concepts["grade"], "Observation")
    for matched in results:
        if "dataAbsentReason" not in matched.part:
            yield from _result(matched, chart, family)
    yield from _stages(chart, family, earlier)
    read = {matched.entry.reference for matched in results}
    for said in chart.said("value", "report", "note", "condition"):
        if said.entry.reference in read or not is_present(said.entry):
            continue
        if not said.about(family.concepts["grade-elsewhere"].key):
            yield from _sentence(said, family)


def _result(matched: Matched, chart: Chart, family: Family) -> Iterator[Reading]:
    """The answer of a grade result: its codes, else the words or the bare figure."""
    element, printed = printed_value(matched.part)
    grades = _graded(chart.coded(matched.part.get("valueCodeableConcept")), printed, chart, family)
    path = f"{matched.path}.{element}".strip(".")
    if len(grades) != 1:
        chart.report(matched.entry, path or "value", "states no single grade that can be read")
        return
    place = where(matched.entry, path, printed)
    yield Reading("tumour.grade_stated", Choice(frozenset(grades)), place, matched.entry.date)


def _stages(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """The grade in a stage summary of a NET; a stage ("Stage II") is none."""
    tumours = {reading.where.reference for reading in earlier.get("net.entity", ())}
    for entry in chart.record.of_type("Condition"):
        stages = entry.body.get("stage", ()) if entry.reference in tumours else ()
        for position, stage in enumerate(stages):
            summary = chart.coded(stage.get("summary"))
            grades = _graded(summary, summary.printed, chart, family)
            if len(grades) == 1:
                place = where(entry, f"stage[{position}].summary", summary.printed)
                value = Choice(frozenset(grades))
                yield Reading("tumour.grade_stated", value, place, entry.date)


def _graded(concept: Coded, printed: str, chart: Chart, family: Family) -> set[str]:
    """The grades that a coded or worded answer states."""
    concepts = concepts_of(concept.codes, chart, family)
    coded = {c.says["grade"] for c in concepts if "grade" in c.says}
    text = printed.lower()
    return coded or _grades_in(text) or _bare(text) or _named(printed, chart, family)


def _grades_in(text: str) -> set[str]:
    return {f"G{found[1] or _ROMAN[found[2]]}" for found in _WORDED.finditer(text)}


def _bare(text: str) -> set[str]:
    found = _BARE.fullmatch(text)
    return {f"G{found[1]}"} if found else set()


def _named(printed: str, chart: Chart, family: Family) -> set[str]:
    keys = chart.names_in([printed])
    return {
        family.concepts[name].says["grade"] for name in _GRADES if family.concepts[name].key in keys
    }


def _sentence(said: Said, family: Family) -> Iterator[Reading]:
    of_net = bool(said.about(family.concepts["net-word"].key))
    place = where(said.entry, said.path, said.sentence.printed, from_text=True)
    if of_net:
        for grade in _affirmed_grades(said, family):
            yield Reading("tumour.grade_stated", Choice(frozenset({grade})), place, said.entry.date)
    for fact, value in _stated(said, family, of_net=of_net):
        yield Reading(fact, Choice(frozenset({value})), place, said.entry.date)


def _affirmed_grades(said: Said, family: Family) -> set[str]:
    """Grades beside a NET word; "low grade NET" in words is G1."""
    grades = _grades_in(said.sentence.text)
    if grades:
        return grades
    for name in _GRADES:
        concept = family.concepts[name]
        for hit in said.about(concept.key):
            if "grade" in hit.phrase and not (hit.negated or hit.doubtful):
                grades.add(concept.says["grade"])
    return grades


def _stated(said: Said, family: Family, *, of_net: bool) -> Iterator[tuple[str, str]]:
    """(fact, value) of differentiation and lung type.

    The text of a diagnosis may state "poorly differentiated"; "well" it only implies, since it is
    a label and no pathology.
    """
    from_diagnosis = said.entry.type == "Condition"
    for name in ("well", "poor", "nec", "typical", "atypical"):
        concept = family.concepts[name]
        for hit in said.about(concept.key):
            if hit.negated or hit.doubtful:
                continue
            if "lung" in concept.says:
                yield "tumour.lung_type_stated", concept.says["lung"]
                continue
            value = concept.says["differentiation"]
            implied = from_diagnosis and value == "well"
            yield ("tumour.coded_differentiation" if implied else "tumour.differentiation"), value
    if of_net and not from_diagnosis and _net_with_grade(said):
        yield "tumour.differentiation", "well"


_NET_GRADE = re.compile(
    r"\b(?:net|nets|neuroendocrine tumou?rs?)\b[ ,(:-]{0,3}(?:who )?g(?:rade)?[ -]?[123]\b"
    r"|\bg(?:rade)?[ -]?[123][ ,-]{0,2}(?:net|nets|neuroendocrine tumou?rs?)\b"
)


def _net_with_grade(said: Said) -> bool:
    """Does the sentence name a graded NET? A "NET G3" is well differentiated (WHO 2019)."""
    return bool(_NET_GRADE.search(said.sentence.text))
