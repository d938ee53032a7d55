"""Hormonal syndromes and symptoms."""

import pytest

from tests.fhir.readers.small import (
    concept,
    condition,
    facts,
    measured,
    net,
    observation,
    report,
    value,
)

TYPES, FUNCTIONAL = "syndrome.types", "syndrome.functional"
ALL = {
    "carcinoid",
    "insulin",
    "gastrin",
    "glucagon",
    "vip",
    "acth",
    "somatostatin",
    "catecholamine",
}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (condition("ICD-10-CM#E34.0"), {"carcinoid"}),
        (condition("ICD-10-CM#E34.00"), {"carcinoid"}),
        (condition("ICD-10-CM#E34.01"), {"carcinoid"}),
        (condition("ICD-10-CM#E3409"), {"carcinoid"}),
        (condition("ICD-10#E34.0"), {"carcinoid"}),
        (condition("SNOMED#35868009"), {"carcinoid"}),
        (condition("SNOMED#36222008"), {"carcinoid"}),
        (condition("Carcinoid syndrome"), {"carcinoid"}),
        (condition("SNOMED#53132006"), {"gastrin"}),
        (condition("Zollinger-Ellison syndrome"), {"gastrin"}),
        (condition("Ectopic Cushing syndrome"), {"acth"}),
        (condition("SNOMED#302822000"), {"insulin"}),
        (condition("SNOMED#16424000"), {"glucagon"}),
        (condition("SNOMED#253005002"), {"vip"}),
        (condition("SNOMED#253006001"), {"somatostatin"}),
        (net("Ileal NET with carcinoid syndrome"), {"carcinoid"}),
        (report("VIPoma of the pancreas."), {"vip"}),
        (report("Catecholamine-secreting paraganglioma."), {"catecholamine"}),
        (
            observation("LOINC#31206-6", valueCodeableConcept=concept("ICD-O-3#8151/3")),
            {"insulin"},
        ),
        # no syndrome
        (condition("Carcinoid syndrome", clinical="resolved"), None),
        (condition("Carcinoid syndrome", verified="refuted"), None),
        (condition("Carcinoid syndrome", verified="provisional"), None),
        (condition("History of carcinoid syndrome"), None),
        (condition("Family history of gastrinoma"), None),
        (report("No carcinoid syndrome."), None),
        (report("Possible carcinoid syndrome."), None),
        (report("Carcinoid syndrome?"), None),
        # hints
        (condition("ICD-10-CM#E16.4"), None),
        (condition("ICD-10-CM#E16.1"), None),
        (condition("ICD-10-CM#E16.3"), None),
        (condition("ICD-10-CM#E16.8"), None),
        (measured("LOINC#31203-3", 90, "mg/(24.h)"), None),
        (measured("LOINC#2333-3", 2000, "pg/mL"), None),
    ],
)
def test_a_syndrome_is_recorded_by_its_name(made, expected):
    found = facts(made)
    assert (found[TYPES].value and found[TYPES].value.has) == expected
    assert (found[FUNCTIONAL].value and found[FUNCTIONAL].value.so) == (expected and True)


def test_another_syndrome_stays_unknown():
    found = facts(condition("Carcinoid syndrome"))[TYPES].value
    assert (found.has, found.lacks) == ({"carcinoid"}, frozenset())


def test_silence_is_unknown():
    found = facts()
    assert found[TYPES].value is found[FUNCTIONAL].value is None


@pytest.mark.parametrize(
    "made",
    [
        net("Non-functioning pancreatic NET"),
        net("Nonfunctional NET"),
        report("Non-functioning neuroendocrine tumour of the pancreas."),
        condition("SNOMED#764999002"),
    ],
)
def test_non_functioning_excludes_every_syndrome(made):
    found = facts(made)
    assert found[FUNCTIONAL].value.so is False
    assert found[TYPES].value.lacks == ALL


@pytest.mark.parametrize(
    "text",
    [
        "Non-functioning adrenal adenoma.",
        "Possibly non-functioning.",
        "Non-functioning gallbladder.",
        "Functional imaging was done.",
    ],
)
def test_what_is_not_said_of_the_tumour(text):
    assert value(FUNCTIONAL, report(text)) is None


def test_a_recorded_syndrome_outweighs_non_functioning():
    found = facts(net("Non-functioning NET"), condition("Carcinoid syndrome"))
    assert found[FUNCTIONAL].value.so is True
    assert found[TYPES].value.lacks == frozenset()


