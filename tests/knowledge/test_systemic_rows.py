"""What is special in the systemic treatments and in the care of syndromes, on both sides of it."""

import json
import sys
import uuid
from datetime import date

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.weigh import weigh
from cdshooks.engine import Engine
from cdshooks.fhir.build.bundle import build_bundle
from cdshooks.hooks.compose import compose
from tests.knowledge.encoding import KNOWLEDGE, VOCABULARY, WELL, either, facts
from tests.knowledge.rows import failing

AS_OF = date(2026, 11, 15)

GROWING = WELL | {"extent.stage": "metastatic", "progression.status": "progressive"}
PANCREAS = GROWING | {"tumour.site": "pancreas", "tumour.ki67": 5}
QUIET = PANCREAS | {"progression.status": "stable"}
ILEUM = GROWING | {"tumour.site": "jejunum-ileum", "tumour.ki67": 5}
USED_UP = ILEUM | {"prior.ssa": "past", "prior.everolimus": "past", "prior.prrt": "past"}
G3_RECTUM = WELL | {
    "extent.stage": "metastatic",
    "tumour.site": "rectum",
    "tumour.ki67": 30,
    "tumour.differentiation": "well",
}
LUNG = GROWING | {"tumour.site": "lung", "tumour.lung_type_stated": "AC"}
EU, NICE = {"config.jurisdiction": "eu"}, {"config.jurisdiction": "uk-nice"}
NEC = G3_RECTUM | {"tumour.ki67": 80, "tumour.differentiation": "poor"}
SSA, ANOTHER = {"prior.ssa": "current"}, {"prior.everolimus": "past"}
PPGL = WELL | {"net.entity": "PPGL", "extent.stage": "metastatic"}
VHL = WELL | {"risk.vhl": True, "tumour.site": "pancreas", "tumour.ki67": 2}


def syndrome(*types):
    return {"syndrome.types": either(*types), "syndrome.functional": True}


REFRACTORY = {"syndrome.refractory": True}
CARCINOID = ILEUM | SSA | syndrome("carcinoid") | REFRACTORY

