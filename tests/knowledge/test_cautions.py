"""What is said beside an option, asked for, warned of and drafted: hand-written tables.

Outcomes have their second encoding; cautions, requests, warnings and draft orders have these rows.
A row names what is said by a few words of it, then patients to whom it is said and the nearest ones
to whom it is not: each is the patient FIT of the strategies with a few facts changed.
"""

from typing import Any, NamedTuple

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.criterion import Criterion, Leaf, answer, leaves
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from tests.knowledge.encoding import KNOWLEDGE, VOCABULARY, Between, either, facts, told
from tests.property.strategies import FIT, consistent

# A receptor-positive G1 tumour of the ileum with metastases, and PRRT offered or on hold for one.
SPREAD = "extent.stage=metastatic; imaging.sstr_status=positive"
PRRT = (
    f"{SPREAD}; tumour.site=jejunum-ileum; tumour.ki67=2; "
    "progression.status=progressive; prior.ssa=current"
)
HELD = f"{PRRT}; lab.haemoglobin=7"
# PRRT for a carcinoid of the lung is outside its label.
LUNG = "tumour.site=lung; tumour.lung_type_stated=TC"
OFF_LABEL = f"{SPREAD}; {LUNG}; progression.status=progressive"
FIRST = (
    "tumour.site=pancreas; tumour.ki67=15; extent.stage=metastatic; imaging.sstr_status=positive"
)
SMALL = (
    "tumour.site=pancreas; tumour.size_mm=20; tumour.ki67=2; symptom.asymptomatic=yes; "
    "extent.stage=localised"
)
CARCINOID = "syndrome.types={carcinoid}; syndrome.functional=yes"
INSULIN = "syndrome.types={insulin}; syndrome.functional=yes"
WITHOUT = "syndrome.functional=no"
# Nothing but disease outside the liver keeps a transplant open.
TRANSPLANT = (
    "tumour.site=jejunum-ileum; tumour.ki67=2; extent.stage=metastatic; extent.pattern=liver-only; "
    "liver.resection_excluded=yes; liver.involvement_pct=30; primary.resected=yes; "
    "progression.status=stable; progression.stable_months=9"
)
POOR, WELL = "tumour.differentiation=poor", "tumour.differentiation=well"
NEC, NET_G3 = f"{POOR}; tumour.ki67=80", f"{WELL}; tumour.ki67=30"