# ---- control -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Refractory carcinoid syndrome.", True),
        ("Diarrhoea and flushing despite octreotide.", True),
        ("Flushing not controlled with lanreotide.", True),
        ("Uncontrolled hypoglycaemia.", True),
        ("Hormonal symptoms poorly controlled.", True),
        ("Carcinoid syndrome is not refractory.", False),
        ("Uncontrolled hypertension with flushing.", False),
        ("Refractory ascites.", False),
        ("Possibly refractory carcinoid syndrome.", False),
        ("Carcinoid syndrome, well controlled.", False),
    ],
)
def test_a_syndrome_is_refractory_in_a_sentence_about_it(text, expected):
    assert value("syndrome.refractory", report(text)) is expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (condition("SNOMED#237833006"), True),
        (condition("Carcinoid crisis"), True),
        (report("Carcinoid crisis during induction."), True),
        (report("Carcinoid crisis despite octreotide prophylaxis."), True),
        (condition("Carcinoid crisis", clinical="resolved"), False),
        (condition("History of carcinoid crisis"), False),
        (report("Octreotide for carcinoid crisis prophylaxis."), False),
        (report("Octreotide cover to prevent carcinoid crisis."), False),
        (report("At risk of carcinoid crisis."), False),
        (report("No carcinoid crisis."), False),
    ],
)
def test_a_crisis_is_present_and_not_prevented(made, expected):
    assert value("syndrome.crisis", made) is expected


# ---- symptoms ------------------------------------------------------------------------------------

PRESENT = [
    ("hormonal", "Flushing"),
    ("hormonal", "ICD-10-CM#R23.2"),
    ("hormonal", "ICD-10-CM#R19.7"),
    ("hormonal", "Diarrhoea"),
    ("hormonal", "ICD-10-CM#E16.2"),
    ("hormonal", "ICD-10-CM#E16.1"),
    ("hormonal", "Recurrent hypoglycaemia"),
    ("hormonal", "Duodenal ulcer"),
    ("hormonal", "ICD-10-CM#K26.9"),
    ("hormonal", "Hypertensive spells"),
    ("obstruction", "Small bowel obstruction"),
    ("obstruction", "ICD-10-CM#K56.609"),
    ("bleeding", "GI bleed"),
    ("bleeding", "ICD-10-CM#K92.1"),
    ("ischaemia", "Mesenteric ischaemia"),
    ("ischaemia", "ICD-10-CM#K55.1"),
    ("bulk", "Abdominal pain"),
    ("bulk", "ICD-10-CM#R17"),
    ("bulk", "Mass effect"),
    ("bone_pain", "Bone pain"),
    ("brain_metastasis", "SNOMED#94225005"),
    ("brain_metastasis", "Brain metastases"),
    ("brain_metastasis", "ICD-10-CM#C79.31"),
    ("cord_compression", "Spinal cord compression"),
    ("cord_compression", "ICD-10-CM#G95.20"),
    ("airway", "Airway obstruction"),
    ("airway", "ICD-10-CM#R06.1"),
]


@pytest.mark.parametrize(("symptom", "name"), PRESENT)
def test_a_symptom_is_a_present_condition(symptom, name):
    """And none that is resolved, refuted or only suspected."""
    fact = f"symptom.{symptom}"
    assert value(fact, condition(name)) is True
    assert value(fact, condition(name, clinical="recurrence")) is True
    assert value(fact, condition(name, clinical="resolved")) is False
    assert value(fact, condition(name, verified="refuted")) is False
    assert value(fact, condition(name, verified="provisional")) is False
    assert value(fact, condition(name, abatementDateTime="2026-10-10")) is False
    assert value("symptom.asymptomatic", condition(name)) is False


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("hormonal", "Episodes of flushing.", True),
        ("hormonal", "No flushing or diarrhoea.", False),
        ("hormonal", "Flushing of the port with saline.", False),
        ("hormonal", "Pressure ulcers at the heel.", False),
        ("obstruction", "CT shows small bowel obstruction.", True),
        ("obstruction", "No bowel obstruction.", False),
        ("obstruction", "History of bowel obstruction.", False),
        ("obstruction", "Previous small bowel obstruction in 2019.", False),
        ("obstruction", "Risk of bowel obstruction.", False),
        ("bleeding", "Rectal bleeding.", True),
        ("bleeding", "No melaena.", False),
        ("ischaemia", "Mesenteric ischemia.", True),
        ("bulk", "Right upper quadrant pain.", True),
        ("bulk", "No abdominal pain.", False),
        ("bone_pain", "Painful bone metastases.", True),
        ("brain_metastasis", "No brain metastases.", False),
        ("brain_metastasis", "New cerebral metastasis.", True),
        ("cord_compression", "MRI shows signs of cord compression.", True),
        ("cord_compression", "Cord compression, new compared to the previous MRI.", True),
        ("cord_compression", "No cord compression.", False),
        ("cord_compression", "Umbilical cord compression.", False),
        ("airway", "Stridor.", True),
    ],
)
def test_a_symptom_in_words(fact, text, expected):
    assert value(f"symptom.{fact}", report(text)) is expected


