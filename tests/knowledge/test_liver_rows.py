"""Treatment of the liver and radionuclide therapy, on both sides of what is special about each.

A patient is fit, in plain values, with what the test adds to it.
"""

import sys
from dataclasses import replace
from datetime import date

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.hooks.compose import compose
from tests.knowledge.encoding import KNOWLEDGE, VOCABULARY, Between, either, facts
from tests.knowledge.rows import failing
from tests.property.strategies import FIT

ABLATION = ("radiofrequency-ablation", "microwave-ablation", "cryoablation")
EMBOLISATION = ("bland-embolisation", "chemoembolisation", "radioembolisation")
PRRTS = ("prrt-lu177-dotatate", "prrt-first-line", "intra-arterial-prrt")
LIVER = {
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 2,
    "extent.stage": "metastatic",
    "extent.pattern": "liver-only",
    "liver.resection_excluded": True,
    "lab.bilirubin_mgdl": 1,
}
FEW = LIVER | {"liver.lesion_count": 3, "liver.largest_mm": 20}
GROWING = LIVER | {"progression.status": "progressive"}
PARAGANGLIOMA = {"net.entity": "PPGL", "tumour.site": "adrenal-paraganglia", "tumour.ki67": None}
CARCINOMA = {"tumour.ki67": 80, "tumour.differentiation": "poor"}
G3_NET = {"tumour.ki67": 30, "tumour.differentiation": "well"}
SMALL_PRIMARY = {
    "tumour.site": "pancreas",
    "tumour.ki67": 2,
    "tumour.size_mm": 20,
    "extent.stage": "localised",
    "extent.unresectable_recorded": True,
}
LUNG = {
    "tumour.site": "lung",
    "tumour.lung_type_stated": "AC",
    "extent.stage": "metastatic",
    "imaging.sstr_status": "positive",
    "progression.status": "progressive",
}
SECOND_PRRT = LUNG | {
    "tumour.site": "jejunum-ileum",
    "tumour.lung_type_stated": None,
    "tumour.ki67": 5,
    "prior.prrt": "past",
}
MIBG = {"extent.stage": "metastatic", "imaging.mibg_status": "positive", **PARAGANGLIOMA}
PRRT = GROWING | {"imaging.sstr_status": "positive", "prior.ssa": "current"}


def assessed(plain):
    known = facts(FIT | plain, knowledge=KNOWLEDGE)
    return assess(KNOWLEDGE.treatments, KNOWLEDGE.requests, KNOWLEDGE.warnings, known, VOCABULARY)


def outcomes(plain, *names):
    found = {one.treatment.id: one.outcome for one in assessed(plain).treatments}
    return [found[name] for name in names]


def asked(plain, *names):
    """The requests that one of these treatments waits for."""
    return {r.request.id for r in assessed(plain).requests if {*names} & {*r.waiting}}


def cards(plain, *names):
    """The cards by topic, as far as they speak of these treatments and of the board."""
    found = assessed(plain)
    chosen = tuple(one for one in found.treatments if one.treatment.id in {*names, "net-mdt"})
    told = compose(replace(found, treatments=chosen), KNOWLEDGE, "p1", date(2026, 11, 15))
    return {card.source.topic.code: card for card in told}


def drafts(plain, *names):
    return [one.label for card in cards(plain, *names).values() for one in card.suggestions]


# ---- ablation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "offer"),
        ({"liver.lesion_count": 5}, "offer"),
        ({"liver.lesion_count": 6}, "not-offered"),
        ({"liver.lesion_count": Between(4, 8)}, "needs-data"),
        ({"liver.largest_mm": 50}, "offer"),
        ({"liver.largest_mm": 50.5}, "not-offered"),
        ({"extent.pattern": "liver-dominant"}, "offer"),
        ({"extent.pattern": "disseminated"}, "not-offered"),
        ({"liver.resection_excluded": False}, "not-offered"),
        ({"liver.resection_excluded": None}, "needs-data"),
        (PARAGANGLIOMA, "offer"),
        (G3_NET, "not-offered"),
        (CARCINOMA, "not-offered"),
        ({"net.status": "history"}, "not-offered"),
        ({"patient.pregnant": True}, "hold"),
        ({"patient.pregnant": None}, "offer-check"),
        ({"risk.coagulopathy": True}, "hold"),
        ({"lab.platelets": 49}, "hold"),
        ({"lab.platelets": 50}, "offer"),
        ({"lab.platelets": Between(40, 60)}, "offer-check"),
        ({"lab.platelets": None}, "offer"),
        ({"lab.pt_prolonged": True}, "hold"),
    ],
)
def test_ablation_of_few_small_liver_metastases(more, outcome):
    assert outcomes(FEW | more, *ABLATION) == [outcome] * 3


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "offer"),
        ({"tumour.size_mm": 20.5}, "not-offered"),
        ({"tumour.size_mm": None}, "needs-data"),
        ({"extent.unresectable_recorded": False}, "not-offered"),
        ({"tumour.site": "duodenum"}, "not-offered"),
        ({"tumour.site": None}, "not-offered"),
        (G3_NET, "not-offered"),
    ],
)
def test_ablation_of_a_small_pancreatic_primary_is_by_heat_only(more, outcome):
    plain = SMALL_PRIMARY | more
    assert outcomes(plain, *ABLATION) == [outcome, outcome, "not-offered"]


