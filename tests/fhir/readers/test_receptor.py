"""Uptake on scans (robustness H4, H6): every phrase with the status it gives, or none."""

from datetime import date, timedelta

import pytest

from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.text.memory import remember_texts
from tests.records import AS_OF, bundle, concept, condition, encoded, observation, report
from tests.shipped import KNOWLEDGE

EXTRACTOR = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)
NET = condition("ICD-10-CM#C7A.012", id="net", recordedDate="2025-01-01")
SSTR, FDG, MIBG = "Ga-68 DOTATATE PET/CT", "F-18 FDG PET/CT", "I-123 MIBG scan"


def read(*resources, as_of=AS_OF):
    """(facts, problems) of a patient with an ileal NET."""
    record = EXTRACTOR.record_reader.read((("b", encoded(bundle(NET, *resources))),), "p")
    return EXTRACTOR.extract(record, as_of)


def imaging(name, *resources, as_of=AS_OF):
    """The value of an imaging fact in words; None if it is not on file."""
    facts, _ = read(*resources, as_of=as_of)
    fact = facts[f"imaging.{name}"]
    return None if fact.value is None or fact.assumed else str(fact.value)


def scan(text, title=SSTR, date="2026-10-01", **more):
    return report(text, date=date, code={"text": title}, **more)


# ---- sentences of a report that is called a receptor scan ----

