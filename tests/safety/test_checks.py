"""A contraindication that nobody looked for is to be checked, never taken as absent.

Of every treatment that something blocks or holds, each datum of these lists is dropped in turn.
"""

import re
from functools import cache

import pytest

from cdshooks.clinical.derive import derive
from cdshooks.clinical.weigh import weigh
from tests.fhir.readers.small import administration, concept, condition, measured, patient, report
from tests.fhir.readers.small import observation as observed
from tests.knowledge.encoding import KNOWLEDGE, VOCABULARY, facts
from tests.property.strategies import CASES as OFFERED_TO
from tests.property.test_laws import GUARDED, TREATMENTS, asked_by, base_facts, listed
from tests.safety.patients import CASES, assess_resources, assessed, body, card_of, outcomes

GUARDING = {name: listed(TREATMENTS[name].block, TREATMENTS[name].hold) for name in GUARDED}
# Counts only beside another value, or only if it was measured: dropped, it leaves an offer where
# the other one speaks for safety. Each is a choice of the treatment logic.
OUTWEIGHED = {
    "lab.egfr": "a clearance is on file",
    "risk.ckd4": "a clearance is on file",
    "lab.pt_prolonged": "albumin is normal",
    "lab.albumin": "clotting is normal",
    "lab.alt_uln": "counts only if it was measured",
    "risk.dpd_deficiency": "counts only if a test showed it",
}
CLOTTING = {"lab.platelets", "lab.pt_prolonged"}  # before a puncture: only if measured


def guards(name):
    """The base facts on which blocks and holds rest, and which nothing else asks."""
    asked = base_facts(asked_by(GUARDING[name]))
    selecting = base_facts(asked_by(listed(TREATMENTS[name].consider)))
    return sorted(one for one in asked - selecting if not one.startswith("config."))


PAIRS = [(name, fact) for name in GUARDED for fact in guards(name)]


@cache
def whole(name):
    return facts(OFFERED_TO[name][0])


def outcome(name, known):
    return weigh(TREATMENTS[name], known, VOCABULARY)


@pytest.mark.parametrize(("name", "fact"), PAIRS)
def test_h7_without_a_contraindication_datum_an_option_is_to_be_checked(name, fact):
    reached = outcome(name, whole(name)).outcome
    dropped = outcome(name, derive(whole(name).without([fact]), KNOWLEDGE.derivations))
    if reached != "offer":  # the checks of orders are on hold whatever is known
        assert dropped.outcome != "offer"
    elif dropped.outcome == "offer":
        assert fact in OUTWEIGHED or fact in CLOTTING
    else:
        assert dropped.outcome == "offer-check"
        assert (
            "lab.creatinine_clearance" in dropped.needs if fact in KIDNEY else fact in dropped.needs
        )


KIDNEY = ("risk.dialysis", "risk.ckd4", "risk.ckd5", "lab.egfr")
CLEARANCE = "lab.creatinine_clearance"  # this one test settles them all


# ---- from the record to the card -----------------------------------------------------------------