def test_ablation_asks_for_what_is_missing_of_the_liver():
    bare = {name: value for name, value in FEW.items() if not name.startswith("liver.")}
    wanted = {"extent", "liver_lesion_count", "liver_lesion_size"}
    assert asked(bare | {"extent.pattern": None}, *ABLATION) == wanted


def test_ablation_asks_no_grade_of_a_paraganglioma():
    assert asked(FEW | PARAGANGLIOMA | {"liver.lesion_count": None}, *ABLATION) == {
        "liver_lesion_count"
    }


@pytest.mark.parametrize("stage", ["localised", "regional", either("localised", "regional")])
def test_the_liver_is_no_question_before_the_tumour_has_spread(stage):
    plain = GROWING | {"extent.stage": stage, "extent.pattern": None}
    assert outcomes(plain, *ABLATION, *EMBOLISATION) == ["not-offered"] * 6
    assert asked(plain, *ABLATION, *EMBOLISATION) == set()


@pytest.mark.parametrize(("largest", "warned"), [(30, False), (30.5, True)])
def test_a_lesion_of_3_to_5_cm_is_a_warning(largest, warned):
    card = cards(FEW | {"liver.largest_mm": largest}, *ABLATION)["options"]
    assert ("Between 3 and 5 cm" in card.detail) is warned
    assert card.indicator == ("warning" if warned else "info")


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"lesion.near_vessels": True}, "offer"),
        ({}, "not-offered"),
        ({"lesion.near_vessels": True, "liver.largest_mm": 30}, "offer"),
        ({"lesion.near_vessels": True, "liver.largest_mm": 30.5}, "not-offered"),
        ({"lesion.near_vessels": True, "risk.arrhythmia_or_pacemaker": True}, "hold"),
        (SMALL_PRIMARY | {"tumour.size_mm": 30}, "offer"),
        (SMALL_PRIMARY | {"tumour.size_mm": 30.5}, "not-offered"),
        (SMALL_PRIMARY | {"tumour.size_mm": None}, "needs-data"),
    ],
)
def test_electroporation_is_for_what_lies_beside_vessels(more, outcome):
    assert outcomes(FEW | more, "irreversible-electroporation") == [outcome]


def test_electroporation_asks_for_nothing():
    plain = SMALL_PRIMARY | {"tumour.size_mm": None}
    assert asked(plain, "irreversible-electroporation") == set()


# ---- embolisation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "offer"),
        ({"progression.status": "stable"}, "not-offered"),
        ({"progression.status": "stable", "symptom.bulk": True}, "offer"),
        ({"progression.status": None, "syndrome.refractory": True}, "offer"),
        ({"progression.status": None}, "needs-data"),
        ({"progression.status": "mixed"}, "needs-data"),
        (G3_NET, "offer"),
        (CARCINOMA, "not-offered"),
        (PARAGANGLIOMA, "offer"),
        ({"liver.resection_excluded": False}, "not-offered"),
        ({"patient.pregnant": True}, "blocked"),
        ({"patient.pregnant": True, "progression.status": None}, "blocked"),
        ({"risk.pvt_main": True, "risk.pvt_any": True}, "blocked"),
        ({"risk.pvt_any": True}, "hold"),
        ({"risk.liver_decompensated": True}, "blocked"),
        ({"lab.bilirubin_uln": 3.5}, "blocked"),
        ({"lab.bilirubin_uln": 3}, "offer"),
        ({"lab.bilirubin_uln": None}, "offer-check"),
        ({"patient.ecog": 3}, "hold"),
        ({"patient.ecog": 2}, "offer"),
        ({"lab.platelets": 49}, "hold"),
        ({"lab.platelets": None, "lab.pt_prolonged": None}, "offer"),
    ],
)
def test_embolisation_of_liver_dominant_disease(more, outcome):
    assert outcomes(GROWING | more, *EMBOLISATION) == [outcome] * 3


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({"risk.lvef_low": True}, "chemoembolisation"),
        ({"risk.heart_failure_nyha34": True}, "chemoembolisation"),
        ({"lab.bilirubin_mgdl": 2.5}, "radioembolisation"),
        ({"lab.bilirubin_mgdl": 2}, None),
    ],
)
def test_what_holds_one_kind_leaves_the_others(more, held):
    expected = ["hold" if name == held else "offer" for name in EMBOLISATION]
    assert outcomes(GROWING | more, *EMBOLISATION) == expected


