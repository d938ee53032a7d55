"""Treatment of the liver and radionuclide therapy as formulas in plain Python.

Written from the clinical criteria: (consider, block, hold) of each treatment. The patients of these
treatments stand here too, so that one place says what they need.
"""

from tests.knowledge.encoding import Between, either, every, no, outcome, recorded, some

# ---- the rows ------------------------------------------------------------------------------------


def criteria(p):
    """(consider, block, hold) of each treatment."""
    after, first = progressed(p), untreated(p)
    by_artery = any(outcome(*one) in {"offer", "offer-check"} for one in (after, first))
    return {
        "prrt-lu177-dotatate": after,
        "prrt-first-line": first,
        "radiofrequency-ablation": (some(few_metastases(p), small_primary(p)), False, unsafe(p)),
        "microwave-ablation": (some(few_metastases(p), small_primary(p)), False, unsafe(p)),
        "cryoablation": (few_metastases(p), False, unsafe(p)),
        "irreversible-electroporation": (
            between_vessels(p),
            False,
            some(p.holds("risk.arrhythmia_or_pacemaker"), p.holds("patient.pregnant")),
        ),
        "bland-embolisation": (embolised(p), vessels_closed(p), vessels_doubted(p)),
        "chemoembolisation": (
            embolised(p),
            vessels_closed(p),
            some(
                *(vessels_doubted(p), p.holds("risk.heart_failure_nyha34")),
                p.holds("risk.lvef_low"),
            ),
        ),
        "radioembolisation": (
            embolised(p),
            vessels_closed(p),
            some(vessels_doubted(p), p.above("lab.bilirubin_mgdl", 2)),
        ),
        "drug-eluting-bead-embolisation": (p.ordered("deb-tace"), vessels_closed(p), True),
        "prrt-off-label": (off_label(p), prrt_block(p), prrt_hold(p)),
        "intra-arterial-prrt": (
            every(by_artery, in_the_liver(p)),
            prrt_block(p),
            some(
                prrt_hold(p),
                every(outcome(*after) in {"offer", "offer-check"}, us(p), no(progressive(p))),
            ),
        ),
        "yttrium-90-prrt": (p.ordered("y90-prrt"), prrt_block(p), True),
        "mibg-therapy": (
            every(
                *(active(p), advanced(p), p.among("imaging.mibg_status", "positive")),
                some(
                    p.among("net.family", "PPGL", "MTC"),
                    every(p.among("net.family", "NET"), no(p.among(GRADE, "G3-NET", "NEC"))),
                ),
            ),
            some(p.holds("patient.pregnant"), p.holds("patient.breastfeeding")),
            some(
                *(p.below("lab.platelets", 80), p.below("lab.leucocytes", 2)),
                *(p.holds("risk.renal_severe"), p.below("patient.age", 12)),
            ),
        ),
        "intra-arterial-chemotherapy": (
            p.ordered("ia-chemotherapy"),
            p.holds("patient.pregnant"),
            True,
        ),
    }


GRADE = "tumour.grade_class"


def active(p):
    return p.among("net.status", "active")


def advanced(p):
    return p.holds("extent.advanced")


def progressive(p):
    return p.among("progression.status", "progressive")


def us(p):
    return p.among("config.jurisdiction", "us")


# ---- the liver -----------------------------------------------------------------------------------


def in_the_liver(p):
    if recorded(p.among("extent.stage", "localised", "regional")):
        return False
    return p.among("extent.pattern", "liver-only", "liver-dominant")


def few(p, largest):
    return every(
        *(in_the_liver(p), p.holds("liver.resection_excluded")),
        *(no(p.above("liver.lesion_count", 5)), no(p.above("liver.largest_mm", largest))),
    )


def few_metastases(p):
    """Branch a."""
    low = every(p.among("net.family", "NET"), p.among(GRADE, "G1", "G2", "TC", "AC"))
    return every(active(p), some(p.among("net.family", "PPGL", "MTC"), low), few(p, 50))


def small_primary(p):
    """Branch b: not for cryoablation."""
    return every(
        *(active(p), p.among("net.family", "NET"), p.among(GRADE, "G1", "G2")),
        *(recorded(p.among("tumour.site", "pancreas")), p.holds("extent.unresectable_recorded")),
        no(p.above("tumour.size_mm", 20)),
    )


