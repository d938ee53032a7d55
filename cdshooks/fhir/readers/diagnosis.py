"""Is there a NET, of which family and site, active or history; and are other cancers on file."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import structs

from cdshooks.clinical.fact import Fact, Problem, Provenance
from cdshooks.clinical.value import Choice, Flag, Members
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers.condition_text import LOOK_ALIKES, NEOPLASMS
from cdshooks.fhir.readers.conditions import Finding, judge, morphology
from cdshooks.fhir.readers.site import ELSEWHERE, PARTS, contradict
from cdshooks.fhir.reading import Reading, Readings, choice
from cdshooks.knowledge.facts import Family

_STANDINGS = ("active", "suspected", "history")
_GRADES = {"G2-or-G3": frozenset({"G2", "G3"})}


def read(chart: Chart, family: Family, _: Readings) -> Iterator[Reading | Fact]:
    """net.* and tumour.site, with what the diagnosis says of differentiation, grade and syndrome.

    Also internal readings: `other_cancer` (another active cancer is on file) and `secondary` (a
    metastasis that no code or word ascribes to a primary).
    """
    findings = list(_findings(chart, family))
    morphologies = list(_morphologies(chart, family))
    findings = _joined(findings, morphologies)
    tumours = [f for f in findings if f.entity in NEOPLASMS | {"MiNEN", "secondary-NEN"}]
    strongest = next((s for s in _STANDINGS if any(f.standing == s for f in tumours)), None)
    tumours.sort(key=lambda finding: finding.secondary)  # the primary is named first
    status = "suspected" if _may_be_back(findings, strongest, chart) else strongest or "none"
    yield Fact("net.status", choice(status), _places(tumours, strongest))
    yield from _others(findings)
    if strongest is None:
        yield from _look_alikes(findings)
        return
    of_standing = [f for f in tumours if f.standing == strongest]
    for finding in of_standing:
        yield from _told(finding)
    if strongest != "history":
        for finding in morphologies:
            yield from _of_specimen(finding)
    told = [f for f in of_standing if f.sites]
    yield from _sites(told or tumours, chart, family)
    yield from _benign(of_standing)


def _may_be_back(findings: Iterable[Finding], strongest: str | None, chart: Chart) -> bool:
    """Is a NET in history beside a metastasis that no other cancer on file can explain?"""
    if strongest != "history":
        return False
    findings = list(findings)
    metastases = [f for f in findings if f.entity == "secondary" and f.standing == "active"]
    if any(f.entity in ("other-cancer", "excluded") for f in findings):
        return False
    for one in metastases:
        chart.report(
            one.entry, "code", "is a metastasis beside a NET in history: read as suspected"
        )
    return bool(metastases)


def _findings(chart: Chart, family: Family) -> Iterator[Finding]:
    tumours = _tumours(family)
    telling, other = set(), set()
    for said in chart.said("condition"):
        if not said.heard.by_concept.keys().isdisjoint(tumours):
            telling.add(said.entry.reference)
            if said.about("diagnosis/other-histology"):
                other.add(id(said.entry))
    for entry in chart.of_type("Condition"):
        told, named = entry.reference in telling, id(entry) in other
        finding = judge(entry, chart, family, is_told=told, names_other_histology=named)
        if finding is not None:
            yield finding


@lru_cache(maxsize=8)
def _tumours(family: Family) -> frozenset[str]:
    """The concepts that name a tumour."""
    return frozenset(concept.key for concept in family.saying("entity"))


def _morphologies(chart: Chart, family: Family) -> Iterator[Finding]:
    for matched in chart.matching(family.concepts["morphology-observation"], "Observation"):
        finding = morphology(matched, chart, family)
        if finding is not None:
            yield finding


def _joined(findings: list[Finding], morphologies: list[Finding]) -> list[Finding]:
    """With the morphology, which makes a NET of the one cancer whose code names only a site.

    Without any tumour on the problem list it stands for itself.
    """
    told = [m for m in morphologies if m.entity in NEOPLASMS | LOOK_ALIKES | {"small-cell"}]
    if not told or any(f.entity in NEOPLASMS | LOOK_ALIKES for f in findings):
        return findings
    of_a_site = [f for f in findings if f.entity in ("other-cancer", "skin-cancer")]
    cancers = [f for f in of_a_site if f.standing != "history"]
    if len(cancers) == 1 and cancers[0].sites:
        return [_made(f, told[0]) if f is cancers[0] else f for f in findings]
    return [*findings, *told] if not cancers else findings


def _made(cancer: Finding, told: Finding) -> Finding:
    """A cancer of a site whose specimen says what it is; small cell: NET outside the lung only."""
    entity = told.entity
    if entity == "small-cell":
        entity = "excluded" if "lung" in cancer.sites else "NEN"
    return structs.replace(cancer, entity=entity)


def _others(findings: Iterable[Finding]) -> Iterator[Reading]:
    for finding in findings:
        if finding.entity in ("other-cancer", "excluded") and finding.standing == "active":
            yield _reading("other_cancer", Flag(so=True), finding)
        elif finding.entity == "secondary" and finding.standing == "active":
            yield _reading("secondary", Flag(so=True), finding)


def _look_alikes(findings: Iterable[Finding]) -> Iterator[Fact]:
    excluded = [f for f in findings if f.entity == "excluded" and f.standing == "active"]
    if excluded:
        yield Fact("net.entity", choice("excluded"), _places(excluded, "active"))


def _told(finding: Finding) -> Iterator[Reading]:
    entity = "NEN" if finding.entity == "secondary-NEN" else finding.entity
    yield _reading("net.entity", choice(entity), finding)
    for value in finding.says("coded"):
        yield _reading("tumour.coded_differentiation", choice(value), finding)
    for value in finding.says("syndrome"):
        yield _reading("syndrome.types", Members(frozenset({value}), frozenset()), finding)
    if finding.standing == "active":
        yield from _of_specimen(finding)


def _of_specimen(finding: Finding) -> Iterator[Reading]:
    """What a morphology (or "typical carcinoid" in words) states of differentiation and grade."""
    for value in finding.says("stated"):
        yield _reading("tumour.differentiation", choice(value), finding)
    for value in finding.says("grade"):
        yield _reading("tumour.grade_by_morphology", Choice(_GRADES[value]), finding)
    for value in finding.says("lung"):
        yield _reading("tumour.lung_type_stated", choice(value), finding)


def _sites(tumours: list[Finding], chart: Chart, family: Family) -> Iterator[Reading]:
    told = {site for finding in tumours for site in finding.sites}
    rough = {site for site in told if PARTS.get(site, set()) & told}
    for finding in tumours:
        for site in finding.sites:
            if site not in rough:
                yield _reading("tumour.site", choice(site), finding)
    for reading in _primary_in(chart, family):
        if not told:
            yield reading
        elif isinstance(reading.value, Choice) and contradict(told, reading.value.possible):
            chart.problems.append(Problem(reading.where.reference, reading.where.path, ELSEWHERE))


def _primary_in(chart: Chart, family: Family) -> Iterator[Reading]:
    """The site of "primary in the ileum" in a report, which counts when no diagnosis names one."""
    spoken = chart.saying(family.concepts["primary-in"])
    if not spoken:
        return
    sites = [concept for concept in family.saying("site") if set(concept.says) == {"site"}]
    for said in spoken:
        if said.source not in ("report", "value", "note"):
            continue
        for primary in said.about(family.concepts["primary-in"].key):
            for concept in sites:
                for hit in said.about(concept.key):
                    near = 0 < hit.first_token - primary.last_token <= 3
                    if near and not (primary.negated or primary.doubtful or hit.negated):
                        value = choice(concept.says["site"])
                        yield Reading("tumour.site", value, said.place, said.entry.date)


def _benign(tumours: list[Finding]) -> Iterator[Reading]:
    """Is the primary only coded as benign? A metastasis on file is for the reading of the stage."""
    primaries = [finding for finding in tumours if not finding.secondary]
    if primaries and all(finding.says("benign") for finding in primaries):
        yield _reading("net.benign_only", Flag(so=True), primaries[0])


def _places(findings: Iterable[Finding], standing: str | None) -> tuple[Provenance, ...]:
    return tuple([finding.place for finding in findings if finding.standing == standing])


def _reading(fact: str, value: Choice | Flag | Members, finding: Finding) -> Reading:
    return Reading(fact, value, finding.place, finding.entry.date)