ROWS = [
    # T16: gastrin only where acid control fails; never beside an insulinoma; any grade and family
    ("ssa-hormone-control", WELL | syndrome("carcinoid"), "offer"),
    ("ssa-hormone-control", WELL | syndrome("carcinoid") | {"net.entity": "MiNEN"}, "not-offered"),
    ("ssa-hormone-control", WELL | syndrome("gastrin"), "needs-data"),
    ("ssa-hormone-control", WELL | syndrome("gastrin") | REFRACTORY, "offer"),
    ("ssa-hormone-control", WELL | syndrome("insulin") | REFRACTORY, "not-offered"),
    ("ssa-hormone-control", WELL | syndrome("carcinoid", "insulin"), "not-offered"),
    ("ssa-hormone-control", WELL | {"syndrome.functional": False}, "not-offered"),
    (
        "ssa-hormone-control",
        WELL | syndrome("vip") | {"risk.hypersensitivity": either("ssa")},
        "blocked",
    ),
    # T24: Ki-67 10 %, or growth, bulk, G3; DPD blocks only where a test showed it
    ("capecitabine-temozolomide", PANCREAS, "offer"),
    ("capecitabine-temozolomide", QUIET, "not-offered"),
    ("capecitabine-temozolomide", QUIET | {"progression.status": None}, "needs-data"),
    ("capecitabine-temozolomide", QUIET | {"tumour.ki67": 10}, "offer"),
    ("capecitabine-temozolomide", QUIET | {"tumour.ki67": 9.5}, "not-offered"),
    ("capecitabine-temozolomide", QUIET | {"symptom.bulk": True}, "offer"),
    (
        "capecitabine-temozolomide",
        QUIET | {"tumour.ki67": 30, "tumour.differentiation": "well"},
        "offer",
    ),
    (
        "capecitabine-temozolomide",
        QUIET | {"tumour.ki67": 30, "tumour.differentiation": "poor"},
        "not-offered",
    ),
    ("capecitabine-temozolomide", PANCREAS | {"risk.dpd_deficiency": True}, "blocked"),
    ("capecitabine-temozolomide", PANCREAS | {"risk.dpd_deficiency": False}, "offer"),
    ("capecitabine-temozolomide", PANCREAS | {"lab.creatinine_clearance": 29}, "blocked"),
    ("capecitabine-temozolomide", PANCREAS | {"lab.creatinine_clearance": 30}, "offer"),
    ("capecitabine-temozolomide", PANCREAS | {"lab.creatinine_clearance": None}, "offer-check"),
    ("capecitabine-temozolomide", PANCREAS | {"prior.captem": "past"}, "not-offered"),
    ("capecitabine-temozolomide", PANCREAS | {"prior.temozolomide": "past"}, "offer"),
    # T25: carcinoids of the lung only
    ("temozolomide-lung", LUNG, "offer"),
    ("temozolomide-lung", LUNG | {"tumour.site": "thymus"}, "not-offered"),
    ("temozolomide-lung", LUNG | {"progression.status": "stable"}, "not-offered"),
    ("temozolomide-lung", LUNG | {"prior.temozolomide": "past"}, "not-offered"),
    ("temozolomide-lung", LUNG | {"prior.captem": "past"}, "not-offered"),
    # T27: low grade only when the others are used up; G3 at once; ordered earlier it is held
    ("chemotherapy-gut-net", USED_UP, "offer"),
    ("chemotherapy-gut-net", USED_UP | {"prior.everolimus": "none"}, "not-offered"),
    ("chemotherapy-gut-net", USED_UP | {"prior.ssa": "none"}, "not-offered"),
    (
        "chemotherapy-gut-net",
        USED_UP | {"prior.prrt": "none", "imaging.sstr_status": "negative"},
        "offer",
    ),
    (
        "chemotherapy-gut-net",
        USED_UP | {"prior.prrt": "none", "imaging.sstr_status": "positive"},
        "not-offered",
    ),
    ("chemotherapy-gut-net", G3_RECTUM, "offer"),
    ("chemotherapy-gut-net", G3_RECTUM | {"tumour.site": "pancreas"}, "not-offered"),
    ("chemotherapy-gut-net", G3_RECTUM | {"lab.neutrophils": 1.0}, "hold"),
    ("chemotherapy-gut-net-ordered", ILEUM, "not-offered"),
    (
        "chemotherapy-gut-net-ordered",
        ILEUM | {"order.classes": either("chemotherapy")},
        "hold",
    ),
    (
        "chemotherapy-gut-net-ordered",
        G3_RECTUM | {"order.classes": either("chemotherapy")},
        "not-offered",
    ),
    # T28: refractory carcinoid syndrome, added to an analogue
    ("interferon-alfa", CARCINOID, "offer"),
    ("interferon-alfa", CARCINOID | {"syndrome.refractory": False}, "not-offered"),
    ("interferon-alfa", CARCINOID | {"prior.ssa": "none"}, "not-offered"),
    ("interferon-alfa", CARCINOID | {"risk.depression": True}, "hold"),
    ("interferon-alfa", CARCINOID | {"risk.autoimmune": True}, "hold"),
    ("interferon-alfa", CARCINOID | {"risk.autoimmune_hepatitis": True}, "blocked"),
    ("interferon-alfa", CARCINOID | {"lab.platelets": 74}, "hold"),
    ("interferon-alfa", CARCINOID | {"lab.platelets": 75}, "offer"),
    # T30: adults, the pancreas, G1 and G2
    ("sunitinib", PANCREAS, "offer"),
    ("sunitinib", ILEUM, "not-offered"),
    ("sunitinib", PANCREAS | {"patient.age": 17}, "blocked"),
    ("sunitinib", PANCREAS | {"patient.age": 18}, "offer"),
    ("sunitinib", PANCREAS | {"tumour.site": None}, "needs-data"),
    ("sunitinib", PANCREAS | {"risk.lvef_low": True}, "hold"),
    ("sunitinib", PANCREAS | {"patient.ecog": 3}, "hold"),
    # T31: an analogue counts as treatment in the United States only; age 12 or 18
    ("cabozantinib", ILEUM, "not-offered"),
    ("cabozantinib", ILEUM | SSA, "offer"),
    ("cabozantinib", ILEUM | SSA | EU, "not-offered"),
    ("cabozantinib", ILEUM | SSA | NICE, "not-offered"),
    ("cabozantinib", ILEUM | ANOTHER | EU, "offer"),
    ("cabozantinib", ILEUM | ANOTHER | NICE, "offer"),
    ("cabozantinib", ILEUM | ANOTHER | {"tumour.site": None}, "offer"),
    ("cabozantinib", ILEUM | ANOTHER | {"prior.cabozantinib": "past"}, "not-offered"),
    ("cabozantinib", ILEUM | SSA | {"patient.age": 11}, "blocked"),
    ("cabozantinib", ILEUM | SSA | {"patient.age": 12}, "offer"),
    ("cabozantinib", ILEUM | ANOTHER | EU | {"patient.age": 17}, "blocked"),
    ("cabozantinib", ILEUM | ANOTHER | EU | {"patient.age": 18}, "offer"),
    ("cabozantinib", ILEUM | SSA | {"risk.major_bleeding": True}, "hold"),
    # T32: from 12 years; in von Hippel-Lindau disease adults, the pancreas, any extent
    ("belzutifan", PPGL, "offer"),
    ("belzutifan", PPGL | {"extent.stage": "localised"}, "not-offered"),
    ("belzutifan", PPGL | {"patient.age": 11}, "blocked"),
    ("belzutifan", PPGL | {"patient.age": 12}, "offer"),
    ("belzutifan", VHL, "offer"),
    ("belzutifan", VHL | {"risk.vhl": False}, "not-offered"),
    ("belzutifan", VHL | {"tumour.site": "jejunum-ileum"}, "not-offered"),
    ("belzutifan", VHL | {"patient.age": 17}, "blocked"),
    ("belzutifan", VHL | {"patient.age": 18}, "offer"),
    ("belzutifan", VHL | {"tumour.ki67": None}, "offer"),
    ("belzutifan", VHL | {"lab.haemoglobin": 7.5}, "hold"),
    ("belzutifan", VHL | {"lab.haemoglobin": 8}, "offer"),
    # T35
    ("clinical-trials", QUIET, "not-offered"),
    ("clinical-trials", QUIET | ANOTHER, "offer"),
    ("clinical-trials", G3_RECTUM, "offer"),
    ("clinical-trials", PPGL, "offer"),
    ("clinical-trials", LUNG | {"progression.status": "stable"}, "offer"),
    # T38-T40: only what is recorded; while the tumour is suspected a referral and no more
    ("insulinoma-care", WELL | syndrome("insulin"), "offer"),
    ("insulinoma-care", WELL, "not-offered"),
    ("insulinoma-care", WELL | syndrome("insulin") | {"net.status": "suspected"}, "not-offered"),
    ("suspected-insulinoma", WELL | syndrome("insulin") | {"net.status": "suspected"}, "offer"),
    (
        "suspected-insulinoma",
        WELL | syndrome("gastrin") | {"net.status": "suspected"},
        "not-offered",
    ),
    ("suspected-insulinoma", WELL | syndrome("insulin"), "not-offered"),
    ("suspected-gastrinoma", WELL | syndrome("gastrin") | {"net.status": "suspected"}, "offer"),
    ("suspected-gastrinoma", WELL | syndrome("gastrin"), "not-offered"),
    ("gastrinoma-care", WELL | syndrome("gastrin"), "offer"),
    ("gastrinoma-care", WELL | {"symptom.hormonal": True}, "not-offered"),
    ("carcinoid-syndrome-care", WELL | syndrome("carcinoid"), "offer"),
    (
        "carcinoid-syndrome-care",
        WELL | syndrome("carcinoid") | {"net.status": "suspected"},
        "not-offered",
    ),
    # D10
    ("tumour-markers", WELL | SSA, "offer"),
    ("tumour-markers", WELL | {"prior.ssa": "past"}, "not-offered"),
    ("tumour-markers", WELL | {"prior.chemotherapy_other": "current"}, "offer"),
]