OF_A_SCAN = [
    ("Intense uptake in multiple liver metastases.", "positive"),
    ("Multiple SSTR-avid liver lesions.", "positive"),
    ("Strong tracer uptake in the primary and in all liver metastases.", "positive"),
    ("DOTATATE uptake at L5.", "positive"),
    ("Marked SSTR expression of the known lesions.", "positive"),
    ("Positive.", "positive"),
    ("Positive study.", "positive"),
    ("Positive for multiple hepatic and osseous metastases.", "positive"),
    ("Moderate uptake in the pancreatic tail tumour.", "positive"),
    ("Uptake of the lesions is higher than liver.", "positive"),
    ("Lesion uptake exceeds that of the spleen.", "positive"),
    ("Liver metastases with uptake greater than normal liver parenchyma.", "positive"),
    ("Uptake above physiological liver uptake in all lesions.", "positive"),
    ("Uptake equal to the spleen in all lesions.", "positive"),
    ("Uptake in pancreatic nodules, no liver lesion.", "positive"),
    ("Intense uptake in liver metastases. No other pathological uptake.", "positive"),
    ("Intense uptake in liver metastases. No uptake in the lungs.", "positive"),
    ("Intense uptake in liver metastases, no extrahepatic uptake.", "positive"),
    ("Intense uptake in liver metastases, physiological uptake in the spleen.", "positive"),
    ("Intense uptake in liver metastases and physiological uptake in the spleen.", "positive"),
    ("Intense uptake in liver lesions, mild ascites.", "positive"),
    ("Uptake consistent with neuroendocrine metastases.", "positive"),
    ("Mild to intense uptake in the liver metastases.", "positive"),
    ("Compared with the prior scan, intense uptake in new liver metastases.", "positive"),
    ("Compared with the DOTATATE PET of 2024, intense uptake in the liver lesions.", "positive"),
    ("Intense uptake in liver metastases, unchanged from the prior scan.", "positive"),
    ("Liver metastases remain avid as on the prior study.", "positive"),
    ("After previous PRRT the PET shows avid liver lesions.", "positive"),
    ("Prior scan of 2024 was negative. Intense uptake in liver metastases.", "positive"),
    ("Intense uptake in liver metastases. No avid lymph nodes.", "positive"),
    ("No avid disease. Prior Krenning 4.", "negative"),
    ("No avid disease. Intense uptake in liver lesions.", "heterogeneous or negative or positive"),
    ("Krenning 4. No avid disease.", "heterogeneous or negative or positive"),
    ("No DOTATATE-avid disease. Prior scan of 2023 was positive.", "negative"),
    ("No DOTATATE-avid disease. Previous Ga-68 DOTATATE PET/CT was positive.", "negative"),
    ("Compared with the positive scan of 2024, no DOTATATE-avid lesion is seen now.", "negative"),
    ("Compared to the positive DOTATATE PET of 2024-05, no tracer-avid lesion.", "negative"),
    ("Previous PET positive, now no uptake.", "negative"),
    ("Previous PET positive but now negative.", None),  # "negative" may be of either
    ("On the previous scan there was intense uptake in the liver. No uptake today.", "negative"),
    ("No avid disease. Uptake was seen on the prior scan.", "negative"),
    ("No avid disease. Krenning 4 on the prior scan.", "negative"),
    ("No avid disease, positive on the former exam.", "negative"),
    ("Comparison study of 2024: positive. No avid lesion now.", "negative"),
    ("No avid disease. The last study was positive.", "negative"),
    ("Prior scan of 2026-06 was positive.", "positive"),
    ("Prior scan of 2023 was positive.", None),
    ("Prior scan was positive.", None),
    ("Krenning 3", "positive"),
    ("Krenning score 4 in all target lesions.", "positive"),
    ("Krenning score: 3-4", "positive"),
    ("Krenning score 2-3", "positive"),
    ("Krenning >= 3", "positive"),
    ("Modified Krenning score of 4.", "positive"),
    ("Mild uptake in the liver lesions, Krenning 3.", "positive"),
    ("Krenning 2", "borderline"),
    ("Krenning score 1-2", "borderline"),
    ("Intense uptake, Krenning score 2.", "borderline"),
    ("Mild uptake in the liver metastases.", "borderline"),
    ("Faint uptake in a mesenteric node.", "borderline"),
    ("Low-grade uptake in the primary.", "borderline"),
    ("Weakly positive liver lesions.", "borderline"),
    ("Uptake of the lesions is equal to liver.", "borderline"),
    ("Uptake similar to the liver in all lesions.", "borderline"),
    ("Equivocal uptake in the pancreatic tail.", "borderline"),
    ("Equivocal", "borderline"),
    ("Krenning 1", "negative"),
    ("Krenning score 0", "negative"),
    ("Krenning 0-1", "negative"),
    ("Krenning < 2", "negative"),
    ("Negative.", "negative"),
    ("No pathological uptake.", "negative"),
    ("No DOTATATE-avid lesions.", "negative"),
    ("No uptake of the tracer in the known liver metastases.", "negative"),
    ("The liver metastases show no uptake.", "negative"),
    ("Known liver metastases without significant uptake.", "negative"),
    ("Non-avid liver metastases.", "negative"),
    ("All lesions are SSTR-negative.", "negative"),
    ("Negative for somatostatin receptor positive disease.", "negative"),
    ("Uptake below liver in all lesions.", "negative"),
    ("Lesion uptake is lower than the liver.", "negative"),
    ("Normal biodistribution, no pathological uptake.", "negative"),
    ("Intense uptake in liver metastases; the bone lesions show no uptake.", "heterogeneous"),
    ("Intense uptake in liver metastases, no uptake in the bone lesions.", "heterogeneous"),
    ("Liver metastases avid, bone metastases non-avid.", "heterogeneous"),
    ("Avid and non-avid liver lesions.", "heterogeneous"),
    ("Only one lesion avid, others not.", "heterogeneous"),
    ("One lesion is avid and the others are not.", "heterogeneous"),
    ("Not all lesions are avid.", "heterogeneous"),
    ("Only some of the liver metastases show uptake.", "heterogeneous"),
    ("3 of 5 liver lesions with uptake.", "heterogeneous"),
    ("Heterogeneous uptake of the liver metastases.", "heterogeneous"),
    ("All lesions intensely avid except one in segment 4.", "heterogeneous"),
    ("Krenning 4 in the liver, Krenning 1 in the bone lesions.", "heterogeneous"),
    ("Krenning 3, bone lesion without uptake.", "heterogeneous"),
    ("SSTR-positive lymph nodes, SSTR-negative liver lesion.", "heterogeneous"),
    ("Intense uptake in the liver, mismatch in segment 7.", "heterogeneous"),
    ("Intense uptake in all lesions, no mismatch.", "positive"),
    ("SUVmax 24.3 in the liver lesion.", None),
    ("SUVmax 24.3, liver background 6.1.", "positive"),
    ("Lesion SUVmax 4.0, liver SUVmean 6.5.", None),
    ("Uptake lower than mIBG.", None),
    ("Uptake lower than on FDG PET.", None),
    ("FDG PET showed intense uptake.", None),
    ("Physiological uptake in spleen and kidneys.", None),
    ("Uptake in the uncinate process is physiological.", None),
    ("Uptake in degenerative changes of the spine.", None),
    ("No uptake in the lungs.", None),
    ("Possible uptake in the pancreatic head.", None),
    ("Uptake in segment 4?", None),
    ("Uptake cannot be excluded.", None),
    ("Study to assess SSTR expression.", None),
    ("Mild ascites, marked splenomegaly.", None),
    ("Intense arterial enhancement of the liver lesions.", None),
    ("Previously avid lesion.", None),
    ("PSMA-avid lesion.", None),
    ("Family history: mother with intense uptake on PET.", None),
    ("Krenning score not reported.", None),
    ("Krenning 7", None),
    ("Free fluid in the pelvis.", None),
    ("No uptake except in the pancreatic tail.", None),
    (
        "Intense radiotracer uptake, consistent with SSTR-positive metastatic disease.",
        "positive",
    ),
    ("No evidence of somatostatin receptor avid disease.", "negative"),
    ("Status post right hemicolectomy. No DOTATATE-avid local recurrence.", "negative"),
    ("Interval resolution of previously seen DOTATATE avid node.", None),
    ("Multiple liver lesions, some of which are not DOTATATE avid.", "heterogeneous"),
    ("Multiple liver lesions, the majority DOTATATE avid.", "heterogeneous or positive"),
    ("Two of the liver lesions are non-avid.", "heterogeneous"),
    ("Uptake is intense in the liver lesions but absent in the lung nodule.", "heterogeneous"),
    ("Low SSTR expression in the liver metastases.", "borderline"),
    ("Mildly DOTATATE-avid nodules.", "borderline"),
    ("DOTATATE-avid liver metastases with mild biliary dilatation.", "positive"),
    ("Low-level uptake in the primary, less than liver.", "negative"),
    ("Uptake less intense than liver but above blood pool.", "negative"),
    ("No focal uptake in the liver to suggest metastasis.", None),
    ("There are no non-avid lesions.", None),
    ("SSTR expression could not be assessed.", None),
    ("Inconclusive uptake.", None),
    ("Incidental intense uptake in a meningioma.", None),
    ("Compared to FDG, uptake is more intense.", None),
    (
        "Compared with the prior DOTATATE PET the uptake is unchanged and intense.",
        "positive",
    ),
    ("No uptake above liver background.", "borderline or negative"),
    ("No intense uptake.", "borderline or negative"),
    ("Krenning score (0-4): 3", "positive"),
    ("Krenning: 4/4", "positive"),
    ("Krenning grade II", "borderline"),
    ("Heterogeneous liver with intense uptake in all lesions.", "positive"),
    ("SSTR: neg", "negative"),
]


