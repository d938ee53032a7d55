"""Receptor status in plain Python, against what is read from a report made of parts.

The parts are a tracer, a Krenning score (also as a range), words, an exception of single lesions
and a later FDG report. By hand, the exception decides first, then the highest of the score, then
the words; a lesion that only FDG shows takes the word "positive" away.
"""

from itertools import product

import pytest

from cdshooks.fhir.extract import Extractor
from tests.knowledge.encoding import KNOWLEDGE, SOAK
from tests.records import AS_OF, bundle, condition, encoded, report

TRACERS = (
    *("Ga-68 DOTATATE PET/CT", "Ga-68 DOTATOC PET/CT", "Cu-64 dotatate PET/CT"),
    *("OctreoScan", "Somatostatin receptor PET"),
)
# Text, and the lowest and highest score that it says.
KRENNING = {
    "": None,
    "Krenning score 0.": 0,
    "Krenning score 1.": 1,
    "Krenning score 2.": 2,
    "Krenning score 3.": 3,
    "Krenning 4.": 4,
    "Krenning score 0-1.": 1,
    "Krenning score 1-2.": 2,
    "Krenning score 2-3.": 3,
    "Krenning score: 3-4.": 4,
}
WORDS = {
    "": None,
    "Intense uptake in the liver metastases.": "positive",
    "Marked SSTR expression of the known lesions.": "positive",
    "Uptake of the lesions is higher than liver.": "positive",
    "Mild uptake in the liver metastases.": "borderline",
    "Uptake of the lesions is equal to liver.": "borderline",
    "Equivocal uptake in the pancreatic tail.": "borderline",
}
DENIED = ("No pathological uptake.", "No DOTATATE-avid lesions.", "Negative.")
EXCEPTIONS = ("", "Only one lesion avid, the others not.")
FDG = {
    "": False,
    "No hypermetabolic lesion.": False,
    "FDG-avid SSTR-negative liver lesion.": True,
}
OTHER_TEXT = ("", "No ascites.", "Physiological uptake in the spleen.")


def by_score(highest):
    return "positive" if highest >= 3 else "borderline" if highest == 2 else "negative"


def status(highest, words, exception, mismatch):
    """The status, or None where the report says nothing about it."""
    if exception:
        return "heterogeneous"
    found = words if highest is None else by_score(highest)
    return "heterogeneous" if mismatch and found == "positive" else found


def states():
    """(tracer, report, FDG report, status by hand)."""
    parts = product(TRACERS, KRENNING.items(), WORDS.items(), EXCEPTIONS, FDG.items(), OTHER_TEXT)
    for tracer, (score, highest), (words, said), exception, (fdg, mismatch), other in parts:
        text = " ".join(filter(None, (words, score, exception, other)))
        yield tracer, text, fdg, status(highest, said, exception, mismatch)
    for tracer, text, (fdg, _), other in product(TRACERS, DENIED, FDG.items(), OTHER_TEXT):
        yield tracer, " ".join(filter(None, (text, other))), fdg, "negative"


STATES = tuple(states())
NET = condition("ICD-10-CM#C7A.012", id="net", recordedDate="2025-01-01")


@pytest.fixture(scope="module")
def extractor():
    return Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)


def read(extractor, tracer, text, fdg):
    """The possible values of the status by the reader; None if nothing is known."""
    scans = [report(text, code={"text": tracer})] if text else []
    scans += [report(fdg, date="2026-10-05", code={"text": "F-18 FDG PET/CT"})] if fdg else []
    record = extractor.record_reader.read((("b", encoded(bundle(NET, *scans))),), "p")
    fact = extractor.extract(record, AS_OF)[0]["imaging.sstr_status"]
    return None if fact.value is None else fact.value.possible


def test_h10_both_encodings_give_one_status_for_every_report(extractor):
    asked = STATES if SOAK else STATES[::23]
    different = []
    for tracer, text, fdg, by_hand in asked:
        found = read(extractor, tracer, text, fdg)
        if found != (by_hand and {by_hand}):
            different.append((tracer, text, fdg, by_hand, found))
    print(f"{len(asked)} of {len(STATES)} reports of receptor scans")
    assert not different, f"{len(different)}, such as {different[:3]}"