def treatment(name):
    return next(one for one in KNOWLEDGE.treatments if one.id == name)


@pytest.mark.parametrize(("name", "plain", "outcome"), ROWS)
def test_a_row_reaches_its_outcome(name, plain, outcome):
    assert weigh(treatment(name), facts(plain, knowledge=KNOWLEDGE), VOCABULARY).outcome == outcome


CYTOTOXIC_OR_TARGETED = [
    ("capecitabine-temozolomide", PANCREAS),
    ("temozolomide-lung", LUNG),
    ("chemotherapy-gut-net", G3_RECTUM),
    ("sunitinib", PANCREAS),
    ("cabozantinib", ILEUM | SSA),
    ("belzutifan", PPGL),
    ("interferon-alfa", CARCINOID),
]


@pytest.mark.parametrize(("name", "plain"), CYTOTOXIC_OR_TARGETED)
def test_a_pregnancy_blocks_and_an_unknown_one_is_checked_first(name, plain):
    outcomes = {
        pregnant: weigh(
            treatment(name),
            facts(plain | {"patient.pregnant": pregnant}, knowledge=KNOWLEDGE),
            VOCABULARY,
        ).outcome
        for pregnant in (True, None, False)
    }
    assert outcomes == {True: "blocked", None: "offer-check", False: "offer"}