@pytest.mark.parametrize(("text", "status"), OF_A_SCAN)
def test_h6_the_words_of_a_receptor_scan(text, status):
    assert imaging("sstr_status", scan(text)) == status


# ---- sentences of a note that names the scan, or another one ----

OF_A_NOTE = [
    ("Ga-68 DOTATATE PET/CT: intense uptake in all liver metastases.", "positive"),
    ("Ga-68 DOTATATE PET/CT of last week. Intense uptake in the liver metastases.", "positive"),
    ("SSTR-positive NET of the ileum.", "positive"),
    ("Somatostatin receptor scintigraphy positive.", "positive"),
    ("DOTATOC PET negative.", "negative"),
    ("68Ga-DOTANOC PET without uptake.", "negative"),
    ("[68Ga]Ga-DOTA-TATE PET/CT: Krenning 4.", "positive"),
    ("SSTR PET equivocal.", "borderline"),
    ("FDG-avid liver metastases.", None),
    ("F-18 FDG PET/CT: intense uptake in the liver.", None),
    ("FDG-negative, SSTR-positive liver metastases.", "positive"),
    ("DOTATATE PET shows intense uptake, FDG PET negative.", "positive"),
    ("Ga-68 PSMA PET: intense uptake.", None),
    ("I-123 MIBG scan positive.", None),
    ("Lu-177 DOTATATE: intense uptake on the post-therapy scan.", None),
    ("Ga-68 DOTATATE PET intensely positive, suitable for Lu-177 DOTATATE.", "positive"),
    ("Immunohistochemistry: somatostatin receptor 2 positive.", None),
    ("SSTR2A positive, synaptophysin positive.", None),
    ("Plan: Ga-68 DOTATATE PET to assess SSTR expression.", None),
    ("Consider PRRT if SSTR positive.", None),
    ("DOTATATE PET not done; liver enzymes positive trend.", None),
    ("Pregnancy test negative.", None),
    ("Intense pain, urine culture positive.", None),
    ("Exendin-4 PET: intense uptake in the pancreatic tail.", None),
    ("DOTATATE PET 2023: intense uptake.", None),
]


