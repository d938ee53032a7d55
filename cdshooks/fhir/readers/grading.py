"""Stated grade, differentiation and lung type, from results, stage summaries and sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import product
from operator import attrgetter

from cdshooks.clinical.value import Choice
from cdshooks.fhir.chart import Chart, Heard, Matched, Said
from cdshooks.fhir.coding import Coded
from cdshooks.fhir.readers.conditions import concepts_of
from cdshooks.fhir.readers.grade_words import NOTED, figures, is_affirmed, stand_beside
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.proliferation import is_of_the_net
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.readers.wording import vocabulary
from cdshooks.fhir.reading import Reading, choice, where
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_DIFFERENTIATION = ("well", "poor", "nec", "typical", "atypical")
_GRADES = ("low", "intermediate", "high")
_TELLING = (*_DIFFERENTIATION, *_GRADES, "graded", "net-tumour", "carcinoma-spelled")
_BARE = re.compile(r"\s*g?\s*([123])\s*")


def read(chart: Chart, family: Family, pathology: Pathology) -> list[Reading]:
    """tumour.grade_stated, .differentiation, .coded_differentiation and .lung_type_stated."""
    found: list[Reading] = []
    results = chart.matching(family.concepts["grade"], "Observation")
    for matched in results:
        absent = "dataAbsentReason" in matched.part
        if not absent and is_of_the_net(matched, chart, family, pathology):
            found += _result(matched, chart, family)
    found += _stages(chart, family, pathology)
    telling, elsewhere = _telling(family), family.concepts["grade-elsewhere"].key
    for said in pathology.statements:
        if said.named.keys().isdisjoint(telling) and NOTED.search(said.sentence.text) is None:
            continue
        if elsewhere in said.named or not is_present(said.entry, chart):
            continue
        if results and _is_answer(said, results):
            found += _stated(said, family, _grades((said.heard, family)), of_net=True)
        else:
            found += _sentence(said, chart, family, pathology)
    return found


def _is_answer(said: Said, results: Sequence[Matched]) -> bool:
    """Does it stand in the answer of a grade result?"""
    return any(
        said.entry.reference == one.entry.reference
        and said.path.startswith(f"{one.path}.value".strip("."))
        for one in results
    )


@lru_cache(maxsize=8)
def _telling(family: Family) -> frozenset[str]:
    """The concepts of which a sentence names one if it tells anything of a grade in words."""
    return frozenset([family.concepts[name].key for name in _TELLING])


def _result(matched: Matched, chart: Chart, family: Family) -> Iterator[Reading]:
    """The answer of a grade result: its codes, else the words or the bare figure."""
    element, printed = printed_value(matched.part)
    concept = chart.coded(matched.part.get("valueCodeableConcept"))
    grades = _graded(concept, printed, chart, family) or _bare(printed.lower())
    path = f"{matched.path}.{element}".strip(".")
    if len(grades) != 1:
        differentiated = {family.concepts[name].key for name in ("well", "poor", "nec")}
        if not differentiated & chart.names_in((printed,)):
            chart.report(matched.entry, path or "value", "states no single grade that can be read")
        return
    place = where(matched.entry, path, printed)
    yield Reading("tumour.grade_stated", Choice(frozenset(grades)), place, matched.entry.date)


def _stages(chart: Chart, family: Family, pathology: Pathology) -> Iterator[Reading]:
    """The grade in a stage summary of a NET; a stage ("Stage II", or a bare "2") is none."""
    for entry in chart.of_type("Condition"):
        if "stage" not in entry.body or entry.reference not in pathology.tumours:
            continue
        for position, stage in enumerate(entry.body["stage"]):
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
    spoken = vocabulary(family).spoken(printed)
    told = {grade for w in spoken for grade in figures(w.sentence, w.of("graded"))}
    return coded or told or _named(printed, chart, family)


def _bare(text: str) -> set[str]:
    found = _BARE.fullmatch(text)
    return {f"G{found[1]}"} if found else set()


def _named(printed: str, chart: Chart, family: Family) -> set[str]:
    keys = chart.names_in([printed])
    return {
        family.concepts[name].says["grade"] for name in _GRADES if family.concepts[name].key in keys
    }


def _sentence(said: Said, chart: Chart, family: Family, pathology: Pathology) -> Sequence[Reading]:
    """What a sentence states; a scan grades uptake, never the tumour."""
    grades, concepts, named = _grades((said.heard, family)), family.concepts, said.named
    if not grades and named.keys().isdisjoint(_differentiation(family)):
        return ()
    scan = bool(grades) and _is_scan(said.entry, chart)
    of_net = concepts["net-word"].key in named and not scan
    asked = grades and not (scan or of_net)
    within = bool(asked) and _in_pathology_of_net(said, chart, family, pathology)
    is_named = concepts["grade"].key in named and not scan
    place, day, found = said.place, said.entry.date, []
    if of_net or is_named or within or (_stands_alone(said, family, pathology) and not scan):
        found = [Reading("tumour.grade_stated", choice(grade), place, day) for grade in grades]
    found += _stated(said, family, grades, of_net=of_net)
    if within and grades == {"G3"} and _is_of_carcinoma(said.entry, chart, family):
        found.append(Reading("tumour.differentiation", choice("poor"), place, day))
    return found


@lru_cache(maxsize=8)
def _differentiation(family: Family) -> Mapping[str, Concept]:
    return {(one := family.concepts[name]).key: one for name in _DIFFERENTIATION}


_SCANS = frozenset({f"receptor/{n}" for n in ("sstr-scan", "sstr", "krenning", "fdg", "mibg")})


def _is_scan(entry: Entry, chart: Chart) -> bool:
    """Is it the report or result of a receptor, FDG or mIBG study?"""
    named = chart.names_of(entry.coded)
    if "receptor/not-a-scan" in named:
        return False
    return bool(_SCANS & (named | set(chart.index.find(entry.coded.codes))))


def _in_pathology_of_net(said: Said, chart: Chart, family: Family, pathology: Pathology) -> bool:
    """Does it stand in a report of pathology, by its title or text, that names a NET?"""
    if said.entry.type == "Condition":
        return False
    titled = chart.names_of(said.entry.coded)
    told = {concept for one in _told(said.entry, chart) for concept in one.named}
    net = family.concepts["net-word"].key in titled or pathology.names_net(said.entry)
    return net and family.concepts["pathology-word"].key in titled | told


def _told(entry: Entry, chart: Chart) -> list[Said]:
    return [one for one in chart.prose if one.entry is entry]


def _is_of_carcinoma(entry: Entry, chart: Chart, family: Family) -> bool:
    """Does its text affirm a neuroendocrine carcinoma, and name no NET nor "well"?"""
    told = _told(entry, chart)
    carcinoma = family.concepts["carcinoma-spelled"].key
    well = family.concepts["well"].key
    affirmed = any(_affirmed(one, carcinoma) for one in told)
    net = family.concepts["net-tumour"].key
    return affirmed and not any(one.about(well) or one.about(net) for one in told)


def _affirmed(said: Said, concept: str) -> bool:
    return any(not (hit.negated or hit.doubtful) for hit in said.about(concept))


def _stands_alone(said: Said, family: Family, pathology: Pathology) -> bool:
    """Is it "Grade 2." or "G2/3" and no more, in a text that names a NET elsewhere?"""
    graded = said.about(family.concepts["graded"].key)
    words = said.sentence.words
    alone = any(
        hit.first_token == 0 and (*words[hit.last_token + 1 :], "3")[-1] == "3" and len(words) <= 4
        for hit in graded
    )
    return alone and pathology.names_net(said.entry)


def _affirmed_grades(key: tuple[Heard, Family]) -> frozenset[str]:
    """Grades beside a NET word; "low grade NET" in words is G1."""
    heard, family = key
    grades = figures(heard.sentence, heard.about(family.concepts["graded"].key))
    for name in _GRADES if not grades else ():
        concept = family.concepts[name]
        for hit in heard.about(concept.key):
            spelt = hit.last_token > hit.first_token  # "low" alone is an answer
            if spelt and is_affirmed(heard.sentence, hit):
                grades.add(concept.says["grade"])
    return frozenset(grades)


_grades = Remembered(_affirmed_grades, length=lambda key: len(key[0].sentence.text))


def _stated(said: Said, family: Family, grades: AbstractSet[str], *, of_net: bool) -> list[Reading]:
    """Differentiation and lung type.

    The text of a diagnosis may state "poorly differentiated"; "well" it only implies, since it is
    a label and no pathology.
    """
    told = _said_of(said, family, grades, of_net=of_net)
    return [Reading(fact, choice(value), said.place, said.entry.date) for fact, value in told]


def _said_of(
    said: Said, family: Family, grades: AbstractSet[str], *, of_net: bool
) -> list[tuple[str, str]]:
    from_diagnosis, found = said.entry.type == "Condition", []
    for key, concept in _differentiation(family).items():
        if key not in said.named:
            continue
        for hit in said.named[key]:
            if not is_affirmed(said.sentence, hit):
                continue
            if "lung" in concept.says:
                found.append(("tumour.lung_type_stated", concept.says["lung"]))
                continue
            value = concept.says["differentiation"]
            implied = from_diagnosis and value == "well"
            fact = "tumour.coded_differentiation" if implied else "tumour.differentiation"
            found.append((fact, value))
    if of_net and not from_diagnosis and _net_with_grade(said, family):
        found.append(("tumour.differentiation", "well"))
    if of_net and grades == {"G3"} and _is_of_named_carcinoma(said, family):
        found.append(("tumour.differentiation", "poor"))
    return found


def _is_of_named_carcinoma(said: Said, family: Family) -> bool:
    """Does it name a "neuroendocrine carcinoma"? Of a lower grade than 3 the words are old ones."""
    named = _affirmed(said, family.concepts["carcinoma-spelled"].key)
    return named and not _affirmed(said, family.concepts["well"].key)


def _net_with_grade(said: Said, family: Family) -> bool:
    """Does the sentence name a graded NET? A "NET G3" is well differentiated (WHO 2019)."""
    net, graded = family.concepts["net-tumour"].key, family.concepts["graded"].key
    if net not in said.named or graded not in said.named:
        return False
    pairs = product(said.named[net], said.named[graded])
    by_start = (sorted(pair, key=attrgetter("start")) for pair in pairs)
    return any(stand_beside(said.sentence, *pair) for pair in by_start)
