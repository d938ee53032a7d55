"""Kidney function in plain Python, against its three tables over all discretised inputs."""

from itertools import product

from tests.knowledge.encoding import (
    KNOWLEDGE,
    READ,
    Between,
    facts,
    points,
    possible,
    settled,
)


def renal(dialysis, stage5, stage4, clearance, egfr):
    """(severe, below the limit, in the review band); eGFR counts only without a clearance."""
    severe, hold, caution = None, None, None
    if clearance is not None:
        severe, hold, caution = clearance < 30, clearance < 40, 40 <= clearance < 50
    elif egfr is not None:
        severe, hold = egfr < 30, egfr < 50
    elif stage4:
        severe = True
    severe = True if dialysis or stage5 else severe
    return severe, True if severe else hold, caution


CLEARANCES = (
    *(None, 25, 29.5, 30, 35, 39.5, 40, 49.5, 50, 90),
    *(Between(25, 35), Between(35, 45), Between(45, 55), Between(20, 60), Between(40, 49)),
)
RATES = (None, 20, 29.5, 30, 49.5, 50, 90, Between(25, 35), Between(45, 55), Between(30, 49))
TABLES = ("risk.renal_severe", "risk.renal_hold", "risk.renal_caution")
NAMES = (
    *("risk.dialysis", "risk.ckd5", "risk.ckd4"),
    *("lab.creatinine_clearance", "lab.egfr"),
)


def against(knowledge):
    """(table, inputs) where the tables of a knowledge differ from the formula above."""
    for values in product(READ, READ, READ, CLEARANCES, RATES):
        given = dict(zip(NAMES, values, strict=True))
        found = facts(given, TABLES, knowledge)
        recorded = (READ[flag] for flag in values[:3])
        worlds = [renal(*w) for w in product(*recorded, points(values[3]), points(values[4]))]
        for table, answers in zip(TABLES, zip(*worlds, strict=True), strict=True):
            if possible(found, table) != settled(answers):
                yield table, given


def test_h10_kidney_function():
    assert not [*against(KNOWLEDGE)]
    print(f"{len(READ) ** 3 * len(CLEARANCES) * len(RATES)} states of kidney function")