@pytest.mark.parametrize(("text", "status"), OF_A_NOTE)
def test_h6_a_note_speaks_of_the_tracer_that_it_names(text, status):
    assert imaging("sstr_status", scan(text, title="Tumour board")) == status


def test_h6_the_provenance_of_words_says_that_they_are_text_and_keeps_them_as_printed():
    facts, _ = read(scan("Intense uptake in liver metastases."))
    place = facts["imaging.sstr_status"].readings[0]
    assert (place.from_text, place.printed) == (True, "Intense uptake in liver metastases")


# ---- results ----


def uptake(text="Ga-68 DOTATATE PET uptake", **value):
    return observation(text=text, **value)


def component(name, **value):
    return {"code": {"text": name}, **value}


RESULTS = {
    "a Krenning score as integer": (uptake("Krenning score", valueInteger=3), "positive"),
    "as quantity": (uptake("Krenning score", valueQuantity={"value": 2}), "borderline"),
    "as quantity with a unit": (
        uptake("Krenning score", valueQuantity={"value": 1, "unit": "{score}"}),
        "negative",
    ),
    "as range: its highest": (
        uptake("Krenning score", valueRange={"low": {"value": 2}, "high": {"value": 3}}),
        "positive",
    ),
    "as limit: all that it may be": (
        uptake("Krenning score", valueQuantity={"value": 2, "comparator": ">="}),
        "borderline or positive",
    ),
    "as text": (uptake("Krenning score", valueString="3-4"), "positive"),
    "as text with its name": (uptake("Krenning score", valueString="Krenning 2"), "borderline"),
    "as component, with an SUV beside it": (
        uptake(
            component=[
                component("Krenning score", valueInteger=4),
                component("SUVmax", valueQuantity={"value": 23}),
            ]
        ),
        "positive",
    ),
    "no such score": (uptake("Krenning score", valueQuantity={"value": 12}), None),
    "positive by code": (uptake(valueCodeableConcept=concept("SNOMED#10828004")), "positive"),
    "present by code": (uptake(valueCodeableConcept=concept("SNOMED#52101004")), "positive"),
    "negative by code": (uptake(valueCodeableConcept=concept("SNOMED#260385009")), "negative"),
    "absent by code": (uptake(valueCodeableConcept=concept("SNOMED#2667000")), "negative"),
    "a code whose text says the contrary": (
        uptake(valueCodeableConcept=concept("SNOMED#10828004", text="Negative")),
        None,
    ),
    "a code whose text says how much": (
        uptake(valueCodeableConcept=concept("SNOMED#10828004", text="mild uptake")),
        "borderline",
    ),
    "a code with an exception in the note": (
        uptake(
            valueCodeableConcept=concept("SNOMED#10828004"),
            note=[{"text": "Bone lesions without uptake."}],
        ),
        "heterogeneous",
    ),
    "one word": (uptake(valueString="present"), "positive"),
    "another word": (uptake(valueString="absent"), "negative"),
    "a strength": (uptake(valueString="intense"), "positive"),
    "yes to uptake": (uptake(valueBoolean=True), "positive"),
    "yes to a scan": (uptake("Ga-68 DOTATATE PET", valueBoolean=True), None),
    "interpreted": (uptake(interpretation=[{"coding": [{"code": "NEG"}]}]), "negative"),
    "asked and not known": (uptake(dataAbsentReason={"text": "unknown"}), None),
    "SUV alone": (uptake("Ga-68 DOTATATE PET SUVmax", valueQuantity={"value": 24}), None),
    "SUV above that of liver": (
        uptake(
            "Ga-68 DOTATATE PET",
            component=[
                component("SUVmax", valueQuantity={"value": 24}),
                component("Liver SUVmean", valueQuantity={"value": 6}),
            ],
        ),
        "positive",
    ),
    "lesions apart": (
        uptake(
            "Ga-68 DOTATATE PET",
            component=[
                component("Uptake of liver lesions", valueString="intense"),
                component("Uptake of bone lesions", valueString="none"),
            ],
        ),
        "heterogeneous",
    ),
    "PSMA": (uptake("Ga-68 PSMA PET", valueString="intense uptake"), None),
    "PET/CT by code, the tracer in its text": (
        observation("SNOMED#450436003", text=SSTR, valueString="Intense uptake."),
        "positive",
    ),
    "PET/CT by code, no tracer": (
        observation("SNOMED#450436003", text="PET/CT", valueString="Intense uptake."),
        None,
    ),
    "FDG by code, another name": (
        observation("LOINC#81555-5", text=SSTR, valueString="Intense uptake."),
        None,
    ),
    "two tracers in the title": (scan("Intense uptake.", title="FDG and DOTATATE PET/CT"), None),
    "a treatment with the molecule": (scan("Intense uptake.", title="Lu-177 DOTATATE"), None),
    "a preliminary result": (uptake(valueString="intense", status="preliminary"), None),
}


