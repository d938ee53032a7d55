"""Surgery, radiotherapy, endoscopy: patients on the two sides of what is special in each row."""

import sys
import uuid
from datetime import date

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.hooks.compose import compose
from tests.knowledge.encoding import KNOWLEDGE, Between, either, facts
from tests.knowledge.rows import failing
from tests.property.strategies import FIT

PANCREAS = {"tumour.site": "pancreas", "extent.stage": "localised", "tumour.ki67": 2}
INSULINOMA = {
    "tumour.site": "pancreas",
    "extent.stage": "localised",
    "syndrome.types": either("insulin"),
    "syndrome.functional": True,
}
LIVER = {
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 4,
    "extent.stage": "metastatic",
    "extent.pattern": "liver-only",
}
TRANSPLANT = LIVER | {
    "liver.resection_excluded": True,
    "imaging.extrahepatic_excluded": True,
    "primary.resected": True,
    "liver.involvement_pct": 50,
    "progression.status": "stable",
    "progression.stable_months": 6,
    "patient.age": 60,
}
RECTUM = {"tumour.site": "rectum", "tumour.ki67": 1, "tumour.size_mm": 10}
SPINE = LIVER | {"symptom.cord_compression": True}


def assessed(plain):
    known = facts(FIT | plain, knowledge=KNOWLEDGE)
    listed = KNOWLEDGE.treatments, KNOWLEDGE.requests, KNOWLEDGE.warnings
    return assess(*listed, known, KNOWLEDGE.vocabulary)


def weighed(treatment, plain):
    return next(one for one in assessed(plain).treatments if one.treatment.id == treatment)


def outcome(treatment, plain):
    return weighed(treatment, plain).outcome


def cautions(treatment, plain):
    """The statements that warn, as the file writes them."""
    return {leaf.statement.text for leaf in weighed(treatment, plain).cautions}


def requests(plain):
    """What is asked for, with the rows that wait for it."""
    return {asked.request.id: asked.waiting for asked in assessed(plain).requests}


def cards(plain):
    made = compose(assessed(plain), KNOWLEDGE, "p1", date(2026, 11, 15), uuid.uuid4)
    return {card.source.topic.code: card for card in made}


def drafts(card):
    return {
        suggestion.label: action.resource
        for suggestion in card.suggestions
        for action in suggestion.actions
    }


# ---- curative resection and surveillance ---------------------------------------------------------


def test_a_small_silent_tumour_has_both_options_and_resection_names_surveillance():
    small = PANCREAS | {"tumour.size_mm": 14, "symptom.asymptomatic": True}
    assert outcome("active-surveillance", small) == outcome("curative-resection", small) == "offer"
    assert "tumour.size_mm <= 20 mm" in cautions("curative-resection", small)
    for larger in ({"tumour.size_mm": 21}, {"tumour.ki67": 4}, {"symptom.asymptomatic": None}):
        assert cautions("curative-resection", small | larger) == set()
    assert outcome("active-surveillance", small | {"tumour.size_mm": 21}) == "not-offered"


ENDOSCOPY = "Between 10 and 20 mm the question after endoscopic ultrasound"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tumour.size_mm": 10.5}, True),
        ({"tumour.size_mm": 20}, True),
        ({"tumour.size_mm": 10}, False),
        ({"tumour.size_mm": 20.5}, False),
        ({"tumour.size_mm": Between(8, 12)}, False),
        ({"tumour.size_mm": 14, "tumour.ki67": 4}, False),
        ({"tumour.size_mm": 14, "tumour.deep_invasion": True}, False),
        ({"tumour.size_mm": 14, "tumour.site": "colon"}, False),
    ],
)
def test_resection_speaks_of_endoscopy_between_10_and_20_mm(change, told):
    card = cards(RECTUM | {"extent.stage": "localised"} | change)["options"]
    assert "**Curative resection" in card.detail
    assert (ENDOSCOPY in card.detail) is told