def between_vessels(p):
    return every(
        *(active(p), p.among("net.family", "NET"), p.among(GRADE, "G1", "G2")),
        some(
            every(few(p, 30), p.holds("lesion.near_vessels")),
            every(
                *(p.among("tumour.site", "pancreas"), p.holds("extent.unresectable_recorded")),
                no(p.above("tumour.size_mm", 30)),
            ),
        ),
    )


def bleeds(p):
    """A disorder on file, or platelets below 50, or slow clotting, where these were measured."""
    return some(
        p.holds("risk.coagulopathy"),
        False if p.given("lab.platelets") is None else p.below("lab.platelets", 50),
        False if p.given("lab.pt_prolonged") is None else p.holds("lab.pt_prolonged"),
    )


def unsafe(p):
    return some(p.holds("patient.pregnant"), bleeds(p))


def well(p):
    net = p.among("net.family", "NET")
    return every(net, p.among(GRADE, "G1", "G2", "G3-NET", "TC", "AC"))


def embolised(p):
    return every(
        *(active(p), some(p.among("net.family", "PPGL", "MTC"), well(p))),
        *(in_the_liver(p), p.holds("liver.resection_excluded")),
        some(progressive(p), p.holds("syndrome.refractory"), p.holds("symptom.bulk")),
    )


def vessels_closed(p):
    return some(
        *(p.holds("patient.pregnant"), p.holds("risk.pvt_main")),
        *(p.holds("risk.liver_decompensated"), p.above("lab.bilirubin_uln", 3)),
    )


def vessels_doubted(p):
    return some(p.holds("risk.pvt_any"), p.above("patient.ecog", 2), bleeds(p))


# ---- radionuclide therapy ------------------------------------------------------------------------


def prrt(p):
    return every(
        *(active(p), p.among("net.family", "NET"), p.holds("tumour.gep"), advanced(p), uptake(p)),
        p.among("prior.prrt", "none"),
    )


def uptake(p):
    seen = p.among("imaging.sstr_status", "positive", "borderline")
    return every(seen, no(p.holds("imaging.discordant_lesion")))


def progressed(p):
    kept = every(us(p), not p.given("stable or responding"))
    consider = every(
        *(prrt(p), p.among(GRADE, "G1", "G2")),
        some(
            every(no(us(p)), progressive(p)),
            every(kept, some(no(p.among("prior.ssa", "none")), progressive(p))),
        ),
    )
    return consider, prrt_block(p), some(prrt_hold(p), every(us(p), no(progressive(p))))


def untreated(p):
    ki67 = no(p.below("tumour.ki67", 10)), no(p.above("tumour.ki67", 55))
    return every(prrt(p), p.among(GRADE, "G2", "G3-NET"), *ki67), prrt_block(p), prrt_hold(p)


def off_label(p):
    return every(
        *(active(p), advanced(p), uptake(p), progressive(p)),
        some(p.among("net.family", "PPGL", "MTC"), well(p)),
        some(no(p.holds("tumour.gep")), no(p.among("prior.prrt", "none"))),
    )


def prrt_block(p):
    return some(
        *(p.holds("patient.pregnant"), p.holds("patient.breastfeeding")),
        *(p.holds("risk.renal_severe"), p.allergic("prrt")),
        every(us(p), p.below("patient.age", 12)),
        every(no(us(p)), p.below("patient.age", 18)),
    )


def prrt_hold(p):
    return some(
        *(p.holds("risk.renal_hold"), p.below("lab.platelets", 75), p.below("lab.haemoglobin", 8)),
        *(p.below("lab.leucocytes", 2), p.above("lab.bilirubin_uln", 3)),
        False if p.given("lab.alt_uln") is None else p.above("lab.alt_uln", 3),
        every(p.below("lab.albumin", 30), p.holds("lab.pt_prolonged")),
        *(p.above("patient.ecog", 2), p.holds("risk.heart_failure_nyha34")),
        *(p.holds("risk.carcinoid_heart"), p.holds("risk.life_expectancy_short")),
        p.among("imaging.sstr_status", "borderline"),
    )


# ---- the patients --------------------------------------------------------------------------------