@pytest.mark.parametrize("shape", RESULTS)
def test_the_shapes_of_a_result(shape):
    resource, status = RESULTS[shape]
    assert imaging("sstr_status", resource) == status


@pytest.mark.parametrize("shape", ["no such score", "a code whose text says the contrary"])
def test_what_cannot_be_used_is_named(shape):
    _, problems = read(RESULTS[shape][0])
    assert any("not used" in problem.problem for problem in problems)


def test_a_result_that_belongs_to_a_scan_is_of_that_scan():
    panel = uptake(SSTR, id="scan", hasMember=[{"reference": "Observation/part"}])
    assert imaging("sstr_status", panel, uptake("Uptake", id="part", valueString="mild")) == (
        "borderline"
    )


def test_a_diagnosis_that_mentions_the_status_counts_only_without_a_scan():
    mention = condition(
        "ICD-10-CM#C7A.012", text="SSTR-positive NET of the ileum", recordedDate="2026-06-01"
    )
    assert imaging("sstr_status", mention) == "positive"
    assert imaging("sstr_status", mention, scan("Krenning 1", date="2026-01-01")) == "negative"
    assert imaging("sstr_status", mention, scan("Krenning 1", date="2024-01-01")) is None


def test_an_octreoscan_counts_with_a_note():
    facts, _ = read(scan("Intense uptake in the liver.", title="OctreoScan"))
    fact = facts["imaging.sstr_status"]
    assert str(fact.value) == "positive"
    assert "OctreoScan" in fact.notes[0]


# ---- several scans ----


def test_the_newest_scan_decides():
    old, new = scan("Krenning 4", date="2026-01-01"), scan("Krenning 1", date="2026-06-01")
    assert imaging("sstr_status", old, new) == imaging("sstr_status", new, old) == "negative"


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("Krenning 4", "Krenning 3", "positive"),
        ("Krenning 4", "Krenning 1", "heterogeneous"),
        ("Intense uptake in liver lesions.", "Negative.", "heterogeneous"),
        ("Intense uptake in liver lesions.", "Krenning 2", "borderline"),
    ],
)
def test_statements_of_one_day_count_together(one, other, status):
    assert imaging("sstr_status", scan(one), scan(other)) == status
    assert imaging("sstr_status", scan(other), scan(one)) == status


