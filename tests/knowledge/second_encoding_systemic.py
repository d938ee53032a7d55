"""The systemic treatments and the care of hormonal syndromes as formulas in plain Python.

Written from the clinical criteria, as in test_second_encoding_treatments.py, which asks them of
random patients; CASES are the patients to whom each is offered.
"""

from tests.knowledge.encoding import WELL, either, every, no, recorded, some

LINES = ("prrt", "everolimus", "sunitinib", "cabozantinib", "interferon", "belzutifan")
CYTOTOXIC = ("captem", "temozolomide", "platinum_etoposide", "chemotherapy_other")


def criteria(p):
    """(consider, block, hold) of each treatment."""
    active, suspected = (p.among("net.status", one) for one in ("active", "suspected"))
    insulin, gastrin, carcinoid = (
        recorded(p.syndrome(name)) for name in ("insulin", "gastrin", "carcinoid")
    )
    return {
        "ssa-hormone-control": (hormones(p), p.allergic("ssa"), False),
        "capecitabine-temozolomide": captem(p),
        "temozolomide-lung": (lung(p), pregnant(p), cytotoxic_hold(p)),
        "chemotherapy-gut-net": (gut(p), pregnant(p), cytotoxic_hold(p)),
        "chemotherapy-gut-net-ordered": (ordered(p), False, True),
        "interferon-alfa": interferon(p),
        "sunitinib": sunitinib(p),
        "cabozantinib": cabozantinib(p),
        "belzutifan": belzutifan(p),
        "clinical-trials": (trials(p), False, False),
        "insulinoma-care": (every(active, insulin), False, False),
        "gastrinoma-care": (every(active, gastrin), False, False),
        "suspected-insulinoma": (every(suspected, insulin), False, False),
        "suspected-gastrinoma": (every(suspected, gastrin), False, False),
        "carcinoid-syndrome-care": (every(active, carcinoid), False, False),
        "tumour-markers": (every(active, some(*running(p))), False, False),
    }


def pregnant(p):
    return p.holds("patient.pregnant")


def active_net(p):
    return every(p.among("net.status", "active"), p.among("net.family", "NET"))


def advanced_net(p):
    return every(active_net(p), p.holds("extent.advanced"))


def progressive(p):
    return p.among("progression.status", "progressive")


def grade(p, *classes):
    return p.among("tumour.grade_class", *classes)


def site(p, *sites):
    return p.among("tumour.site", *sites)


def unused(p, name):
    return p.among(f"prior.{name}", "none")


def unfit(p):
    return p.above("patient.ecog", 2)


def cytotoxic_hold(p):
    return some(
        *(p.holds("patient.breastfeeding"), unfit(p), p.holds("risk.liver_decompensated")),
        *(p.below("lab.neutrophils", 1.5), p.below("lab.platelets", 100)),
    )


def hormones(p):
    return every(
        p.among("net.status", "active"),
        no(p.among("net.family", "excluded")),
        some(
            *(p.syndrome(name) for name in ("carcinoid", "vip", "glucagon", "acth")),
            every(p.syndrome("gastrin"), p.holds("syndrome.refractory")),
        ),
        not recorded(p.syndrome("insulin")),
    )


def captem(p):
    reasons = (
        *(progressive(p), p.holds("symptom.bulk"), grade(p, "G3-NET")),
        no(p.below("tumour.ki67", 10)),
    )
    consider = every(
        *(advanced_net(p), site(p, "pancreas"), grade(p, "G1", "G2", "G3-NET")),
        *(some(*reasons), unused(p, "captem")),
    )
    deficient = recorded(p.holds("risk.dpd_deficiency"))
    return consider, some(pregnant(p), deficient, p.holds("risk.renal_severe")), cytotoxic_hold(p)


def lung(p):
    return every(
        *(advanced_net(p), site(p, "lung"), grade(p, "TC", "AC"), progressive(p)),
        *(unused(p, "temozolomide"), unused(p, "captem")),
    )


def of_the_gut(p):
    return every(advanced_net(p), p.holds("tumour.gep"), no(site(p, "pancreas")))


def gut(p):
    no_prrt_left = some(no(unused(p, "prrt")), p.among("imaging.sstr_status", "negative"))
    late = every(
        *(grade(p, "G1", "G2"), progressive(p), no_prrt_left),
        *(no(unused(p, "ssa")), no(unused(p, "everolimus"))),
    )
    return every(of_the_gut(p), some(late, grade(p, "G3-NET")))


