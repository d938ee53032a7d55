"""What is on file about the tumour of one patient, and about the fitness for its treatment.

Sites, grades, receptor results, courses and therapies differ from patient to patient, every text
has numbers and names of its own, and some of what one would look for is missing.
"""

from collections.abc import Iterator

from tests.bench.resources import ICD10CM, LOINC, RXNORM, SNOMED, Chart, Resource, quantity

SITES = (  # code and name of the diagnosis, and how pathologists call the place
    ("C7A.012", "Malignant carcinoid tumor of the ileum", "ileum"),
    ("C7A.011", "Malignant carcinoid tumor of the jejunum", "jejunum"),
    ("C7A.026", "Malignant carcinoid tumor of the rectum", "rectum"),
    ("C7A.090", "Malignant carcinoid tumor of the bronchus and lung", "lung"),
    ("C25.4", "Malignant neoplasm of endocrine pancreas", "pancreas"),
)
SPREAD = (
    ("C7B.02", "Secondary carcinoid tumors of liver"),
    ("C7B.03", "Secondary carcinoid tumors of bone"),
)
GRADES = (("G1", 0.4, 2.4), ("G2", 3.5, 19.0), ("G3", 22.0, 48.0))  # with the span of Ki-67, %
TRACERS = ("68Ga-DOTATATE", "68Ga-DOTATOC", "64Cu-DOTATATE")
UPTAKE = (
    "Intense uptake above liver in all known lesions, Krenning score 4",
    "Krenning score 3 in the known lesions",
    "Uptake above spleen in all lesions",
    "No significant uptake in the known lesions",
)
COURSES = (  # of the disease, as SNOMED CT names it and as a report does
    ("271299001", "Progressive disease by RECIST 1.1", "Progressive disease"),
    ("359746009", "Stable disease", "Stable disease"),
)
THERAPIES = (
    ("68092", "lanreotide"),
    ("7617", "octreotide"),
    ("141704", "everolimus"),
    ("357977", "sunitinib"),
)
SURGEONS = ("Abbas", "Brandt", "Costa", "Demir", "Evans", "Fischer", "Garcia", "Huang")

# (LOINC, display, unit, lowest, highest, decimals): what counts for a treatment
FITNESS = (
    ("35591-7", "Creatinine renal clearance predicted by Cockcroft-Gault", "mL/min", 42, 110, 0),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 85, 400, 0),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 8, 16, 1),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 3, 10, 1),
    ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*3/uL", 2, 7, 1),
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0, 2, 1),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 3, 5, 1),
)

GAP = 0.12  # how often a result that one would look for is missing


def diagnoses(chart: Chart) -> tuple[str, list[Resource]]:
    """How pathologists call the site, and the Conditions of the tumour."""
    code, display, site = chart.one_of(SITES)
    found = [chart.condition((ICD10CM, code), display)]
    spread = SPREAD[: chart.random.randrange(1, 3)]
    return site, found + [chart.condition((ICD10CM, code), display) for code, display in spread]


def observations(chart: Chart, site: str) -> list[Resource]:
    """Seven to twelve, of pathology, imaging and laboratory."""
    found = [*_pathology(chart, site), *_course(chart), *_fitness(chart)]
    return [one for number, one in enumerate(found) if not number or chart.random.random() > GAP]


def reports(chart: Chart) -> list[Resource]:
    """Receptor imaging, unless nobody has done any."""
    if chart.random.random() < GAP:
        return []
    dose = chart.random.randrange(110, 220)
    told = f"{chart.one_of(UPTAKE)}. Dose {dose} MBq, read by Dr. {chart.one_of(SURGEONS)}"
    name = f"{chart.one_of(TRACERS)} PET/CT"
    return [chart.report(name, f"{told}, study {chart.serial}.", 200)]


def medications(chart: Chart) -> list[Resource]:
    given = chart.random.sample(THERAPIES, chart.random.randrange(3))
    return [
        chart.medication((RXNORM, code), name, chart.one_of(("active", "stopped")))
        for code, name in given
    ]


def _pathology(chart: Chart, site: str) -> Iterator[Resource]:
    grade, low, high = chart.one_of(GRADES)
    ki67 = round(low + chart.random.random() * (high - low), 1)
    specimen = (
        f"Specimen {chart.serial}, biopsy of the {site}, seen by Dr. {chart.one_of(SURGEONS)}"
    )
    told = f"{specimen}: well differentiated NET, {grade}, Ki-67 {ki67} %."
    name = "Pathology report final diagnosis"
    yield chart.observation((LOINC, "22637-3"), name, {"valueString": told}, oldest=350)
    name = "Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain"
    yield chart.observation((LOINC, "29593-1"), name, quantity(ki67, "%"), oldest=350)


def _course(chart: Chart) -> Iterator[Resource]:
    code, display, said = chart.one_of(COURSES)
    told = f"{said}, {chart.random.randrange(20, 90)} mm in sum, study {chart.serial}"
    value = {
        "valueCodeableConcept": {
            "coding": [{"system": SNOMED, "code": code, "display": display}],
            "text": told,
        }
    }
    yield chart.observation((LOINC, "97509-4"), "Cancer Disease Progression", value, 5, 80)
    ecog = {"valueInteger": chart.random.randrange(3)}
    yield chart.observation((LOINC, "89247-1"), "ECOG Performance Status score", ecog, 0, 40)


def _fitness(chart: Chart) -> Iterator[Resource]:
    for code, display, unit, low, high, decimals in FITNESS:
        value = round(low + chart.random.random() * (high - low), decimals)
        yield chart.observation((LOINC, code), display, quantity(value, unit), 0, 30)