# ---- FDG and mIBG ----


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (scan("Intense uptake in the liver.", title=FDG), "positive"),
        (scan("Hypermetabolic liver lesions.", title="PET/CT"), "positive"),
        (scan("No FDG-avid disease.", title=FDG), "negative"),
        (scan("No hypermetabolic lesions.", title=FDG), "negative"),
        (scan("Avid liver lesions, the bone lesions show no uptake.", title=FDG), "positive"),
        (scan("Mild uptake in the liver metastases.", title=FDG), "negative or positive"),
        (scan("Possible uptake in the liver.", title=FDG), None),
        (scan("Intense uptake in the liver."), None),
        (observation("LOINC#81555-5", valueString="Hypermetabolic lesions."), "positive"),
        (observation("LOINC#81555-5", valueCodeableConcept=concept("SNOMED#2667000")), "negative"),
    ],
)
def test_fdg_is_positive_if_any_lesion_is(resource, status):
    assert imaging("fdg_status", resource) == status


def test_mibg_is_positive_if_any_lesion_is_and_says_that_others_are_not():
    facts, _ = read(scan("Uptake in the adrenal mass; the bone lesions show none.", title=MIBG))
    assert str(facts["imaging.mibg_status"].value) == "positive"
    mixed = scan("Avid adrenal mass; the bone lesions show no uptake.", title=MIBG)
    facts, _ = read(mixed)
    assert facts["imaging.mibg_status"].notes == ("Some lesions take up no mIBG.",)
    assert imaging("mibg_status", scan("Avid.", title="MIBG therapy")) is None


# ---- lesions without receptors ----


@pytest.mark.parametrize(
    ("text", "discordant", "status"),
    [
        ("FDG-avid lesion in segment 7, negative on DOTATATE.", "yes", "heterogeneous"),
        ("The known SSTR-negative lesion shows intense uptake.", "yes", "heterogeneous"),
        ("FDG-avid lesion without DOTATATE uptake.", "yes", "heterogeneous"),
        ("Mismatched avid lesion in segment 7.", "yes", "heterogeneous"),
        ("Avid lesion, discordant with the DOTATATE PET.", "yes", "heterogeneous"),
        ("Avid liver lesions, no mismatch with DOTATATE.", "no", "positive"),
        ("Avid liver lesions.", None, "positive"),
        ("Possible mismatch in segment 7.", None, "positive"),
        ("Mismatch repair proteins are retained.", None, "positive"),
    ],
)
def test_an_fdg_report_that_names_a_lesion_without_receptors(text, discordant, status):
    scans = scan("Krenning 3", date="2026-09-01"), scan(text, title=FDG)
    assert imaging("discordant_lesion", *scans) == discordant
    assert imaging("sstr_status", *scans) == status


def test_the_newest_word_on_a_mismatch_counts():
    old = scan("Mismatch in segment 7.", title=FDG, date="2026-02-01")
    new = scan("No mismatch.", title=FDG, date="2026-08-01")
    assert imaging("discordant_lesion", old, new) == "no"
    assert imaging("sstr_status", old, new, scan("Krenning 3")) == "positive"


# ---- how long a scan counts ----


def days_ago(days, as_of=AS_OF):
    return (as_of - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("days", "status", "aged"),
    [
        (0, "positive", False),
        (183, "positive", False),
        (184, "positive", True),
        (365, "positive", True),
        (366, None, False),
    ],
)
@pytest.mark.parametrize(
    ("name", "title"), [("sstr_status", SSTR), ("fdg_status", FDG), ("mibg_status", MIBG)]
)
def test_h4_a_scan_is_stale_after_half_a_year_and_not_used_after_one(
    name, title, days, status, aged
):
    facts, _ = read(scan("Intense uptake in liver lesions.", title=title, date=days_ago(days)))
    fact = facts[f"imaging.{name}"]
    assert (fact.value and str(fact.value), fact.aged) == (status, aged)


def progression(days):
    worse = concept("SNOMED#271299001")
    return observation("LOINC#97509-4", valueCodeableConcept=worse, date=days_ago(days))


def ki67(percent, days):
    value = {"value": percent, "unit": "%"}
    return observation("LOINC#29593-1", valueQuantity=value, date=days_ago(days))