def test_embolisation_asks_for_progression_only_while_nothing_else_calls_for_it():
    unknown = GROWING | {"progression.status": None}
    assert asked(unknown, *EMBOLISATION) == {"progression"}
    assert asked(unknown | {"symptom.bulk": True}, *EMBOLISATION) == set()


def test_radioembolisation_asks_for_its_own_bilirubin():
    assert asked(GROWING | {"lab.bilirubin_mgdl": None}, "radioembolisation") == {"bilirubin"}
    assert asked(GROWING | {"lab.bilirubin_mgdl": None}, "bland-embolisation") == set()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"liver.involvement_pct": 75.5}, "Reviews expect most benefit up to 75 %"),
        ({"risk.biliary_anastomosis": True}, "can become an abscess"),
        ({"syndrome.types": either("carcinoid")}, "octreotide cover and an echocardiogram"),
        (PARAGANGLIOMA, "It comes before any procedure"),
    ],
)
def test_the_cautions_of_embolisation_stand_once_for_its_kinds(more, told):
    assert cards(GROWING | more, *EMBOLISATION)["options"].detail.count(told) == 1
    assert told not in cards(GROWING, *EMBOLISATION)["options"].detail


def test_the_card_of_three_embolisations_is_one_option():
    card = cards(GROWING, *EMBOLISATION)["options"]
    opening = (
        "**Bland embolisation**, **chemoembolisation** or **radioembolisation** may be considered."
    )
    assert card.detail.count("may be considered") == card.detail.count(opening) == 1
    assert "**Note (bland embolisation, chemoembolisation):** Bland or lipiodol embolisation" in (
        card.detail
    )


# ---- checks of an order --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("drug-eluting-bead-embolisation", "deb-tace"),
        ("yttrium-90-prrt", "y90-prrt"),
        ("intra-arterial-chemotherapy", "ia-chemotherapy"),
    ],
)
def test_what_is_only_judged_when_it_is_ordered(name, order):
    """Never on opening the chart, on hold once it is ordered, ruled out in pregnancy."""
    assert outcomes(GROWING, name) == ["not-offered"]
    ordered = GROWING | {"order.classes": either(order)}
    title = next(one.title for one in KNOWLEDGE.treatments if one.id == name)
    assert outcomes(ordered, name) == ["hold"]
    assert f"**On hold: {title}**" in cards(ordered, name)["safety"].detail
    assert drafts(ordered, name) == drafts(GROWING)
    assert outcomes(ordered | {"patient.pregnant": True}, name) == ["blocked"]


# ---- radionuclide therapy outside its licence ----------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "outcome"),
    [
        (LUNG, "offer"),
        (LUNG | PARAGANGLIOMA, "offer"),
        (SECOND_PRRT, "offer"),
        (SECOND_PRRT | {"prior.prrt": "none"}, "not-offered"),
        (SECOND_PRRT | {"tumour.site": None, "prior.prrt": "none"}, "needs-data"),
        (LUNG | {"progression.status": "stable"}, "not-offered"),
        (LUNG | {"imaging.sstr_status": "negative"}, "not-offered"),
        (LUNG | {"imaging.sstr_status": "borderline"}, "hold"),
        (LUNG | {"imaging.discordant_lesion": True}, "not-offered"),
        (LUNG | {"tumour.lung_type_stated": None, **CARCINOMA}, "not-offered"),
        (LUNG | {"lab.platelets": 74}, "hold"),
        (LUNG | {"lab.platelets": None}, "offer-check"),
        (LUNG | {"patient.pregnant": True}, "blocked"),
    ],
)
def test_prrt_outside_its_licence_or_again(plain, outcome):
    assert outcomes(plain, "prrt-off-label") == [outcome]


def test_an_unknown_site_is_asked_for_before_prrt_off_label():
    plain = SECOND_PRRT | {"tumour.site": None, "prior.prrt": "none"}
    assert asked(plain, "prrt-off-label") == {"primary_site"}