def test_a_large_appendix_tumour_or_a_positive_margin_raises_the_hemicolectomy():
    appendix = {"tumour.site": "appendix", "extent.stage": "localised", "tumour.ki67": 1}
    for size, more in ((20.5, {}), (12, {"primary.margin_positive": True})):
        detail = cards(appendix | {"tumour.size_mm": size} | more)["options"].detail
        for word in ("right hemicolectomy", "base", "mesoappendix", "3 mm", "vessel invasion"):
            assert word in detail
    assert "hemicolectomy" not in cards(appendix | {"tumour.size_mm": 20})["options"].detail


# ---- enucleation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (PANCREAS | {"tumour.size_mm": 20}, "offer"),
        (PANCREAS | {"tumour.size_mm": 20.5}, "not-offered"),
        (PANCREAS, "needs-data"),
        (PANCREAS | {"tumour.size_mm": 14, "tumour.node_positive": True}, "not-offered"),
        (PANCREAS | {"tumour.size_mm": 14, "extent.unresectable_recorded": True}, "not-offered"),
        (PANCREAS | {"tumour.size_mm": 14, "tumour.site": "duodenum"}, "not-offered"),
        (PANCREAS | {"tumour.size_mm": 14, "extent.stage": "regional"}, "not-offered"),
        (INSULINOMA | {"tumour.size_mm": 30}, "offer"),
        (INSULINOMA | {"tumour.size_mm": 30.5}, "not-offered"),
        (INSULINOMA | {"tumour.size_mm": 30, "tumour.ki67": 4}, "offer"),
        (
            INSULINOMA
            | {"tumour.size_mm": 15, "tumour.ki67": 30, "tumour.differentiation": "well"},
            "not-offered",
        ),
        (INSULINOMA | {"tumour.size_mm": 15, "syndrome.types": either("gastrin")}, "needs-data"),
    ],
)
def test_enucleation_up_to_20_mm_of_an_insulinoma_up_to_30_mm(plain, expected):
    assert outcome("enucleation", plain) == expected


def test_enucleation_asks_for_the_size_and_the_grade():
    assert "enucleation" in requests(PANCREAS)["tumour_size"]
    ungraded = PANCREAS | {"tumour.ki67": None, "tumour.size_mm": 14}
    assert "enucleation" in requests(ungraded)["ki67_or_grade"]


def test_enucleation_warns_above_20_mm_and_of_nodes_that_nobody_looked_at():
    assert cautions("enucleation", INSULINOMA | {"tumour.size_mm": 25}) == {
        "tumour.size_mm > 20 mm",
        "tumour.node_positive not on file",
    }
    seen = INSULINOMA | {"tumour.size_mm": 20, "tumour.node_positive": False}
    assert cautions("enucleation", seen) == set()
    assert "distance to the pancreatic duct" in cards(seen)["options"].detail


def test_enucleation_names_surveillance_only_where_nothing_speaks_of_hormones():
    silent = PANCREAS | {"tumour.size_mm": 14}
    assert "surveillance is favoured" in cards(silent)["options"].detail
    assert (
        "surveillance is favoured"
        not in cards(INSULINOMA | {"tumour.size_mm": 14})["options"].detail
    )


# ---- debulking and palliation --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "not-offered"),
        ({"burden.high": True}, "offer"),
        ({"burden.visceral_crisis": True}, "offer"),
        ({"syndrome.refractory": True}, "offer"),
        ({"syndrome.types": either("glucagon"), "syndrome.functional": True}, "offer"),
        ({"syndrome.types": either("carcinoid"), "syndrome.functional": True}, "not-offered"),
        ({"syndrome.functional": None}, "not-offered"),
        ({"burden.high": True, "extent.stage": "regional"}, "not-offered"),
        (
            {"burden.high": True, "tumour.ki67": 30, "tumour.differentiation": "well"},
            "not-offered",
        ),
        ({"burden.high": True, "tumour.ki67": 30}, "not-offered"),
        ({"burden.high": True, "tumour.ki67": None}, "needs-data"),
        ({"burden.high": True, "patient.ecog": 3}, "hold"),
        ({"burden.high": True, "patient.ecog": None}, "offer-check"),
        ({"burden.high": True, "risk.carcinoid_heart": True}, "hold"),
    ],
)
def test_debulking_needs_a_recorded_reason(change, expected):
    assert outcome("debulking-surgery", LIVER | change) == expected


