"""Random patients in plain values, and random values of any fact with narrower ones."""

from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import FactType
from tests.knowledge import second_encoding_liver as liver
from tests.knowledge import second_encoding_surgery as surgery
from tests.knowledge import second_encoding_systemic as systemic
from tests.knowledge.encoding import WELL, Between, either

FIT = WELL | {
    "syndrome.functional": False,
    "lab.bilirubin_uln": 1,
    "lab.albumin": 40,
    "lab.pt_prolonged": False,
}
_SPREAD = FIT | {"extent.stage": "metastatic", "imaging.sstr_status": "positive"}
_SMALL = FIT | {
    "tumour.site": "pancreas",
    "extent.stage": "localised",
    "tumour.ki67": 2,
    "tumour.size_mm": 12,
    "syndrome.functional": None,
}
# One patient, or a few, to whom each treatment is offered.
CASES: dict[str, list[dict[str, Any]]] = {
    "curative-resection": [
        FIT | {"tumour.site": "pancreas", "extent.stage": "localised", "tumour.ki67": 2},
        FIT | {"tumour.site": "appendix", "primary.margin_positive": True},
    ],
    "ssa-tumour-control": [
        _SPREAD | {"tumour.site": "jejunum-ileum", "tumour.ki67": 2},
        _SPREAD | {"tumour.site": "pancreas", "tumour.ki67": 15, "progression.status": "stable"},
        _SPREAD | {"tumour.site": "lung", "tumour.lung_type_stated": "TC"},
        _SPREAD
        | {"tumour.site": "lung", "tumour.ki67": 15, "tumour.mitoses": 4}
        | {"progression.status": "stable"},
        _SPREAD | {"tumour.ki67": 2},
    ],
    "prrt-lu177-dotatate": [
        _SPREAD
        | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5, "progression.status": "progressive"}
        | {"prior.ssa": "current"},
    ],
    "prrt-first-line": [
        _SPREAD | {"tumour.site": "pancreas", "tumour.ki67": 30, "tumour.differentiation": "well"},
        _SPREAD | {"tumour.site": "rectum", "tumour.ki67": 15},
    ],
    "platinum-etoposide-nec": [
        FIT
        | {"tumour.site": "colon", "tumour.ki67": 80, "tumour.differentiation": "poor"}
        | {"extent.stage": "metastatic"},
    ],
    "everolimus": [
        _SPREAD
        | {"tumour.site": "pancreas", "tumour.ki67": 5, "progression.status": "progressive"},
        _SPREAD
        | {"tumour.site": "pancreas", "tumour.ki67": 2, "syndrome.functional": True}
        | {"syndrome.types": either("insulin"), "syndrome.refractory": True},
    ],
    "active-surveillance": [
        _SMALL | {"symptom.asymptomatic": True},
        _SPREAD
        | {"tumour.site": "jejunum-ileum", "tumour.ki67": 1, "burden.low_stated": True}
        | {"progression.status": "stable", "symptom.asymptomatic": True},
    ],
    "net-mdt": [FIT],
    **{name: [FIT | one for one in cases] for name, cases in liver.CASES.items()},
    **{name: [FIT | one for one in cases] for name, cases in surgery.CASES.items()},
    **systemic.CASES,
}
# Here a statement decides that others hide: a grade in words only, a lung carcinoid above 20 %,
# symptoms of a small tumour, an analogue without progression under the European licence.
NEAR = [
    _SPREAD | {"tumour.site": "jejunum-ileum", "tumour.grade_stated": "G2"},
    _SPREAD
    | {"tumour.site": "lung", "tumour.ki67": 25, "tumour.lung_type_stated": "AC"}
    | {"progression.status": "stable"},
    _SMALL,
    _SMALL | {"symptom.asymptomatic": True, "symptom.hormonal": True},
    _SPREAD
    | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5, "prior.ssa": "current"}
    | {"config.jurisdiction": "eu"},
    *(FIT | one for one in surgery.NEAR),
    *systemic.ORDERED,
]