# (treatment, some words of the caution): (said to, not said to)
PRRT_CAUTIONS = {
    "range that one national protocol": (
        ["lab.creatinine_clearance=40", "lab.creatinine_clearance=49.9"],
        ["lab.creatinine_clearance=39.9", "lab.creatinine_clearance=50"],
    ),
    "obstructing mass can swell": (["symptom.obstruction=yes"], ["symptom.obstruction=no"]),
    "octreotide cover and an echocardiogram": ([CARCINOID], [INSULIN, WITHOUT]),
    "a paediatric NET MDT discusses": (
        ["patient.age=17; config.jurisdiction=us"],
        ["patient.age=18; config.jurisdiction=us", "patient.age=17; config.jurisdiction=eu"],
    ),
    "stops a long-acting analogue": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
    "after the newest receptor scan": (
        ["imaging.sstr_superseded=yes"],
        ["imaging.sstr_superseded=no"],
    ),
    "adds to the dose": (["prior.liver_radiation=past"], ["prior.liver_radiation=none"]),
    "Catecholamines can be released": (["syndrome.types={catecholamine}"], [CARCINOID, WITHOUT]),
}
COVER = {"octreotide cover and an echocardiogram": ([CARCINOID], [INSULIN, WITHOUT])}
ALPHA = {
    "It comes before any procedure": (
        ["net.entity=PPGL"],
        ["net.entity=PPGL; risk.alpha_blockade=yes", "net.entity=NEN", "net.entity=MTC"],
    ),
}
MEN1 = {"MEN 1": (["risk.men1=yes"], ["risk.men1=no"])}
UNFIT_FOR_SURGERY = {"ECOG 3 or 4": (["patient.ecog=3", "patient.ecog=4"], ["patient.ecog=2"])}
BY_HEAT_OR_COLD = {
    "Between 3 and 5 cm": (["liver.largest_mm=30.5"], ["liver.largest_mm=30"]),
    "Beside a large vessel": (["lesion.near_vessels=yes"], ["lesion.near_vessels=no"]),
    "Ascites raises": (["risk.ascites=yes"], ["risk.ascites=no"]),
    "biliary anastomosis": (["risk.biliary_anastomosis=yes"], ["risk.biliary_anastomosis=no"]),
    **COVER,
    **ALPHA,
}
PRIMARY = "tumour.site=pancreas; extent.unresectable_recorded=yes; tumour.size_mm=20"
BY_HEAT = {
    **BY_HEAT_OR_COLD,
    "Ablation of the pancreatic primary": (
        [PRIMARY],
        [
            f"{PRIMARY}; tumour.size_mm=20.5",
            f"{PRIMARY}; tumour.site=duodenum",
            f"{PRIMARY}; tumour.site=unknown",
            f"{PRIMARY}; extent.unresectable_recorded=no",
        ],
    ),
}
EMBOLISATION = {
    "biliary anastomosis": (["risk.biliary_anastomosis=yes"], ["risk.biliary_anastomosis=no"]),
    "up to 75 %": (["liver.involvement_pct=75.5"], ["liver.involvement_pct=75"]),
    "Contrast medium": (
        ["lab.creatinine_clearance=39", "risk.dialysis=yes"],
        ["lab.creatinine_clearance=40", "lab.creatinine_clearance=unknown"],
    ),
    **COVER,
    **ALPHA,
}
DISCORDANCE = {
    "the higher one is used": (
        ["tumour.grade_stated=G1; tumour.ki67=5"],
        ["tumour.grade_stated=G2; tumour.ki67=5"],
    ),
    "an implausible pair": (
        [
            "tumour.differentiation=poor; tumour.ki67=20",
            "tumour.differentiation=well; tumour.ki67=56",
        ],
        [
            "tumour.differentiation=poor; tumour.ki67=21",
            "tumour.differentiation=well; tumour.ki67=55",
        ],
    ),
    "fall two grades apart": (
        ["tumour.ki67=2; tumour.mitoses=21", "tumour.ki67=21; tumour.mitoses=1"],
        ["tumour.ki67=3; tumour.mitoses=21", "tumour.ki67=2; tumour.mitoses=20"],
    ),
    "Two specimens fall": (["tumour.specimens_differ=yes"], ["tumour.specimens_differ=no"]),
}
CAUTIONS: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "active-surveillance": {
        "recorded as past": (["net.status=history"], ["net.status=active"]),
        "so the patient is asked": (
            ["net.status=active; symptom.asymptomatic=unknown"],
            ["net.status=history", "net.status=active; symptom.asymptomatic=yes"],
        ),
        "no advice to stop it": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
        "CLARINET puts watching": (["extent.stage=metastatic"], ["extent.stage=localised"]),
        "follows its own rules": (["risk.men1=yes"], ["risk.men1=no"]),
        "speak for resection": (["tumour.node_positive=yes"], ["tumour.node_positive=no"]),
    },
    "curative-resection": {
        "ECOG 3 or 4": (["patient.ecog=3", "patient.ecog=4"], ["patient.ecog=2"]),
        "active surveillance is discussed first": (
            [SMALL],
            [
                f"{SMALL}; tumour.site=duodenum",
                f"{SMALL}; tumour.size_mm=20.5",
                f"{SMALL}; tumour.ki67=3",
                f"{SMALL}; symptom.asymptomatic=no",
            ],
        ),
        "octreotide cover and an echocardiogram": ([CARCINOID], [INSULIN, WITHOUT]),
        "It comes before any procedure": (
            ["net.entity=PPGL"],
            ["net.entity=PPGL; risk.alpha_blockade=yes", "net.entity=NEN", "net.entity=MTC"],
        ),
        "hormones are controlled before": (
            [CARCINOID, INSULIN],
            [WITHOUT, "syndrome.functional=unknown"],
        ),
        "together with chemotherapy": ([NEC], [NET_G3, "tumour.ki67=30"]),
        "changes the operation": (["risk.men1=yes"], ["risk.men1=no"]),
        "right hemicolectomy": (
            [
                "tumour.site=appendix; tumour.size_mm=20.5",
                "tumour.site=appendix; primary.margin_positive=yes",
            ],
            [
                "tumour.site=appendix; tumour.size_mm=20",
                "tumour.site=caecum; tumour.size_mm=25; primary.margin_positive=yes",
            ],
        ),
    },
    "everolimus": {
        "outside the label": (
            [f"{INSULIN}; syndrome.refractory=yes"],
            [
                f"{INSULIN}; syndrome.refractory=yes; progression.status=progressive",
                f"{INSULIN}; syndrome.refractory=no",
                f"{CARCINOID}; syndrome.refractory=yes",
            ],
        ),
        "Hepatitis B": (["risk.hbv=yes"], ["risk.hbv=no"]),
        "useful in insulinoma": ([INSULIN], [CARCINOID, WITHOUT]),
        "held the disease longer": (
            ["imaging.sstr_status=positive"],
            ["imaging.sstr_status=borderline", "imaging.sstr_status=negative"],
        ),
    },
    "net-mdt": {
        "high-grade carcinoma": ([NEC, "tumour.ki67=30"], [NET_G3, "tumour.ki67=20"]),
        **DISCORDANCE,
        "includes obstetrics": (["patient.pregnant=yes"], ["patient.pregnant=no"]),
        "paediatric NET MDT": (["patient.age=17"], ["patient.age=18"]),
        "cardiology first": (["risk.carcinoid_heart=yes"], ["risk.carcinoid_heart=no"]),
        "irinotecan": (
            [f"{NEC}; prior.platinum_etoposide=past", f"{NEC}; prior.platinum_etoposide=current"],
            [f"{NEC}; prior.platinum_etoposide=none", f"{NET_G3}; prior.platinum_etoposide=past"],
        ),
    },
    "platinum-etoposide-nec": {
        "cisplatin": (
            [
                "lab.creatinine_clearance=49",
                "lab.creatinine_clearance=unknown; lab.egfr=45",
                "lab.creatinine_clearance=90; risk.dialysis=yes",
            ],
            ["lab.creatinine_clearance=50", "lab.creatinine_clearance=unknown; lab.egfr=50"],
        ),
        "extrapulmonary": (["tumour.site=lung"], ["tumour.site=thymus"]),
        "benefit from surgery": (
            ["extent.stage=localised", "extent.stage=regional"],
            ["extent.stage=metastatic"],
        ),
        "paediatric": (["patient.age=17"], ["patient.age=18"]),
    },
    "prrt-first-line": {
        **PRRT_CAUTIONS,
        "NICE": (
            ["config.jurisdiction=eu", "config.jurisdiction=uk-nice"],
            ["config.jurisdiction=us"],
        ),
        "other systemic treatment": (
            ["prior.everolimus=past", "prior.captem=current"],
            ["prior.everolimus=none", "prior.ssa=past"],
        ),
        "an FDG PET would show": (
            [NET_G3],
            [f"{NET_G3}; imaging.fdg_status=positive", "tumour.ki67=20"],
        ),
        "enrolled from 15": (["patient.age=14"], ["patient.age=15"]),
    },
    "prrt-lu177-dotatate": {
        **PRRT_CAUTIONS,
        "No somatostatin analogue": (["prior.ssa=none"], ["prior.ssa=past", "prior.ssa=current"]),
    },
    "ssa-tumour-control": {
        "continue and review it": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
        "beyond what CLARINET": (["tumour.ki67=10"], ["tumour.ki67=9.5"]),
        "Without a Ki-67": (
            [
                "tumour.site=lung; tumour.ki67=unknown; tumour.lung_type_stated=TC",
                "tumour.site=lung; tumour.ki67=unknown; tumour.lung_type_stated=AC",
            ],
            [
                "tumour.site=lung; tumour.ki67=2; tumour.lung_type_stated=TC",
                "tumour.site=pancreas; tumour.ki67=unknown; tumour.grade_stated=G1",
            ],
        ),
        "as high as in the liver": (
            ["imaging.sstr_status=borderline"],
            ["imaging.sstr_status=positive", "imaging.sstr_status=negative"],
        ),
        "Lung carcinoids": (["tumour.site=lung"], ["tumour.site=pancreas"]),
        "adults only": (["patient.age=17"], ["patient.age=18"]),
        "with obstetrics": (["patient.pregnant=yes"], ["patient.pregnant=no"]),
    },
    "belzutifan": {
        "needs immediate surgery": (["net.entity=NEN", "net.entity=MTC"], ["net.entity=PPGL"]),
        "outside the United States": (
            [
                "net.entity=PPGL; config.jurisdiction=eu",
                "net.entity=PPGL; config.jurisdiction=uk-nice",
            ],
            ["net.entity=PPGL; config.jurisdiction=us", "net.entity=NEN; config.jurisdiction=eu"],
        ),
    },
    "bland-embolisation": EMBOLISATION,
    "cabozantinib": {
        "one more treatment": (
            ["config.jurisdiction=us; prior.ssa=past"],
            [
                "config.jurisdiction=us; prior.everolimus=past",
                "config.jurisdiction=eu; prior.ssa=past",
            ],
        ),
        "NICE draft": (
            ["config.jurisdiction=uk-nice"],
            ["config.jurisdiction=eu", "config.jurisdiction=us"],
        ),
    },
    "capecitabine-temozolomide": {
        "DPD deficiency": (
            ["risk.dpd_deficiency=unknown"],
            ["risk.dpd_deficiency=yes", "risk.dpd_deficiency=no"],
        ),
        "from adults": (["patient.age=17"], ["patient.age=18"]),
        "PRRT is an alternative": (
            ["imaging.sstr_status=positive"],
            ["imaging.sstr_status=negative", "imaging.sstr_status=unknown"],
        ),
    },
    "carcinoid-syndrome-care": {
        "before everything else": (["syndrome.crisis=yes"], ["syndrome.crisis=no"]),
        "telotristat": (["syndrome.refractory=yes"], ["syndrome.refractory=no"]),
    },
    "chemoembolisation": EMBOLISATION,
    "chemotherapy-gut-net": {
        "less helpful": (
            ["tumour.ki67=2", "tumour.ki67=20"],
            [NET_G3, NEC, "tumour.ki67=unknown"],
        ),
    },
    "cryoablation": BY_HEAT_OR_COLD,
    "debulking-surgery": {
        "visceral crisis": (["burden.visceral_crisis=yes"], ["burden.visceral_crisis=no"]),
        **COVER,
        **ALPHA,
        "many liver lesions": (["liver.lesion_count=6"], ["liver.lesion_count=5"]),
    },
    "drug-eluting-bead-embolisation": EMBOLISATION,
    "endoscopic-treatment": {
        "obstruction is recorded": (["symptom.obstruction=yes"], ["symptom.obstruction=no"]),
        "airway is recorded": (["symptom.airway=yes"], ["symptom.airway=no"]),
        "Positive nodes": (
            ["tumour.node_positive=yes"],
            ["tumour.node_positive=no", "tumour.node_positive=unknown"],
        ),
        "staging come first": (
            ["extent.stage=unknown", "extent.stage=localised|regional"],
            [
                "extent.stage=localised",
                "extent.stage=unknown; symptom.obstruction=yes",
                "extent.stage=unknown; symptom.airway=yes",
            ],
        ),
    },
    "enucleation": {
        "Above 20 mm": (["tumour.size_mm=20.5"], ["tumour.size_mm=20"]),
        "node status is not recorded": (
            ["tumour.node_positive=unknown"],
            ["tumour.node_positive=no", "tumour.node_positive=yes"],
        ),
        **MEN1,
        **UNFIT_FOR_SURGERY,
    },
    "gastrinoma-care": {
        "Bleeding is on file": (["symptom.bleeding=yes"], ["symptom.bleeding=no"]),
        **MEN1,
    },
    "insulinoma-care": MEN1,
    "liver-resection": {
        **COVER,
        "Many lesions": (["liver.lesion_count=6"], ["liver.lesion_count=5"]),
    },
    "liver-transplantation": {"at 55 years": (["patient.age=56"], ["patient.age=55"])},
    "mibg-therapy": {
        "through the kidneys": (
            ["lab.creatinine_clearance=39"],
            ["lab.creatinine_clearance=40", "lab.creatinine_clearance=unknown"],
        ),
        "on file already": (
            ["prior.mibg_therapy=past", "prior.mibg_therapy=current"],
            ["prior.mibg_therapy=none"],
        ),
        **ALPHA,
        "Blood pressure": (
            ["risk.uncontrolled_hypertension=yes"],
            ["risk.uncontrolled_hypertension=no"],
        ),
    },
    "microwave-ablation": BY_HEAT,
    "palliative-surgery": {
        "obstruction is recorded": (["symptom.obstruction=yes"], ["symptom.obstruction=no"]),
        "Bowel without blood": (["symptom.ischaemia=yes"], ["symptom.ischaemia=no"]),
        **UNFIT_FOR_SURGERY,
        **COVER,
        **ALPHA,
    },
    "prrt-off-label": {
        **PRRT_CAUTIONS,
        "after its last cycle": (["prior.prrt=current"], ["prior.prrt=past", "prior.prrt=none"]),
        "a retreatment, which": (["prior.prrt=past"], ["prior.prrt=current", "prior.prrt=none"]),
        "lung tumours PRRT": (["tumour.site=lung"], ["tumour.site=thymus", "tumour.site=unknown"]),
        "NHS England": (
            ["config.jurisdiction=uk-nice"],
            ["config.jurisdiction=eu", "config.jurisdiction=us"],
        ),
    },
    "radioembolisation": {
        **EMBOLISATION,
        "Earlier PRRT": (["prior.prrt=past", "prior.prrt=current"], ["prior.prrt=none"]),
        "Earlier radiation": (["prior.liver_radiation=past"], ["prior.liver_radiation=none"]),
    },
    "radiofrequency-ablation": BY_HEAT,
    "radiotherapy": {
        "Earlier PRRT": (["prior.prrt=past", "prior.prrt=current"], ["prior.prrt=none"]),
        "Earlier radiation": (["prior.liver_radiation=past"], ["prior.liver_radiation=none"]),
    },
    "ssa-hormone-control": {
        "continue and review it": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
        "Supportive care": (
            [f"syndrome.types={{{one}}}" for one in ("vip", "glucagon", "acth")],
            [CARCINOID, "syndrome.types={gastrin}", WITHOUT],
        ),
        "Without receptors": (
            ["imaging.sstr_status=negative"],
            ["imaging.sstr_status=borderline", "imaging.sstr_status=unknown"],
        ),
        "with obstetrics": (["patient.pregnant=yes"], ["patient.pregnant=no"]),
        "adults only": (["patient.age=17"], ["patient.age=18"]),
    },
    "suspected-gastrinoma": {
        "Bleeding is on file": (["symptom.bleeding=yes"], ["symptom.bleeding=no"]),
        **MEN1,
    },
    "suspected-insulinoma": MEN1,
    "temozolomide-lung": {
        "considered first": (
            ["prior.everolimus=none"],
            ["prior.everolimus=past", "prior.everolimus=current"],
        ),
    },
}

