"""Data age: their date stands on the card, past one limit they are asked for again, past the next
they are not known. Each limit is right to the day, from the resource to the card."""

from datetime import date, timedelta

import pytest

from tests.fhir.readers.small import (
    administration,
    concept,
    condition,
    measured,
    observation,
    patient,
    report,
)
from tests.knowledge.test_limits import AGES
from tests.safety.patients import (
    CASES,
    assess_resources,
    assessed,
    assessed_on,
    body,
    card_of,
    outcomes,
    some,
    tumour,
)

TODAY = date(2026, 11, 15)


def scan(title, words):
    return lambda on: {**report(words, on=on, id="datum"), "code": concept(title)}


def result(name, value, unit=None):
    return lambda on: measured(name, value, unit, on=on, id="datum")


def coded(name, value):
    return lambda on: observation(name, valueCodeableConcept=concept(value), on=on, id="datum")


# Each fact that ages, and a resource that gives it on a day.
DATA = {
    "lab.haemoglobin": result("LOINC#718-7", 13, "g/dL"),
    "lab.platelets": result("LOINC#777-3", 200, "10*9/L"),
    "lab.leucocytes": result("LOINC#6690-2", 6, "10*9/L"),
    "lab.neutrophils": result("LOINC#751-8", 4, "10*9/L"),
    "lab.creatinine_clearance": result("LOINC#2164-2", 90, "mL/min"),
    "lab.egfr": result("LOINC#62238-1", 90, "mL/min/{1.73_m2}"),
    "lab.bilirubin_uln": result("LOINC#1975-2", 0.6, "mg/dL"),
    "lab.bilirubin_mgdl": result("LOINC#1975-2", 0.6, "mg/dL"),
    "lab.alt_uln": result("LOINC#1742-6", 30, "U/L"),
    "lab.albumin": result("LOINC#1751-7", 42, "g/L"),
    "lab.pt_prolonged": result("LOINC#6301-6", 1.0, "{INR}"),
    "imaging.sstr_status": scan("Ga-68 DOTATATE PET/CT", "Intense uptake in all lesions."),
    "imaging.fdg_status": scan("FDG PET/CT", "Intense FDG uptake in the lesions."),
    "imaging.mibg_status": scan("I-123 mIBG scintigraphy", "Intense mIBG uptake in all lesions."),
    "progression.status": coded("LOINC#97509-4", "SNOMED#359746009"),
    "progression.stable_months": scan("CT", "The neuroendocrine tumour is stable for 8 months."),
    "patient.ecog": result("LOINC#89247-1", 1, "{score}"),
    "patient.pregnant": coded("LOINC#82810-3", "SNOMED#60001007"),
}


def test_h4_every_fact_that_ages_has_its_datum():
    assert DATA.keys() == AGES.keys()


def on_day(fact, days):
    """The fact, so many days after its only datum."""
    basis = [
        patient(gender="female", born="1986-01-01"),
        condition("ICD-10-CM#C7A.8", recorded="2020-01-01"),
    ]
    day = (TODAY - timedelta(days=days)).isoformat()
    return assess_resources(*basis, DATA[fact](day), as_of=TODAY)["facts"][fact]


@pytest.mark.parametrize("fact", DATA)
def test_h4_a_datum_is_fresh_then_old_then_unknown_and_each_to_the_day(fact):
    warn, unknown = AGES[fact]
    states = {
        days: ("possible" in (found := on_day(fact, days)), bool(found.get("aged")))
        for days in (0, warn - 1, warn, warn + 1, unknown - 1, unknown, unknown + 1, 5 * unknown)
    }
    fresh, old, gone = (True, False), (True, True), (False, False)
    assert states == {
        **dict.fromkeys((0, warn - 1, warn), fresh),
        **dict.fromkeys((warn + 1, unknown - 1, unknown), old),
        **dict.fromkeys((unknown + 1, 5 * unknown), gone),
    }


@pytest.mark.parametrize("fact", DATA)
def test_h4_what_is_too_old_says_so_with_its_date(fact):
    found = on_day(fact, AGES[fact][1] + 1)
    assert "too old" in found["whyAbsent"]


# ---- what follows for the options ----------------------------------------------------------------

# Of a patient to whom PRRT is offered: the datum, and the fact that it gives.
FITNESS = {
    fact: DATA[fact]
    for fact in (
        *("lab.haemoglobin", "lab.platelets", "lab.leucocytes", "lab.creatinine_clearance"),
        *("lab.bilirubin_uln", "lab.albumin", "patient.ecog"),
    )
}


