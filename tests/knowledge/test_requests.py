"""What is asked for and warned of: each diagnostic row fires when it should, and stays quiet."""

import sys

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.fact import Problem, Provenance
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from tests.knowledge.encoding import KNOWLEDGE, Between, either, facts
from tests.knowledge.rows import failing

# A NET of which everything is known that a request could be about.
KNOWN = {
    "net.status": "active",
    "net.entity": "NEN",
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 5,
    "tumour.specimen_age": 100,
    "extent.stage": "metastatic",
    "extent.pattern": "disseminated",
    "imaging.sstr_status": "positive",
    "progression.status": "stable",
    "prior.ssa": "current",
    "syndrome.functional": False,
    "symptom.asymptomatic": False,
    "patient.age": 60,
    "patient.pregnant": False,
    "patient.breastfeeding": False,
    "patient.ecog": 1,
    "liver.resection_excluded": True,
    "liver.lesion_count": 12,
    "liver.largest_mm": 40,
    "tumour.node_positive": True,
    "primary.resected": True,
    "tumour.size_mm": 25,
    **dict.fromkeys(("lab.haemoglobin", "lab.leucocytes", "lab.neutrophils"), 12),
    "lab.platelets": 200,
    "lab.creatinine_clearance": 80,
    "lab.bilirubin_uln": 1,
    "lab.bilirubin_mgdl": 1,
    "lab.albumin": 40,
    "lab.pt_prolonged": False,
}
PPGL = {"net.entity": "PPGL", "tumour.site": "adrenal-paraganglia", "tumour.ki67": None}
MTC = {"net.entity": "MTC", "tumour.site": "thyroid", "tumour.ki67": None}
NOTHING = {"net.status": "active", "net.entity": "NEN"}


def assessed(plain, *more, problems=()):
    given, rules = facts(plain, knowledge=KNOWLEDGE).having(more), KNOWLEDGE
    return assess(
        *(rules.treatments, rules.requests, rules.warnings), given, rules.vocabulary, problems
    )


def asked(plain, *more):
    return {one.request.id for one in assessed(plain, *more).requests}


def warned(plain, *more):
    return {one.caveat.id: one.text for one in assessed(plain, *more).warnings}


def test_of_a_patient_of_whom_all_is_known_nothing_is_asked():
    assert asked(KNOWN) == set()
    assert warned(KNOWN) == {}


SUSPECTED = {"net.status": "suspected"}
PROGRESSIVE = {"progression.status": "progressive"}


