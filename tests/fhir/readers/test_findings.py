"""Risks and modifiers: each by code, by name and in words; look-alikes, denials and doubts."""

import pytest

from tests.fhir.readers.small import (
    administration,
    concept,
    condition,
    facts,
    measured,
    net,
    observation,
    procedure,
    report,
    request,
    statement,
    value,
)

CONDITIONS = [
    ("heart_failure_nyha34", "Heart failure, NYHA III"),
    ("heart_failure_nyha34", "NYHA class IV heart failure"),
    ("carcinoid_heart", "ICD-10-CM#E34.01"),
    ("carcinoid_heart", "SNOMED#36222008"),
    ("carcinoid_heart", "Carcinoid heart disease"),
    ("lvef_low", "Heart failure with reduced ejection fraction"),
    ("uncontrolled_hypertension", "Uncontrolled hypertension"),
    ("uncontrolled_hypertension", "ICD-10-CM#I16.0"),
    ("arrhythmia_or_pacemaker", "ICD-10-CM#I48.91"),
    ("arrhythmia_or_pacemaker", "ICD-10-CM#Z95.0"),
    ("arrhythmia_or_pacemaker", "ICD-10#I48.0"),
    ("arrhythmia_or_pacemaker", "Atrial fibrillation"),
    ("pvt_main", "Main portal vein thrombosis"),
    ("pvt_main", "Thrombosis of the main portal vein"),
    ("pvt_any", "ICD-10-CM#I81"),
    ("pvt_any", "ICD-10#I81"),
    ("pvt_any", "Portal vein thrombosis"),
    ("pvt_any", "Thrombosis of the main portal vein"),
    ("liver_decompensated", "ICD-10-CM#K72.90"),
    ("liver_decompensated", "ICD-10-CM#K76.7"),
    ("liver_decompensated", "Decompensated cirrhosis"),
    ("ascites", "ICD-10-CM#R18.8"),
    ("ascites", "ICD-10-CM#R18.0"),
    ("ascites", "ICD-10#R18"),
    ("ascites", "Ascites"),
    ("coagulopathy", "ICD-10-CM#D68.9"),
    ("coagulopathy", "Coagulopathy"),
    ("gi_fistula_perforation", "ICD-10-CM#K63.2"),
    ("gi_fistula_perforation", "Enterocutaneous fistula"),
    ("major_bleeding", "ICD-10-CM#I61.9"),
    ("major_bleeding", "Major bleeding"),
    ("depression", "ICD-10-CM#F32.9"),
    ("depression", "ICD-10#F33.1"),
    ("depression", "Major depression"),
    ("autoimmune", "ICD-10-CM#M05.79"),
    ("autoimmune", "ICD-10-CM#G35"),
    ("autoimmune", "Systemic lupus erythematosus"),
    ("autoimmune", "Sjögren's syndrome"),
    ("autoimmune", "ICD-10-CM#K75.4"),
    ("autoimmune_hepatitis", "ICD-10-CM#K75.4"),
    ("autoimmune_hepatitis", "Autoimmune hepatitis"),
    ("hbv", "ICD-10-CM#B18.1"),
    ("hbv", "ICD-10#B18.1"),
    ("hbv", "Chronic hepatitis B"),
    ("hypoxia", "ICD-10-CM#R09.02"),
    ("hypoxia", "Hypoxaemia"),
    ("men1", "ICD-10-CM#E31.21"),
    ("men1", "SNOMED#30664006"),
    ("men1", "MEN 1"),
    ("men1", "Multiple endocrine neoplasia type 1"),
    ("vhl", "ICD-10-CM#Q85.83"),
    ("vhl", "SNOMED#46659004"),
    ("vhl", "Von Hippel-Lindau syndrome"),
    ("life_expectancy_short", "Short life expectancy"),
    ("dialysis", "ICD-10-CM#Z99.2"),
    ("dialysis", "ICD-10#Z99.2"),
    ("dialysis", "Haemodialysis"),
    ("ckd5", "ICD-10-CM#N18.5"),
    ("ckd5", "ICD-10-CM#N18.6"),
    ("ckd5", "ICD-10-CM#N186"),
    ("ckd5", "ICD-10#N18.5"),
    ("ckd5", "End-stage renal disease"),
    ("ckd4", "ICD-10-CM#N18.4"),
    ("ckd4", "CKD stage 4"),
    ("dpd_deficiency", "DPD deficiency"),
]


@pytest.mark.parametrize(("risk", "name"), CONDITIONS)
def test_a_risk_is_an_active_condition(risk, name):
    """Not one that is resolved, refuted or only suspected."""
    fact, otherwise = f"risk.{risk}", None if risk == "dpd_deficiency" else False
    assert value(fact, condition(name)) is True
    assert value(fact, condition(name, clinical=None)) is True
    for made in (
        condition(name, clinical="resolved"),
        condition(name, clinical="inactive"),
        condition(name, verified="refuted"),
        condition(name, verified="entered-in-error"),
        condition(name, verified="differential"),
    ):
        assert value(fact, made) is otherwise