def candidate(old, days):
    """A fit candidate for PRRT, with one datum so many days old."""
    day, yesterday = TODAY - timedelta(days=days), TODAY - timedelta(days=1)
    given = administration("Lanreotide", on="2026-09-01")
    return [
        *(*tumour(), given),
        *(
            {**make((day if fact == old else yesterday).isoformat()), "id": fact.replace(".", "-")}
            for fact, make in FITNESS.items()
        ),
    ]


@pytest.mark.parametrize("fact", FITNESS)
def test_h4_an_option_on_old_data_asks_again_and_past_the_limit_only_after_a_check(fact):
    """Old: named with its date, asked for again. Too old: offered with a check to obtain only."""
    warn, unknown = AGES[fact]
    reached = {}
    for days in (warn, warn + 1, unknown, unknown + 1):
        found = assess_resources(*candidate(fact, days), as_of=TODAY)
        asked = {name for one in found.get("requests", ()) for name in one["facts"]}
        raised = {one["id"] for one in found.get("warnings", ())}
        reached[days] = (outcomes(found)[PRRT], fact in asked, "stale_data" in raised)
        if days > warn:
            told = body(card_of(found, "safety")) + body(card_of(found, "missing-data"))
            assert (TODAY - timedelta(days=days)).isoformat() in told
    assert reached == {
        warn: ("offer", False, False),
        warn + 1: ("offer", True, True),
        unknown: ("offer", True, True),
        unknown + 1: ("offer-check", True, True),
    }


PRRT = "prrt-lu177-dotatate"


def of_a_biopsy(on):
    """A progressive NET whose one biopsy is of that day."""
    return [
        *(patient(gender="male"), condition("ICD-10-CM#C7A.012", recorded="2020-01-01")),
        measured("LOINC#29593-1", 5, "%", on=on, id="biopsy"),
        observation(
            "LOINC#97509-4", valueCodeableConcept={"text": "Progressive disease"}, on="2026-11-10"
        ),
    ]


@pytest.mark.parametrize(
    ("days", "asked"), [(6 * 365, True), (731, True), (730, False), (30, False)]
)
def test_h4_the_tissue_of_a_progressive_tumour_is_asked_for_again_when_it_is_old(days, asked):
    """From the date of the biopsy on file to the request; the old grade still counts."""
    on = (TODAY - timedelta(days=days)).isoformat()
    found = assess_resources(*of_a_biopsy(on), as_of=TODAY)
    assert found["facts"]["tumour.ki67"]["possible"] == [{"low": "5", "high": "5", "unit": "%"}]
    requests = [one for one in found["requests"] if one["id"] == "repeat_biopsy"]
    assert len(requests) == asked
    for request in requests:
        assert "tumour.specimen_age" in request["facts"]
        (age,) = found["facts"]["tumour.specimen_age"]["readings"]
        assert (age["reference"], age["date"]) == ("Observation/biopsy", on)
        assert "Repeat biopsy of the growing lesion" in body(card_of(found, "missing-data"))


# ---- every patient, on every day on which something ages -----------------------------------------


def boundaries():
    """(case, fact, newest date, day) of what patients have on file, on the days around its limits.

    A pregnancy is left out: it ends by itself, and only that there is none ages by the day.
    """
    for case in some(CASES, 8):
        for name, limits in AGES.items():
            fact = assessed(case)["facts"][name]
            newest = newest_of(fact)
            carried = name == "patient.pregnant" and True in fact.get("possible", ())
            if "possible" in fact and newest and not carried:
                for limit in limits:
                    for around in (-1, 0, 1):
                        yield case, name, newest, newest + timedelta(days=limit + around)


def newest_of(fact):
    """The date of the newest reading; None where there is no reading, or no whole date."""
    dates = [one["date"][:10] for one in fact.get("readings", ()) if one.get("date")]
    return date.fromisoformat(max(dates)) if dates and len(max(dates)) == 10 else None


def test_h4_no_patient_has_a_fact_that_is_past_its_limit():
    tried = some(boundaries(), 6)
    for case, name, newest, day in tried:
        found = assessed_on(case, day)["facts"][name]
        warn, unknown = AGES[name]
        # What lay in the future when the patient was looked up may count on the day itself.
        days = (day - max(newest, newest_of(found) or newest)).days
        assert "possible" not in found or days <= unknown, (case.name, name, day)
        assert not ("possible" in found and days > warn) or found.get("aged"), (case.name, name)
    assert len(tried) >= 60
