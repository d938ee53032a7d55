"""The criteria lists of the treatments as formulas in plain Python, against random patients.

Written from the clinical criteria: (consider, block, hold) of each treatment, asked of the derived
facts of the second encoding. With SOAK=1 of every patient, else of one in 7.
"""

import os
from collections import Counter
from functools import partial
from random import Random

from cdshooks.clinical.assess import assess
from cdshooks.clinical.weigh import OUTCOMES
from tests.knowledge import second_encoding_liver as liver
from tests.knowledge import second_encoding_surgery as surgery
from tests.knowledge import second_encoding_systemic as systemic
from tests.knowledge.encoding import KNOWLEDGE, every, facts, no, outcome, recorded, some
from tests.knowledge.test_second_encoding_derived import completed
from tests.property.strategies import CASES, random_patient


def criteria(p):
    """(consider, block, hold) of each treatment."""
    grade, site = (partial(p.among, name) for name in (GRADE, "tumour.site"))
    family, ki67 = partial(p.among, "net.family"), "tumour.ki67"
    active, net = p.among("net.status", "active"), family("NET")
    gut, wide = p.holds("tumour.gep"), p.holds("extent.advanced")
    progressive = p.among("progression.status", "progressive")
    uptake = p.among("imaging.sstr_status", "positive", "borderline")
    low_grade, insulinoma = grade("G1", "G2", "TC", "AC"), recorded(p.syndrome("insulin"))
    pregnant, nursing = p.holds("patient.pregnant"), p.holds("patient.breastfeeding")
    unfit = p.above("patient.ecog", 2)
    return {
        "ssa-tumour-control": (
            every(
                *(active, net, wide, low_grade, uptake, not insulinoma),
                some(
                    p.below(ki67, 10),
                    every(no(p.above(ki67, 20)), no(progressive)),
                    every(grade("TC", "AC"), p.given(ki67) is None),
                ),
                some(gut, site("lung"), p.given("tumour.site") is None),
                no(p.among("prior.ssa", "past")),
                no(every(p.among("prior.ssa", "current"), progressive)),
            ),
            p.allergic("ssa"),
            False,
        ),
        "platinum-etoposide-nec": (
            every(
                *(active, family("NET", "NEC"), grade("NEC")),
                p.among("prior.platinum_etoposide", "none"),
            ),
            pregnant,
            some(
                *(nursing, unfit, p.holds("risk.liver_decompensated")),
                *(p.below("lab.neutrophils", 1.5), p.below("lab.platelets", 100)),
            ),
        ),
        "everolimus": (
            every(
                *(active, net, wide, some(gut, site("lung")), p.among("prior.everolimus", "none")),
                some(
                    every(low_grade, progressive),
                    every(insulinoma, p.holds("syndrome.refractory"), no(grade("NEC"))),
                ),
            ),
            some(
                *(pregnant, p.below("patient.age", 18), p.allergic("mtor")),
                every(p.syndrome("carcinoid"), no(site("pancreas"))),
            ),
            some(nursing, unfit),
        ),
        "active-surveillance": (
            some(
                every(active, net, silent(p), some(small(p), steady(p))),
                p.among("net.status", "history"),
            ),
            False,
            False,
        ),
        "net-mdt": (p.among("net.status", "active", "suspected"), False, False),
        **surgery.criteria(p),
        **liver.criteria(p),
        **systemic.criteria(p),
    }


GRADE = "tumour.grade_class"


def silent(p):
    """No hormones: called non-functioning, or without any symptom."""
    functional = p.holds("syndrome.functional")
    quiet = p.holds("symptom.asymptomatic"), no(p.holds("symptom.hormonal"))
    return some(no(functional), every(*quiet, not recorded(functional)))


def small(p):
    low_g2 = every(p.among(GRADE, "G2"), p.below("tumour.ki67", 5))
    return every(
        *(p.among("tumour.site", "pancreas"), p.among("extent.stage", "localised")),
        *(no(p.above("tumour.size_mm", 20)), some(p.among(GRADE, "G1"), low_g2)),
        not recorded(p.among("progression.status", "progressive")),
        not recorded(no(p.holds("symptom.asymptomatic"))),
    )


def steady(p):
    return every(
        *(p.among("extent.stage", "metastatic"), p.among(GRADE, "G1")),
        *(p.holds("burden.low"), p.given("stable or responding"), p.holds("symptom.asymptomatic")),
    )


# ---- the patients --------------------------------------------------------------------------------

PATIENTS = range(0, 20_000, 1 if os.environ.get("SOAK") == "1" else 7)
# A list that is empty blocks and holds nothing.
NEVER = {
    **surgery.NEVER,
    **liver.NEVER,
    "ssa-tumour-control": {"hold"},
    "active-surveillance": {"blocked", "hold", "offer-check"},
    "net-mdt": {"blocked", "hold", "offer-check", "needs-data"},
    **systemic.NEVER,
}


def test_h10_both_encodings_reach_one_outcome_for_every_patient():
    seen = Counter()
    for number in PATIENTS:
        plain = random_patient(Random(f"patient {number}"))
        found = assess(KNOWLEDGE.treatments, (), (), facts(plain), KNOWLEDGE.vocabulary)
        outcomes = {one.treatment.id: one.outcome for one in found.treatments}
        known = completed(plain)
        lists = criteria(known)
        assert outcomes == {name: outcome(*three) for name, three in lists.items()}, plain
        seen.update(outcomes.items())
    print(*sorted(seen.items()), sep="\n")
    reached = {name: {o for n, o in seen if n == name} for name in CASES}
    assert reached == {name: {*OUTCOMES} - NEVER.get(name, set()) for name in CASES}
