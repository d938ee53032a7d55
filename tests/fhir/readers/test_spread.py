"""How far the disease has spread: every phrase and shape with what it gives, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.readers.spread import liver, words
from cdshooks.fhir.readers.spread.record import Primary
from cdshooks.fhir.readers.wording import vocabulary
from tests.records import AS_OF, bundle, concept, condition, encoded, observation, report
from tests.shipped import KNOWLEDGE

EXTRACTOR = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)
STAGE, PATTERN, NODES = "extent.stage", "extent.pattern", "tumour.node_positive"
COUNT, LARGEST, SHARE = "liver.lesion_count", "liver.largest_mm", "liver.involvement_pct"
UNRESECTABLE, EXCLUDED = "extent.unresectable_recorded", "liver.resection_excluded"
RESECTABLE, RESECTED = "liver.resectable_recorded", "primary.resected"
MARGIN, VESSELS = "primary.margin_positive", "lesion.near_vessels"
HIGH, CRISIS, LOW = "burden.high", "burden.visceral_crisis", "burden.low_stated"
ANY = "disseminated or liver-dominant or liver-only"


def net(code="ICD-10-CM#C7A.012", **more):
    return condition(code, id="net", recordedDate="2025-01-01", **more)


NET = net()


def read(*resources):
    record = EXTRACTOR.record_reader.read((("b", encoded(bundle(*resources))),), "p")
    return EXTRACTOR.extract(record, AS_OF)


def value(fact, *resources, tumour=NET):
    """The value of a fact in words; None if it is not on file."""
    found = read(tumour, *resources)[0][fact]
    return None if found.value is None or found.assumed else str(found.value)


# ---- sentences of a report ----

SENTENCES = [
    ("Liver metastases.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Multiple hepatic metastases.", {STAGE: "metastatic", PATTERN: ANY, COUNT: None}),
    ("Metastatic disease.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Metastatic NET of the ileum.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Metastatic pancreatic NET to the liver.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Metastatic lung carcinoid.", {STAGE: "metastatic", PATTERN: ANY}),
    (
        "Lung carcinoid metastatic to the ovary.",
        {STAGE: "metastatic", PATTERN: "disseminated"},
    ),
    ("Liver and bone metastases.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    (
        "Metastases in liver, bone and lymph nodes.",
        {STAGE: "metastatic", PATTERN: "disseminated", NODES: "yes"},
    ),
    ("Bone metastases.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    ("Peritoneal carcinomatosis.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    ("Liver-only disease.", {STAGE: "metastatic", PATTERN: "liver-only"}),
    (
        "Liver metastases only, no extrahepatic disease.",
        {STAGE: "metastatic", PATTERN: "liver-only"},
    ),
    ("Liver metastases. No extrahepatic disease.", {STAGE: "metastatic", PATTERN: "liver-only"}),
    ("Disease confined to the liver.", {STAGE: "metastatic", PATTERN: "liver-only"}),
    (
        "Liver-dominant metastatic disease with bone metastases.",
        {STAGE: "metastatic", PATTERN: "liver-dominant"},
    ),
    ("Predominantly hepatic metastases.", {STAGE: "metastatic", PATTERN: "liver-dominant"}),
    ("Disseminated disease.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    (
        "Liver metastases and extrahepatic disease.",
        {STAGE: "metastatic", PATTERN: "disseminated or liver-dominant"},
    ),
    ("cT2 N0 M0", {STAGE: "localised", PATTERN: "no-metastasis", NODES: "no"}),
    ("Ileal NET pT3 pN1 cM0.", {STAGE: "regional", NODES: "yes"}),
    ("pT3 pN1 M1", {STAGE: "metastatic", NODES: "yes"}),
    ("M0", {STAGE: None}),
    ("Tumour stage M0.", {STAGE: "localised", NODES: None}),
    ("cM1", {STAGE: "metastatic"}),
    ("M1", {STAGE: None}),
    ("AJCC stage IV.", {STAGE: "metastatic"}),
    ("Peritoneal deposits.", {STAGE: "metastatic"}),
    ("Fat deposits in the liver.", {STAGE: None}),
    ("M1 segment of the middle cerebral artery occluded.", {STAGE: None}),
    ("No metastases.", {STAGE: "localised"}),
    ("No distant metastases.", {STAGE: "localised"}),
    ("No evidence of distant metastases.", {STAGE: "localised"}),
    ("No liver metastases.", {STAGE: "localised"}),
    ("No liver lesion.", {STAGE: "localised"}),
    ("No bone metastases.", {STAGE: None}),
    ("No new metastases.", {STAGE: None}),
    ("No new liver lesions.", {STAGE: None}),
    ("No growth of the liver metastases.", {STAGE: None}),
    ("No progression of liver metastases.", {STAGE: None}),
    ("No other metastases.", {STAGE: None}),
    ("No metastases outside the liver.", {STAGE: None}),
    ("No evidence of metastatic disease.", {STAGE: "localised"}),
    ("Possible liver metastases.", {STAGE: None}),
    ("Liver metastases?", {STAGE: None}),
    ("Liver metastases cannot be excluded.", {STAGE: None}),
    ("Metastatic workup negative.", {STAGE: None}),
    ("Risk of metastasis is low.", {STAGE: None}),
    ("Localised disease.", {STAGE: "localised"}),
    ("Localized pancreatic NET.", {STAGE: "localised"}),
    ("Tumour localised in the pancreatic tail.", {STAGE: None}),
    ("Localised tenderness in the right abdomen.", {STAGE: None}),
    ("No metastases, mesenteric lymph node metastases.", {STAGE: "regional", NODES: "yes"}),
    ("Lymph node metastases.", {STAGE: "metastatic or regional", NODES: "yes"}),
    ("3/15 lymph nodes positive.", {NODES: "yes"}),
    ("Lymph nodes: 0/12.", {NODES: "no"}),
    ("Lymph nodes free of tumour (0 of 8).", {NODES: "no"}),
    ("No lymph node metastases.", {NODES: "no", STAGE: None}),
    ("No pathological lymph nodes.", {NODES: "no"}),
    ("No lymphadenopathy.", {NODES: "no"}),
    ("No lymph nodes submitted.", {NODES: None}),
    ("Mesenteric lymphadenopathy.", {NODES: "yes"}),
    ("Avid mesenteric lymph nodes.", {NODES: "yes"}),
    ("Distant lymph node metastases.", {STAGE: "metastatic", PATTERN: "disseminated", NODES: None}),
    (
        "Supraclavicular lymph node metastasis.",
        {STAGE: "metastatic", PATTERN: "disseminated", NODES: None},
    ),
    ("Mediastinal lymph node metastases.", {STAGE: "metastatic"}),
    ("Lymph node dissection was performed.", {NODES: None}),
    ("Liver biopsy: well differentiated neuroendocrine tumour.", {STAGE: "metastatic"}),
    ("Liver biopsy: steatosis.", {STAGE: None}),
    ("3 liver lesions.", {COUNT: "3"}),
    ("Three liver metastases.", {COUNT: "3"}),
    ("3 hypervascular liver metastases.", {COUNT: "3"}),
    ("3-5 liver lesions", {COUNT: "3-5"}),
    ("More than 20 liver metastases.", {COUNT: "> 20"}),
    ("> 20 liver lesions", {COUNT: "> 20"}),
    ("Solitary liver metastasis.", {COUNT: "1"}),
    ("Diffuse liver metastases.", {COUNT: "> 5"}),
    ("Miliary hepatic metastases.", {COUNT: "> 5"}),
    ("2 new liver lesions.", {COUNT: None}),
    ("Segment 4 liver lesion.", {COUNT: None}),
    ("3 cm liver lesion.", {COUNT: None, LARGEST: "30 mm"}),
    ("Number of liver lesions: 4", {COUNT: "4"}),
    ("Multiple liver metastases.", {COUNT: None}),
    ("Largest liver lesion 3.2 cm.", {LARGEST: "32 mm"}),
    ("Liver metastases up to 45 mm.", {LARGEST: "45 mm"}),
    ("Liver metastases, the largest 4.2 x 3.1 cm in segment 8.", {LARGEST: "42 mm"}),
    ("Pancreatic tail mass 30 mm with liver metastases up to 15 mm.", {LARGEST: "15 mm"}),
    ("A 35 mm liver metastasis and a 12 mm pancreatic tumour.", {LARGEST: "35 mm"}),
    ("Liver metastases of 12, 25 and 31 mm.", {LARGEST: "31 mm"}),
    ("Liver lesion 5 mm from the portal vein.", {LARGEST: None}),
    ("Ileal primary 18 mm.", {LARGEST: None}),
    ("Liver involvement 40 %.", {SHARE: "40 %"}),
    ("Tumour occupies 30% of the liver volume.", {SHARE: "30 %"}),
    ("Hepatic tumour burden 25-50 %.", {SHARE: "25-50 %"}),
    ("60 % of the liver resected.", {SHARE: None}),
    ("Unresectable.", {UNRESECTABLE: "yes", EXCLUDED: "yes"}),
    ("Inoperable disease.", {UNRESECTABLE: "yes", EXCLUDED: "yes"}),
    ("Unresectable liver metastases.", {EXCLUDED: "yes", UNRESECTABLE: None}),
    (
        "The liver metastases are not resectable.",
        {EXCLUDED: "yes", UNRESECTABLE: None, RESECTABLE: "no"},
    ),
    ("Unresectable primary tumour of the pancreas.", {UNRESECTABLE: "yes", EXCLUDED: None}),
    ("Not a candidate for liver surgery.", {EXCLUDED: "yes", UNRESECTABLE: None}),
    ("Borderline resectable.", {UNRESECTABLE: None, EXCLUDED: None, RESECTABLE: None}),
    ("Initially unresectable liver metastases.", {EXCLUDED: None}),
    ("Resectable liver metastases.", {RESECTABLE: "yes", EXCLUDED: "no"}),
    ("Liver metastases are resectable.", {RESECTABLE: "yes", EXCLUDED: "no"}),
    ("Potentially resectable liver metastases.", {RESECTABLE: None, EXCLUDED: None}),
    ("Resectable primary.", {RESECTABLE: None, EXCLUDED: None}),
    ("Primary resected in 2024.", {RESECTED: "yes"}),
    ("Primary tumour in situ.", {RESECTED: "no"}),
    ("Primary not resected.", {RESECTED: "no"}),
    ("Status post right hemicolectomy.", {RESECTED: "yes"}),
    ("Right hemicolectomy recommended.", {RESECTED: None}),
    ("R0 resection.", {MARGIN: "no"}),
    ("R1 resection of the primary.", {MARGIN: "yes", RESECTED: None}),
    ("Resection margins positive.", {MARGIN: "yes"}),
    ("Margin involved by tumour.", {MARGIN: "yes"}),
    ("Margins clear.", {MARGIN: "no"}),
    ("Margins are not involved.", {MARGIN: "no"}),
    ("Liver resection margin positive.", {MARGIN: None}),
    ("High tumour burden.", {HIGH: "yes"}),
    ("No high tumour volume.", {HIGH: "no"}),
    ("Visceral crisis.", {CRISIS: "yes", HIGH: "yes"}),
    ("Impending visceral crisis.", {CRISIS: "yes", HIGH: "yes"}),
    ("No visceral crisis.", {CRISIS: "no"}),
    ("Low volume disease.", {LOW: "yes"}),
    ("Low tumour burden.", {LOW: "yes"}),
    ("Low volume of urine.", {LOW: None}),
    ("Liver lesion adjacent to the portal vein.", {VESSELS: "yes"}),
    ("Metastasis abutting the hepatic vein.", {VESSELS: "yes"}),
    ("Tumour encasing the superior mesenteric artery.", {VESSELS: "yes"}),
    ("Portal vein patent.", {VESSELS: None}),
    ("Stage IV chronic kidney disease.", {STAGE: None}),
    ("Family history: father with liver metastases.", {STAGE: None}),
    ("Ileal NET, pT3N1M0.", {STAGE: "regional", NODES: "yes"}),
    ("Lymph nodes: 2 of 12 with metastases.", {STAGE: "metastatic or regional", NODES: "yes"}),
    ("No evidence of nodal or distant metastases.", {STAGE: "localised", NODES: "no"}),
    ("No evidence of metastatic disease outside the liver.", {STAGE: None}),
    ("Stage IV ileal NET.", {STAGE: "metastatic"}),
    ("Stage IV CKD in a patient with NET.", {STAGE: None}),
    ("Negative for metastases.", {STAGE: "localised"}),
    ("Osseous metastatic disease of the spine.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    ("US-guided biopsy of liver: NET G2.", {STAGE: "metastatic"}),
    ("Bone marrow biopsy: no infiltration by neuroendocrine tumour.", {STAGE: None}),
    ("Liver biopsy: steatosis, known NET of the ileum.", {STAGE: None}),
    ("Liver metastases: 4, largest 21 mm.", {COUNT: "4", LARGEST: "21 mm"}),
    ("Approximately 10 liver metastases, up to 28 mm.", {COUNT: "10", LARGEST: "28 mm"}),
    ("5 liver lesions, the 2 largest measure 3 and 4 cm.", {COUNT: "5", LARGEST: "40 mm"}),
    ("Hepatic metastases increased from 12 mm to 18 mm.", {LARGEST: "18 mm"}),
    ("Unresectable metastatic pancreatic NET.", {UNRESECTABLE: "yes", EXCLUDED: "yes"}),
    ("Unresectable mesenteric mass.", {UNRESECTABLE: "yes", EXCLUDED: None}),
    (
        "Status post right hemicolectomy, pT3 pN1 (4/17), R0, no distant metastases.",
        {STAGE: "regional", RESECTED: "yes", MARGIN: "no", NODES: "yes"},
    ),
    ("Liver metastases and normal lungs.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Liver metastases with uptake above spleen.", {STAGE: "metastatic", PATTERN: ANY}),
    ("Metastases in the liver and bone.", {STAGE: "metastatic", PATTERN: "disseminated"}),
    ("Krenning score 3 in the liver metastases.", {STAGE: "metastatic", COUNT: None}),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_what_a_sentence_of_a_report_says(text, expected):
    facts, _ = read(NET, report(text))
    found = {name: facts[name] for name in expected}
    read_out = {
        name: None if fact.value is None or fact.assumed else str(fact.value)
        for name, fact in found.items()
    }
    assert read_out == expected


# ---- secondary cancers ----


@pytest.mark.parametrize(
    ("code", "stage", "pattern", "nodes"),
    [
        ("ICD-10-CM#C7B.00", "metastatic", ANY, None),
        ("ICD-10-CM#C7B.01", "metastatic", "disseminated", None),
        ("ICD-10-CM#C7B.02", "metastatic", ANY, None),
        ("ICD-10-CM#C7B02", "metastatic", ANY, None),
        ("ICD-10-CM#C7B.03", "metastatic", "disseminated", None),
        ("ICD-10-CM#C7B.04", "metastatic", "disseminated", None),
        ("ICD-10-CM#C7B.09", "metastatic", "disseminated", None),
        ("ICD-10-CM#C7B.8", "metastatic", ANY, None),
        ("ICD-10-CM#C78.7", "metastatic", ANY, None),
        ("ICD-10-CM#C78.6", "metastatic", "disseminated", None),
        ("ICD-10-CM#C78.02", "metastatic", "disseminated", None),
        ("ICD-10-CM#C79.51", "metastatic", "disseminated", None),
        ("ICD-10-CM#C79.9", "metastatic", ANY, None),
        ("ICD-10-CM#C77.2", "metastatic or regional", None, "yes"),
        ("ICD-10-CM#C77.3", "metastatic", "disseminated", None),
        ("ICD-10-CM#C77.9", "metastatic or regional", None, None),
        ("ICD-10-CM#C77.1", "metastatic", "disseminated", None),
        ("ICD-10#C78.7", "metastatic", ANY, None),
        ("SNOMED#94381002", "metastatic", ANY, None),
        ("SNOMED#128462008", "metastatic", ANY, None),
        ("SNOMED#94225005", "metastatic", "disseminated", None),
        ("SNOMED#135091000119106", "metastatic", "disseminated", None),
    ],
)
def test_the_code_of_a_secondary(code, stage, pattern, nodes):
    secondary = condition(code)
    assert value(STAGE, secondary) == stage
    assert value(PATTERN, secondary) == pattern
    assert value(NODES, secondary) == nodes


def test_nodes_are_regional_to_the_primary_near_them():
    chest, abdomen = condition("ICD-10-CM#C77.1"), condition("ICD-10-CM#C77.2")
    lung = net("ICD-10-CM#C7A.090")
    assert value(NODES, chest, tumour=lung) == "yes"
    assert value(STAGE, abdomen, tumour=lung) == "metastatic"
    unknown = net("ICD-10-CM#C7A.00")
    assert value(NODES, abdomen, tumour=unknown) is None
    assert value(STAGE, abdomen, tumour=unknown) == "metastatic or regional"


BREAST = condition("ICD-10-CM#C50.911")


@pytest.mark.parametrize(
    ("sign", "stage"),
    [
        (condition("ICD-10-CM#C78.7"), None),
        (condition("SNOMED#94381002"), None),
        (condition("ICD-10-CM#C7B.02"), "metastatic"),
        (report("Liver metastases."), None),
        (report("Liver metastases of the NET."), "metastatic"),
        (observation("LOINC#21907-1", valueString="M1"), None),
        (
            observation("LOINC#21907-1", valueString="M1", focus=[{"reference": "Condition/net"}]),
            "metastatic",
        ),
    ],
)
def test_with_another_active_cancer_only_signs_of_the_net_count(sign, stage):
    assert value(STAGE, BREAST, sign) == stage


@pytest.mark.parametrize(
    "secondary",
    [
        condition("ICD-10-CM#C7B.1"),
        condition("ICD-10-CM#C7B.02", verification="refuted"),
        condition("ICD-10-CM#C7B.02", verification="provisional"),
        condition("ICD-10-CM#C7B.02", clinical="resolved"),
        condition(text="Suspected liver metastases"),
        condition(text="No liver metastases"),
        condition(text="Chronic kidney disease stage 4"),
    ],
)
def test_what_is_not_there_proves_nothing(secondary):
    assert value(STAGE, secondary) is None


@pytest.mark.parametrize(
    ("signs", "pattern"),
    [
        ([condition("ICD-10-CM#C7B.02"), condition("ICD-10-CM#C7B.03")], "disseminated"),
        ([condition("ICD-10-CM#C7B.02"), report("Liver-only disease.")], "liver-only"),
        ([condition("ICD-10-CM#C7B.02"), report("No extrahepatic disease.")], "liver-only"),
        ([condition("ICD-10-CM#C7B.03"), report("Liver-only disease.")], "disseminated"),
        ([condition("ICD-10-CM#C7B.03"), report("Liver-dominant disease.")], "liver-dominant"),
        ([observation(text="Extent of disease", valueString="liver-dominant")], "liver-dominant"),
        ([report("No metastases.")], "no-metastasis"),
    ],
)
def test_the_pattern_of_metastases(signs, pattern):
    assert value(PATTERN, *signs) == pattern


# ---- TNM and stage ----


def tnm(code, **more):
    return observation(code, **more)


M, N, GROUP = "LOINC#21907-1", "LOINC#21906-3", "LOINC#21908-9"
M0 = tnm(M, valueCodeableConcept=concept("SNOMED#1229901006"))
N1 = tnm(N, valueString="N1")


@pytest.mark.parametrize(
    ("results", "stage"),
    [
        ([M0], "localised"),
        ([M0, tnm(N, valueString="N0")], "localised"),
        ([M0, N1], "regional"),
        ([M0, tnm("LOINC#21900-6", valueCodeableConcept=concept(text="pN1"))], "regional"),
        ([M0, tnm(N, valueCodeableConcept=concept("SNOMED#1229973008"))], "regional"),
        ([N1], "metastatic or regional"),
        ([tnm(N, valueString="N0")], None),
        ([tnm(M, valueCodeableConcept=concept("SNOMED#399409002"))], "metastatic"),
        ([tnm(M, valueCodeableConcept=concept("SNOMED#1229903009"))], "metastatic"),
        ([tnm("LOINC#21901-4", valueString="pM1a")], "metastatic"),
        ([tnm("SNOMED#399387003", valueString="cM0")], "localised"),
        ([tnm(M, valueString="MX")], None),
        ([tnm(M, dataAbsentReason={"text": "unknown"})], None),
        ([tnm(GROUP, valueCodeableConcept=concept(text="Stage IV"))], "metastatic"),
        ([tnm(GROUP, valueCodeableConcept=concept("SNOMED#1222837003"))], "metastatic"),
        ([tnm(GROUP, valueString="Stage IB")], "localised"),
        ([tnm(GROUP, valueString="Stage IIIB")], "localised or regional"),
        ([tnm(GROUP, valueString="Localized")], "localised"),
        ([tnm(GROUP, valueString="Regional")], "regional"),
        ([tnm(GROUP, valueString="Metastatic")], "metastatic"),
        ([tnm(GROUP, valueString="IV")], "metastatic"),
        ([tnm(GROUP, valueString="IVA")], "metastatic"),
        ([tnm(GROUP, valueString="4")], "metastatic"),
        ([tnm(GROUP, valueInteger=4)], "metastatic"),
        ([tnm(GROUP, valueCodeableConcept=concept(text="iv"))], "metastatic"),
        ([tnm(GROUP, valueString="IIIB")], "localised or regional"),
        ([tnm(GROUP, valueString="2")], "localised or regional"),
        ([tnm(GROUP, valueString="4 of 5")], None),
        ([tnm(GROUP, valueString="IV?")], None),
        ([observation(text="TNM", valueString="T3N1M0")], "regional"),
        ([observation(text="TNM", valueString="pT3 pN1 M1")], "metastatic"),
        ([observation(text="TNM", valueCodeableConcept=concept(text="T3N0M0"))], "localised"),
        ([observation(text="TNM", valueString="T3N1")], "metastatic or regional"),
        ([observation(text="TNM", valueString="TXNXMX")], None),
        ([observation(text="Heart failure stage", valueString="IV")], None),
        ([M0, condition("ICD-10-CM#C7B.02")], "metastatic"),
        ([M0, condition("ICD-10-CM#C77.2")], "regional"),
        ([M0, report("Liver metastases.", date="2020-01-01")], "metastatic"),
    ],
)
def test_tnm_and_stage(results, stage):
    assert value(STAGE, *results) == stage
    assert value(STAGE, *reversed(results)) == stage


def test_m0_without_a_node_status_says_so():
    assert "node" in read(NET, M0)[0][STAGE].notes[0]
    assert not read(NET, M0, tnm(N, valueString="N0"))[0][STAGE].notes


@pytest.mark.parametrize(
    ("more", "stage"),
    [
        ({"text": "Metastatic NET of the ileum"}, "metastatic"),
        ({"text": "Localised NET of the ileum"}, "localised"),
        ({"text": "Ileal NET, M0"}, "localised"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "pT3N1M0"}}]}, "regional"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "Stage IV"}}]}, "metastatic"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "Localised"}}]}, "localised"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "IV"}}]}, "metastatic"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "IVB"}}]}, "metastatic"),
        ({"text": "Ileal NET", "stage": [{"summary": {"text": "4"}}]}, None),
        ({"text": "Secondary NET of the liver"}, "metastatic"),
        ({"text": "Gastrinoma secondary to MEN1"}, None),
        ({"text": "Ileal NET", "note": [{"text": "No liver lesion."}]}, "localised"),
        ({"text": "Ileal NET"}, None),
    ],
)
def test_the_net_itself_may_say_it(more, stage):
    assert value(STAGE, tumour=net(**more)) == stage


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("Stage IVA", None), ("IVB", None), ("Stage IVC", "metastatic"), ("IV", "metastatic")],
)
def test_in_the_thyroid_stage_iva_and_ivb_may_be_without_a_metastasis(stage, expected):
    mtc = net("SNOMED#255032005", stage=[{"summary": {"text": stage}}])
    assert value(STAGE, tumour=mtc) == expected


def test_a_tumour_that_is_only_coded_benign_is_localised_unless_it_has_spread():
    benign = net("ICD-10-CM#D3A.012")
    assert value(STAGE, tumour=benign) == "localised"
    assert value(STAGE, condition("ICD-10-CM#C7B.02"), tumour=benign) == "metastatic"


def test_a_net_in_a_liver_specimen_is_a_metastasis_if_the_primary_is_elsewhere():
    biopsy = report("Neuroendocrine tumour, Ki-67 4 %.", code={"text": "Liver biopsy"})
    counted = observation(
        "LOINC#29593-1", valueQuantity={"value": 4, "unit": "%"}, bodySite={"text": "Liver"}
    )
    for sign in (biopsy, counted):
        assert value(STAGE, sign) == "metastatic"
        assert value(STAGE, sign, tumour=net("ICD-10-CM#C7A.00")) is None


# ---- surgery ----


def procedure(*codes, text=None, status="completed", date="2025-03-01"):
    return {
        "resourceType": "Procedure",
        "status": status,
        "code": concept(*codes, text=text),
        "performedDateTime": date,
    }


@pytest.mark.parametrize(
    ("done", "site", "resected"),
    [
        (procedure(text="Right hemicolectomy"), "C7A.012", "yes"),
        (procedure(text="Small bowel resection"), "C7A.012", "yes"),
        (procedure(text="Appendectomy"), "C7A.020", "yes"),
        (procedure("SNOMED#33149006"), "C25.4", "yes"),
        (procedure(text="Whipple procedure"), "C25.4", "yes"),
        (procedure("SNOMED#33149006"), "C7A.012", None),
        (procedure(text="Appendectomy"), "C7A.012", None),
        (procedure(text="Right hemicolectomy"), "C7A.00", None),
        (procedure(text="Right hemicolectomy", status="not-done"), "C7A.012", None),
        (procedure(text="Partial hepatectomy"), "C7A.012", None),
    ],
)
def test_the_resection_of_the_organ_of_the_primary(done, site, resected):
    assert value(RESECTED, done, tumour=net(f"ICD-10-CM#{site}")) == resected


def test_the_newest_word_on_resectability_counts():
    yes = report("Resectable liver metastases.", date="2025-01-01")
    no = report("Unresectable liver metastases.", date="2026-01-01")
    assert (value(EXCLUDED, yes, no), value(RESECTABLE, yes, no)) == ("yes", "no")
    yes |= {"effectiveDateTime": "2026-06-01"}
    assert (value(EXCLUDED, yes, no), value(RESECTABLE, yes, no)) == ("no", "yes")


def test_the_newest_margin_counts():
    old = report("Resection margins positive.", date="2024-01-01")
    new = report("R0 resection.", date="2025-01-01")
    assert value(MARGIN, old, new) == "no"


# ---- the liver in numbers ----


@pytest.mark.parametrize(
    ("result", "fact", "expected"),
    [
        (observation(text="Number of liver lesions", valueInteger=4), COUNT, "4"),
        (observation(text="Number of liver metastases", valueString=">20"), COUNT, "> 20"),
        (
            observation(
                "LOINC#21889-1",
                bodySite={"text": "Liver"},
                valueQuantity={"value": 3.2, "unit": "cm"},
            ),
            LARGEST,
            "32 mm",
        ),
        (
            observation(
                "LOINC#21889-1",
                bodySite={"text": "Liver"},
                component=[
                    {
                        "code": concept("LOINC#33728-7"),
                        "valueQuantity": {"value": 32, "unit": "mm"},
                    }
                ],
            ),
            LARGEST,
            "32 mm",
        ),
        (
            observation(
                "LOINC#21889-1",
                bodySite={"text": "Ileum"},
                valueQuantity={"value": 32, "unit": "mm"},
            ),
            LARGEST,
            None,
        ),
        (
            observation(text="Liver involvement", valueQuantity={"value": 40, "unit": "%"}),
            SHARE,
            "40 %",
        ),
        (
            observation(text="Liver involvement", valueQuantity={"value": 40, "unit": "mL"}),
            SHARE,
            None,
        ),
    ],
)
def test_results_about_the_liver(result, fact, expected):
    assert value(fact, result) == expected


def test_of_one_day_the_worse_count_and_of_several_days_the_newest():
    few, many = report("3 liver metastases."), report("7 liver metastases.")
    assert value(COUNT, few, many) == value(COUNT, many, few) == "7"
    assert value(COUNT, many | {"effectiveDateTime": "2025-01-01"}, few) == "3"


# ---- what is not asked ----

FAMILY = KNOWLEDGE.facts.families["spread"]
# Phrases of every concept, and what may stand beside them.
PHRASES = sorted({c.heard[0].replace("*", "") for c in FAMILY.concepts.values() if c.heard})
BESIDE = ["no", "3", "12 mm", "40 %", "2 x 3 cm", "of the", ",", "in", "karacigerde 3 adet", "pT3"]
PROSE = st.lists(st.sampled_from([*PHRASES, *BESIDE]), max_size=6).map(" ".join)


@given(PROSE, st.booleans())
def test_a_sentence_that_is_not_asked_has_no_number_and_no_sign(text: str, own: bool):
    for w in vocabulary(FAMILY).spoken(text):
        if not w.has(liver._TELLING):
            assert liver._numbers(w) == ()
        if not w.has(words._TELLING) and words._A_CATEGORY.search(w.sentence.cased) is None:
            assert words._signs_of((w, own, Primary(FAMILY, frozenset({"jejunum-ileum"})))) == ()
