"""Is there a NET, of which family and site, active or history; and are other cancers on file."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter

from msgspec import structs

from cdshooks.clinical.fact import Fact, Problem, Provenance
from cdshooks.clinical.value import Choice, Flag, Value
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers.condition_text import LOOK_ALIKES, NEOPLASMS
from cdshooks.fhir.readers.conditions import Finding, judge, morphology
from cdshooks.fhir.readers.site import ELSEWHERE, PARTS, contradict
from cdshooks.fhir.readers.standing import Standing
from cdshooks.fhir.reading import Reading, Readings, choice
from cdshooks.knowledge.facts import Family

_STANDINGS: Sequence[Standing] = ("active", "suspected", "history")
_TUMOURS = NEOPLASMS | {"MiNEN", "secondary-NEN"}


def read(chart: Chart, family: Family, _: Readings) -> list[Reading | Fact]:
    """net.* and tumour.site, with what the diagnosis says of differentiation, grade and syndrome.

    Also internal readings: `other_cancer` (another active cancer is on file) and `secondary` (a
    metastasis that no code or word ascribes to a primary). The chart keeps which are of the NET.
    """
    morphologies = _morphologies(chart, family)
    findings = _joined(_findings(chart, family), morphologies)
    tumours = [f for f in findings if f.entity in _TUMOURS]
    tumours.sort(key=_is_secondary)  # the primary is named first
    strongest = _strongest(tumours)
    of_standing = [f for f in tumours if f.standing == strongest]
    status = "suspected" if _may_be_back(findings, strongest, chart) else strongest or "none"
    found: list[Reading | Fact] = [
        Fact("net.status", choice(status), _places(of_standing)),
        *_others(findings),
    ]
    if strongest is None:
        return [*found, *_look_alikes(findings)]
    for finding in of_standing:
        found += _told(finding)
    for finding in morphologies if strongest != "history" else ():
        found += _readings(finding.said.of_specimen, finding)
    told = [f for f in of_standing if f.sites]
    found += _sites(told or tumours, chart, family)
    found += _benign(of_standing)
    chart.tumours = frozenset([f.entry.reference for f in of_standing])
    chart.metastases = _of_the_net(findings)
    return found


_is_secondary = attrgetter("secondary")


def _strongest(tumours: Iterable[Finding]) -> Standing | None:
    standings = [f.standing for f in tumours]
    for standing in _STANDINGS:
        if standing in standings:
            return standing
    return None


def _of_the_net(findings: Iterable[Finding]) -> frozenset[str]:
    """The metastases that can only be of the NET, the one active cancer."""
    active = [f for f in findings if f.standing == "active"]  # an entry may have several
    if any(f.entity in _ANOTHER for f in active):
        return frozenset()
    return frozenset([f.entry.reference for f in active if f.entity == "secondary"])


_ANOTHER = frozenset({"other-cancer", "excluded"})


def _may_be_back(findings: Sequence[Finding], strongest: str | None, chart: Chart) -> bool:
    """Is a NET in history beside a metastasis that no other cancer on file can explain?"""
    if strongest != "history":
        return False
    metastases = [f for f in findings if f.entity == "secondary" and f.standing == "active"]
    if any(f.entity in _ANOTHER for f in findings):
        return False
    for one in metastases:
        chart.report(
            one.entry, "code", "is a metastasis beside a NET in history: read as suspected"
        )
    return bool(metastases)


def _findings(chart: Chart, family: Family) -> list[Finding]:
    tumours = _tumours(family)
    telling, other = set(), set()
    for said in [said for said in chart.prose if said.source == "condition"]:
        if not tumours.isdisjoint(said.named):
            telling.add(said.entry.reference)
            if "diagnosis/other-histology" in said.named:
                other.add(id(said.entry))
    found = []
    for entry in chart.of_type("Condition"):
        told, named = entry.reference in telling, id(entry) in other
        finding = judge(entry, chart, family, is_told=told, names_other_histology=named)
        if finding is not None:
            found.append(finding)
    return found


@lru_cache(maxsize=8)
def _tumours(family: Family) -> frozenset[str]:
    """The concepts that name a tumour."""
    return frozenset(concept.key for concept in family.saying("entity"))


def _morphologies(chart: Chart, family: Family) -> list[Finding]:
    results = chart.matching(family.concepts["morphology-observation"], "Observation")
    return [found for one in results if (found := morphology(one, chart, family)) is not None]


def _joined(findings: list[Finding], morphologies: list[Finding]) -> list[Finding]:
    """With the morphology, which makes a NET of the one cancer whose code names only a site.

    Without any tumour on the problem list it stands for itself.
    """
    if not morphologies:  # as for most
        return findings
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


def _others(findings: Iterable[Finding]) -> list[Reading]:
    return [
        _reading("secondary" if f.entity == "secondary" else "other_cancer", Flag(so=True), f)
        for f in findings
        if f.standing == "active" and (f.entity == "secondary" or f.entity in _ANOTHER)
    ]


def _look_alikes(findings: Iterable[Finding]) -> Iterator[Fact]:
    excluded = [f for f in findings if f.entity == "excluded" and f.standing == "active"]
    if excluded:
        yield Fact("net.entity", choice("excluded"), _places(excluded))


def _told(finding: Finding) -> list[Reading]:
    entity = choice("NEN" if finding.entity == "secondary-NEN" else finding.entity)
    told = ("net.entity", entity), *finding.said.of_diagnosis
    # What "typical carcinoid" in words states of differentiation and grade.
    return _readings(
        (*told, *finding.said.of_specimen) if finding.standing == "active" else told, finding
    )


def _readings(told: Iterable[tuple[str, Value]], finding: Finding) -> list[Reading]:
    place, day = finding.place, finding.entry.date
    return [Reading(fact, value, place, day) for fact, value in told]


def _sites(tumours: list[Finding], chart: Chart, family: Family) -> list[Reading]:
    of_each = [(site, finding) for finding in tumours for site in finding.sites]
    told = {site for site, _ in of_each}
    found = [
        _reading("tumour.site", choice(site), finding)
        for site, finding in of_each
        if told.isdisjoint(PARTS.get(site, ()))
    ]
    for reading in _primary_in(chart, family):
        if not told:
            found.append(reading)
        elif isinstance(reading.value, Choice) and contradict(told, reading.value.possible):
            chart.problems.append(Problem(reading.where.reference, reading.where.path, ELSEWHERE))
    return found


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
    if primaries and all(finding.said.benign for finding in primaries):
        yield _reading("net.benign_only", Flag(so=True), primaries[0])


def _places(findings: Iterable[Finding]) -> tuple[Provenance, ...]:
    return tuple([finding.place for finding in findings])


def _reading(fact: str, value: Value, finding: Finding) -> Reading:
    return Reading(fact, value, finding.place, finding.entry.date)
