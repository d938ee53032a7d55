"""The age of the patient."""

from datetime import date

import pytest

from tests.fhir.readers.small import AS_OF, facts, patient, problems, value


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1966-03-01", "60 years"),
        ("1966-11-15", "60 years"),
        ("1966-11-16", "59 years"),
        ("1966-11", "59-60 years"),
        ("1966", "59-60 years"),
        ("2026-11-15", "0 years"),
        ("2014-11-16", "11 years"),
        ("2014-11-15", "12 years"),
        ("1897", "128-129 years"),
    ],
)
def test_age_in_completed_years(born, age):
    assert value("patient.age", patient(born=born)) == age


def test_a_birth_on_29_february_completes_a_year_on_1_march():
    born = patient(born="2004-02-29")
    assert value("patient.age", born, as_of=date(2026, 2, 28)) == "21 years"
    assert value("patient.age", born, as_of=date(2026, 3, 1)) == "22 years"


@pytest.mark.parametrize("born", ["1850-01-01", "2027-01-01", "1966-02-30", "60"])
def test_a_birth_date_that_cannot_be_is_not_used_and_named(born):
    made = patient(born=born)
    assert value("patient.age", made) is None
    assert problems(made)


def test_without_a_birth_date_the_age_is_unknown():
    assert value("patient.age", patient(born=None)) is None


def test_the_fact_says_where_it_was_read():
    (place,) = facts(patient(), as_of=AS_OF)["patient.age"].readings
    assert (place.reference, place.path) == ("Patient/1", "birthDate")