# (treatment, some words of a reason for or against it): (told to, not told to). A licence is quoted
# only where it is the law.
UP_TO_11 = (
    ["config.jurisdiction=us; patient.age=11"],
    [
        "config.jurisdiction=us; patient.age=12",
        "config.jurisdiction=eu; patient.age=11",
        "config.jurisdiction=uk-nice; patient.age=11",
    ],
)
UP_TO_17 = (
    ["config.jurisdiction=eu; patient.age=17", "config.jurisdiction=uk-nice; patient.age=17"],
    ["config.jurisdiction=eu; patient.age=18", "config.jurisdiction=us; patient.age=11"],
)
LICENCES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("cabozantinib", "begins at 12 years"): UP_TO_11,
    ("cabozantinib", "covers adults only"): UP_TO_17,
    ("prrt-lu177-dotatate", "begins at 12 years"): UP_TO_11,
    ("prrt-lu177-dotatate", "cover adults only"): UP_TO_17,
    ("prrt-lu177-dotatate", "Licensed in Europe"): (
        [f"{PRRT}; config.jurisdiction=eu"],
        [f"{PRRT}; config.jurisdiction=uk-nice", f"{PRRT}; config.jurisdiction=us"],
    ),
    ("prrt-lu177-dotatate", "Recommended by NICE"): (
        [f"{PRRT}; config.jurisdiction=uk-nice"],
        [f"{PRRT}; config.jurisdiction=eu", f"{PRRT}; config.jurisdiction=us"],
    ),
}


