"""Who is outside of the scope gets no treatment card: other cancers, look-alikes, other people.

A NET in the history gets a line on follow-up, a suspected one the board and what is missing.
"""

import pytest

from tests.fhir.readers.small import (
    concept,
    condition,
    measured,
    observation,
    patient,
    report,
    resource,
)
from tests.safety.patients import assess_resources, card_of, outcomes, titles_named
from tests.shipped import KNOWLEDGE

KI67 = measured("LOINC#29593-1", 5, "%")
# What would speak for treatments if the disease were one of ours.
TEMPTING = (
    KI67,
    report("CT: liver metastases, progressive disease. DOTATATE PET: intense uptake."),
    observation("LOINC#97509-4", valueCodeableConcept={"text": "Progressive disease"}),
)
ICD, GM, SCT, ICDO = "ICD-10-CM#", "ICD-10#", "SNOMED#", "ICD-O-3#"

OUT_OF_SCOPE = [
    # other cancers
    *(condition(ICD + code) for code in ("C50.911", "C61", "C18.2", "C25.0", "C22.0", "C34.90")),
    *(condition(ICD + code) for code in ("C43.9", "C64.1", "C90.00", "C83.30", "C71.9", "C56.1")),
    condition("Adenocarcinoma of the pancreas"),
    condition("Hepatocellular carcinoma"),
    condition("Papillary thyroid carcinoma"),
    condition(GM + "C17.2"),
    condition(ICD + "C78.7"),
    condition(ICD + "D37.8"),
    # look-alikes of a NET
    condition(ICD + "C4A.9"),
    condition(ICD + "C7B.1"),
    condition(ICDO + "8247/3"),
    condition("Merkel cell carcinoma"),
    condition(ICD + "C34.90", "Small cell carcinoma of lung"),
    condition(ICD + "C34.90", "Small cell neuroendocrine carcinoma of the lung"),
    condition("Small cell lung cancer"),
    condition(SCT + "254632001"),
    condition("Goblet cell adenocarcinoma of the appendix"),
    condition(ICDO + "8243/3"),
    condition(ICDO + "8574/3"),
    condition("Adenocarcinoma with neuroendocrine differentiation"),
    condition("Pituitary neuroendocrine tumour"),
    condition("PNET/Ewing sarcoma, primitive neuroectodermal tumor"),
    condition("Disorder of pancreas NEC"),
    condition("Gastric disorder NEC"),
    # not the patient's, not now, not so
    condition("Family history of carcinoid tumour"),
    condition(ICD + "Z80.0", "Mother had a carcinoid tumour"),
    condition("Mother had a carcinoid tumour of the ileum"),
    condition("Her son had a carcinoid"),
    condition("Daughter: insulinoma"),
    condition("No evidence of neuroendocrine tumour"),
    condition("Carcinoid excluded"),
    condition("Carcinoid tumour of the ileum has been excluded"),
    condition("Encounter for exclusion of neuroendocrine tumour"),
    condition("Concern about carcinoid"),
    condition("Rule out carcinoid tumour"),
    condition("Rule out carcinoid tumour", verified="confirmed"),
    condition(ICD + "C7A.012", verified="refuted"),
    condition(ICD + "C7A.012", verified="entered-in-error", clinical=None),
    condition("Neuroendocrine tumor screening"),
    condition("Increased risk of carcinoid"),
    condition("Keine Hinweise auf einen neuroendokrinen Tumor"),
    condition("Pas de tumeur neuroendocrine"),
    # syndromes and symptoms without a tumour
    condition(ICD + "E34.00"),
    condition("Carcinoid syndrome"),
    condition("Flushing"),
    condition(ICD + "E16.2"),
    condition(ICD + "I10"),
    resource(
        "FamilyMemberHistory",
        status="completed",
        patient={"reference": "Patient/1"},
        subject=None,
        relationship={"text": "mother"},
        condition=[{"code": {"text": "Carcinoid tumour of the ileum"}}],
    ),
]


def told_of(one):
    """What it is called or coded, and by how much it is verified."""
    code = one.get("code", {})
    named = [coding["code"] for coding in code.get("coding", ())] + [code.get("text", "")]
    said = one.get("verificationStatus") or one.get("clinicalStatus") or {}
    status = said.get("coding", [{}])[0].get("code", "")
    return " ".join(filter(None, [one["resourceType"], *named, status]))


def test_h5_the_list_has_fifty_conditions():
    assert len({told_of(one) for one in OUT_OF_SCOPE}) >= 50


@pytest.mark.parametrize("one", OUT_OF_SCOPE, ids=told_of)
def test_h5_outside_of_the_scope_there_is_no_card(one):
    """Whatever scans, grades and courses are on file beside it."""
    for beside in ((), TEMPTING):
        found = assess_resources(patient(), one, *beside)
        assert found["facts"]["net.status"]["possible"] == ["none"]
        assert set(outcomes(found).values()) == {"not-offered"}
        assert "cards" not in found
        assert "requests" not in found


# ---- on the border of the scope ------------------------------------------------------------------

OFFERED = ("offer", "offer-check", "hold")


def options(found):
    """The treatments of the option kind that fit, whatever has to be checked."""
    placed = {one.id for one in KNOWLEDGE.treatments if one.place == "option"}
    return {name for name, outcome in outcomes(found).items() if outcome in OFFERED} & placed


