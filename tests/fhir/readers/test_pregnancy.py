"""Pregnancy and breastfeeding: evidence, its age, gender and age, and what stays open."""

from datetime import date, timedelta

import pytest

from tests.fhir.readers.small import (
    AS_OF,
    concept,
    condition,
    facts,
    net,
    observation,
    patient,
    problems,
    procedure,
    quantity,
    report,
    value,
)

PREGNANT, BREASTFEEDING = "patient.pregnant", "patient.breastfeeding"
WOMAN = patient(born="1990-06-01")  # 36 years
MAN = patient(gender="male", born="1990-06-01")


def days_ago(days):
    return (AS_OF - timedelta(days=days)).isoformat()


def status(*answer, days=3, **elements):
    coded = concept(*answer) if answer else None
    return observation("LOINC#82810-3", on=days_ago(days), valueCodeableConcept=coded, **elements)


def weeks(number, days=3, name="LOINC#11884-4"):
    return observation(name, on=days_ago(days), valueQuantity=quantity(number, "wk"))


POSITIVE, NEGATIVE = "SNOMED#77386006", "SNOMED#60001007"


# ---- what proves it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evidence",
    [
        status(POSITIVE),
        status("Pregnant"),
        status("SNOMED#10828004"),
        status("12 weeks pregnant"),
        status("LOINC#LA15173-0"),
        status("Pregnant (pregnancy test positive)"),
        status("Pregnancy test positive"),
        observation("Urine pregnancy test", on=days_ago(3), valueString="Positive"),
        observation("Pregnancy test", on=days_ago(3), valueCodeableConcept=concept("positive")),
        observation("Pregnancy test (hCG)", on=days_ago(3), valueString="Positive"),
        report("Urine pregnancy test: Positive."),
        report("Positive pregnancy test today."),
        status(valueBoolean=True),
        status(valueString="Positive"),
        condition("SNOMED#77386006"),
        condition("ICD-10-CM#Z33.1"),
        condition("ICD-10-CM#Z33.3"),
        condition("ICD-10-CM#Z34.90"),
        condition("ICD-10-CM#Z3A.12"),
        condition("ICD-10-CM#O09.90"),
        condition("ICD-10-CM#O10.911"),
        condition("ICD-10-CM#O24.419"),
        condition("ICD-10-CM#O36.80X0"),
        condition("ICD-10-CM#O48.0"),
        condition("ICD-10#Z33"),
        condition("ICD-10#Z34.9"),
        condition("ICD-10#O26.8"),
        condition("ICD-10#O09.3"),
        condition("Pregnancy"),
        condition("Pregnant"),
        net("Ileal NET, pregnant", recorded="2026-10-01"),
        weeks(12),
        weeks(12, name="LOINC#11885-1"),
        weeks(12, name="Gestational age"),
        report("Gestational age 12 weeks."),
        report("Patient is 12 weeks pregnant."),
        report("Pregnant since March."),
        report("Pregnant: PRRT contraindicated."),
        report("Pregnant - avoid CT."),
        report("This pregnant woman was seen today."),
    ],
)
def test_evidence_of_a_pregnancy(evidence):
    assert value(PREGNANT, WOMAN, evidence) is True


@pytest.mark.parametrize(
    "evidence",
    [
        condition("Pregnancy", clinical="resolved"),
        condition("Pregnancy", verified="refuted"),
        condition("Pregnancy", verified="provisional"),
        condition("History of pregnancy"),
        condition("Pregnancy test"),
        status("Unknown"),
        status("Possible pregnancy"),
        status("Wishes pregnancy"),
        status("LOINC#LA4489-6"),
        condition("Family planning: wishes pregnancy"),
        condition("Desires pregnancy"),
        condition("Pregnancy planning"),
        condition("Trying to conceive, preconception counselling before pregnancy"),
        report("Family planning: wishes pregnancy."),
        report("Pregnancy planning was discussed."),
        report("Desires pregnancy next year."),
        report("Trying to conceive."),
        report("Preconception counselling for pregnancy."),
        report("If the pregnancy test is positive, stop treatment."),
        report("Pregnancy test before each cycle."),
        status(POSITIVE, status="entered-in-error"),
        status(dataAbsentReason=concept("asked")),
        weeks(0),
        report("Avoid pregnancy during treatment."),
        report("Contraception to prevent pregnancy was discussed."),
        report("If pregnant, stop treatment."),
        report("PRRT is contraindicated in pregnancy."),
        report("Planned pregnancy next year."),
        report("Three previous pregnancies."),
        report("His wife is pregnant."),
        report("Sister is pregnant."),
        observation("Gestational age at birth", valueQuantity=quantity(39, "wk")),
    ],
)
def test_what_is_no_evidence(evidence):
    found = facts(WOMAN, evidence)[PREGNANT]
    assert (found.value, found.why_absent) == (None, "not documented")