# ---- sentences that a card adds only where they hold --------------------------------------------

RECTAL = "tumour.site=rectum; tumour.ki67=2; extent.stage=localised"
FOR_AN_ENDOSCOPE = [
    f"{RECTAL}; tumour.site=stomach",
    f"{RECTAL}; tumour.site=duodenum",
    RECTAL,
]
NOT_FOR_AN_ENDOSCOPE = [
    f"{RECTAL}; tumour.ki67=3",
    f"{RECTAL}; tumour.deep_invasion=yes",
    f"{RECTAL}; tumour.site=colon",
    f"{RECTAL}; tumour.site=unknown",
]
# (treatment, some words of the sentence): (said to, not said to)
SAYINGS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("active-surveillance", "Growth ends"): (["net.status=active"], ["net.status=history"]),
    ("curative-resection", "a tumour this small"): (
        [f"{row}; tumour.size_mm=10" for row in FOR_AN_ENDOSCOPE],
        [
            *(f"{row}; tumour.size_mm=10" for row in NOT_FOR_AN_ENDOSCOPE),
            f"{RECTAL}; tumour.size_mm=10.5",
            f"{RECTAL}; tumour.size_mm=10; tumour.node_positive=yes",
        ],
    ),
    ("curative-resection", "Between 10 and 20 mm"): (
        [f"{row}; tumour.size_mm={size}" for row in FOR_AN_ENDOSCOPE for size in (10.5, 20)],
        [
            *(f"{row}; tumour.size_mm=15" for row in NOT_FOR_AN_ENDOSCOPE),
            f"{RECTAL}; tumour.size_mm=10",
            f"{RECTAL}; tumour.size_mm=20.5",
        ],
    ),
    ("enucleation", "surveillance is favoured"): (
        ["tumour.size_mm=20", "tumour.size_mm=20; syndrome.functional=unknown"],
        ["tumour.size_mm=20.5", f"tumour.size_mm=20; {INSULIN}"],
    ),
    ("belzutifan", "LITESPARK-015"): (["net.entity=PPGL"], ["net.entity=NEN", "net.entity=MTC"]),
    ("net-mdt", "what matters most"): (["net.status=active"], ["net.status=suspected"]),
    ("net-mdt", "whose metastases are confined"): (
        [f"{NET_G3}; extent.pattern=liver-only; extent.stage=metastatic"],
        [
            f"{NET_G3}; extent.pattern=liver-dominant; extent.stage=metastatic",
            f"{NEC}; extent.pattern=liver-only; extent.stage=metastatic",
            "tumour.ki67=20; extent.pattern=liver-only; extent.stage=metastatic",
        ],
    ),
    ("net-mdt", "Mixed neoplasms"): (["net.entity=MiNEN"], ["net.entity=NEN", "net.entity=MTC"]),
    ("net-mdt", "medullary thyroid"): (["net.entity=MTC"], ["net.entity=NEN", "net.entity=PPGL"]),
}


# ---- asked for by itself -------------------------------------------------------------------------