# ---- cautions ------------------------------------------------------------------------------------

CAUTIONS = [
    ("capecitabine-temozolomide", PANCREAS, "A test for DPD deficiency", True),
    ("capecitabine-temozolomide", PANCREAS | {"risk.dpd_deficiency": False}, "test for DPD", False),
    ("temozolomide-lung", LUNG, "Everolimus", True),
    ("temozolomide-lung", LUNG | ANOTHER, "Everolimus", False),
    ("chemotherapy-gut-net", USED_UP, "less helpful", True),
    ("chemotherapy-gut-net", G3_RECTUM, "less helpful", False),
    ("cabozantinib", ILEUM | SSA, "ask for one more treatment", True),
    ("cabozantinib", ILEUM | SSA | ANOTHER, "ask for one more treatment", False),
    ("cabozantinib", ILEUM | ANOTHER | EU, "NHS", False),
    ("cabozantinib", ILEUM | ANOTHER | NICE, "NHS", True),
    ("belzutifan", PPGL, "outside the United States", False),
    ("belzutifan", PPGL | EU, "outside the United States", True),
    ("belzutifan", VHL | EU, "outside the United States", False),
    ("belzutifan", VHL, "immediate surgery", True),
    ("belzutifan", PPGL, "immediate surgery", False),
    ("ssa-hormone-control", WELL | syndrome("vip"), "is not covered here", True),
    ("ssa-hormone-control", WELL | syndrome("carcinoid"), "is not covered here", False),
    ("carcinoid-syndrome-care", WELL | syndrome("carcinoid"), "telotristat", False),
    ("carcinoid-syndrome-care", WELL | syndrome("carcinoid") | REFRACTORY, "telotristat", True),
    ("gastrinoma-care", WELL | syndrome("gastrin") | {"symptom.bleeding": True}, "urgent", True),
    ("net-mdt", NEC, "irinotecan with a fluoropyrimidine", False),
    (
        "net-mdt",
        NEC | {"prior.platinum_etoposide": "past"},
        "irinotecan with a fluoropyrimidine",
        True,
    ),
]


@pytest.mark.parametrize(("name", "plain", "words", "told"), CAUTIONS)
def test_a_caution_is_told_where_it_applies(name, plain, words, told):
    cautions = weigh(treatment(name), facts(plain, knowledge=KNOWLEDGE), VOCABULARY).cautions
    assert any(words in leaf.why for leaf in cautions) is told


def test_the_caution_that_always_holds_for_an_insulinoma_is_a_sentence_of_the_card():
    care = treatment("insulinoma-care")
    assert care.indicator == "warning"
    assert any("can worsen the hypoglycaemia" in saying.text for saying in care.sayings)


# ---- what is asked for ---------------------------------------------------------------------------


def requested(plain):
    found = assess(
        KNOWLEDGE.treatments,
        KNOWLEDGE.requests,
        KNOWLEDGE.warnings,
        facts(plain, knowledge=KNOWLEDGE),
        VOCABULARY,
    )
    return {(one.request.id, row) for one in found.requests for row in one.waiting}