def test_a_later_denial_ends_a_symptom_that_has_one_name():
    old, new = report("Cord compression.", on="2026-01-01"), report("No cord compression.")
    assert value("symptom.cord_compression", old, new) is False


def test_a_denial_of_one_kind_of_bleeding_ends_no_other():
    old, new = report("GI bleeding.", on="2026-01-01"), report("No haematemesis.")
    assert value("symptom.bleeding", old, new) is True


def test_silence_about_symptoms_is_no_and_assumed():
    found = facts()["symptom.obstruction"]
    assert (found.value.so, found.assumed) == (False, True)
    denied = facts(report("No bowel obstruction."))["symptom.obstruction"]
    assert (denied.value.so, denied.assumed) == (False, False)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([net("Ileal NET, asymptomatic")], True),
        ([report("The patient is asymptomatic.")], True),
        ([report("No symptoms.")], True),
        ([net("NET, incidental finding")], True),
        ([report("Incidentally found pancreatic NET.")], True),
        ([report("Incidental renal cyst.")], None),
        ([report("Asymptomatic gallstones.")], None),
        ([report("No longer asymptomatic.")], None),
        ([report("Not asymptomatic.")], None),
        ([condition("Asymptomatic menopausal state")], None),
        ([report("The patient is asymptomatic."), condition("Flushing")], False),
        ([report("Abdominal pain.")], False),
        ([report("Asymptomatic, no abdominal pain.")], True),
        ([], None),
    ],
)
def test_asymptomatic_unless_any_symptom_is_on_file(made, expected):
    assert value("symptom.asymptomatic", *made) is expected


# ---- hints ---------------------------------------------------------------------------------------

HIAA, GASTRIN = "LOINC#31203-3", "LOINC#2333-3"


def ranged(name, number, high=8, **elements):
    limits = [{"high": {"value": high, "unit": "mg/L"}}]
    return measured(name, number, "mg/L", referenceRange=limits, **elements)


def flagged(name, code):
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return measured(
        name, 5, "mg/L", interpretation=[{"coding": [{"system": system, "code": code}]}]
    )


@pytest.mark.parametrize(
    ("made", "hints"),
    [
        (condition("ICD-10-CM#R23.2"), {"carcinoid"}),
        (condition("ICD-10-CM#E16.1"), {"insulin"}),
        (condition("ICD-10-CM#E16.2"), {"insulin"}),
        (condition("ICD-10-CM#E16.3"), {"glucagon"}),
        (condition("ICD-10-CM#E16.4"), {"gastrin"}),
        (condition("ICD-10#E16.4"), {"gastrin"}),
        (condition("ICD-10-CM#E16.8"), {"pancreatic"}),
        (condition("ICD-10-CM#K26.9"), {"gastrin"}),
        (condition("ICD-10-CM#E16.4", clinical="resolved"), set()),
        (ranged(HIAA, 9), {"carcinoid"}),
        (ranged(HIAA, 8), set()),
        (ranged(HIAA, 9, status="entered-in-error"), set()),
        (ranged("Serum 5-HIAA", 9), {"carcinoid"}),
        (flagged(GASTRIN, "H"), {"gastrin"}),
        (flagged(GASTRIN, "N"), set()),
        (measured(GASTRIN, 900, "pg/mL"), set()),
        (report("Elevated 5-HIAA."), {"carcinoid"}),
        (report("No flushing."), set()),
        (report("Hypertensive spells for a year."), {"catecholamine"}),
        (report("Left adrenal mass of 4 cm."), {"adrenal-mass"}),
        (report("Retroperitoneal mass beside the aorta."), {"adrenal-mass"}),
        (report("No adrenal mass."), set()),
    ],
)
def test_a_hint_is_never_a_syndrome(made, hints):
    assert value("syndrome.hints", made) == hints
    assert value(TYPES, made) is None


@pytest.mark.parametrize(
    ("made", "measured_"),
    [
        (measured("Plasma metanephrines", 0.3, "nmol/L"), True),
        (observation("Normetanephrine, urine", valueString="normal"), True),
        (observation("Plasma metanephrines", dataAbsentReason=concept("unknown")), False),
        (ranged(HIAA, 9), False),
    ],
)
def test_metanephrines_are_measured_whatever_they_say(made, measured_):
    assert value("syndrome.metanephrines_measured", made) is measured_