@pytest.mark.parametrize(
    "evidence", [status(POSITIVE), condition("SNOMED#77386006"), condition("ICD-10-CM#O24.419")]
)
@pytest.mark.parametrize("who", [MAN, patient(born="1950"), patient(born="2020"), WOMAN])
def test_evidence_outweighs_gender_and_age(evidence, who):
    assert value(PREGNANT, who, evidence) is True


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (WOMAN, True),
        (patient(gender="unknown", born="1990"), True),
        (patient(gender=None, born=None), True),
        (patient(born="2016-11-15"), True),  # 10 years
        (patient(born="2016-11-16"), False),  # 9 years
        (patient(born="1965-11-16"), True),  # 60 years
        (patient(born="1965-11-15"), False),  # 61 years
        (MAN, False),
    ],
)
def test_weeks_of_gestation_are_believed_from_10_to_60_years_and_not_of_men(who, expected):
    """A newborn's chart carries the gestational age at birth under the same code."""
    assert value(PREGNANT, who, weeks(12)) is expected


# ---- how long it counts --------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(0, True), (308, True), (309, None), (3000, None)])
def test_h4_evidence_counts_for_44_weeks_and_is_never_a_no_after(days, expected):
    made = [status(POSITIVE, days=days), condition("Pregnancy", recorded=days_ago(days))]
    for evidence in made:
        assert value(PREGNANT, WOMAN, evidence) is expected
        assert value(PREGNANT, patient(born="1950"), evidence) is expected


def test_either_onset_or_record_may_be_recent():
    made = condition("Pregnancy", recorded=days_ago(20), onsetDateTime=days_ago(400))
    assert value(PREGNANT, WOMAN, made) is True


def test_undated_evidence_leaves_it_open():
    assert value(PREGNANT, WOMAN, condition("Pregnancy", recorded=None)) is None


@pytest.mark.parametrize(
    ("days", "expected", "aged"),
    [(0, False, False), (7, False, False), (8, False, True), (14, False, True), (15, None, False)],
)
def test_a_negative_status_warns_after_a_week_and_counts_for_two(days, expected, aged):
    found = facts(WOMAN, status(NEGATIVE, days=days))[PREGNANT]
    assert (found.value and found.value.so, found.aged) == (expected, aged)


@pytest.mark.parametrize(
    "negative",
    [
        status(NEGATIVE),
        status("Not pregnant"),
        status("SNOMED#260385009"),
        status(valueString="negative"),
        status(valueBoolean=False),
        condition("SNOMED#60001007", recorded=days_ago(3)),
        observation("Pregnancy test", on=days_ago(3), valueString="Negative"),
        observation("Beta-hCG, qualitative", on=days_ago(3), valueString="negative"),
        report("Patient is not pregnant.", on=days_ago(3)),
    ],
)
def test_a_negative_status(negative):
    assert value(PREGNANT, WOMAN, negative) is False


# ---- contradictions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        (100, 3, None),  # a later denial of a valid proof
        (100, 30, None),  # and be it too old by itself
        (3, 3, True),  # of one day the worse
        (3, 10, True),  # an earlier denial
        (309, 3, False),  # of an old proof the newer status counts
        (309, 30, None),
        (309, 309, None),
    ],
)
def test_a_proof_and_a_denial(positive, negative, expected):
    made = status(POSITIVE, days=positive), status(NEGATIVE, days=negative)
    assert value(PREGNANT, WOMAN, *made) is expected


@pytest.mark.parametrize(
    "code", ["Z33.2", "O03.9", "O08.9", "O60.10X0", "O80", "O99.89", "O9A.111", "O02.1"]
)
def test_an_ended_pregnancy_is_neither(code):
    def ended(days):
        return condition(f"ICD-10-CM#{code}", recorded=days_ago(days), clinical="resolved")

    assert value(PREGNANT, WOMAN, ended(100)) is None
    assert value(PREGNANT, WOMAN, ended(100), status(NEGATIVE)) is False
    assert value(PREGNANT, WOMAN, ended(2), status(NEGATIVE, days=10)) is None
    assert value(PREGNANT, patient(born="1960"), ended(308)) is None
    assert value(PREGNANT, patient(born="1960"), ended(309)) is False


def test_a_status_by_its_loinc_answer_alone():
    """Both are in the value set pregnancy-status-uv-ips of the IPS; its "unknown" is no problem."""
    assert value(PREGNANT, WOMAN, status("LOINC#LA15173-0")) is True
    assert value(PREGNANT, WOMAN, status("LOINC#LA26683-5")) is False


@pytest.mark.parametrize(
    ("answer", "named"), [("LOINC#LA9999-9", 1), ("LOINC#LA4489-6", 0), ("LOINC#LA15173-0", 0)]
)
def test_a_coded_status_that_is_not_read_is_named(answer, named):
    found = [one for one in problems(WOMAN, status(answer)) if "pregnancy status" in one]
    assert len(found) == named


HCG = observation("hCG", on=days_ago(3), valueString="positive")