@pytest.mark.parametrize(
    ("request_id", "changed"),
    [
        ("ki67_or_grade", {"tumour.ki67": None}),
        ("ki67_or_grade", {"tumour.ki67": None, **SUSPECTED}),
        ("ki67_or_grade", {"tumour.site": "lung"}),
        ("ki67_or_grade", {"tumour.ki67": None, "syndrome.hints": either("adrenal-mass"),
                           "syndrome.metanephrines_measured": True}),
        ("differentiation", {"tumour.ki67": 40}),
        ("sstr_imaging", {"imaging.sstr_status": None}),
        ("sstr_imaging", {"imaging.sstr_status": None, **SUSPECTED}),
        ("sstr_imaging", {"imaging.sstr_status": None, **PPGL}),
        ("sstr_imaging", {"imaging.sstr_status": None, **PPGL, **SUSPECTED}),
        ("mibg_scan", PPGL),
        ("mibg_scan", {**PPGL, **SUSPECTED}),
        ("fdg_pet", {"tumour.ki67": 10}),
        ("fdg_pet", {"tumour.ki67": 30, "tumour.differentiation": "well"}),
        ("fdg_pet", {"tumour.ki67": 80, "tumour.differentiation": "poor"}),
        ("fdg_pet", {"tumour.ki67": 30}),
        ("fdg_pet", {"imaging.sstr_status": "negative"}),
        ("fdg_pet", {"imaging.sstr_status": "heterogeneous"}),
        ("fdg_pet", {"progression.status": "mixed"}),
        ("extent", {"extent.stage": None}),
        ("extent", {"extent.stage": None, **PPGL}),
        ("repeat_biopsy", {"progression.status": "mixed"}),
        ("repeat_biopsy", {"imaging.discordant_lesion": True}),
        ("repeat_biopsy", {**PROGRESSIVE, "tumour.specimen_age": 731}),
        ("primary_site", {"tumour.site": None}),
        ("hormone_tests", {"syndrome.functional": None, "symptom.hormonal": True}),
        ("hormone_tests", {"syndrome.functional": None, "symptom.hormonal": True, **SUSPECTED}),
        ("hormone_tests", {"syndrome.functional": None, "syndrome.hints": either("gastrin")}),
        ("hormone_tests", {"syndrome.functional": None, **PPGL, **SUSPECTED}),
        ("hormone_tests", {"syndrome.functional": None, **PROGRESSIVE}),
        ("hormone_tests", {"syndrome.functional": None, **SUSPECTED,
                           "syndrome.hints": either("adrenal-mass")}),
        ("progression", {"progression.status": None}),
        ("tumour_size", {"tumour.site": "pancreas", "extent.stage": "localised",
                         "extent.pattern": None, "tumour.ki67": 1, "tumour.size_mm": None,
                         "symptom.asymptomatic": True}),
        *(
            (name, {**PROGRESSIVE, fact: None})
            for name, fact in (
                ("platelets", "lab.platelets"),
                ("haemoglobin", "lab.haemoglobin"),
                ("leucocytes", "lab.leucocytes"),
                ("bilirubin", "lab.bilirubin_uln"),
                ("creatinine_clearance", "lab.creatinine_clearance"),
                ("ecog", "patient.ecog"),
                ("pregnancy_status", "patient.pregnant"),
                ("pregnancy_status", "patient.breastfeeding"),
            )
        ),
        ("albumin", {**PROGRESSIVE, "lab.albumin": 25, "lab.pt_prolonged": None}),
        ("albumin", {**PROGRESSIVE, "lab.albumin": None, "lab.pt_prolonged": True}),
    ],
)  # fmt: skip
def test_a_request_is_made_when_its_fact_is_missing_and_matters(request_id, changed):
    assert request_id in asked({**KNOWN, **changed})


@pytest.mark.parametrize(
    ("request_id", "changed"),
    [
        ("ki67_or_grade", {"tumour.ki67": Between(2, 4)}),
        ("ki67_or_grade", {"tumour.ki67": None, "tumour.grade_stated": "G2", "prior.ssa": "past",
                           "imaging.sstr_status": "negative"}),
        ("ki67_or_grade", {"tumour.ki67": None, "tumour.mitoses": 1, "prior.ssa": "past"}),
        ("ki67_or_grade", {**PPGL, "extent.stage": None}),
        ("ki67_or_grade", {**PPGL, **SUSPECTED}),
        ("ki67_or_grade", MTC),
        ("ki67_or_grade", {"tumour.ki67": None, "syndrome.hints": either("adrenal-mass")}),
        ("ki67_or_grade", {"tumour.ki67": 40}),
        ("differentiation", {"tumour.ki67": 40, "tumour.differentiation": "well"}),
        ("differentiation", {"tumour.ki67": 40, **SUSPECTED}),
        ("sstr_imaging", {"imaging.sstr_status": None, "tumour.ki67": 80,
                          "tumour.differentiation": "poor"}),
        ("sstr_imaging", {"imaging.sstr_status": None, "extent.stage": "localised",
                          "extent.pattern": None}),
        ("mibg_scan", {}),
        ("mibg_scan", MTC),
        ("mibg_scan", {**PPGL, "imaging.mibg_status": "negative"}),
        ("fdg_pet", {"tumour.ki67": Between(5, 9)}),
        ("fdg_pet", {"tumour.ki67": Between(5, 15)}),
        ("fdg_pet", {"tumour.ki67": 15, "imaging.fdg_status": "negative"}),
        ("fdg_pet", {"tumour.ki67": 15, **SUSPECTED}),
        ("fdg_pet", {**PPGL, "imaging.sstr_status": "negative"}),
        ("extent", {"extent.stage": None, **SUSPECTED}),
        ("repeat_biopsy", {**PROGRESSIVE, "tumour.specimen_age": 730}),
        ("repeat_biopsy", {**PROGRESSIVE, "tumour.specimen_age": None}),
        ("repeat_biopsy", {**PROGRESSIVE, "tumour.specimen_age": Between(700, 800)}),
        ("repeat_biopsy", {**PPGL, "progression.status": "mixed"}),
        ("repeat_biopsy", {**MTC, "imaging.discordant_lesion": True}),
        ("repeat_biopsy", {"progression.status": "mixed", **SUSPECTED}),
        ("primary_site", {"tumour.site": None, **SUSPECTED}),
        ("hormone_tests", {"symptom.hormonal": True}),
        ("hormone_tests", {"syndrome.functional": None, **PPGL,
                           "syndrome.hints": either("adrenal-mass")}),
        ("hormone_tests", {"syndrome.functional": None, **PPGL, **SUSPECTED,
                           "syndrome.metanephrines_measured": True}),
        ("hormone_tests", {"syndrome.functional": None,
                           "syndrome.types": either("carcinoid"), "symptom.hormonal": True}),
        ("progression", {"progression.status": None, **SUSPECTED}),
        ("platelets", {"lab.platelets": None}),
        ("platelets", {**PROGRESSIVE, "lab.platelets": None, "patient.pregnant": True}),
    ],
)  # fmt: skip
def test_a_request_is_not_made_where_it_would_be_noise_or_harm(request_id, changed):
    assert request_id not in asked({**KNOWN, **changed})


