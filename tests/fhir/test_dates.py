"""FHIR dates: what is read, what is read to the day and named, what is not read."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.dates import (
    FhirDate,
    completed_years,
    days_between,
    is_future,
    newest_key,
    read_date,
)

TODAY = date(2026, 11, 25)


def read(text: str) -> FhirDate:
    when, _ = read_date(text)
    assert when is not None
    return when


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-03-01", date(2026, 3, 1), date(2026, 3, 1)),
        ("1850", date(1850, 1, 1), date(1850, 12, 31)),
        ("1850-06-30", date(1850, 6, 30), date(1850, 6, 30)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
    ],
)
def test_e8_a_partial_date_is_every_day_that_it_may_mean(text: str, first: date, last: date):
    assert read_date(text) == (FhirDate(first, last, text), None)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("2026-03-01T10:00:00Z", 1, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456789Z", 1, datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)),
        ("2026-03-01T00:30:00+14:00", 1, datetime(2026, 2, 28, 10, 30, tzinfo=UTC)),
        ("2026-03-01T23:30:00-12:00", 1, datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2026-03-31T23:59:60Z", 31, datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-03-01T10:00:00-00:00", 1, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+05:45", 1, datetime(2026, 3, 1, 4, 15, tzinfo=UTC)),
    ],
)
def test_e8_an_instant_stays_on_the_day_that_was_printed(text: str, day: int, at: datetime):
    """A leap second is the second before it: Python has none, and a day has no more to order."""
    when, problem = read_date(text)
    assert problem is None
    assert when is not None
    assert (when.first, when.last, when.at) == (date(2026, 3, day), date(2026, 3, day), at)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-03-01T10:00:00", "has no time zone"),
        ("2026-03-01T10:00", "has no time zone"),
        ("2026-03-01T10:00Z", "has no seconds"),
        ("2026-03-01T10:00+01:00", "has no seconds"),
        ("2026-03-01t10:00:00Z", "is not spelt as FHIR spells dates"),
        ("2026-03-01T10:00:00z", "is not spelt as FHIR spells dates"),
        ("2026-03-01 10:00:00Z", "is not spelt as FHIR spells dates"),
        ("2026-03-01T10:00:00 Z", "is not spelt as FHIR spells dates"),
        (" 2026-03-01", "is not spelt as FHIR spells dates"),
        ("2026-03-01\n", "is not spelt as FHIR spells dates"),
        ("2026-03-01T10:00:00+0100", "has a time zone that FHIR does not know"),
        ("2026-03-01T10:00:00+14:30", "has a time zone that FHIR does not know"),
        ("2026-03-01T10:00:00+25:00", "has a time zone that FHIR does not know"),
        ("2026-03-01T10:00:00+01:75", "has a time zone that FHIR does not know"),
    ],
)
def test_e8_an_odd_time_is_dropped_and_named_and_the_day_is_kept(text: str, problem: str):
    day = date(2026, 3, 1)
    assert read_date(text) == (FhirDate(day, day, text, None), problem)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2026-13-01",
        "2026-02-30",
        "2025-02-29",
        "2026-00-10",
        "2026-03-00",
        "0000",
        "26",
        "20260301",
        "2026-3-1",
        "01.03.2026",
        "03/01/2026",
        "2026-03-01T",
        "2026-03-01T10",
        "2026-03-01T24:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T10:60:00Z",
        "2026-03-01T10:00:61Z",
        "2026-03-01T10:00:00.Z",
        "2026-03T10:00:00Z",
        "2026-03-01T10:00:00ZZ",
        "-2026",
        "+2026-03-01",
        "２０２６-03-01",
        "٢٠٢٦",
        "2026-03-01/2026-03-05",
        "today",
        "9" * 1000,
        "2026-03-01T10:00:00." + "0" * 100 + "Z",
    ],
)
def test_e8_what_names_no_day_is_not_read(text: str):
    assert read_date(text) == (None, "is not a FHIR date")


@pytest.mark.parametrize("value", [None, 2026, 2026.0, True, ["2026"], {"start": "2026"}])
def test_only_text_is_a_date(value: object):
    assert read_date(value) == (None, "is not a string")


def test_a_problem_never_repeats_the_value():
    for text in ("2026-13-01", "Jane Doe", "2026-03-01T10:00:00"):
        assert text not in str(read_date(text)[1])


def test_e8_newest_goes_by_the_day_printed_then_by_the_instant():
    ordered = [
        "2025",
        "2026-02",
        "2026-03-01T08:00:00Z",
        "2026-03-01T09:30:00+01:00",
        "2026-03-01T00:00:00-12:00",
        "2026-03-01",  # no time: it may be the last of the day
        "2026-03-02T00:30:00+14:00",  # an earlier instant than the one above it, a later day
        "2026-03",
        "2026",
    ]
    assert sorted({*ordered}, key=lambda text: newest_key(read(text))) == ordered


@pytest.mark.parametrize(
    ("text", "future"),
    [
        ("2026-11-25", False),
        ("2026-11-26", False),
        ("2026-11-27", True),
        ("2026-11-26T13:00:00+14:00", False),
        ("2026", False),
        ("2026-12", True),
        ("2027", True),
        ("1850", False),
    ],
)
def test_e8_a_date_is_future_more_than_a_day_ahead(text: str, future: bool):
    assert is_future(read(text), TODAY) is future


def test_on_the_last_day_of_the_calendar_nothing_is_future():
    assert not is_future(read("9999-12-31"), date.max)


@pytest.mark.parametrize(
    ("birth", "on", "ages"),
    [
        ("1960-11-25", TODAY, (66, 66)),
        ("1960-11-26", TODAY, (65, 65)),
        ("1960-11", TODAY, (65, 66)),
        ("1960", TODAY, (65, 66)),
        ("2008", TODAY, (17, 18)),
        ("2008-02-29", date(2026, 2, 28), (17, 17)),
        ("2008-02-29", date(2026, 3, 1), (18, 18)),
        ("2026", TODAY, (0, 0)),
        ("2026-11", TODAY, (0, 0)),
        ("2026-11-25", TODAY, (0, 0)),
        ("2027-01-01", TODAY, (-1, -1)),
        ("1850", TODAY, (175, 176)),
    ],
)
def test_a_partial_birth_date_leaves_two_ages(birth: str, on: date, ages: tuple[int, int]):
    assert completed_years(read(birth), on) == ages


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-25", 0),
        ("2026-11-24", 1),
        ("2026-10", 25),
        ("2025", 329),
        ("2026", -36),
        ("2026-11-25T23:00:00-11:00", 0),
    ],
)
def test_days_count_from_the_last_day_printed(text: str, days: int):
    assert days_between(read(text), TODAY) == days


DAYS = st.dates()
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(DAYS)
def test_a_day_is_read_as_itself(day: date):
    assert read_date(day.isoformat()) == (FhirDate(day, day, day.isoformat()), None)


@given(st.datetimes(timezones=ZONES))
def test_e8_no_zone_moves_the_day_or_the_instant(instant: datetime):
    when = read(instant.isoformat(timespec="microseconds"))
    assert when.at == instant
    assert when.first == when.last == instant.date()


@given(st.text() | st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}([Tt ][0-9:.]{0,9}[Zz+-]?)?"))
def test_e8_any_text_is_read_or_named(text: str):
    when, problem = read_date(text)
    assert when is not None or problem is not None
    if when is not None:
        assert when.first <= when.last
        assert when.text == text
        assert when.at is None or problem is None
        newest_key(when)
        completed_years(when, TODAY)


@given(DAYS, DAYS, st.sampled_from([4, 7]))
def test_the_ages_of_a_partial_birth_hold_the_true_age(birth: date, on: date, length: int):
    if birth > on:
        birth, on = on, birth
    youngest, oldest = completed_years(read(birth.isoformat()[:length]), on)
    true_age, _ = completed_years(read(birth.isoformat()), on)
    assert youngest <= true_age <= oldest
    assert oldest - youngest <= 1