def test_progression_is_asked_for_where_nothing_else_decides_on_chemotherapy():
    asked = requested(QUIET | {"progression.status": None})
    assert ("progression", "capecitabine-temozolomide") in asked
    asked = requested(QUIET | {"progression.status": None, "tumour.ki67": 15})
    assert ("progression", "capecitabine-temozolomide") not in asked


def test_rows_that_are_silent_ask_for_nothing_while_undecided():
    silent = {one.id for one in KNOWLEDGE.treatments if one.silent}
    waiting = {row for _, row in requested(WELL | {"tumour.site": "jejunum-ileum"})}
    assert {"ssa-hormone-control", "interferon-alfa", "clinical-trials"} <= silent
    assert not silent & waiting


# ---- warnings ------------------------------------------------------------------------------------


def warned(plain):
    found = assess((), (), KNOWLEDGE.warnings, facts(plain, knowledge=KNOWLEDGE), VOCABULARY)
    return {one.caveat.id for one in found.warnings}


ORDERED_SSA = {"order.classes": either("ssa")}
OTHER_CHEMOTHERAPY = {"prior.chemotherapy_other": "current"}
WARNINGS = [
    ("ssa_with_insulinoma", WELL | syndrome("insulin") | ORDERED_SSA, True),
    ("ssa_with_insulinoma", WELL | syndrome("insulin") | SSA, False),
    ("ssa_with_insulinoma", WELL | syndrome("carcinoid") | ORDERED_SSA, False),
    ("carcinoid_crisis", WELL | {"syndrome.crisis": True}, True),
    ("carcinoid_crisis", WELL | {"syndrome.crisis": False}, False),
    ("carcinoid_crisis", WELL | {"syndrome.crisis": True, "net.status": "history"}, False),
    ("chemotherapy_in_pregnancy", WELL | OTHER_CHEMOTHERAPY | {"patient.pregnant": True}, True),
    ("chemotherapy_in_pregnancy", WELL | OTHER_CHEMOTHERAPY, False),
    ("chemotherapy_in_pregnancy", WELL | {"patient.pregnant": True}, False),
]


@pytest.mark.parametrize(("name", "plain", "expected"), WARNINGS)
def test_a_warning_is_given_where_it_applies(name, plain, expected):
    assert (name in warned(plain)) is expected


# ---- cards ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    return Engine(KNOWLEDGE)


@pytest.fixture
def cards(engine):
    def of(jurisdiction="us", **told):
        given = {name.replace("__", "."): value for name, value in told.items()}
        body = json.dumps(build_bundle(given, AS_OF, knowledge=KNOWLEDGE)).encode()
        (document,) = engine.assess_body(body, AS_OF, jurisdiction)
        return {card["source"]["topic"]["code"]: card for card in document["cards"]}

    return of


ON_CARDS = {
    "patient__age": "60",
    "patient__ecog": "1",
    "patient__pregnant": "false",
    "patient__breastfeeding": "false",
    "extent__stage": "metastatic",
    "progression__status": "progressive",
    "tumour__ki67": "5 %",
}


def drafts(card):
    return {suggestion["label"] for suggestion in card.get("suggestions", ())}


def test_a_carcinoid_crisis_is_a_critical_card_of_its_own(cards):
    told = ON_CARDS | {"tumour__site": "jejunum-ileum", "syndrome__types": "carcinoid"}
    assert "immediate-harm" not in cards(**told)
    crisis = cards(**told, syndrome__crisis="true")["immediate-harm"]
    assert crisis["indicator"] == "critical"
    assert crisis["summary"].startswith("Carcinoid crisis on file")
    assert "octreotide" in crisis["detail"]
    assert "The tumour is present now" not in crisis["detail"], "the headline says it"


def test_chemotherapy_that_runs_in_pregnancy_is_a_critical_card(cards):
    told = ON_CARDS | {"tumour__site": "rectum", "prior__chemotherapy_other": "current"}
    pregnant = told | {"patient__pregnant": "true", "patient__age": "31"}
    assert "immediate-harm" not in cards(**told)
    assert cards(**pregnant)["immediate-harm"]["indicator"] == "critical"