@pytest.mark.parametrize("status", ["history", "none"])
def test_without_a_tumour_that_is_present_nothing_is_asked_or_warned_of(status):
    assert asked({"net.status": status, "net.entity": "NEN", "symptom.hormonal": True}) == set()
    assert warned({"net.status": status, "imaging.discordant_lesion": True}) == {}


def test_of_a_suspected_tumour_only_tissue_receptors_hormones_and_mibg_are_asked():
    plain = {**SUSPECTED, "net.entity": "NEN", "symptom.hormonal": True}
    assert asked(plain) == {"ki67_or_grade", "sstr_imaging", "hormone_tests"}
    assert asked({**plain, "net.entity": "PPGL"}) == {"sstr_imaging", "hormone_tests", "mibg_scan"}


def test_a_mixed_tumour_is_for_the_board_alone():
    mixed = {"net.status": "active", "net.entity": "MiNEN", "symptom.hormonal": True}
    assert asked({**mixed, "extent.unresectable_recorded": True}) == set()


# Which missing fact is asked for by which request; of the second list nothing is asked, and the
# card names the gap.
ASKED_BY = {
    "tumour.ki67": "ki67_or_grade",
    "tumour.mitoses": "ki67_or_grade",
    "tumour.site": "primary_site",
    "tumour.node_positive": "extent",
    "extent.stage": "extent",
    "extent.pattern": "extent",
    "liver.resection_excluded": "extent",
    "liver.involvement_pct": "extent",
    "imaging.extrahepatic_excluded": "extent",
    "primary.resected": "extent",
    "liver.lesion_count": "liver_lesion_count",
    "liver.largest_mm": "liver_lesion_size",
    "tumour.size_mm": "tumour_size",
    "progression.status": "progression",
    "progression.stable_months": "progression",
    "imaging.sstr_status": "sstr_imaging",
    "imaging.fdg_status": "fdg_pet",
    "imaging.mibg_status": "mibg_scan",
    "syndrome.types": "hormone_tests",
    "syndrome.functional": "hormone_tests",
    "lab.creatinine_clearance": "creatinine_clearance",
    "lab.egfr": "creatinine_clearance",
    "lab.platelets": "platelets",
    "lab.haemoglobin": "haemoglobin",
    "lab.leucocytes": "leucocytes",
    "lab.neutrophils": "leucocytes",
    "lab.bilirubin_uln": "bilirubin",
    "lab.bilirubin_mgdl": "bilirubin",
    "lab.alt_uln": "bilirubin",
    "lab.albumin": "albumin",
    "lab.pt_prolonged": "albumin",
    "patient.pregnant": "pregnancy_status",
    "patient.breastfeeding": "pregnancy_status",
    "patient.ecog": "ecog",
    "tumour.differentiation": "differentiation",
}
NEVER_ASKED = (
    "net.entity",
    "net.family",
    "patient.age",
    "symptom.asymptomatic",
    "symptom.hormonal",
)