@pytest.mark.parametrize(
    ("risk", "name"),
    [
        ("ckd4", "ICD-10-CM#N18.5"),
        ("ckd5", "ICD-10-CM#N18.4"),
        ("pvt_main", "ICD-10-CM#I81"),
        ("pvt_main", "Left portal vein thrombosis"),
        ("autoimmune_hepatitis", "ICD-10-CM#B18.1"),
        ("carcinoid_heart", "ICD-10-CM#E34.00"),
        ("heart_failure_nyha34", "Heart failure, NYHA II"),
        ("men1", "ICD-10-CM#E31.22"),
        ("depression", "Bone marrow depression"),
        ("hbv", "Hepatitis B vaccination"),
        ("hypoxia", "Tumour hypoxia"),
        ("men1", "Family history of MEN1"),
        ("ascites", "No ascites"),
        ("ascites", "Possible ascites"),
        ("ascites", "History of ascites"),
    ],
)
def test_another_condition_is_no_risk(risk, name):
    assert value(f"risk.{risk}", condition(name)) is False


@pytest.mark.parametrize(
    ("risk", "text", "expected"),
    [
        ("heart_failure_nyha34", "Dyspnoea NYHA III.", True),
        ("heart_failure_nyha34", "NYHA II.", False),
        ("carcinoid_heart", "Echocardiogram: no carcinoid heart disease.", False),
        ("carcinoid_heart", "Echocardiogram: carcinoid heart disease.", True),
        ("carcinoid_heart", "Echocardiogram for carcinoid heart disease ordered.", False),
        ("lvef_low", "LVEF 35 % with right bundle branch block.", True),
        ("arrhythmia_or_pacemaker", "Atrial fibrillation on the monitor.", True),
        ("pvt_any", "Portal vein thrombosis, unchanged from the previous CT.", True),
        ("ascites", "Ascites increased from previous CT.", True),
        ("hbv", "HBsAg test positive.", True),
        ("men1", "MEN1 confirmed by genetic testing.", True),
        ("lvef_low", "LVEF 49 %.", True),
        ("lvef_low", "LVEF 50 %.", False),
        ("lvef_low", "LVEF 60-65 %.", False),
        ("lvef_low", "Reduced LVEF.", True),
        ("lvef_low", "RVEF 40 %.", False),
        ("uncontrolled_hypertension", "Hypertension is poorly controlled.", True),
        ("uncontrolled_hypertension", "Hypertension well controlled.", False),
        ("uncontrolled_hypertension", "Portal hypertension.", False),
        ("arrhythmia_or_pacemaker", "Pacemaker in situ.", True),
        ("arrhythmia_or_pacemaker", "No arrhythmia.", False),
        ("pvt_main", "Thrombus in the main portal vein.", True),
        ("pvt_main", "Right portal vein thrombosis.", False),
        ("pvt_any", "Right portal vein thrombosis.", True),
        ("pvt_any", "No portal vein thrombosis.", False),
        ("pvt_any", "Portal vein patent.", False),
        ("liver_decompensated", "Child-Pugh C cirrhosis.", True),
        ("biliary_anastomosis", "Status after hepaticojejunostomy.", True),
        ("biliary_anastomosis", "Biliary stent in place.", True),
        ("ascites", "Small amount of ascites.", True),
        ("ascites", "No ascites.", False),
        ("ascites", "Ascites cannot be excluded.", False),
        ("coagulopathy", "Known bleeding disorder.", True),
        ("gi_fistula_perforation", "Perforated duodenal ulcer in 2021.", True),
        ("gi_fistula_perforation", "Risk of gastrointestinal perforation explained.", False),
        ("major_bleeding", "Life-threatening bleeding.", True),
        ("depression", "Treated for depression.", True),
        ("depression", "ST depression in V4.", False),
        ("depression", "Denies depression.", False),
        ("hbv", "HBsAg positive.", True),
        ("hbv", "HBsAg negative.", False),
        ("hbv", "Anti-HBs positive after hepatitis B vaccination.", False),
        ("hypoxia", "Needs home oxygen.", True),
        ("hypoxia", "Hypoxia-inducible factor inhibitor.", False),
        ("men1", "MEN1 syndrome.", True),
        ("men1", "Somatic MEN1 mutation.", False),
        ("men1", "MEN1 testing negative.", False),
        ("men1", "Mother has MEN1.", False),
        ("vhl", "VHL disease.", True),
        ("life_expectancy_short", "Life expectancy less than 6 months.", True),
        ("life_expectancy_short", "Life expectancy of 3 months.", True),
        ("life_expectancy_short", "Prognosis 4-6 weeks.", True),
        ("life_expectancy_short", "Life expectancy more than 6 months.", False),
        ("life_expectancy_short", "Life expectancy 6 months.", False),
        ("life_expectancy_short", "Prognosis 2 years.", False),
        ("life_expectancy_short", "Enrolled in hospice.", True),
        ("dialysis", "On dialysis since 2024.", True),
        ("dialysis", "No dialysis.", False),
        ("dialysis", "Dialysis not required.", False),
        ("ckd5", "CKD 5.", True),
        ("ckd4", "Chronic kidney disease, stage 4.", True),
        ("dpd_deficiency", "Partial DPD deficiency.", True),
        ("dpd_deficiency", "No DPD deficiency.", False),
        ("dpd_deficiency", "DPYD wild type.", False),
        ("dpd_deficiency", "DPD deficiency testing ordered.", None),
    ],
)
def test_a_risk_in_words(risk, text, expected):
    assert value(f"risk.{risk}", report(text)) is expected
    assert value(f"risk.{risk}", net(note=[{"text": text}])) is expected