def test_an_analogue_that_runs_is_continued_and_not_drafted_again(cards):
    told = ON_CARDS | {"tumour__site": "jejunum-ileum", "syndrome__types": "carcinoid"}
    started = cards(**told)["options"]
    assert {label for label in drafts(started) if "dose left to the prescriber" in label} == {
        "Draft lanreotide, dose left to the prescriber",
        "Draft octreotide, dose left to the prescriber",
    }
    running = cards(**told, prior__ssa="current")["options"]
    assert "continue and review it" in running["detail"]
    assert not [label for label in drafts(running) if "dose left to the prescriber" in label]


def test_an_analogue_that_is_drafted_for_tumour_control_is_drafted_once(cards):
    told = ON_CARDS | {
        "tumour__site": "jejunum-ileum",
        "syndrome__types": "carcinoid",
        "imaging__sstr_status": "positive",
        "progression__status": "stable",
    }
    analogues = [one for one in drafts(cards(**told)["options"]) if "reotide" in one]
    assert analogues == ["Draft lanreotide 120 mg every 28 days"]


def test_cabozantinib_is_drafted_for_adults_and_not_against_funding(cards):
    told = ON_CARDS | {"tumour__site": "jejunum-ileum", "prior__everolimus": "past"}
    draft = "Draft cabozantinib 60 mg daily"
    assert draft in drafts(cards(**told)["options"])
    assert draft in drafts(cards("eu", **told)["options"])
    assert draft not in drafts(cards("uk-nice", **told)["options"])
    assert draft not in drafts(cards(**(told | {"patient__age": "15"}))["options"])


def test_a_suspected_insulinoma_is_referred_and_no_more(cards):
    told = {"net__status": "suspected", "tumour__site": "pancreas", "syndrome__types": "insulin"}
    options = cards(**told)["options"]
    assert drafts(options) == {
        "Draft a referral to the NET multidisciplinary meeting",
        "Draft a referral to endocrinology",
    }
    assert "Insulinoma care" not in options["detail"]


def test_the_board_line_leads_to_the_trial_registry(cards):
    told = ON_CARDS | {"tumour__site": "jejunum-ileum"}
    assert "https://clinicaltrials.gov/search" in cards(**told)["options"]["detail"]
    still = told | {"progression__status": "stable"}
    assert "https://clinicaltrials.gov/search" not in cards(**still)["options"]["detail"]


def test_ordered_chemotherapy_is_on_hold_without_a_finding_that_holds_it():
    given = facts(ILEUM | {"order.classes": either("chemotherapy")}, knowledge=KNOWLEDGE)
    found = assess((treatment("chemotherapy-gut-net-ordered"),), (), (), given, VOCABULARY)
    (card,) = compose(found, KNOWLEDGE, "p", AS_OF, uuid.uuid4)
    assert card.summary == "Ordered chemotherapy for a low-grade gastrointestinal NET on hold"
    assert "consider other options first" in card.detail
    assert card.suggestions == ()


PANCREAS = {"tumour__site": "pancreas", "tumour__ki67": "12 %"}
CARCINOMA = {"tumour__site": "colon", "tumour__ki67": "80 %", "tumour__differentiation": "poor"}
MARROW = {"lab__neutrophils": "3", "lab__platelets": "200", "lab__creatinine_clearance": "90"}


@pytest.mark.parametrize(
    ("told", "drug"),
    [
        (
            {
                "tumour__site": "jejunum-ileum",
                "imaging__sstr_status": "positive",
                "progression__status": "stable",
            },
            "lanreotide 120 mg",
        ),
        (PANCREAS, "capecitabine"),
        (PANCREAS, "temozolomide"),
        (CARCINOMA, "carboplatin"),
        (CARCINOMA, "etoposide"),
    ],
)
@pytest.mark.parametrize(("age", "drafted"), [("17", False), ("18", True)])
def test_no_drug_is_drafted_for_a_child(cards, told, drug, age, drafted):
    """The option stays, with its caution; the dose is the paediatric team's."""
    made = drafts(cards(**(ON_CARDS | MARROW | told | {"patient__age": age}))["options"])
    assert any(drug in label for label in made) is drafted


# ---- against another knowledge -------------------------------------------------------------------


def against(knowledge):
    """The tests of this module that fail with a knowledge."""
    yield from failing(sys.modules[__name__], knowledge)
