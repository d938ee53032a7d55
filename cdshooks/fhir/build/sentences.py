"""What a report says of a fact: the sentences that building writes and reading reads."""

from collections.abc import Mapping

from cdshooks.fhir.build.resources import FINDING, SCANNED, STATUS

_SSTR, _FDG, _MIBG = "Ga-68 DOTATATE PET/CT", "FDG PET/CT", "I-123 MIBG scintigraphy"
_CT, _PATHOLOGY, _LETTER = "CT abdomen", "Pathology report", "Clinic letter"

# Fact and value: the title of a report, its sentence, the days before the assessment.
SENTENCES: Mapping[tuple[str, str], tuple[str, str, int]] = {
    ("imaging.sstr_status", "positive"): (_SSTR, "Intense uptake in all lesions.", SCANNED),
    ("imaging.sstr_status", "borderline"): (_SSTR, "Krenning score 2 in all lesions.", SCANNED),
    ("imaging.sstr_status", "negative"): (_SSTR, "No uptake in the lesions.", SCANNED),
    ("imaging.sstr_status", "heterogeneous"): (_SSTR, "Only one lesion is avid.", SCANNED),
    ("imaging.fdg_status", "positive"): (_FDG, "FDG-avid lesions.", SCANNED),
    ("imaging.fdg_status", "negative"): (_FDG, "No FDG-avid lesion.", SCANNED),
    ("imaging.mibg_status", "positive"): (_MIBG, "MIBG uptake in the lesions.", SCANNED),
    ("imaging.mibg_status", "negative"): (_MIBG, "No MIBG uptake in the lesions.", SCANNED),
    ("imaging.extrahepatic_excluded", "yes"): (_SSTR, "No extrahepatic disease.", SCANNED),
    ("extent.pattern", "liver-only"): (_CT, "Metastases confined to the liver.", FINDING),
    ("extent.pattern", "liver-dominant"): (_CT, "Predominantly hepatic metastases.", FINDING),
    ("extent.pattern", "disseminated"): (_CT, "Disseminated metastases.", FINDING),
    ("extent.unresectable_recorded", "yes"): (_LETTER, "The primary is unresectable.", FINDING),
    ("liver.resection_excluded", "yes"): (
        _LETTER,
        "Not a candidate for liver resection.",
        FINDING,
    ),
    ("liver.resectable_recorded", "yes"): (_LETTER, "Resectable liver metastases.", FINDING),
    ("primary.resected", "yes"): (_LETTER, "The primary tumour was resected.", FINDING),
    ("primary.resected", "no"): (_LETTER, "Primary tumour in situ.", FINDING),
    ("primary.margin_positive", "yes"): (_PATHOLOGY, "Resection margin positive.", FINDING),
    ("burden.high", "yes"): (_CT, "High tumour burden.", FINDING),
    ("burden.visceral_crisis", "yes"): (_LETTER, "Visceral crisis.", FINDING),
    ("burden.low_stated", "yes"): (_CT, "Low tumour volume.", FINDING),
    ("lesion.near_vessels", "yes"): (_CT, "Lesion adjacent to the portal vein.", FINDING),
    ("progression.status", "mixed"): (_CT, "Mixed response.", STATUS),
    ("syndrome.functional", "no"): (_LETTER, "Non-functioning tumour.", FINDING),
    ("syndrome.types", "none"): (_LETTER, "Non-functioning tumour.", FINDING),
    ("syndrome.refractory", "yes"): (_LETTER, "Hormonal symptoms not controlled.", FINDING),
    ("symptom.asymptomatic", "yes"): (_LETTER, "Asymptomatic.", FINDING),
    ("tumour.necrosis", "yes"): (_PATHOLOGY, "Focal necrosis.", FINDING),
    ("tumour.necrosis", "no"): (_PATHOLOGY, "No necrosis.", FINDING),
    ("tumour.lung_type_stated", "TC"): (_PATHOLOGY, "Typical carcinoid.", FINDING),
    ("tumour.lung_type_stated", "AC"): (_PATHOLOGY, "Atypical carcinoid.", FINDING),
    ("tumour.differentiation", "well"): (_PATHOLOGY, "Well differentiated.", FINDING),
    ("tumour.differentiation", "poor"): (_PATHOLOGY, "Poorly differentiated.", FINDING),
}