def test_a_visceral_crisis_makes_the_card_a_warning():
    assert cards(LIVER | {"burden.high": True})["options"].indicator == "info"
    assert cards(LIVER | {"burden.visceral_crisis": True})["options"].indicator == "warning"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "not-offered"),
        ({"symptom.obstruction": True}, "offer"),
        ({"symptom.bleeding": True}, "offer"),
        ({"symptom.ischaemia": True}, "offer"),
        ({"symptom.bleeding": True, "extent.stage": "localised"}, "not-offered"),
        ({"symptom.bleeding": True, "extent.stage": None}, "needs-data"),
        ({"symptom.bleeding": True, "patient.ecog": 4}, "offer"),
    ],
)
def test_palliative_surgery_is_for_symptoms_of_advanced_disease(change, expected):
    assert outcome("palliative-surgery", LIVER | change) == expected


def test_an_obstruction_is_a_warning_with_an_urgent_review_and_leads_the_card():
    blocked, bleeding = (
        cards(LIVER | {name: True})["options"]
        for name in (
            "symptom.obstruction",
            "symptom.bleeding",
        )
    )
    assert (blocked.indicator, bleeding.indicator) == ("warning", "info")
    assert drafts(blocked)["Draft an urgent surgical review"]["priority"] == "urgent"
    assert blocked.detail.index("**Palliative surgery**") < blocked.detail.index(
        "**Resection of liver metastases**"
    )


# ---- liver ---------------------------------------------------------------------------------------


def test_a_transplant_is_offered_at_each_limit():
    assert outcome("liver-transplantation", TRANSPLANT) == "offer"


@pytest.mark.parametrize(
    "exclusion",
    [
        {"patient.age": 61},
        {"liver.involvement_pct": 50.5},
        {"progression.stable_months": 5},
        {"progression.status": "progressive"},
        {"tumour.ki67": 10},
        {"extent.pattern": "liver-dominant"},
        {"extent.pattern": "disseminated"},
        {"extent.stage": "localised", "extent.pattern": "no-metastasis"},
        {"liver.resection_excluded": False},
        {"imaging.extrahepatic_excluded": False},
        {"primary.resected": False},
        {"tumour.site": "lung", "tumour.lung_type_stated": "TC"},
        {"tumour.ki67": 30, "tumour.differentiation": "poor"},
        {"net.entity": "PPGL"},
        {"net.status": "history"},
    ],
)
def test_each_exclusion_ends_the_question_of_a_transplant(exclusion):
    assert outcome("liver-transplantation", TRANSPLANT | exclusion) == "not-offered"


def test_a_transplant_that_may_fit_asks_for_nothing():
    """Else every G1 or G2 patient with metastases would be asked for transplant data."""
    for hidden in ("liver.involvement_pct", "primary.resected", "progression.stable_months"):
        unknown = TRANSPLANT | {hidden: None}
        assert outcome("liver-transplantation", unknown) == "needs-data"
        waiting = [row for rows in requests(unknown).values() for row in rows]
        assert "liver-transplantation" not in waiting


