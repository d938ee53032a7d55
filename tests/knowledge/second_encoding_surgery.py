"""The rows of surgery, radiotherapy and endoscopy as formulas in plain Python.

Written from the clinical criteria, not from mappings/: (consider, block, hold) of each treatment,
with the patients to whom each is offered and the values of their facts that are worth trying.
"""

from functools import partial

from tests.knowledge.encoding import Between, either, every, no, recorded, some

ENDOSCOPIC = ("stomach", "duodenum", "rectum")
ABDOMINAL = (
    *("stomach", "duodenum", "ampulla", "pancreas", "jejunum-ileum", "small-bowel-nos"),
    *("midgut-nos", "appendix", "caecum", "colon", "hindgut-nos", "rectum"),
    *("adrenal-paraganglia", "kidney", "ovary"),
)


def criteria(p):
    """(consider, block, hold) of each treatment."""
    lists = {
        "curative-resection": (for_cure(p), False, False),
        "enucleation": (small_in_the_pancreas(p), False, False),
        "debulking-surgery": (bulk_or_hormones(p), False, some(frail(p), heart(p))),
        "palliative-surgery": (obstructed_or_bleeding(p), False, False),
        "liver-transplantation": (
            milan(p),
            False,
            some(p.holds("patient.pregnant"), p.above("patient.ecog", 2), heart(p)),
        ),
        "liver-resection": (liver_only(p), False, some(frail(p), heart(p))),
        "radiotherapy": (painful_or_out_of_reach(p), p.holds("patient.pregnant"), False),
        "endoscopic-treatment": (within_reach_of_a_scope(p), False, False),
    }
    operations = ("curative-resection", "enucleation", "liver-resection")
    offered = any(lists[name][0] is True and lists[name][2] is not True for name in operations)
    lists["minimally-invasive-approach"] = (
        every(offered, p.among("tumour.site", *ABDOMINAL)),
        False,
        False,
    )
    return lists


def active(p):
    return p.among("net.status", "active")


def net(p):
    return p.among("net.family", "NET")


def grade(p, *classes):
    return p.among("tumour.grade_class", *classes)


def frail(p):
    return no(p.below("patient.ecog", 3))


def heart(p):
    return p.holds("risk.carcinoid_heart")


def for_cure(p):
    stage = partial(p.among, "extent.stage")
    again = every(p.holds("primary.margin_positive"), not recorded(stage("metastatic")))
    return every(
        *(active(p), p.among("net.family", "NET", "NEC", "PPGL", "MTC")),
        some(stage("localised", "regional"), again),
        no(p.holds("extent.unresectable_recorded")),
    )


def small_in_the_pancreas(p):
    graded = every(grade(p, "G1", "G2"), no(p.above("tumour.size_mm", 20)))
    insulinoma = every(
        *(recorded(p.syndrome("insulin")), no(p.above("tumour.size_mm", 30))),
        not recorded(grade(p, "G3-NET", "NEC")),
    )
    return every(
        *(active(p), net(p), p.among("tumour.site", "pancreas")),
        *(p.among("extent.stage", "localised"), no(p.holds("extent.unresectable_recorded"))),
        not recorded(p.holds("tumour.node_positive")),
        some(graded, insulinoma),
    )


def bulk_or_hormones(p):
    ungraded = p.among("net.family", "PPGL", "MTC")
    hormones = some(*map(p.syndrome, ("insulin", "glucagon", "vip", "acth")))
    return every(
        *(active(p), some(net(p), ungraded), p.holds("extent.advanced")),
        some(ungraded, grade(p, "G1", "G2", "TC", "AC")),
        some(
            *(p.holds("syndrome.refractory"), p.holds("burden.high")),
            *(p.holds("burden.visceral_crisis"), recorded(hormones)),
        ),
    )


def obstructed_or_bleeding(p):
    symptoms = ("symptom.obstruction", "symptom.bleeding", "symptom.ischaemia")
    return every(
        *(active(p), no(p.among("net.family", "excluded")), p.holds("extent.advanced")),
        some(*map(p.holds, symptoms)),
    )


def milan(p):
    return every(
        *(active(p), net(p), grade(p, "G1", "G2"), p.below("tumour.ki67", 10)),
        *(p.among("extent.pattern", "liver-only"), p.holds("liver.resection_excluded")),
        *(p.holds("imaging.extrahepatic_excluded"), p.holds("tumour.gep")),
        *(p.holds("primary.resected"), no(p.above("liver.involvement_pct", 50))),
        no(p.among("progression.status", "progressive")),
        no(p.below("progression.stable_months", 6)),
        no(p.above("patient.age", 60)),
    )


def liver_only(p):
    pattern = partial(p.among, "extent.pattern")
    resectable = every(
        *(p.holds("liver.resectable_recorded"), p.among("extent.stage", "metastatic")),
        not recorded(pattern("disseminated")),
    )
    return every(
        *(active(p), net(p), grade(p, "G1", "G2"), some(pattern("liver-only"), resectable)),
        not recorded(p.holds("liver.resection_excluded")),
    )


def painful_or_out_of_reach(p):
    targets = ("symptom.cord_compression", "symptom.brain_metastasis", "symptom.bone_pain")
    inoperable = every(p.holds("extent.unresectable_recorded"), p.holds("symptom.bulk"))
    return every(
        *(active(p), no(p.among("net.family", "excluded"))),
        some(*map(p.holds, targets), inoperable),
    )