CHANGES = {
    "progression": (progression(30),),
    "a specimen of a higher grade": (ki67(2, 700), ki67(8, 30)),
    "a high grade after a low one": (ki67(5, 700), ki67(25, 30)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("days", "status"), [(183, "positive"), (184, None)])
def test_h4_after_a_change_a_scan_counts_for_half_a_year(change, days, status):
    facts, _ = read(scan("Krenning 4", date=days_ago(days)), *CHANGES[change])
    fact = facts["imaging.sstr_status"]
    assert (fact.value and str(fact.value)) == status
    assert fact.value or "changed after it" in fact.why_absent
    assert str(facts["imaging.sstr_superseded"].value) == "yes"


@pytest.mark.parametrize(
    "later",
    [(progression(184),), (progression(200),), (ki67(5, 700), ki67(8, 30)), (ki67(25, 30),), ()],
    ids=["same day", "before", "same grade", "no grade before", "nothing"],
)
def test_what_is_not_later_or_not_higher_supersedes_nothing(later):
    facts, _ = read(scan("Krenning 4", date=days_ago(184)), *later)
    assert str(facts["imaging.sstr_status"].value) == "positive"
    assert facts["imaging.sstr_superseded"].assumed


def test_h4_an_undated_scan_is_not_used():
    undated = scan("Krenning 4")
    del undated["effectiveDateTime"]
    facts, _ = read(undated)
    assert "no date" in facts["imaging.sstr_status"].why_absent


def test_a_scan_of_tomorrow_but_one_is_set_aside():
    late = scan("Krenning 4", date=(AS_OF + timedelta(days=2)).isoformat())
    assert imaging("sstr_status", late, as_of=date(2026, 11, 15)) is None


# ---- disease outside the liver ----

EXCLUDED = "Liver metastases, no extrahepatic disease."


@pytest.mark.parametrize(
    ("scans", "excluded"),
    [
        ((scan(EXCLUDED),), "yes"),
        ((scan("Uptake confined to the liver."),), "yes"),
        ((scan(EXCLUDED, title="PET/CT"),), "yes"),
        ((scan(EXCLUDED, title="Ga-68 DOTATATE PET"),), None),
        ((scan(EXCLUDED, title="Ga-68 DOTATATE PET"), scan(EXCLUDED, title="CT abdomen")), "yes"),
        ((scan(EXCLUDED, title="CT abdomen"),), None),
        ((scan(EXCLUDED, title=FDG),), None),
        ((scan(EXCLUDED, date="2026-01-01"), scan("Extrahepatic disease.", title="CT")), "no"),
        ((scan(EXCLUDED), scan("Extrahepatic disease.", title="CT", date="2026-01-01")), "yes"),
        ((scan("Liver and bone metastases.", title="CT abdomen"),), "no"),
        ((scan("Liver metastases."),), None),
    ],
)
def test_disease_outside_the_liver_is_excluded_by_the_right_scans(scans, excluded):
    assert imaging("extrahepatic_excluded", *scans) == excluded


@pytest.mark.parametrize("text", [text for text, _ in OF_A_SCAN[::6]])
def test_a_report_says_the_same_whether_or_not_its_sentences_are_heard_anew(text):
    """A short text is divided once, and what the chart heard in it serves the reader of scans."""
    told = scan(text)
    remembered = read(told)
    remember_texts(on=False)
    try:
        assert read(told) == remembered
    finally:
        remember_texts(on=True)


@pytest.mark.parametrize("length", [10, 25_000, 90_000])
def test_a_long_report_of_a_scan_is_read_as_far_as_any_other(length):
    """To its 100,000th character, and not to some earlier one that nobody is told of."""
    text = f"{'Bowel as before. ' * (length // 17)}Krenning score 3 in the liver."
    assert imaging("sstr_status", scan(text)) == "positive"


def test_what_is_beyond_the_part_of_a_report_that_is_read_is_named_and_not_used():
    text = f"{'Bowel as before. ' * 6_000}Krenning score 3 in the liver."
    facts, problems = read(scan(text))
    assert facts["imaging.sstr_status"].value is None
    assert "is read to its character 100000 only" in [one.problem for one in problems]
