"""The criteria lists of the treatments as formulas in plain Python, against random patients.

Written from the clinical criteria: (consider, block, hold) of each treatment, asked of the derived
facts of the second encoding. With CDSHOOKS_SOAK=1 of every patient, else of one in 7.
"""

import os
from collections import Counter
from functools import partial
from random import Random

from cdshooks.clinical.assess import OUTCOMES, assess
from tests.knowledge import second_encoding_systemic as systemic
from tests.knowledge.encoding import KNOWLEDGE, every, facts, no, recorded, some
from tests.knowledge.test_second_encoding_derived import completed
from tests.property.strategies import CASES, random_patient


def criteria(p):
    """(consider, block, hold) of each treatment."""
    grade, stage, site = (partial(p.among, f) for f in (GRADE, "extent.stage", "tumour.site"))
    family, ki67 = partial(p.among, "net.family"), "tumour.ki67"
    active, net, us = p.among("net.status", "active"), family("NET"), p.among(*US)
    gut, wide = p.holds("tumour.gep"), p.holds("extent.advanced")
    progressive = p.among("progression.status", "progressive")
    uptake = p.among("imaging.sstr_status", "positive", "borderline")
    low_grade, insulinoma = grade("G1", "G2", "TC", "AC"), recorded(p.syndrome("insulin"))
    pregnant, nursing = p.holds("patient.pregnant"), p.holds("patient.breastfeeding")
    unfit = p.above("patient.ecog", 2)
    prrt = every(
        *(active, net, gut, wide, uptake, no(p.holds("imaging.discordant_lesion"))),
        p.among("prior.prrt", "none"),
    )
    again = every(p.holds("primary.margin_positive"), not recorded(stage("metastatic")))
    kept = every(us, not p.given("stable or responding"))
    return {
        "curative-resection": (
            every(
                *(active, family("NET", "NEC", "PPGL", "MTC")),
                some(stage("localised", "regional"), again),
                no(p.holds("extent.unresectable_recorded")),
            ),
            False,
            False,
        ),
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
        "prrt-lu177-dotatate": (
            every(
                *(prrt, grade("G1", "G2")),
                some(
                    every(no(us), progressive),
                    every(kept, some(no(p.among("prior.ssa", "none")), progressive)),
                ),
            ),
            prrt_block(p, us),
            some(prrt_hold(p), every(us, no(progressive))),
        ),
        "prrt-first-line": (
            every(prrt, grade("G2", "G3-NET"), no(p.below(ki67, 10)), no(p.above(ki67, 55))),
            prrt_block(p, us),
            prrt_hold(p),
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
    }


GRADE, US = "tumour.grade_class", ("config.jurisdiction", "us")


def prrt_block(p, us):
    return some(
        *(p.holds("patient.pregnant"), p.holds("patient.breastfeeding")),
        *(p.holds("risk.renal_severe"), p.allergic("prrt")),
        every(us, p.below("patient.age", 12)),
        every(no(us), p.below("patient.age", 18)),
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


def outcome(consider, block, hold):
    if consider is False:
        return "not-offered"
    if block is True:
        return "blocked"
    if consider is None:
        return "needs-data"
    if hold is True:
        return "hold"
    return "offer-check" if None in (block, hold) else "offer"


# ---- the patients --------------------------------------------------------------------------------

PATIENTS = range(0, 20_000, 1 if os.environ.get("CDSHOOKS_SOAK") == "1" else 7)
# A list that is empty blocks and holds nothing.
NEVER = {
    "curative-resection": {"blocked", "hold", "offer-check"},
    "ssa-tumour-control": {"hold"},
    "active-surveillance": {"blocked", "hold", "offer-check"},
    "net-mdt": {"blocked", "hold", "offer-check", "needs-data"},
    **systemic.NEVER,
}


def test_both_encodings_reach_one_outcome_for_every_patient():
    seen = Counter()
    for number in PATIENTS:
        plain = random_patient(Random(f"patient {number}"))
        found = assess(KNOWLEDGE.treatments, (), (), facts(plain), KNOWLEDGE.vocabulary)
        outcomes = {one.treatment.id: one.outcome for one in found.treatments}
        p = completed(plain)
        lists = criteria(p) | systemic.criteria(p)
        assert outcomes == {name: outcome(*three) for name, three in lists.items()}, plain
        seen.update(outcomes.items())
    print(*sorted(seen.items()), sep="\n")
    reached = {name: {o for n, o in seen if n == name} for name in CASES}
    assert reached == {name: {*OUTCOMES} - NEVER.get(name, set()) for name in CASES}