UNKNOWN = "syndrome.functional=unknown"
MEASURED = "syndrome.metanephrines_measured=yes"
# Request: (asked for, not asked for); of the laboratory values while PRRT is held by another one.
REQUESTS: dict[str, tuple[list[str], list[str]]] = {
    "ki67_or_grade": (
        [
            "net.status=active",
            "net.status=suspected",
            f"net.status=active; {NEC}; tumour.ki67=unknown",
            "net.entity=unknown",
            "tumour.site=lung; tumour.ki67=5",
            "tumour.site=thymus; tumour.ki67=5; tumour.mitoses=1",
            "tumour.site=lung; tumour.differentiation=well",
        ],
        [
            "net.status=history",
            "net.entity=MiNEN",
            "tumour.ki67=2..4",
            "tumour.mitoses=1",
            "tumour.grade_stated=G2",
            "tumour.lung_type_stated=TC",
            "tumour.site=lung; tumour.lung_type_stated=TC",
            "tumour.site=lung; tumour.lung_type_stated=AC",
            "tumour.site=lung; tumour.differentiation=poor; tumour.ki67=80",
            "tumour.site=lung; tumour.ki67=40",
            "tumour.site=pancreas; tumour.ki67=5",
        ],
    ),
    "differentiation": (
        ["tumour.ki67=30", "tumour.grade_stated=G3"],
        ["tumour.ki67=30; net.status=suspected", "tumour.ki67=20", NET_G3, NEC],
    ),
    "extent": (
        ["net.status=active", "net.entity=PPGL", "net.entity=unknown", TRANSPLANT],
        [
            "net.status=suspected",
            "net.status=history",
            "net.entity=MiNEN",
            "extent.stage=localised",
            f"{TRANSPLANT}; imaging.extrahepatic_excluded=yes",
            f"{TRANSPLANT}; primary.resected=unknown",
        ],
    ),
    "fdg_pet": (
        [
            NET_G3,
            NEC,
            "tumour.grade_stated=G3; tumour.differentiation=well",
            "tumour.ki67=10",
            "tumour.ki67=30",
            "imaging.sstr_status=negative",
            "imaging.sstr_status=heterogeneous",
            "progression.status=mixed",
        ],
        [
            f"{NET_G3}; imaging.fdg_status=negative",
            f"{NET_G3}; net.status=suspected",
            f"{NET_G3}; net.entity=PPGL",
            "tumour.ki67=9",
            "imaging.sstr_status=positive; progression.status=progressive",
        ],
    ),
    "sstr_imaging": (
        [
            "net.status=active",
            "net.status=suspected",
            f"{SMALL}; tumour.site=unknown",
            f"{SMALL}; extent.stage=unknown",
            f"{SMALL}; extent.stage=metastatic",
            f"{SMALL}; progression.status=progressive",
            "tumour.ki67=30",
            "net.entity=PPGL; tumour.site=adrenal-paraganglia; extent.stage=localised",
            TRANSPLANT,
        ],
        [
            "net.status=history",
            SMALL,
            f"{SMALL}; progression.status=stable",
            "imaging.sstr_status=negative",
            f"{NEC}; extent.stage=metastatic",
            "net.entity=PPGL; net.status=history",
            "net.entity=MTC; extent.stage=metastatic",
            f"{TRANSPLANT}; imaging.sstr_status=positive",
        ],
    ),
    "albumin": (
        [
            f"{HELD}; lab.albumin=unknown",
            f"{FIRST}; lab.haemoglobin=7; lab.albumin=unknown",
            f"{OFF_LABEL}; lab.haemoglobin=7; lab.albumin=unknown",
        ],
        [HELD, f"{PRRT}; lab.albumin=unknown", f"{FIRST}; lab.albumin=unknown"],
    ),
    "bilirubin": (
        [f"{HELD}; lab.bilirubin_uln=unknown"],
        [HELD, f"{PRRT}; lab.bilirubin_uln=unknown"],
    ),
    "creatinine_clearance": (
        [f"{HELD}; lab.creatinine_clearance=unknown"],
        [
            HELD,
            f"{PRRT}; lab.creatinine_clearance=unknown",
            f"{HELD}; lab.creatinine_clearance=unknown; lab.egfr=80",
        ],
    ),
    "ecog": (
        [f"{HELD}; patient.ecog=unknown"],
        [HELD, f"{PRRT}; patient.ecog=unknown"],
    ),
    "haemoglobin": (
        [f"{PRRT}; lab.platelets=70; lab.haemoglobin=unknown"],
        [HELD, f"{PRRT}; lab.haemoglobin=unknown"],
    ),
    "leucocytes": (
        [f"{HELD}; lab.leucocytes=unknown"],
        [HELD, f"{PRRT}; lab.leucocytes=unknown"],
    ),
    "platelets": (
        [f"{HELD}; lab.platelets=unknown"],
        [HELD, f"{PRRT}; lab.platelets=unknown"],
    ),
    "pregnancy_status": (
        [f"{HELD}; patient.pregnant=unknown", f"{HELD}; patient.breastfeeding=unknown"],
        [HELD, f"{PRRT}; patient.pregnant=unknown"],
    ),
    "hormone_tests": (
        [
            f"{UNKNOWN}; symptom.hormonal=yes",
            f"{UNKNOWN}; symptom.hormonal=yes; net.status=suspected",
            f"{UNKNOWN}; symptom.hormonal=yes; net.entity=unknown",
            *(
                f"{UNKNOWN}; syndrome.hints={{{one}}}"
                for one in (
                    *("carcinoid", "insulin", "gastrin", "glucagon", "pancreatic"),
                    "catecholamine",
                )
            ),
            f"{UNKNOWN}; net.status=suspected; net.entity=PPGL",
            f"{UNKNOWN}; net.status=suspected; syndrome.hints={{adrenal-mass}}",
        ],
        [
            UNKNOWN,
            f"{UNKNOWN}; symptom.hormonal=yes; net.status=history",
            f"{UNKNOWN}; symptom.hormonal=yes; net.entity=MiNEN",
            f"{CARCINOID}; symptom.hormonal=yes",
            f"{UNKNOWN}; net.status=suspected",
            f"{UNKNOWN}; net.status=active; net.entity=PPGL",
            f"{UNKNOWN}; net.status=active; syndrome.hints={{adrenal-mass}}",
            f"{UNKNOWN}; net.status=suspected; net.entity=PPGL; {MEASURED}",
            f"{UNKNOWN}; net.status=suspected; syndrome.hints={{adrenal-mass}}; {MEASURED}",
        ],
    ),
    "mibg_scan": (
        ["net.entity=PPGL", "net.entity=PPGL; net.status=suspected"],
        [
            "net.entity=PPGL; net.status=history",
            "net.entity=PPGL; imaging.mibg_status=negative",
            "net.entity=MTC",
            "net.entity=unknown",
        ],
    ),
    "primary_site": (
        [
            "extent.stage=metastatic",
            "extent.unresectable_recorded=yes",
            "extent.stage=metastatic; net.entity=unknown",
        ],
        [
            "extent.stage=metastatic; net.status=suspected",
            "extent.stage=metastatic; tumour.site=other",
            "extent.stage=localised",
            "extent.stage=unknown",
            "extent.stage=metastatic; net.entity=MiNEN",
        ],
    ),
    "repeat_biopsy": (
        [
            "progression.status=mixed",
            "imaging.discordant_lesion=yes",
            "progression.status=progressive; tumour.specimen_age=731",
            f"{NEC}; imaging.discordant_lesion=yes",
        ],
        [
            "progression.status=mixed; net.status=suspected",
            "progression.status=mixed; net.entity=PPGL",
            "imaging.discordant_lesion=yes; net.entity=MTC",
            "progression.status=progressive; tumour.specimen_age=730",
            "progression.status=progressive; tumour.specimen_age=unknown",
            "progression.status=stable; tumour.specimen_age=900",
        ],
    ),
}
# Request: (never asked for, may be asked for).
NEVER: dict[str, tuple[list[str], list[str]]] = {
    "ki67_or_grade": (
        [
            *("net.entity=PPGL", "net.entity=MTC", "tumour.site=adrenal-paraganglia"),
            "syndrome.hints={adrenal-mass}",
        ],
        [
            "net.entity=NEN; tumour.site=pancreas",
            "tumour.site=adrenal-paraganglia|kidney",
            f"syndrome.hints={{adrenal-mass}}; {MEASURED}",
            "syndrome.hints={insulin}",
        ],
    ),
    "mibg_scan": (
        ["net.entity=NEN", "net.entity=MTC", "net.entity=unknown"],
        ["net.entity=PPGL"],
    ),
    "repeat_biopsy": (
        ["net.entity=PPGL", "net.entity=MTC"],
        ["net.entity=NEN", "net.entity=unknown"],
    ),
}