def test_each_fact_is_asked_for_by_one_request():
    by_fact = {}
    for request in KNOWLEDGE.requests:
        for name in request.facts:
            assert by_fact.setdefault(name, request.id) == request.id
    assert {name: by_fact.get(name) for name in ASKED_BY} == ASKED_BY
    assert not set(NEVER_ASKED) & by_fact.keys()


SETTLED_BY = {
    "tumour.grade_class": {"ki67_or_grade"},
    "tumour.gep": {"primary_site"},
    "extent.advanced": {"extent"},
    "burden.low": {"liver_lesion_count", "liver_lesion_size"},
    "risk.renal_severe": {"creatinine_clearance"},
    "risk.renal_hold": {"creatinine_clearance"},
}


@pytest.mark.parametrize("name", sorted(SETTLED_BY))
def test_a_derived_fact_is_asked_for_by_what_settles_it(name):
    by_fact = {fact: one.id for one in KNOWLEDGE.requests for fact in one.facts}
    bases = KNOWLEDGE.vocabulary.settled_by(name, facts(NOTHING, knowledge=KNOWLEDGE))
    assert {by_fact[base] for base in bases} == SETTLED_BY[name]


def test_the_request_ids_are_those_that_clients_know():
    assert {one.id for one in KNOWLEDGE.requests} == {
        *("sstr_imaging", "fdg_pet", "mibg_scan", "ki67_or_grade", "differentiation"),
        *("primary_site", "extent", "progression", "liver_lesion_size", "liver_lesion_count"),
        *("repeat_biopsy", "creatinine_clearance", "platelets", "haemoglobin", "leucocytes"),
        *("bilirubin", "albumin", "pregnancy_status", "ecog", "hormone_tests", "tumour_size"),
    }


def test_ct_and_mri_orders_are_of_one_kind():
    imaging = ("extent", "liver_lesion_count", "liver_lesion_size", "progression")
    orders = [o for one in KNOWLEDGE.requests if one.id in imaging for o in one.orders]
    assert len(orders) == 8
    assert {order.once for order in orders} == {"ct-mri"}
    groups = {one.group for one in KNOWLEDGE.requests if one.id in imaging[:3]}
    assert len(groups) == 1


# ---- before a liver transplant -------------------------------------------------------------------

TRANSPLANT = {
    "extent.pattern": "liver-only",
    "liver.involvement_pct": 30,
    "progression.stable_months": 9,
    "imaging.extrahepatic_excluded": None,
}


def test_disease_outside_the_liver_is_looked_for_when_only_that_keeps_a_transplant_open():
    plain = {**KNOWN, **TRANSPLANT}
    (extent,) = [one for one in assessed(plain).requests if one.request.id == "extent"]
    assert extent.facts == ("imaging.extrahepatic_excluded",)
    assert "sstr_imaging" not in asked(plain), "a receptor scan is on file"


@pytest.mark.parametrize(
    "changed",
    [
        {"primary.resected": None},
        {"liver.involvement_pct": 60},
        {"patient.age": 61},
        {"imaging.extrahepatic_excluded": True},
    ],
)
def test_no_scan_is_asked_for_a_transplant_that_is_open_or_out_for_another_reason(changed):
    asking = assessed({**KNOWN, **TRANSPLANT, **changed}).requests
    assert not [one for one in asking if "imaging.extrahepatic_excluded" in one.facts]


# ---- receptors and FDG disagree ------------------------------------------------------------------


def test_a_lesion_with_fdg_and_without_receptors_is_a_warning():
    found = warned({**KNOWN, "imaging.discordant_lesion": True})
    assert found == {
        "receptor_fdg_discordance": (
            "FDG-avid SSTR-negative disease: PRRT not suitable; re-biopsy, chemotherapy view"
        )
    }
    of_ppgl = warned({**KNOWN, **PPGL, "imaging.discordant_lesion": True})
    assert list(of_ppgl) == ["receptor_fdg_discordance_ppgl"]
    assert "no biopsy" in of_ppgl["receptor_fdg_discordance_ppgl"]