def test_a_transplant_names_the_other_age_limit_and_the_recurrence():
    assert cautions("liver-transplantation", TRANSPLANT) == {"patient.age > 55 years"}
    assert cautions("liver-transplantation", TRANSPLANT | {"patient.age": 55}) == set()
    assert "recurrence is a concern to name" in cards(TRANSPLANT)["options"].detail
    pregnant = TRANSPLANT | {"patient.pregnant": True}
    assert outcome("liver-transplantation", pregnant) == "hold"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "offer"),
        ({"liver.resection_excluded": False}, "offer"),
        ({"liver.resection_excluded": True}, "not-offered"),
        ({"extent.pattern": "liver-dominant"}, "not-offered"),
        ({"extent.pattern": "liver-dominant", "liver.resectable_recorded": True}, "offer"),
        ({"extent.pattern": "disseminated", "liver.resectable_recorded": True}, "not-offered"),
        ({"extent.pattern": None}, "needs-data"),
        ({"extent.pattern": None, "liver.resectable_recorded": True}, "offer"),
        ({"tumour.ki67": 30, "tumour.differentiation": "well"}, "not-offered"),
        ({"risk.carcinoid_heart": True}, "hold"),
        ({"patient.ecog": 3}, "hold"),
        ({"patient.ecog": 2}, "offer"),
    ],
)
def test_liver_resection_unless_it_is_excluded(change, expected):
    assert outcome("liver-resection", LIVER | change) == expected


def test_liver_resection_asks_for_the_pattern_and_speaks_of_ablation():
    assert "liver-resection" in requests(LIVER | {"extent.pattern": None})["extent"]
    assert "can be ablated during the operation" in cards(LIVER)["options"].detail


def test_a_g3_tumour_of_the_liver_only_is_a_question_for_the_board():
    told = "a question for the MDT is whether liver surgery has a place"
    high = LIVER | {"tumour.ki67": 30, "tumour.differentiation": "well"}
    assert told in cards(high)["options"].detail
    assert told not in cards(high | {"extent.pattern": "disseminated"})["options"].detail
    assert told not in cards(LIVER)["options"].detail


# ---- minimally invasive approach -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        (PANCREAS, True),
        (LIVER, True),
        (LIVER | {"patient.ecog": None}, True),
        (LIVER | {"risk.carcinoid_heart": True}, False),
        ({"tumour.site": "lung", "extent.stage": "localised"}, False),
        ({"tumour.site": None, "extent.stage": "localised"}, False),
        (LIVER | {"extent.pattern": "disseminated"}, False),
    ],
)
def test_a_minimally_invasive_approach_is_a_sentence_beside_an_abdominal_operation(plain, told):
    made = cards(plain)
    assert ("**Minimally invasive approach**" in made["options"].detail) is told
    assert not any("inimally invasive" in card.summary for card in made.values())
    waiting = [row for rows in requests(plain).values() for row in rows]
    assert "minimally-invasive-approach" not in waiting


# ---- radiotherapy --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "not-offered"),
        ({"symptom.bone_pain": True}, "offer"),
        ({"symptom.brain_metastasis": True}, "offer"),
        ({"symptom.cord_compression": True}, "offer"),
        ({"symptom.bulk": True}, "not-offered"),
        ({"symptom.bulk": True, "extent.unresectable_recorded": True}, "offer"),
        ({"symptom.bone_pain": True, "patient.pregnant": True}, "blocked"),
        ({"symptom.bone_pain": True, "patient.pregnant": None}, "offer-check"),
    ],
)
def test_radiotherapy_has_a_target(change, expected):
    assert outcome("radiotherapy", LIVER | change) == expected


@pytest.mark.parametrize("pregnant", [True, False, None])
def test_cord_compression_is_critical_with_an_urgent_referral_whatever_else(pregnant):
    made = cards(SPINE | {"patient.pregnant": pregnant})
    assert next(iter(made)) == "immediate-harm"
    card = made["immediate-harm"]
    assert card.indicator == "critical"
    (draft,) = drafts(card).values()
    assert draft["priority"] == "urgent"
    assert "spinal surgery and radiation oncology" in draft["code"]["text"]
    assert draft["subject"] == {"reference": "Patient/p1"}