def ordered(p):
    return every(of_the_gut(p), grade(p, "G1", "G2"), p.ordered("chemotherapy"))


def interferon(p):
    consider = every(
        *(active_net(p), grade(p, "G1", "G2"), p.syndrome("carcinoid")),
        *(p.holds("syndrome.refractory"), no(unused(p, "ssa")), unused(p, "interferon")),
    )
    block = (p.holds("risk.liver_decompensated"), p.holds("risk.autoimmune_hepatitis"))
    hold = (
        *(p.holds("risk.depression"), p.holds("risk.autoimmune"), unfit(p)),
        *(p.below("lab.platelets", 75), p.below("lab.leucocytes", 2)),
        p.holds("patient.breastfeeding"),
    )
    return consider, some(pregnant(p), *block), some(*hold)


def sunitinib(p):
    consider = every(
        *(advanced_net(p), site(p, "pancreas"), grade(p, "G1", "G2")),
        *(progressive(p), unused(p, "sunitinib")),
    )
    block = some(pregnant(p), p.below("patient.age", 18), p.allergic("sunitinib"))
    risks = ("uncontrolled_hypertension", "heart_failure_nyha34", "lvef_low", "liver_decompensated")
    held = [p.holds(f"risk.{name}") for name in risks]
    return consider, block, some(*held, p.holds("patient.breastfeeding"), unfit(p))


def lines(p):
    """How many kinds of systemic treatment apart from analogues: the fewest, and the most."""
    given = [no(unused(p, name)) for name in (*LINES, "mibg_therapy")]
    given.append(some(*(no(unused(p, name)) for name in CYTOTOXIC)))
    return given.count(True), len(given) - given.count(False)


def treated(p):
    fewest, most = lines(p)
    return True if fewest else None if most else False


def cabozantinib(p):
    us = p.given("config.jurisdiction") == "us"
    before = some(treated(p), no(unused(p, "ssa"))) if us else treated(p)
    consider = every(
        *(advanced_net(p), grade(p, "G1", "G2", "G3-NET", "TC", "AC")),
        *(progressive(p), before, unused(p, "cabozantinib")),
    )
    too_young = p.below("patient.age", 12 if us else 18)
    risks = ("gi_fistula_perforation", "major_bleeding", "uncontrolled_hypertension")
    held = [p.holds(f"risk.{name}") for name in (*risks, "liver_decompensated")]
    return (
        consider,
        some(pregnant(p), too_young, p.allergic("cabozantinib")),
        some(*held, p.holds("patient.breastfeeding"), unfit(p)),
    )


def belzutifan(p):
    ppgl = p.among("net.family", "PPGL")
    of_vhl = every(p.holds("risk.vhl"), p.among("net.family", "NET"), site(p, "pancreas"))
    consider = every(
        p.among("net.status", "active"),
        some(every(ppgl, p.holds("extent.advanced")), of_vhl),
        unused(p, "belzutifan"),
    )
    young = p.below("patient.age", 12), every(no(ppgl), p.below("patient.age", 18))
    return (
        consider,
        some(pregnant(p), *young),
        some(
            *(p.below("lab.haemoglobin", 8), p.holds("risk.hypoxia")),
            p.holds("patient.breastfeeding"),
        ),
    )


def trials(p):
    reasons = (
        *(progressive(p), grade(p, "G3-NET", "NEC"), treated(p)),
        *(no(p.holds("tumour.gep")), p.among("net.family", "PPGL", "MTC")),
    )
    return every(p.among("net.status", "active"), some(*reasons))


def running(p):
    """Of every therapy, whether it runs now."""
    chemotherapy = [p.among(f"prior.{name}", "current") for name in CYTOTOXIC]
    others = (*LINES, "ssa", "mibg_therapy", "liver_radiation")
    return [*chemotherapy, *(p.among(f"prior.{name}", "current") for name in others)]


# ---- patients to whom each is offered ------------------------------------------------------------

_GROWING = WELL | {"extent.stage": "metastatic", "progression.status": "progressive"}


def _functioning(*types):
    return {"syndrome.types": either(*types), "syndrome.functional": True}


