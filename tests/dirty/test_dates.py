"""When a result was true: the future, parts of dates, no zone, no date; which is the newest."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dirty.calls import AS_OF, SOAK
from tests.fhir.readers import small

FUTURE = "lies in the future; set aside"
NO_ZONE, NO_DATE, ODD = (
    "has no time zone",
    "is not a FHIR date",
    "is not spelt as FHIR spells dates",
)
UNSURE = "The dates do not tell which value is the newest."


def platelets(number=60, **dated):
    return small.resource(
        "Observation",
        code=small.concept("LOINC#777-3"),
        status="final",
        valueQuantity=small.quantity(number, "10*9/L"),
        **dated,
    )


def told(**dated):
    """(the platelets, what is named) of one result; it is too old after some months."""
    facts, problems = small.read(platelets(**dated))
    return small.plain(facts["lab.platelets"]), [one.problem for one in problems]


COUNTS, TOO_OLD = "60 x10^9/L", None


@pytest.mark.parametrize(
    ("date", "value", "problems"),
    [
        ("2026-11-15", COUNTS, []),
        ("2026-11-16", COUNTS, []),  # a day ahead: somewhere it is tomorrow already
        ("2026-11-17", None, [FUTURE]),
        ("2026-11-16T23:59:59-12:00", COUNTS, []),
        ("2026-11-17T00:00:00+14:00", None, [FUTURE]),
        ("2026-12", None, [FUTURE]),
        ("2027", None, [FUTURE]),
        ("2062-11-10", None, [FUTURE]),
        ("9999-12-31T23:59:59Z", None, [FUTURE]),
        ("2026-11-10T10:00:00+14:00", COUNTS, []),
        ("2026-11-10T23:59:60Z", COUNTS, []),
        ("2026-11-10T10:00:00.123456789Z", COUNTS, []),
        ("2026-11-10T10:00:00", COUNTS, [NO_ZONE]),
        ("2026-11-10T10:00", COUNTS, [NO_ZONE]),
        ("2026-11-10 10:00:00Z", COUNTS, [ODD]),
        ("2026-11-10T10:00:00+25:00", COUNTS, ["has a time zone that FHIR does not know"]),
        ("2026-11", COUNTS, []),
        ("2026", COUNTS, []),
        ("1850", TOO_OLD, []),
        ("1850-06-30", TOO_OLD, []),
        ("0001-01-01", TOO_OLD, []),
        ("2026-11-31", None, [NO_DATE]),
        ("2026-02-29", None, [NO_DATE]),
        ("10.11.2026", None, [NO_DATE]),
        ("11/10/2026", None, [NO_DATE]),
        ("20261110", None, [NO_DATE]),
        ("yesterday", None, [NO_DATE]),
        ("", None, [NO_DATE]),
        (20261110, None, ["is not a string"]),
        (["2026-11-10"], None, ["is not a string"]),
        (None, None, []),
    ],
    ids=str,
)
def test_e8_a_date_counts_as_it_is_printed_or_is_named(date, value, problems):
    assert told(effectiveDateTime=date) == (value, problems)


@pytest.mark.parametrize(
    ("dated", "value", "problems"),
    [
        ({"effectiveInstant": "2026-11-10T10:00:00Z"}, COUNTS, []),
        ({"issued": "2026-11-10T10:00:00Z"}, COUNTS, []),
        ({"issued": "2026-11-20T10:00:00Z"}, None, [FUTURE]),
        # When it was measured, not when it was told.
        ({"effectiveDateTime": "2026-11-10", "issued": "2026-11-20T10:00:00Z"}, COUNTS, []),
        ({"effectiveDateTime": "2026-11-20", "issued": "2026-11-10T10:00:00Z"}, None, [FUTURE]),
        ({"effectivePeriod": {"start": "2026-11-01", "end": "2026-11-10"}}, COUNTS, []),
        ({"effectivePeriod": {"start": "2026-11-10"}}, COUNTS, []),
        ({"effectivePeriod": {"end": "2026-11-10"}}, COUNTS, []),
        ({"effectivePeriod": {"start": "2026-11-10", "end": "2027-02-01"}}, COUNTS, []),
        ({"effectivePeriod": {"start": "2026-12-01", "end": "2027-02-01"}}, None, [FUTURE]),
        ({"effectivePeriod": {"start": "1850"}}, TOO_OLD, []),
        ({"effectivePeriod": {}}, None, []),
        ({"effectivePeriod": "2026-11-10"}, COUNTS, []),
        ({"effectiveTiming": {"event": ["2026-11-10"]}}, None, []),
        ({"effectiveDateTime": "odd", "issued": "2026-11-10T10:00:00Z"}, COUNTS, [NO_DATE]),
        ({}, None, []),
    ],
    ids=str,
)
def test_e8_of_instant_period_and_issued_the_clinical_date_counts(dated, value, problems):
    assert told(**dated) == (value, problems)


@pytest.mark.parametrize(
    "made",
    [
        lambda when: small.condition("ICD-10-CM#C7A.012", recorded=when),
        lambda when: small.procedure("PRRT", on=when),
        lambda when: small.request("Lutathera", on=when),
        lambda when: small.statement("Lutathera", effectiveDateTime=when),
        lambda when: small.administration("Lutathera", on=when),
        lambda when: small.report("Ki-67: 12 %.", on=when),
        lambda when: small.observation("LOINC#29593-1", on=when, valueString="12 %"),
        lambda when: small.allergy("Octreotide", criticality="high", recordedDate=when),
    ],
    ids=lambda make: make("2026-11-10")["resourceType"],
)
def test_e8_nothing_of_the_future_is_a_fact(made):
    """Of each type; it is named, and warned of as a value that may be the one needed."""
    ahead = made("2026-11-17")
    facts, problems = small.read(ahead)
    named = [one for one in problems if one.reference.endswith(ahead["id"])]
    assert [(one.problem, one.set_aside) for one in named] == [(FUTURE, True)]
    assert [fact.name for fact in facts.by_name.values() if of(fact, ahead)] == []
    now = made("2026-11-16")
    assert [fact.name for fact in small.facts(now).by_name.values() if of(fact, now)] != []


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (
            lambda when: small.allergy("Octreotide", criticality="high", recordedDate=when),
            "risk.hypersensitivity",
        ),
        (lambda when: small.condition("ICD-10-CM#I81", recorded=when), "risk.pvt_any"),
    ],
)
def test_e8_h1_what_nobody_plans_and_is_dated_ahead_is_neither_there_nor_absent(make, name):
    """A slip of the pen in the date of an allergy is no sign that there is no allergy."""
    known = small.facts(make("2026-11-10"))[name]
    silent, ahead = small.facts()[name], small.facts(make("2026-11-20"))[name]
    assert known.value is not None
    assert silent.value is not None
    assert known.value != silent.value
    assert ahead.value is None
    assert ahead.why_absent


def of(fact, resource):
    return any(one.reference.endswith(f"/{resource['id']}") for one in fact.readings)


@settings(deadline=None, max_examples=5_000 if SOAK else 80)
@given(
    st.timedeltas(timedelta(days=-3), timedelta(days=6)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["effectiveDateTime", "issued", "effectivePeriod"]),
)
def test_e8_no_instant_of_the_future_is_ever_used(ahead, minutes, element):
    """The day that was printed decides: one day ahead counts, two do not, whatever the zone."""
    midnight = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
    when = (midnight + ahead).astimezone(timezone(timedelta(minutes=minutes)))
    printed = when.isoformat(timespec="seconds")
    value, problems = told(**{element: {"end": printed} if "Period" in element else printed})
    is_future = (when.date() - AS_OF).days > 1
    assert (value, problems) == ((None, [FUTURE]) if is_future else (COUNTS, []))


# ---- which is the newest -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "value", "notes"),
    [
        ({"2026-11-10": 200, "2026-11-11": 60}, 60, ()),
        ({"2026-11-10": 60, "2026-11-11": 200}, 200, ()),
        ({"2026-11-10T08:00:00Z": 60, "2026-11-10T09:00:00Z": 200}, 200, ()),
        ({"2026-11-10T08:30:00Z": 200, "2026-11-10T09:00:00+01:00": 60}, 200, ()),
        # Of one day without a time either may be the later one: the worse one counts.
        ({"2026-11-10": 200, "2026-11-10T09:00:00Z": 60}, 60, ()),
        ({"2026-11-10": 60, "2026-11-10T09:00:00Z": 200}, 60, ()),
        # A month may be any of its days.
        ({"2026-11": 200, "2026-11-10": 60}, 60, (UNSURE,)),
        ({"2026-11": 60, "2026-11-10": 200}, 60, (UNSURE,)),
        ({"2026": 200, "2026-11-10": 60}, 60, (UNSURE,)),
        ({"2026": 60, "2026-11": 200}, 60, (UNSURE,)),
        ({"2026-11": 200, "2026-11-10": 90, "2026-11-12": 60}, 60, (UNSURE,)),
        ({"2026-11": 200, "2026-11-10": 60, "2026-11-12": 90}, 90, (UNSURE,)),
        ({"2026-10": 60, "2026-11-10": 200}, 200, ()),
        ({"2026-10-31": 60, "2026-11": 200}, 200, ()),
    ],
    ids=str,
)
def test_e8_e11_the_newest_counts_and_where_dates_do_not_tell_the_worse_one(results, value, notes):
    for order in permutations(results.items()):
        made = [platelets(number, effectiveDateTime=date) for date, number in order]
        fact = small.facts(*made)["lab.platelets"]
        assert (small.plain(fact), fact.notes) == (f"{value} x10^9/L", notes)