def test_in_pregnancy_radiotherapy_is_ruled_out_beside_the_critical_card():
    made = cards(SPINE | {"patient.pregnant": True})
    (ruled_out,) = [line for line in made["safety"].detail.splitlines() if "Ruled out now" in line]
    assert "radiotherapy" in ruled_out
    assert "Draft a referral to radiation oncology" not in drafts(made["options"])


def test_an_emergency_does_not_wait_for_the_kind_of_the_tumour():
    assert "immediate-harm" in cards(SPINE | {"net.entity": None})


@pytest.mark.parametrize(
    "plain", [LIVER, LIVER | {"symptom.bone_pain": True}, SPINE | {"net.status": "history"}]
)
def test_nothing_else_interrupts(plain):
    assert "immediate-harm" not in cards(plain)


# ---- endoscopy -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "offer"),
        ({"extent.stage": "localised"}, "offer"),
        ({"tumour.size_mm": 10.5}, "not-offered"),
        ({"tumour.size_mm": None}, "needs-data"),
        ({"tumour.ki67": 4}, "not-offered"),
        ({"tumour.deep_invasion": True}, "not-offered"),
        ({"extent.stage": "regional"}, "not-offered"),
        (
            {"tumour.node_positive": True, "extent.stage": either("regional", "metastatic")},
            "not-offered",
        ),
        ({"tumour.site": "stomach"}, "offer"),
        ({"tumour.site": "duodenum"}, "needs-data"),
        ({"tumour.site": "duodenum", "extent.stage": "localised"}, "offer"),
        ({"tumour.site": "colon", "extent.stage": "localised"}, "not-offered"),
        ({"tumour.site": "colon", "symptom.obstruction": True}, "offer"),
        ({"tumour.site": "lung", "symptom.airway": True}, "offer"),
    ],
)
def test_endoscopy_for_small_tumours_and_for_what_is_narrow(change, expected):
    assert outcome("endoscopic-treatment", RECTUM | change) == expected


def test_endoscopy_asks_for_the_size():
    assert "endoscopic-treatment" in requests(RECTUM | {"tumour.size_mm": None})["tumour_size"]


def test_an_unstaged_small_tumour_is_staged_first_and_an_obstruction_is_not():
    staged = "not recorded(extent.stage is localised)"
    assert staged in cautions("endoscopic-treatment", RECTUM)
    assert cautions("endoscopic-treatment", RECTUM | {"extent.stage": "localised"}) == set()
    narrow = LIVER | {"symptom.obstruction": True}
    assert cautions("endoscopic-treatment", narrow) == {"symptom.obstruction"}


SMALL = "Draft a referral to gastroenterology"
BLOCKED = "Draft an urgent referral for the obstruction"
AIRWAY = "Draft an urgent referral for bronchoscopy"


@pytest.mark.parametrize(
    ("plain", "drafted"),
    [
        (RECTUM, {SMALL}),
        (RECTUM | {"symptom.obstruction": True}, {BLOCKED}),
        (LIVER | {"symptom.obstruction": True}, {BLOCKED}),
        ({"tumour.site": "lung", "symptom.airway": True}, {AIRWAY}),
        (
            {"tumour.site": "lung", "symptom.airway": True, "symptom.obstruction": True},
            {AIRWAY, BLOCKED},
        ),
    ],
)
def test_a_small_tumour_goes_to_gastroenterology_and_what_obstructs_goes_at_once(plain, drafted):
    made = drafts(cards(plain)["options"])
    assert {SMALL, BLOCKED, AIRWAY} & set(made) == drafted
    assert all(made[label]["priority"] == "urgent" for label in drafted - {SMALL})


# ---- against another knowledge -------------------------------------------------------------------


def against(knowledge):
    """The tests of this module that fail with a knowledge."""
    yield from failing(sys.modules[__name__], knowledge)