@pytest.mark.parametrize("more", [{}, {"lab.platelets": None}, {"patient.ecog": None}])
def test_missing_laboratory_values_do_not_hold_up_the_board(more):
    """The referral to the board is drafted with and without them; a therapy never."""
    card = cards(LUNG | more, "prrt-off-label")["options"]
    assert [one.label for one in card.suggestions] == [
        "Draft a NET MDT referral about PRRT off-label"
    ]
    assert ("**Still to check:**" in card.detail) is bool(more)
    assert card.indicator == "warning"


def test_a_second_time_is_called_a_retreatment():
    assert "this would be a retreatment" in cards(SECOND_PRRT, "prrt-off-label")["options"].detail
    told = cards(LUNG, "prrt-off-label")["options"].detail
    assert "this would be a retreatment" not in told


# ---- by the artery, with yttrium -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "offer"),
        ({"lab.haemoglobin": None}, "offer-check"),
        ({"extent.pattern": "disseminated"}, "not-offered"),
        ({"extent.pattern": None}, "needs-data"),
        ({"imaging.sstr_status": "negative"}, "not-offered"),
        ({"lab.platelets": 74}, "not-offered"),
        ({"tumour.ki67": 15, "prior.ssa": "none", "progression.status": "stable"}, "offer"),
    ],
)
def test_the_artery_is_a_note_to_prrt_that_is_offered(more, outcome):
    assert outcomes(PRRT | more, "intra-arterial-prrt") == [outcome]
    detail = cards(PRRT | more, *PRRTS)["options"].detail
    assert ("no proven gain over the vein" in detail) is (outcome in {"offer", "offer-check"})
    assert asked(PRRT | more, "intra-arterial-prrt") == (
        {"haemoglobin"} if outcome == "offer-check" else set()
    )


def test_prrt_by_the_artery_is_warned_of_when_it_is_ordered():
    def warned(plain):
        return "ia_prrt_ordered" in {one.caveat.id for one in assessed(plain).warnings}

    assert warned(PRRT | {"order.classes": either("ia-prrt")})
    assert not warned(PRRT)


def test_yttrium_is_a_sentence_of_prrt_after_progression():
    assert "Yttrium-90 PRRT is historic" in cards(PRRT, *PRRTS)["options"].detail


# ---- mIBG ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "offer"),
        ({"imaging.mibg_status": "negative"}, "not-offered"),
        ({"imaging.mibg_status": None}, "needs-data"),
        ({"extent.stage": "localised"}, "not-offered"),
        ({"extent.stage": "localised", "extent.unresectable_recorded": True}, "offer"),
        (LIVER | {"net.entity": "NEN"}, "offer"),
        (LIVER | {"net.entity": "NEN"} | G3_NET, "not-offered"),
        (LIVER | {"net.entity": "NEN"} | CARCINOMA, "not-offered"),
        (LIVER | {"net.entity": "NEN", "tumour.ki67": None}, "needs-data"),
        ({"lab.platelets": 79}, "hold"),
        ({"lab.platelets": 80}, "offer"),
        ({"lab.leucocytes": 1.5}, "hold"),
        ({"lab.leucocytes": 2}, "offer"),
        ({"lab.creatinine_clearance": None, "risk.dialysis": True}, "hold"),
        ({"patient.age": 11}, "hold"),
        ({"patient.age": 12}, "offer"),
        ({"patient.breastfeeding": True}, "blocked"),
        ({"patient.pregnant": True}, "blocked"),
    ],
)
def test_mibg_therapy(more, outcome):
    assert outcomes(MIBG | more, "mibg-therapy") == [outcome]


def test_mibg_therapy_asks_for_no_scan_and_warns_of_nothing_while_the_scan_is_missing():
    plain = MIBG | {"imaging.mibg_status": None, "patient.pregnant": True}
    assert asked(plain, "mibg-therapy") == set()
    assert "safety" not in cards(plain, "mibg-therapy")


def test_mibg_in_pregnancy_is_critical_only_while_it_runs():
    running = MIBG | {"patient.pregnant": True, "prior.mibg_therapy": "current"}
    assert cards(running)["immediate-harm"].indicator == "critical"
    assert "immediate-harm" not in cards(running | {"prior.mibg_therapy": "past"})
    assert "immediate-harm" not in cards(running | {"patient.pregnant": False})


# ---- against another knowledge -------------------------------------------------------------------


def against(knowledge):
    """The tests of this module that fail with a knowledge."""
    yield from failing(sys.modules[__name__], knowledge)