def within_reach_of_a_scope(p):
    stage = partial(p.among, "extent.stage")
    unstaged = every(
        *(
            p.among("tumour.site", "stomach", "rectum"),
            not recorded(stage("regional", "metastatic")),
        ),
        not recorded(p.holds("tumour.node_positive")),
    )
    small = every(
        *(net(p), p.among("tumour.site", *ENDOSCOPIC), some(stage("localised"), unstaged)),
        *(grade(p, "G1"), no(p.above("tumour.size_mm", 10)), no(p.holds("tumour.deep_invasion"))),
    )
    opening = some(p.holds("symptom.obstruction"), p.holds("symptom.airway"))
    return every(active(p), no(p.among("net.family", "excluded")), some(small, opening))


# ---- the patients --------------------------------------------------------------------------------

# A list that is empty blocks and holds nothing.
NEVER = {
    "curative-resection": {"blocked", "hold", "offer-check"},
    "enucleation": {"blocked", "hold", "offer-check"},
    "debulking-surgery": {"blocked"},
    "palliative-surgery": {"blocked", "hold", "offer-check"},
    "liver-transplantation": {"blocked"},
    "liver-resection": {"blocked"},
    "radiotherapy": {"hold"},
    "endoscopic-treatment": {"blocked", "hold", "offer-check"},
}
_LIVER = {
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 4,
    "extent.stage": "metastatic",
    "extent.pattern": "liver-only",
}
# What each patient has beside what makes a patient fit for everything.
CASES = {
    "enucleation": [
        {"tumour.site": "pancreas", "tumour.ki67": 2, "extent.stage": "localised"}
        | {"tumour.size_mm": 14},
        {"tumour.site": "pancreas", "extent.stage": "localised", "tumour.size_mm": 30}
        | {"syndrome.types": either("insulin"), "syndrome.functional": True},
    ],
    "debulking-surgery": [
        _LIVER | {"burden.high": True},
        {"net.entity": "PPGL", "extent.stage": "metastatic", "syndrome.refractory": True},
        _LIVER | {"syndrome.types": either("glucagon"), "syndrome.functional": True},
    ],
    "palliative-surgery": [_LIVER | {"symptom.obstruction": True}],
    "liver-transplantation": [
        _LIVER
        | {"liver.resection_excluded": True, "imaging.extrahepatic_excluded": True}
        | {"primary.resected": True, "liver.involvement_pct": 30, "patient.age": 50}
        | {"progression.status": "stable", "progression.stable_months": 9},
    ],
    "liver-resection": [
        _LIVER,
        _LIVER | {"extent.pattern": None, "liver.resectable_recorded": True},
    ],
    "radiotherapy": [
        {"tumour.site": "lung", "symptom.bone_pain": True},
        {"extent.unresectable_recorded": True, "symptom.bulk": True},
    ],
    "endoscopic-treatment": [
        {"tumour.site": "duodenum", "tumour.ki67": 1, "extent.stage": "localised"}
        | {"tumour.size_mm": 8},
        {"tumour.site": "rectum", "tumour.ki67": 1, "tumour.size_mm": 8},
        {"tumour.site": "lung", "symptom.airway": True},
    ],
}
# Here a statement decides that others hide: an insulinoma that is too large or of high grade, a
# duodenal tumour that nobody staged, positive nodes, resectable liver metastases beside others.
_INSULINOMA = CASES["enucleation"][1]
NEAR = [
    _INSULINOMA | {"tumour.size_mm": 30.5},
    _INSULINOMA | {"tumour.ki67": 30, "tumour.differentiation": "well"},
    {"tumour.site": "duodenum", "tumour.ki67": 1, "tumour.size_mm": 8},
    {"tumour.site": "rectum", "tumour.ki67": 1, "tumour.size_mm": 8, "tumour.node_positive": True},
    _LIVER | {"extent.pattern": "disseminated", "liver.resectable_recorded": True},
]
_YES_NO = (True, False, None)
# On both sides of each limit, across it, and not known; closed facts that could not be read too.
POOL = {
    "patient.age": (60, 61, Between(60, 61)),
    "tumour.site": ("stomach", "rectum", either("duodenum", "jejunum-ileum")),
    "tumour.size_mm": (8, 10.5, 30.5, Between(5, 12), Between(25, 35)),
    "extent.pattern": (
        *("no-metastasis", "liver-only", "liver-dominant", "disseminated", None),
        either("liver-only", "disseminated"),
    ),
    "liver.involvement_pct": (30, 50, 50.5, Between(40, 60), None),
    "progression.stable_months": (5, 5.5, 6, 12, Between(4, 8), None),
    "syndrome.types": (either("glucagon"), either("carcinoid", "acth")),
    **dict.fromkeys(
        (
            *("tumour.node_positive", "tumour.deep_invasion", "burden.visceral_crisis"),
            *("liver.resection_excluded", "liver.resectable_recorded", "primary.resected"),
            *("imaging.extrahepatic_excluded", "symptom.obstruction", "symptom.bleeding"),
            *("symptom.ischaemia", "symptom.bulk", "symptom.bone_pain", "symptom.airway"),
            *("symptom.brain_metastasis", "symptom.cord_compression"),
        ),
        _YES_NO,
    ),
}
