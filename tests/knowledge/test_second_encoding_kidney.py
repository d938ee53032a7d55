"""Kidney function in plain Python, against its three tables over all discretised inputs."""

from itertools import product

from tests.knowledge.encoding import READ, Between, facts, points, possible, settled


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


def test_kidney_function():
    clearances = (
        *(None, 25, 29.5, 30, 35, 39.5, 40, 49.5, 50, 90),
        *(Between(25, 35), Between(35, 45), Between(45, 55), Between(20, 60), Between(40, 49)),
    )
    rates = (None, 20, 29.5, 30, 49.5, 50, 90, Between(25, 35), Between(45, 55), Between(30, 49))
    tables = ("risk.renal_severe", "risk.renal_hold", "risk.renal_caution")
    for dialysis, stage5, stage4, clearance, egfr in product(READ, READ, READ, clearances, rates):
        given = {
            "risk.dialysis": dialysis,
            "risk.ckd5": stage5,
            "risk.ckd4": stage4,
            "lab.creatinine_clearance": clearance,
            "lab.egfr": egfr,
        }
        found = facts(given, tables)
        numbers = points(clearance), points(egfr)
        worlds = [renal(*w) for w in product(READ[dialysis], READ[stage5], READ[stage4], *numbers)]
        for table, answers in zip(tables, zip(*worlds, strict=True), strict=True):
            assert possible(found, table) == settled(answers), (table, given)