@pytest.mark.parametrize(
    ("who", "more", "expected"),
    [
        (WOMAN, [], None),
        (patient(born="1960"), [], None),
        (MAN, [], False),
        (WOMAN, [status(NEGATIVE, days=10)], None),
        (WOMAN, [status(NEGATIVE, days=1)], False),
        (WOMAN, [status(POSITIVE, days=1)], True),
    ],
)
def test_hcg_alone_proves_nothing(who, more, expected):
    """The tumour may make it."""
    assert value(PREGNANT, who, HCG, *more) is expected


# ---- by rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "expected", "path"),
    [
        (MAN, False, "gender"),
        (patient(gender="male", born=None), False, "gender"),
        (patient(born="2016-11-16"), False, "birthDate"),  # 9 years
        (patient(born="2016-11-15"), None, None),  # 10 years
        (patient(born="1970-11-15"), False, "birthDate"),  # 56 years
        (patient(born="1970-11-16"), None, None),  # 55 years
        (patient(born="1970"), None, None),  # 55 or 56
        (patient(born="1850-01-01"), None, None),  # no age at all
        (patient(gender="other", born="1990"), None, None),
        (patient(gender=None, born=None), None, None),
    ],
)
@pytest.mark.parametrize("fact", [PREGNANT, BREASTFEEDING])
def test_without_evidence_gender_and_age_decide(who, expected, path, fact):
    found = facts(who)[fact]
    assert (found.value and found.value.so) == expected
    assert not found.assumed
    assert [place.path for place in found.readings] == ([path] if path else [])


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (procedure("Total hysterectomy", on="2015-01-01"), False),
        (procedure("Tubal ligation", on="2015-01-01"), False),
        (condition("ICD-10-CM#Z90.710", recorded="2015-01-01"), False),
        (condition("ICD-10-CM#Z98.51", recorded="2015-01-01"), False),
        (condition("Postmenopausal"), False),
        (report("Status post hysterectomy."), False),
        (report("Postmenopausal."), False),
        (procedure("Hysterectomy", status="not-done"), None),
        (report("Hysterectomy planned."), None),
        (report("Perimenopausal."), None),
        (report("Pre-menopausal."), None),
        (condition("ICD-10-CM#Z90.712"), None),
    ],
)
def test_who_cannot_conceive_is_not_pregnant(made, expected):
    assert value(PREGNANT, WOMAN, made) is expected


def test_a_pregnancy_before_an_operation_is_over_and_one_after_it_a_contradiction():
    operation = procedure("Hysterectomy", on=days_ago(50))
    assert value(PREGNANT, WOMAN, operation, status(POSITIVE, days=400)) is False
    assert value(PREGNANT, WOMAN, operation, status(POSITIVE, days=100)) is None
    assert value(PREGNANT, WOMAN, operation, status(POSITIVE, days=10)) is True


def test_a_negative_status_needs_the_whole_record():
    for missing in ("Condition", "Observation"):
        assert value(PREGNANT, WOMAN, status(NEGATIVE), unavailable=[missing]) is None
    assert value(PREGNANT, MAN, unavailable=["Condition"]) is False


# ---- breastfeeding -------------------------------------------------------------------------------


def feeding(days=30, **elements):
    return condition("ICD-10-CM#Z39.1", recorded=days_ago(days), **elements)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([feeding()], True),
        ([feeding(730)], True),
        ([feeding(731)], None),
        ([condition("Breastfeeding", recorded=None)], None),
        ([feeding(clinical="resolved")], None),
        ([condition("Breastfeeding")], True),
        ([condition("Lactating")], True),
        ([observation("Breastfeeding", valueString="yes")], True),
        ([observation("Breastfeeding", valueBoolean=True)], True),
        ([observation("Breastfeeding", valueBoolean=False)], False),
        ([report("Patient is breastfeeding.")], True),
        ([report("Breastfeeding: PRRT contraindicated.")], True),
        ([report("Not breastfeeding.")], False),
        ([report("She stopped breastfeeding in May.")], False),
        ([report("Breastfeeding is contraindicated during PRRT.")], None),
        ([report("If breastfeeding, stop before treatment.")], None),
        ([feeding(30), report("Not breastfeeding.", on=days_ago(3))], False),
        ([feeding(3), report("Not breastfeeding.", on=days_ago(30))], True),
        ([feeding(3), report("Not breastfeeding.", on=days_ago(3))], True),
        ([], None),
    ],
)
def test_breastfeeding_by_the_newest_record(made, expected):
    assert value(BREASTFEEDING, WOMAN, *made) is expected


def test_recorded_breastfeeding_outweighs_the_gender_and_words_do_not():
    assert value(BREASTFEEDING, MAN, feeding()) is True
    assert value(BREASTFEEDING, MAN, report("Breastfeeding was discussed with his wife.")) is False


def test_it_is_as_of_the_day_of_assessment():
    assert value(PREGNANT, WOMAN, status(POSITIVE), as_of=date(2028, 1, 1)) is None