# ---- warned of -----------------------------------------------------------------------------------

CHILD = ("patient.pregnant", "patient.breastfeeding")
CYCLE = "net.status=active; prior.prrt=past; prior.prrt_recent=yes"
WARNINGS: dict[str, tuple[list[str], list[str]]] = {
    "benign_code_with_metastasis": (["net.benign_conflict=yes"], ["net.benign_conflict=no"]),
    "carcinoid_crisis": (
        ["syndrome.crisis=yes"],
        ["syndrome.crisis=no", "syndrome.crisis=yes; net.status=history"],
    ),
    "chemotherapy_in_pregnancy": (
        ["prior.chemotherapy_other=current; patient.pregnant=yes"],
        [
            "prior.chemotherapy_other=current; patient.pregnant=no",
            "prior.chemotherapy_other=current; patient.pregnant=unknown",
            "prior.chemotherapy_other=past; patient.pregnant=yes",
            "prior.chemotherapy_other=current; patient.pregnant=yes; net.status=history",
        ],
    ),
    "cord_compression": (
        ["symptom.cord_compression=yes", "symptom.cord_compression=yes; net.entity=unknown"],
        ["symptom.cord_compression=no", "symptom.cord_compression=yes; net.status=history"],
    ),
    "ia_prrt_ordered": (["order.classes={ia-prrt}"], ["order.classes={prrt}"]),
    "mibg_next_dose": (
        [f"prior.mibg_therapy=current; {one}=yes" for one in CHILD],
        [
            "prior.mibg_therapy=current",
            *(f"prior.mibg_therapy=past; {one}=yes" for one in CHILD),
            *(f"prior.mibg_therapy=current; {one}=yes; net.status=history" for one in CHILD),
        ],
    ),
    "receptor_fdg_discordance": (
        ["imaging.discordant_lesion=yes", "imaging.discordant_lesion=yes; net.entity=unknown"],
        [
            "imaging.discordant_lesion=no",
            "imaging.discordant_lesion=yes; net.status=history",
            "imaging.discordant_lesion=yes; net.entity=PPGL",
        ],
    ),
    "receptor_fdg_discordance_ppgl": (
        ["imaging.discordant_lesion=yes; net.entity=PPGL"],
        [
            "imaging.discordant_lesion=no; net.entity=PPGL",
            "imaging.discordant_lesion=yes; net.entity=PPGL; net.status=history",
            "imaging.discordant_lesion=yes; net.entity=NEN",
        ],
    ),
    "ssa_with_insulinoma": (
        [f"{INSULIN}; order.classes={{ssa}}"],
        [INSULIN, f"{INSULIN}; order.classes={{prrt}}", f"{CARCINOID}; order.classes={{ssa}}"],
    ),
    "grade_discordance": (
        [row for said, _ in DISCORDANCE.values() for row in said],
        ["tumour.grade_stated=G2; tumour.ki67=5; tumour.mitoses=3; tumour.differentiation=well"],
    ),
    "prrt_next_cycle": (
        [
            f"{CYCLE}; patient.pregnant=yes",
            f"{CYCLE}; patient.breastfeeding=yes",
            f"{CYCLE}; lab.creatinine_clearance=29.9",
            f"{CYCLE}; lab.creatinine_clearance=39.9",
            f"{CYCLE}; patient.age=11",
            f"{CYCLE}; patient.age=17; config.jurisdiction=eu",
            f"{CYCLE}; risk.hypersensitivity={{prrt}}",
            f"{CYCLE}; lab.platelets=74",
            f"{CYCLE}; lab.haemoglobin=7.9",
            f"{CYCLE}; lab.leucocytes=1.9",
            f"{CYCLE}; lab.bilirubin_uln=3.1",
            f"{CYCLE}; lab.alt_uln=3.1",
            f"{CYCLE}; lab.albumin=29; lab.pt_prolonged=yes",
            f"{CYCLE}; patient.ecog=3",
            f"{CYCLE}; risk.heart_failure_nyha34=yes",
            f"{CYCLE}; risk.carcinoid_heart=yes",
            f"{CYCLE}; risk.life_expectancy_short=yes",
        ],
        [
            CYCLE,
            f"{CYCLE}; net.status=history; lab.haemoglobin=7",
            "prior.prrt=past; prior.prrt_recent=no; lab.haemoglobin=7",
            f"{CYCLE}; lab.haemoglobin=unknown",
            f"{CYCLE}; imaging.sstr_status=borderline",
            f"{CYCLE}; lab.albumin=29; lab.pt_prolonged=no",
            f"{CYCLE}; lab.albumin=30; lab.pt_prolonged=yes",
            f"{CYCLE}; patient.age=17; config.jurisdiction=us",
            f"{CYCLE}; patient.age=12; config.jurisdiction=us",
        ],
    ),
}

# ---- drafted -------------------------------------------------------------------------------------