CASES = {
    "ssa-hormone-control": [
        WELL | _functioning("carcinoid"),
        WELL | _functioning("gastrin") | {"syndrome.refractory": True},
        WELL | _functioning("vip") | {"net.entity": "MTC"},
    ],
    "capecitabine-temozolomide": [
        _GROWING | {"tumour.site": "pancreas", "tumour.ki67": 5},
        WELL | {"tumour.site": "pancreas", "tumour.ki67": 12, "extent.stage": "metastatic"},
        WELL
        | {"tumour.site": "pancreas", "tumour.grade_stated": "G3", "extent.stage": "metastatic"}
        | {"tumour.differentiation": "well"},
    ],
    "temozolomide-lung": [
        _GROWING | {"tumour.site": "lung", "tumour.lung_type_stated": "AC"},
    ],
    "chemotherapy-gut-net": [
        _GROWING
        | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5, "prior.ssa": "current"}
        | {"prior.everolimus": "past", "prior.prrt": "past"},
        WELL
        | {"tumour.site": "rectum", "tumour.ki67": 30, "tumour.differentiation": "well"}
        | {"extent.stage": "metastatic"},
    ],
    "interferon-alfa": [
        WELL
        | _functioning("carcinoid")
        | {"tumour.site": "jejunum-ileum", "tumour.ki67": 2, "syndrome.refractory": True}
        | {"prior.ssa": "current"},
    ],
    "sunitinib": [_GROWING | {"tumour.site": "pancreas", "tumour.ki67": 5}],
    "cabozantinib": [
        _GROWING | {"tumour.site": "colon", "tumour.ki67": 5, "prior.everolimus": "past"},
        _GROWING | {"tumour.site": "rectum", "tumour.ki67": 5, "prior.ssa": "past"},
    ],
    "belzutifan": [
        WELL | {"net.entity": "PPGL", "extent.stage": "metastatic"},
        WELL | {"risk.vhl": True, "tumour.site": "pancreas", "tumour.ki67": 2},
    ],
    "clinical-trials": [_GROWING | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5}],
    "insulinoma-care": [WELL | _functioning("insulin")],
    "gastrinoma-care": [WELL | _functioning("gastrin")],
    "suspected-insulinoma": [WELL | _functioning("insulin") | {"net.status": "suspected"}],
    "suspected-gastrinoma": [WELL | _functioning("gastrin") | {"net.status": "suspected"}],
    "carcinoid-syndrome-care": [WELL | _functioning("carcinoid")],
    "tumour-markers": [WELL | {"prior.ssa": "current"}],
}
# Never offered: it only comments on an order.
ORDERED = [
    WELL
    | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5, "extent.stage": "metastatic"}
    | {"order.classes": either("chemotherapy")},
]
# Plain values of facts that no other treatment asks.
_THERAPY = ("none", "past", "current", None)
_RECORDED = (
    *("autoimmune", "autoimmune_hepatitis", "depression", "gi_fistula_perforation", "hypoxia"),
    *("lvef_low", "major_bleeding", "uncontrolled_hypertension", "vhl"),
)
_PRIOR = (
    *("sunitinib", "cabozantinib", "captem", "temozolomide", "interferon", "belzutifan"),
    *("mibg_therapy", "liver_radiation", "chemotherapy_other"),
)
POOL = {
    **dict.fromkeys(
        (*(f"risk.{name}" for name in _RECORDED), "symptom.bulk", "risk.dpd_deficiency"),
        (True, False, None),
    ),
    **dict.fromkeys((f"prior.{name}" for name in _PRIOR), _THERAPY),
    "order.classes": (either(), either("chemotherapy"), either("ssa")),
    "risk.hypersensitivity": (
        *(either(), either("ssa"), either("prrt"), either("mtor"), either("sunitinib")),
        *(either("cabozantinib"), None),
    ),
    "syndrome.types": (
        *(either("carcinoid"), either("insulin"), either("gastrin"), either("vip")),
        *(either("gastrin", "insulin"), either("carcinoid", "insulin"), None),
    ),
}
# A list that is empty blocks and holds nothing; a statement that is read closed is never open.
_NO_LISTS = {"blocked", "hold", "offer-check"}
_CARE = ("insulinoma-care", "gastrinoma-care", "carcinoid-syndrome-care")
NEVER = {
    "ssa-hormone-control": {"hold"},
    **dict.fromkeys(("clinical-trials", "tumour-markers"), _NO_LISTS),
    **dict.fromkeys(
        (*_CARE, "suspected-insulinoma", "suspected-gastrinoma"), _NO_LISTS | {"needs-data"}
    ),
}