_YES_NO = (True, False, None)
_THERAPY = ("none", "past", "current", None)
_RECORDED = (
    *("extent.unresectable_recorded", "primary.margin_positive", "imaging.discordant_lesion"),
    *("burden.high", "burden.low_stated", "syndrome.refractory", "symptom.hormonal"),
    *("risk.dialysis", "risk.ckd4", "risk.ckd5", "risk.heart_failure_nyha34"),
    *("risk.carcinoid_heart", "risk.life_expectancy_short", "risk.liver_decompensated"),
)
_TOLD = ("syndrome.functional", "symptom.asymptomatic", "tumour.necrosis", "lab.pt_prolonged")
# Plain values worth trying: on both sides of each limit, across it, and not known.
POOL: dict[str, tuple[Any, ...]] = {
    "net.status": ("active", "suspected", "history", "none"),
    "net.entity": ("NEN", "PPGL", "MTC", "MiNEN", "excluded", None),
    "config.jurisdiction": ("us", "eu", "uk-nice"),
    "patient.age": (10, 12, 14, 15, 17, 18, 40, Between(11, 12), None),
    "patient.ecog": (0, 1, 2, 3, 4, Between(2, 3), None),
    "patient.pregnant": _YES_NO,
    "patient.breastfeeding": _YES_NO,
    "tumour.site": (
        *("pancreas", "jejunum-ileum", "duodenum", "lung", "thymus", "adrenal-paraganglia"),
        *("other", either("pancreas", "duodenum"), None),
    ),
    "tumour.ki67": (
        *(1, 2, 4, 5, 8, 10, 14, 20, 25, 30, 55, 60, Between(2, 4), Between(8, 12)),
        *(Between(15, 25), None),
    ),
    "tumour.mitoses": (1, 5, 11, 25, Between(1, 3), None),
    "tumour.differentiation": ("well", "poor", None),
    "tumour.coded_differentiation": ("well", "poor", None),
    "tumour.grade_stated": ("G1", "G2", "G3", None),
    "tumour.lung_type_stated": ("TC", "AC", None),
    "tumour.grade_by_morphology": (either("G2", "G3"), None),
    "extent.stage": (
        *("localised", "regional", "metastatic", either("localised", "regional")),
        *(either("regional", "metastatic"), None),
    ),
    "liver.lesion_count": (3, 5, 6, Between(4, 8), None),
    "progression.status": (
        *("progressive", "stable", "responding", "mixed", either("stable", "progressive"), None),
    ),
    "imaging.sstr_status": (
        *("positive", "borderline", "negative", "heterogeneous", None),
        either("positive", "borderline"),
    ),
    "lab.creatinine_clearance": (25, 30, 35, 40, 45, 50, 90, Between(25, 35), None),
    "lab.egfr": (25, 35, 49, 50, 80, None),
    "lab.leucocytes": (1, 2, 6, None),
    "lab.neutrophils": (1, 1.5, 4, None),
    "lab.haemoglobin": (7, 8, 13, None),
    "lab.bilirubin_uln": (1, 3, 3.5, None),
    "lab.alt_uln": (1, 3, 3.5, Between(2, 4), None),
    "lab.albumin": (25, 30, 40, None),
    **dict.fromkeys(_TOLD, _YES_NO),
    **dict.fromkeys(_RECORDED, _YES_NO),
    **dict.fromkeys(
        ("prior.ssa", "prior.prrt", "prior.everolimus", "prior.platinum_etoposide"), _THERAPY
    ),
}
for _rows in (liver, surgery, systemic):
    for _name, _more in _rows.POOL.items():
        POOL[_name] = (*POOL.get(_name, ()), *_more)


def consistent(plain: dict[str, Any]) -> dict[str, Any]:
    """The same patient, functioning if a syndrome is recorded (readers settle both together)."""
    types = plain.get("syndrome.types")
    rest = {name: value for name, value in plain.items() if name != "syndrome.types"}
    return rest | {"syndrome.types": types, "syndrome.functional": True} if types else rest


def random_patient(random: Random) -> dict[str, Any]:
    """One to whom something is offered, with up to 9 values changed."""
    plain = dict(random.choice(random.choice([*CASES.values(), NEAR])))
    for name in random.sample([*POOL], random.randrange(10)):
        plain[name] = random.choice(POOL[name])
    return consistent(plain)


def patients(treatment: str) -> st.SearchStrategy[dict[str, Any]]:
    """Patients near an offer of a treatment, with a few values changed."""
    change = st.sampled_from([*POOL]).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(POOL[name]))
    )
    return st.builds(
        lambda case, changes: consistent(case | dict(changes)),
        st.sampled_from(CASES[treatment]),
        st.lists(change, max_size=6),
    )


# ---- values of a fact, and narrower ones ---------------------------------------------------------

# The limits of mappings/ and their neighbours: a statement changes its answer nowhere else.
NUMBERS = tuple(
    map(
        Decimal,
        (0, 1, "1.5", 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 19, 20, 30, 40, 50, 55, 60, 75, 80, 100),
    )
)


@st.composite
def narrowings(draw: st.DrawFn, fact_type: FactType) -> tuple[Value | None, Value | None]:
    """(a value, one that is as narrow or narrower); None is not known."""
    match fact_type.kind:
        case "number":
            ends = st.sampled_from(NUMBERS)
            far, near, end, last = sorted(draw(st.tuples(ends, ends, ends, ends)))
            inner = Span(near, end, fact_type.unit, *_open(draw, near < end))
            wide = draw(st.sampled_from((None, _around(draw, inner, far, last))))
            return wide, inner
        case "choice":
            inner = draw(st.sets(st.sampled_from(fact_type.values), min_size=1, max_size=2))
            outer = draw(st.sets(st.sampled_from(fact_type.values), max_size=2)) | inner
            for doubt, meant in (fact_type.reads_as or {}).items():
                if doubt not in inner and meant & outer and draw(st.booleans()):
                    outer = outer - meant | {doubt}
            return draw(st.sampled_from((None, Choice(frozenset(outer))))), Choice(frozenset(inner))
        case "flag":
            so = Flag(draw(st.booleans()))
            return draw(st.sampled_from((None, so))), so
    has = draw(st.frozensets(st.sampled_from(fact_type.values), max_size=2))
    lacks = draw(st.frozensets(st.sampled_from(fact_type.values))) - has
    said = draw(st.frozensets(st.sampled_from(fact_type.values)))
    wide = draw(st.sampled_from((None, Members(has & said, lacks & said))))
    return wide, Members(has, lacks)


def _open(draw: st.DrawFn, wide: bool) -> tuple[bool, bool]:
    return (draw(st.booleans()), draw(st.booleans())) if wide else (False, False)


def _around(draw: st.DrawFn, inner: Span, far: Decimal, last: Decimal) -> Span:
    """A span that holds another; an end of its own is open, closed or infinite."""
    low, high = draw(st.sampled_from((far, inner.low, None))), draw(st.sampled_from((last, None)))
    low_open = low is not None and draw(st.booleans()) and (low != inner.low or inner.low_open)
    high_open = high is not None and draw(st.booleans()) and (high != inner.high or inner.high_open)
    return Span(low, high, inner.unit, low_open, high_open)