EXPECTING, NOT_EXPECTING = "patient.pregnant=yes", "patient.pregnant=no"
MAYBE = "patient.pregnant=unknown"
IN_PREGNANCY = ([EXPECTING], [NOT_EXPECTING, MAYBE])
NO_CT = ([NOT_EXPECTING, MAYBE], [EXPECTING])
OFF_LABEL = (
    f"{SPREAD}; tumour.site=lung; tumour.lung_type_stated=AC; progression.status=progressive"
)
# Where tumour control drafts lanreotide, the hormones need no second draft.
ANALOGUE = (
    [CARCINOID, f"{CARCINOID}; prior.ssa=past", f"{CARCINOID}; {SPREAD}; tumour.ki67=unknown"],
    [f"{CARCINOID}; prior.ssa=current", f"{CARCINOID}; {SPREAD}; tumour.ki67=2"],
)
# (treatment or request, some words of the label): (drafted for, not drafted for)
ORDERS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("active-surveillance", "imaging in 6 months"): (
        [NOT_EXPECTING, MAYBE],
        [EXPECTING, "net.status=history"],
    ),
    ("active-surveillance", "MRI in 6 months"): (
        [EXPECTING],
        [NOT_EXPECTING, MAYBE, f"{EXPECTING}; net.status=history"],
    ),
    ("prrt-first-line", "referral"): (
        ["config.jurisdiction=us"],
        ["config.jurisdiction=eu", "config.jurisdiction=uk-nice"],
    ),
    ("ssa-tumour-control", "lanreotide"): (
        ["prior.ssa=none", "prior.ssa=past", "prior.ssa=unknown", "patient.age=18"],
        ["prior.ssa=current", "patient.age=17"],
    ),
    ("capecitabine-temozolomide", "capecitabine"): (["patient.age=18"], ["patient.age=17"]),
    ("capecitabine-temozolomide", "temozolomide"): (["patient.age=18"], ["patient.age=17"]),
    ("platinum-etoposide-nec", "carboplatin"): (["patient.age=18"], ["patient.age=17"]),
    ("platinum-etoposide-nec", "etoposide"): (["patient.age=18"], ["patient.age=17"]),
    ("cabozantinib", "60 mg"): (
        ["patient.age=18", "config.jurisdiction=eu"],
        ["patient.age=17", "config.jurisdiction=uk-nice"],
    ),
    ("endoscopic-treatment", "gastroenterology"): (
        [f"tumour.site={one}" for one in ("stomach", "duodenum", "rectum")],
        [
            "tumour.site=lung; symptom.airway=yes",
            "tumour.site=unknown",
            "tumour.site=stomach; symptom.obstruction=yes",
        ],
    ),
    ("endoscopic-treatment", "the obstruction"): (
        ["symptom.obstruction=yes"],
        ["symptom.obstruction=no"],
    ),
    ("endoscopic-treatment", "bronchoscopy"): (["symptom.airway=yes"], ["symptom.airway=no"]),
    ("mibg-therapy", "mIBG therapy"): (
        ["prior.mibg_therapy=none", "prior.mibg_therapy=past"],
        ["prior.mibg_therapy=current"],
    ),
    ("net-mdt", "NET multidisciplinary"): (
        ["net.status=active", f"{OFF_LABEL}; imaging.sstr_status=negative", PRRT],
        [OFF_LABEL, f"{OFF_LABEL}; lab.platelets=unknown"],
    ),
    ("ssa-hormone-control", "Draft lanreotide"): ANALOGUE,
    ("ssa-hormone-control", "Draft octreotide"): ANALOGUE,
    ("extent", "CT or MRI"): NO_CT,
    ("extent", "ultrasound"): IN_PREGNANCY,
    ("fdg_pet", "FDG PET/CT"): NO_CT,
    ("hormone_tests", "5-HIAA"): (
        [
            *("tumour.site=jejunum-ileum", "tumour.site=unknown", "tumour.site=pancreas|duodenum"),
            "tumour.site=pancreas; syndrome.hints={carcinoid}",
        ],
        [
            *("tumour.site=pancreas", "net.entity=PPGL; tumour.site=unknown"),
            "net.entity=PPGL; tumour.site=unknown; syndrome.hints={carcinoid}",
            "net.entity=NEN; tumour.site=adrenal-paraganglia",
        ],
    ),
    ("hormone_tests", "gastrin"): (
        [
            *("tumour.site=pancreas", "tumour.site=duodenum", "tumour.site=pancreas|duodenum"),
            "tumour.site=jejunum-ileum; syndrome.hints={gastrin}",
        ],
        ["tumour.site=jejunum-ileum", "tumour.site=unknown", "syndrome.hints={insulin}"],
    ),
    ("hormone_tests", "insulin"): (
        ["tumour.site=pancreas", "tumour.site=unknown; syndrome.hints={insulin}"],
        [
            *("tumour.site=duodenum", "tumour.site=unknown", "tumour.site=pancreas|duodenum"),
            "syndrome.hints={gastrin}",
        ],
    ),
    ("hormone_tests", "metanephrines"): (
        [
            "net.entity=PPGL",
            "tumour.site=adrenal-paraganglia",
            "syndrome.hints={catecholamine}",
            "syndrome.hints={adrenal-mass}",
        ],
        ["tumour.site=pancreas", "tumour.site=unknown", "syndrome.hints={insulin}"],
    ),
    ("hormone_tests", "glucagon, VIP"): (
        ["syndrome.hints={glucagon}", "syndrome.hints={pancreatic}"],
        ["tumour.site=pancreas", "syndrome.hints={insulin}", "syndrome.hints={gastrin}"],
    ),
    ("ki67_or_grade", "Ki-67 and mitoses"): (
        ["tumour.site=pancreas", "tumour.site=unknown"],
        ["tumour.site=lung", "tumour.site=thymus"],
    ),
    ("ki67_or_grade", "mitoses and necrosis"): (
        ["tumour.site=lung", "tumour.site=thymus"],
        ["tumour.site=pancreas", "tumour.site=unknown"],
    ),
    ("liver_lesion_count", "CT or MRI"): NO_CT,
    ("liver_lesion_count", "ultrasound"): IN_PREGNANCY,
    ("liver_lesion_size", "CT or MRI"): NO_CT,
    ("liver_lesion_size", "ultrasound"): IN_PREGNANCY,
    ("progression", "CT or MRI"): NO_CT,
    ("progression", "MRI (pregnancy)"): IN_PREGNANCY,
    ("mibg_scan", "mIBG scan"): NO_CT,
    ("sstr_imaging", "receptor PET/CT"): NO_CT,
}

# ---- the tables against a knowledge --------------------------------------------------------------


