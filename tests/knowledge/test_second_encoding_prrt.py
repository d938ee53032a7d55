"""PRRT by both encodings: every selection in every country, and every pair of safety values.

Whatever covers T18, T19 or T20 is asked. With SOAK=1 of every state, else of one in 31.
"""

from itertools import combinations, product

from cdshooks.clinical.assess import assess
from tests.knowledge.encoding import KNOWLEDGE, SOAK, Between, either, facts
from tests.knowledge.test_second_encoding_neighbours import outcomes_by_hand
from tests.property.strategies import FIT

ROWS = {"T18", "T19", "T20"}
PRRT = {treatment.id for treatment in KNOWLEDGE.treatments if ROWS & {*treatment.covers}}
COUNTRIES = ("us", "eu", "uk-nice")
READY = FIT | {
    "tumour.site": "jejunum-ileum",
    "tumour.ki67": 12,
    "extent.stage": "metastatic",
    "imaging.sstr_status": "positive",
    "progression.status": "progressive",
    "prior.ssa": "current",
}
SELECTION = {
    "config.jurisdiction": COUNTRIES,
    "tumour.site": ("jejunum-ileum", "lung", None),
    "tumour.ki67": (2, 9.5, 10, 20, 21, 55, 56, Between(8, 12), None),
    "tumour.differentiation": (None, "well"),
    "imaging.sstr_status": (
        "positive",
        "borderline",
        "negative",
        None,
        either("positive", "borderline"),
    ),
    "imaging.discordant_lesion": (False, True),
    "progression.status": ("progressive", "stable", "mixed", None),
    "prior.ssa": ("none", "current", None),
    "prior.prrt": ("none", "past"),
}
# On both sides of each limit of the safety gate, across it, and not known.
GATE = {
    "patient.age": (11, 12, 17, 18, None),
    "patient.pregnant": (True, None),
    "patient.breastfeeding": (True, None),
    "risk.hypersensitivity": (either("prrt"), either("ssa"), None),
    "lab.creatinine_clearance": (29.5, 30, 39.5, 40, Between(25, 45), None),
    "lab.egfr": (29.5, 49.5, 50),
    "risk.dialysis": (True,),
    "lab.platelets": (74, 75, Between(70, 80), None),
    "lab.haemoglobin": (7.5, 8, None),
    "lab.leucocytes": (1.5, 2, None),
    "lab.bilirubin_uln": (3, 3.5, None),
    "lab.alt_uln": (3, 3.5, Between(2, 4)),
    "lab.albumin": (29.5, 30, None),
    "lab.pt_prolonged": (True, None),
    "patient.ecog": (2, 3, Between(2, 3), None),
    "risk.heart_failure_nyha34": (True, None),
    "risk.carcinoid_heart": (True, None),
    "risk.life_expectancy_short": (True, None),
    "imaging.sstr_status": ("borderline",),
}


def selections():
    for values in product(*SELECTION.values()):
        yield READY | dict(zip(SELECTION, values, strict=True))


def gates():
    for country, (one, other) in product(COUNTRIES, combinations(GATE, 2)):
        for values in product(GATE[one], GATE[other]):
            yield READY | {"config.jurisdiction": country, one: values[0], other: values[1]}


def different(states):
    """(patient, outcomes by the files, by hand) where the two encodings differ."""
    for plain in states:
        found = assess(KNOWLEDGE.treatments, (), (), facts(plain), KNOWLEDGE.vocabulary)
        by_files = {one.treatment.id: one.outcome for one in found.treatments}
        by_hand = outcomes_by_hand(plain)
        if any(by_files[name] != by_hand[name] for name in PRRT):
            yield plain, by_files, by_hand


def sampled(states):
    listed = [*states]
    asked = listed if SOAK else listed[::31]
    print(f"{len(asked)} of {len(listed)} states of PRRT")
    return asked


def test_h10_both_encodings_select_the_same_patients_in_every_country():
    assert next(different(sampled(selections())), None) is None


def test_h10_both_encodings_hold_and_block_by_the_same_safety_values():
    assert next(different(sampled(gates())), None) is None