ILEAL = condition("ICD-10-CM#C7A.012", recorded="2025-02-01")
PANCREATIC = condition("ICD-10-CM#C7A.8", "Neuroendocrine tumour of the pancreas")
COLONIC = condition("ICD-10-CM#C18.9", "Neuroendocrine carcinoma (NEC) of the colon")
SPREAD = report(
    "CT: predominantly hepatic metastases, not a candidate for liver surgery. Progressive disease"
    " of the neuroendocrine tumour. Non-functioning tumour."
)
SCAN = {**report("Intense uptake in all lesions."), "code": concept("Ga-68 DOTATATE PET/CT")}
ANALOGUE = administration("Lanreotide", on="2026-09-01")
NOT_PREGNANT = observed("LOINC#82810-3", valueCodeableConcept=concept("SNOMED#60001007"))
NOT_NURSING = observed("Breastfeeding", valueBoolean=False)
LABORATORY = {
    "Haemoglobin": measured("LOINC#718-7", 13, "g/dL"),
    "Platelets": measured("LOINC#777-3", 200, "10*9/L"),
    "Leucocytes": measured("LOINC#6690-2", 6, "10*9/L"),
    "Neutrophils": measured("LOINC#751-8", 4, "10*9/L"),
    "Creatinine clearance": measured("LOINC#2164-2", 90, "mL/min"),
    "Bilirubin": measured("LOINC#1975-2", 0.6, "mg/dL"),
    "Albumin": measured("LOINC#1751-7", 42, "g/L"),
    "ECOG": measured("LOINC#89247-1", 0, "{score}"),
    "Pregnant": NOT_PREGNANT,
    "Breastfeeding": NOT_NURSING,
}
SMALL = ("ECOG", "Pregnant", "Breastfeeding")
MARROW = ("Haemoglobin", "Platelets", "Leucocytes")
# treatment: (the disease, what has to be known before it is safe to offer)
WANTED = {
    "prrt-lu177-dotatate": (
        (ILEAL, measured("LOINC#29593-1", 5, "%"), SCAN, ANALOGUE),
        (*MARROW, "Creatinine clearance", "Bilirubin", "Albumin", *SMALL),
    ),
    "capecitabine-temozolomide": (
        (PANCREATIC, measured("LOINC#29593-1", 15, "%")),
        ("Neutrophils", "Platelets", "Creatinine clearance", *SMALL),
    ),
    "everolimus": ((PANCREATIC, measured("LOINC#29593-1", 5, "%")), SMALL),
    "sunitinib": ((PANCREATIC, measured("LOINC#29593-1", 5, "%")), SMALL),
    "cabozantinib": ((PANCREATIC, measured("LOINC#29593-1", 5, "%"), ANALOGUE), SMALL),
    "platinum-etoposide-nec": (
        (COLONIC, measured("LOINC#29593-1", 80, "%")),
        ("Neutrophils", "Platelets", *SMALL),
    ),
    "chemoembolisation": (
        (ILEAL, measured("LOINC#29593-1", 5, "%")),
        ("Bilirubin", "ECOG", "Pregnant"),
    ),
}
TITLE = {one.id: one.title for one in KNOWLEDGE.treatments}


def woman(treatment, without=()):
    """A woman of 40 to whom a treatment is offered, without some of the data."""
    disease, _ = WANTED[treatment]
    tests = [made for label, made in LABORATORY.items() if label not in without]
    return assess_resources(patient(gender="female", born="1986-01-01"), SPREAD, *disease, *tests)


@pytest.mark.parametrize("treatment", WANTED)
def test_h7_with_every_check_done_the_treatment_is_offered(treatment):
    assert outcomes(woman(treatment))[treatment] == "offer"


DROPS = [(treatment, datum) for treatment, (_, wanted) in WANTED.items() for datum in wanted]


@pytest.mark.parametrize(("treatment", "datum"), DROPS)
def test_h7_what_was_not_measured_stands_under_still_to_check_and_no_therapy_is_drafted(
    treatment, datum
):
    found = woman(treatment, without=(datum,))
    assert outcomes(found)[treatment] == "offer-check"
    card = card_of(found, "options")
    (needs,) = (one["needs"] for one in found["treatments"] if one["id"] == treatment)
    labels = [VOCABULARY[name].label for name in needs]
    assert any(label.startswith(datum) for label in labels)
    checks = [line for line in body(card).splitlines() if line.startswith("- **Still to check")]
    assert any(datum in line for line in checks)
    assert {*needs} <= {name for one in found["requests"] for name in one["facts"]}
    assert drafts_of(treatment, card) == []


def drafts_of(treatment, card):
    """The drafts of a treatment's own orders on a card, unless they are allowed before checks."""
    (orders,) = (one.orders for one in KNOWLEDGE.treatments if one.id == treatment)
    own = {order.label for order in orders if not order.before_checks}
    drafted = [one["label"] for one in card.get("suggestions", ())]
    others = [
        order.label for one in KNOWLEDGE.treatments if one.id != treatment for order in one.orders
    ]
    return [label for label in drafted if label in own and label not in others]


@pytest.mark.parametrize("treatment", WANTED)
def test_h7_with_nothing_measured_nothing_is_offered_without_a_check(treatment):
    found = woman(treatment, without=LABORATORY)
    assert outcomes(found)[treatment] == "offer-check"
    assert "(checks due first)" in card_of(found, "options")["summary"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h7_no_card_calls_anybody_eligible(case):
    """Sources, which stand between stars, have it in their names."""
    for card in assessed(case).get("cards", ()):
        ours = re.sub(r"(?<!\*)\*[^*\n]+\*(?!\*)", "", f"{card['summary']}\n{body(card)}")
        assert "eligib" not in ours.lower()