@pytest.mark.parametrize(
    "net",
    [
        condition(ICD + "C7A.012", clinical="remission"),
        condition(ICD + "C7A.012", clinical="resolved"),
        condition(ICD + "Z85.060"),
        condition("History of carcinoid tumor of the ileum"),
    ],
    ids=told_of,
)
def test_h5_a_tumour_of_the_past_gets_a_line_on_follow_up_and_no_order(net):
    found = assess_resources(patient(), net, KI67)
    (card,) = found["cards"]
    assert card["summary"] == "Neuroendocrine tumour in the history: follow-up"
    assert "suggestions" not in card
    assert options(found) <= {"active-surveillance"}


@pytest.mark.parametrize(
    "net",
    [
        condition(ICD + "C7A.012", verified="provisional"),
        condition(ICD + "C7A.012", verified="differential"),
        condition("Suspected NET of the ileum"),
        condition("Rule out carcinoid", verified="provisional"),
    ],
    ids=told_of,
)
def test_h5_a_suspected_tumour_gets_the_board_and_what_is_missing(net):
    found = assess_resources(patient(), net, *TEMPTING)
    assert options(found) == set()
    assert {card["source"]["topic"]["code"] for card in found["cards"]} <= {
        "options",
        "missing-data",
    }
    assert titles_named(card_of(found, "options")) <= {
        "Discussion in a NET multidisciplinary meeting (MDT)"
    }


@pytest.mark.parametrize("code", ["8244/3", "8154/3"])
def test_h5_a_mixed_tumour_is_for_the_board_alone(code):
    found = assess_resources(patient(), condition(ICDO + code), *TEMPTING)
    fitting = {name for name, outcome in outcomes(found).items() if outcome != "not-offered"}
    assert fitting <= {"net-mdt", "clinical-trials"}


def test_h5_a_phaeochromocytoma_is_never_punctured_or_graded():
    found = assess_resources(patient(), condition(ICD + "C74.11"))
    asked = {one["id"] for one in found.get("requests", ())}
    assert not asked & {"ki67_or_grade", "repeat_biopsy"}


FOR_ADULTS = {"prrt-lu177-dotatate", "prrt-first-line", "everolimus", "sunitinib", "cabozantinib"}


def weighed(found):
    """Treatment to (outcome, its cautions)."""
    return {one["id"]: (one["outcome"], one.get("cautions", ())) for one in found["treatments"]}


def test_h5_a_child_gets_no_prrt_and_no_targeted_drug_and_other_options_with_a_caution():
    """Whose label or trial excludes children is blocked; else the age stands beside the option."""
    found = assess_resources(
        *(patient(born="2016-01-01"), condition(ICD + "C7A.8", "NET of the pancreas"), *TEMPTING)
    )
    assert not options(found) & FOR_ADULTS
    told = weighed(found)
    assert {name: told[name][0] for name in ("prrt-lu177-dotatate", "everolimus", "sunitinib")} == {
        "prrt-lu177-dotatate": "blocked",
        "everolimus": "blocked",
        "sunitinib": "blocked",
    }
    assert options(found) == {"ssa-tumour-control", "capecitabine-temozolomide"}
    for name in ("ssa-tumour-control", "capecitabine-temozolomide", "net-mdt"):
        outcome, cautions = told[name]
        assert outcome in OFFERED
        assert any(one.startswith("Age: 10 years.") for one in cautions)
    # The chemotherapy waits for checks, so that no order of it is drafted.
    assert told["capecitabine-temozolomide"][0] == "offer-check"


def test_h5_in_pregnancy_what_harms_the_child_is_blocked_and_an_analogue_is_for_obstetrics():
    """Of the same woman who is not pregnant none of it is blocked."""
    tumour = condition(ICD + "C7A.8", "NET of the pancreas")
    woman = patient(gender="female", born="1990-01-01")
    pregnant = condition(ICD + "Z33.1", id="pregnant", recorded="2026-10-01")
    harmful = {"prrt-lu177-dotatate", "everolimus", "sunitinib", "capecitabine-temozolomide"}
    not_pregnant = observation(
        "LOINC#82810-3", valueCodeableConcept=concept("SNOMED#60001007"), on="2026-11-10"
    )
    for said, reached in ((pregnant, {"blocked"}), (not_pregnant, {"offer-check"})):
        found = assess_resources(woman, tumour, said, *TEMPTING)
        told = weighed(found)
        assert {told[name][0] for name in harmful} == reached
        noted = any(one.startswith("Pregnant: yes") for one in told["ssa-tumour-control"][1])
        assert noted == (said is pregnant)
        assert told["ssa-tumour-control"][0] == "offer"
    # The safety card says it in its first line.
    found = assess_resources(woman, tumour, pregnant, *TEMPTING)
    assert "Pregnant: yes" in card_of(found, "safety")["summary"]


def test_h5_a_benign_code_is_a_localised_tumour():
    found = assess_resources(patient(), condition(ICD + "D3A.026"))
    assert found["facts"]["extent.stage"]["possible"] == ["localised"]
    assert found["facts"]["net.family"]["possible"] == ["NET"]