# ---- old data ------------------------------------------------------------------------------------


def old(plain, name, *, expired=False):
    """A fact with a reading of 1 August that is past its warning age, or no longer used."""
    fact = facts(plain, knowledge=KNOWLEDGE)[name]
    place = Provenance("Observation/old", "valueQuantity", "2026-08-01")
    if expired:
        return fact._replace(value=None, readings=(place,), expired=True)
    return fact._replace(readings=(place,), aged=True)


@pytest.mark.parametrize(
    ("name", "label", "changed"),
    [
        ("imaging.sstr_status", "Somatostatin receptors (SSTR)", {}),
        ("progression.status", "Disease status", {}),
        ("lab.platelets", "Platelets", PROGRESSIVE),
        ("patient.ecog", "ECOG", PROGRESSIVE),
    ],
)
@pytest.mark.parametrize("expired", [False, True])
def test_old_data_that_an_answer_rests_on_are_named_with_their_date(name, label, changed, expired):
    plain = {**KNOWN, **changed}
    found = warned(plain, old(plain, name, expired=expired))
    assert found == {"stale_data": f"Key data are out of date: {label} (2026-08-01)"}


def test_a_scan_that_a_later_change_overtook_is_named_at_any_age():
    plain = {**KNOWN, **PROGRESSIVE, "imaging.sstr_superseded": True}
    place = Provenance("DiagnosticReport/pet", "conclusion", "2026-11-01")
    scan = facts(plain, knowledge=KNOWLEDGE)["imaging.sstr_status"]._replace(readings=(place,))
    told = "Key data are out of date: Somatostatin receptors (SSTR) (2026-11-01)"
    assert warned(plain, scan) == {"stale_data": told}
    assert warned({**KNOWN, **PROGRESSIVE}, scan) == {}


def test_of_facts_read_from_one_place_one_is_named():
    plain = {**KNOWN, **PROGRESSIVE}
    found = warned(plain, old(plain, "lab.bilirubin_uln"), old(plain, "lab.bilirubin_mgdl"))
    assert found["stale_data"].count("Bilirubin") == 1


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("lab.platelets", {}),  # stable disease: no option asks for platelets
        ("patient.pregnant", {}),
        ("imaging.sstr_status", {"tumour.ki67": 80, "tumour.differentiation": "poor",
                                 "imaging.fdg_status": "positive"}),
        ("lab.platelets", {**PROGRESSIVE, **SUSPECTED}),
    ],
)  # fmt: skip
def test_old_data_that_nothing_rests_on_are_not_named(name, changed):
    plain = {**KNOWN, **changed}
    assert warned(plain, old(plain, name)) == {}


@pytest.mark.parametrize(
    ("status", "told"),
    [("active", {"set_aside_data"}), ("suspected", set()), ("history", set()), ("none", set())],
)
def test_values_that_were_set_aside_are_warned_of_where_a_tumour_is_present(status, told):
    odd = Problem("Observation/odd", "valueQuantity", "its unit is not sure", set_aside=True)
    found = assessed({**KNOWN, "net.status": status}, problems=(odd,)).warnings
    assert {one.caveat.id for one in found} == told


@pytest.mark.parametrize(
    ("name", "request_id"),
    [("lab.platelets", "platelets"), ("lab.albumin", "albumin"), ("patient.ecog", "ecog")],
)
def test_an_old_safety_value_of_an_option_is_asked_for_again(name, request_id):
    plain = {**KNOWN, **PROGRESSIVE, "lab.pt_prolonged": True}
    assert request_id not in asked(plain)
    assert request_id in asked(plain, old(plain, name))


def test_what_an_assessment_adds_is_no_fact_of_the_patient():
    added = [one.name for one in assessed(KNOWN).facts if one.name.startswith(OF_THE_ASSESSMENT)]
    assert {"data.out_of_date", "data.set_aside", "needs.everolimus"} <= set(added)


# ---- against another knowledge -------------------------------------------------------------------


def against(knowledge):
    """The tests of this module that fail with a knowledge."""
    yield from failing(sys.modules[__name__], knowledge)