@pytest.mark.parametrize(
    ("risk", "made", "expected"),
    [
        (
            "heart_failure_nyha34",
            observation("NYHA class", valueCodeableConcept=concept("III")),
            True,
        ),
        ("heart_failure_nyha34", observation("NYHA class", valueInteger=3), True),
        ("heart_failure_nyha34", observation("NYHA class", valueInteger=2), False),
        ("lvef_low", measured("Left ventricular ejection fraction", 35, "%"), True),
        ("lvef_low", measured("LVEF", 0.35, "{ratio}"), True),
        ("lvef_low", measured("LVEF", 55, "%"), False),
        ("lvef_low", measured("Right ventricular ejection fraction", 35, "%"), False),
        ("hbv", observation("HBsAg", valueString="Positive"), True),
        ("hbv", observation("HBsAg", valueCodeableConcept=concept("SNOMED#10828004")), True),
        ("hbv", observation("HBsAg", valueCodeableConcept=concept("SNOMED#260385009")), False),
        ("hbv", observation("Hepatitis B surface antibody", valueString="Positive"), False),
        ("ascites", observation("Ascites", valueBoolean=True), True),
        ("ascites", observation("Ascites", valueString="none"), False),
        ("ascites", observation("Ascites", valueString="moderate"), True),
        ("depression", observation("Depression screening", valueString="positive"), False),
        ("dpd_deficiency", observation("DPYD genotype", valueString="Poor metaboliser"), True),
        ("dpd_deficiency", observation("DPYD genotype", valueString="Normal metabolizer"), False),
        ("dpd_deficiency", observation("DPYD genotype", valueString="pending"), None),
        ("dialysis", procedure("Hemodialysis"), True),
        ("dialysis", procedure("Hemodialysis", status="not-done"), False),
        ("biliary_anastomosis", procedure("Whipple procedure", on="2019-01-01"), True),
        ("biliary_anastomosis", procedure("Biliary stent removal"), False),
        ("arrhythmia_or_pacemaker", procedure("Implantation of pacemaker"), True),
        ("alpha_blockade", request("Doxazosin 4 mg"), True),
        ("alpha_blockade", statement("Phenoxybenzamine"), True),
        ("alpha_blockade", request("Terazosin", status="completed"), False),
        ("alpha_blockade", request("Prazosin", status="draft"), False),
        ("alpha_blockade", request("Prazosin", intent="proposal"), False),
        ("alpha_blockade", administration("Prazosin"), False),
    ],
)
def test_a_risk_by_result_procedure_or_drug(risk, made, expected):
    assert value(f"risk.{risk}", made) is expected


@pytest.mark.parametrize("risk", ["ascites", "hypoxia", "lvef_low", "uncontrolled_hypertension"])
def test_what_changes_is_told_by_its_newest_finding(risk):
    names = {
        "ascites": ("Ascites.", "No ascites."),
        "hypoxia": ("Hypoxia.", "No hypoxia."),
        "lvef_low": ("LVEF 35 %.", "LVEF 60 %."),
        "uncontrolled_hypertension": (
            "Uncontrolled hypertension.",
            "Hypertension well controlled.",
        ),
    }
    there, gone = (
        report(text, on=day)
        for text, day in zip(names[risk], ("2026-01-01", "2026-06-01"), strict=True)
    )
    assert value(f"risk.{risk}", there, gone) is False


def test_what_is_recorded_once_stays():
    there, gone = (
        report("Portal vein thrombosis.", on="2026-01-01"),
        report("No portal vein thrombosis."),
    )
    assert value("risk.pvt_any", there, gone) is True


def test_silence_is_no_and_assumed_but_an_untested_dpd_is_unknown():
    found = facts()
    assert found["risk.pvt_any"].assumed
    assert found["risk.dpd_deficiency"].value is None
    assert facts(unavailable=["Condition"])["risk.pvt_any"].value is None


def test_a_condition_is_told_once():
    """Its name and its text are the same words."""
    assert len(facts(condition("Ascites"))["risk.ascites"].readings) == 1