_LIVER = {
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 2,
    "extent.stage": "metastatic",
    "extent.pattern": "liver-only",
    "liver.resection_excluded": True,
}
_FEW = _LIVER | {"liver.lesion_count": 3, "liver.largest_mm": 20}
_PRIMARY = {
    "tumour.site": "pancreas",
    "tumour.ki67": 2,
    "tumour.size_mm": 12,
    "extent.stage": "localised",
    "extent.unresectable_recorded": True,
}
_GROWING = _LIVER | {"progression.status": "progressive", "lab.bilirubin_mgdl": 1}
_PARAGANGLIOMA = {"net.entity": "PPGL", "tumour.site": "adrenal-paraganglia"}
_ABLATED = [_FEW, _FEW | _PARAGANGLIOMA, _PRIMARY]
_EMBOLISED = [
    _GROWING,
    _GROWING | _PARAGANGLIOMA,
    _GROWING | {"progression.status": "stable", "symptom.bulk": True},
]
_SCANNED = {
    "extent.stage": "metastatic",
    "imaging.sstr_status": "positive",
    "progression.status": "progressive",
}
_ON_THE_SCAN = {"imaging.mibg_status": "positive", "extent.stage": "metastatic"}
# What is added to a patient who is fit for treatment: one, or a few, to whom each is offered; of
# the checks of orders, whose order is being made.
CASES = {
    "radiofrequency-ablation": _ABLATED,
    "microwave-ablation": _ABLATED,
    "cryoablation": _ABLATED[:2],
    "irreversible-electroporation": [_FEW | {"lesion.near_vessels": True}, _PRIMARY],
    "bland-embolisation": _EMBOLISED,
    "chemoembolisation": _EMBOLISED,
    "radioembolisation": _EMBOLISED,
    "prrt-off-label": [
        _SCANNED | {"tumour.site": "lung", "tumour.lung_type_stated": "AC"},
        _SCANNED | _PARAGANGLIOMA,
        _SCANNED | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5, "prior.prrt": "past"},
    ],
    "mibg-therapy": [
        _ON_THE_SCAN | _PARAGANGLIOMA,
        _ON_THE_SCAN | {"tumour.site": "jejunum-ileum", "tumour.ki67": 2},
    ],
    "drug-eluting-bead-embolisation": [{"order.classes": either("deb-tace")}],
    "yttrium-90-prrt": [{"order.classes": either("y90-prrt")}],
    "intra-arterial-chemotherapy": [{"order.classes": either("ia-chemotherapy")}],
}
# The checks of orders are never an offer; what is always on hold is not settled by more data.
CHECKS = ("drug-eluting-bead-embolisation", "yttrium-90-prrt", "intra-arterial-chemotherapy")
NEVER = {
    "radiofrequency-ablation": {"blocked"},
    "microwave-ablation": {"blocked"},
    "cryoablation": {"blocked"},
    "irreversible-electroporation": {"blocked"},
    **{name: {"offer", "offer-check"} for name in CHECKS},
}
_YES_NO = (True, False, None)
RECORDED = (
    *("lesion.near_vessels", "symptom.bulk", "risk.pvt_main", "risk.pvt_any"),
    *("risk.coagulopathy", "risk.lvef_low", "risk.arrhythmia_or_pacemaker"),
)
POOL = {
    "extent.pattern": (
        *("no-metastasis", "liver-only", "liver-dominant", "disseminated", None),
        *(either("liver-only", "liver-dominant"), either("liver-only", "disseminated")),
    ),
    "liver.resection_excluded": _YES_NO,
    "liver.largest_mm": (10, 20, 20.5, 30, 30.5, 50, 50.5, Between(15, 25), Between(45, 55), None),
    "tumour.size_mm": (10, 20, 20.5, 30, 30.5, Between(15, 25), None),
    "lab.platelets": (40, 50, 70, 75, 79, 80, 99, 100, Between(70, 80), Between(45, 55), None),
    "lab.bilirubin_mgdl": (1, 2, 2.5, Between(1, 3), None),
    "imaging.mibg_status": ("positive", "negative", either("positive", "negative"), None),
    "order.classes": (*(either(one) for one in ("deb-tace", "y90-prrt", "ia-chemotherapy")), None),
    **dict.fromkeys(RECORDED, _YES_NO),
}