def plain(row: str) -> dict[str, Any]:
    """FIT with the facts of a row, such as "tumour.ki67=2..4; tumour.site=pancreas|duodenum"."""
    told = dict(fact.split("=", maxsplit=1) for fact in row.split("; "))
    return consistent(FIT | {name: _value(name, text) for name, text in told.items()})


def _value(name: str, text: str) -> Any:
    kind = VOCABULARY[name].kind
    if text == "unknown":
        return None
    if kind == "number":
        low, _, high = text.partition("..")
        return Between(float(low), float(high)) if high else float(text)
    if kind == "flag":
        return {"yes": True, "no": False}[text]
    if kind == "members":
        return either(*text.strip("{}").split(", "))
    return either(*text.split("|")) if "|" in text else text


def known(knowledge, row):
    """The facts of a row, with the outcomes as facts."""
    found = facts(plain(row), knowledge=knowledge)
    return assess(knowledge.treatments, (), (), found, knowledge.vocabulary).facts


def wrong(name, criteria, rows, every, knowledge):
    """(name, row) of each row that is not as its side of the table says."""
    combined = all if every else any
    for side, listed in zip((True, False), rows, strict=True):
        for row in listed:
            found = known(knowledge, row)
            if combined(answer(one, found) is Truth.YES for one in criteria) is not side:
                yield name, row


def cautions_with(knowledge, treatment, words):
    """The cautions of a treatment of which some reason has these words; there must be one."""
    cautions = next(one.caution for one in knowledge.treatments if one.id == treatment)
    return [one for one in cautions if any(words in leaf.why for leaf in leaves(one))]


def against(knowledge):
    """What the tables say otherwise than a knowledge, where it says otherwise than the shipped."""
    asked, shipped = [*tables_of(knowledge)], [*tables_of(KNOWLEDGE)]
    anew = knowledge is KNOWLEDGE or _derived_anew(knowledge)
    for table, was in zip(asked, shipped, strict=True):
        if anew or _follows_others(table) or _told(table) != _told(was):
            yield from wrong(*table, knowledge)


class Rows(NamedTuple):
    """The criteria that one entry of a table is about: all of them must hold, or any one."""

    name: Any
    criteria: list[Criterion]
    rows: tuple[list[str], list[str]]
    every: bool = False


def tables_of(knowledge):
    """Each entry of the tables with the criteria that a knowledge has for it."""
    yield from _tables_of_treatments(knowledge)
    requests = {request.id: request for request in knowledge.requests}
    for name, rows in REQUESTS.items():
        yield Rows(name, requests[name].ask_when, rows, every=True)
    for name, rows in NEVER.items():
        yield Rows((name, "never"), requests[name].never_when, rows)
    warnings = {warning.id: warning for warning in knowledge.warnings}
    for name, rows in WARNINGS.items():
        yield Rows(name, warnings[name].when_any, rows)
    for key, (drafted, not_drafted) in ORDERS.items():
        yield Rows(key, _unless(knowledge, *key), (not_drafted, drafted))


def _tables_of_treatments(knowledge):
    for treatment, table in CAUTIONS.items():
        for words, rows in table.items():
            yield Rows((treatment, words), cautions_with(knowledge, treatment, words), rows)
    for (treatment, words), rows in LICENCES.items():
        one = next(one for one in knowledge.treatments if one.id == treatment)
        yield Rows((treatment, words), [*_groups_with([*one.consider, *one.block], words)], rows)
    for key, rows in SAYINGS.items():
        yield Rows(key, _when(knowledge, *key), rows)


def _told(table):
    return [told(one) for one in table.criteria]


def _follows_others(table):
    """Does it ask what another treatment needs or reached?"""
    names = (n for one in table.criteria for leaf in leaves(one) for n in leaf.statement.facts)
    return any(name.startswith(OF_THE_ASSESSMENT) for name in names)


def _derived_anew(knowledge):
    return [*map(told, knowledge.derivations)] != [*map(told, KNOWLEDGE.derivations)]


def _groups_with(criteria, words):
    """The criteria of which a direct part has these words as its reason."""
    for one in criteria:
        if not isinstance(one, Leaf):
            if any(isinstance(part, Leaf) and words in part.why for part in one.parts):
                yield one
            yield from _groups_with(one.parts, words)


def _when(knowledge, treatment, words):
    sayings = next(one.sayings for one in knowledge.treatments if one.id == treatment)
    return [one.when for one in sayings if words in one.text and one.when]


def _unless(knowledge, owner, words):
    owners = (*knowledge.treatments, *knowledge.requests)
    orders = next(one.orders for one in owners if one.id == owner)
    return [one.unless for one in orders if words in one.label and one.unless]


def test_everything_is_said_asked_warned_of_and_drafted_as_the_tables_say():
    assert [*against(KNOWLEDGE)] == []


@pytest.mark.parametrize("treatment", KNOWLEDGE.treatments, ids=lambda one: one.id)
def test_every_caution_of_a_treatment_has_its_row(treatment):
    """Found by some words of its reason, each row one caution and each caution a row."""
    words = CAUTIONS.get(treatment.id, {})
    rows = [cautions_with(KNOWLEDGE, treatment.id, one) for one in words]
    assert [len(found) for found in rows] == [1] * len(rows)
    conditional = {id(one) for one in treatment.caution if not _always(one)}
    assert {id(one) for found in rows for one in found} == conditional


def _always(criterion):
    return isinstance(criterion, Leaf) and criterion.statement.text == "always"


def test_every_conditional_sentence_has_its_row():
    named = [id(one) for key in SAYINGS for one in _when(KNOWLEDGE, *key)]
    sayings = (one for treatment in KNOWLEDGE.treatments for one in treatment.sayings)
    assert sorted(named) == sorted(id(one.when) for one in sayings if one.when)


def test_every_conditional_order_has_its_row():
    named = [id(one) for key in ORDERS for one in _unless(KNOWLEDGE, *key)]
    owners = (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)
    orders = (order for owner in owners for order in owner.orders)
    assert sorted(named) == sorted(id(one.unless) for one in orders if one.unless)


def test_every_warning_has_its_rows():
    """The state of the data is that of an assessment: other modules have the tests of these."""
    of_the_data = {"stale_data", "set_aside_data"}
    assert {*WARNINGS, *of_the_data} == {warning.id for warning in KNOWLEDGE.warnings}
