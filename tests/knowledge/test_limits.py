"""Every age and limit by which facts are read, by hand.

An age that is changed, added or dropped in mappings/facts makes this fail: the table is written by
a person and compared with the knowledge, never made from it.
"""

from datetime import date, timedelta

import pytest

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.value import Choice, Flag, exactly
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.reading import Reading, settle
from cdshooks.fhir.record import Record
from tests.knowledge.encoding import KNOWLEDGE

# fact: (asked for again after, no longer used after), in days
BLOOD, PICTURE = (28, 91), (183, 365)
AGES = {
    **dict.fromkeys(
        (
            *("lab.haemoglobin", "lab.platelets", "lab.leucocytes", "lab.neutrophils"),
            *("lab.creatinine_clearance", "lab.egfr", "lab.bilirubin_uln", "lab.bilirubin_mgdl"),
            *("lab.alt_uln", "lab.albumin", "lab.pt_prolonged"),
        ),
        BLOOD,
    ),
    **dict.fromkeys(
        (
            *("imaging.sstr_status", "imaging.fdg_status", "imaging.mibg_status"),
            *("progression.status", "progression.stable_months"),
        ),
        PICTURE,
    ),
    "patient.ecog": (91, 365),
    "patient.pregnant": (7, 14),
}
# fact: the limits of its ways of reading, as (above, below)
LIMITS = {
    "lab.pt_prolonged": [("1.5", None), ("1.5", None)],
    "risk.heart_failure_nyha34": [("2", None)],
    "risk.life_expectancy_short": [(None, "6")],
    "risk.lvef_low": [(None, "50")],
}
# fact: the upper limit of normal that stands in for that of the result
UPPER_LIMITS = {
    "lab.bilirubin_uln": {"1.2", "20.5"},
    "lab.alt_uln": {"40"},
}


def ages_of(knowledge):
    types = (definition.type for definition in knowledge.facts.definitions)
    return {t.name: (t.warn_days, t.unknown_days) for t in types if t.warn_days or t.unknown_days}


def limits_of(knowledge):
    found = {}
    for definition in knowledge.facts.definitions:
        limits = [(_text(rule.above), _text(rule.below)) for rule in definition.rules]
        if any(limit != (None, None) for limit in limits):
            found[definition.type.name] = [one for one in limits if one != (None, None)]
    return found


def upper_limits_of(knowledge):
    rules = ((one.type.name, rule) for one in knowledge.facts.definitions for rule in one.rules)
    return {
        name: {*map(str, rule.upper_limit.values())} for name, rule in rules if rule.upper_limit
    }


def _text(limit):
    return None if limit is None else str(limit)


def against(knowledge):
    """The ages and limits of a knowledge that are not those of the tables."""
    if ages_of(knowledge) != AGES:
        yield "ages", ages_of(knowledge)
    if limits_of(knowledge) != LIMITS:
        yield "limits", limits_of(knowledge)
    if upper_limits_of(knowledge) != UPPER_LIMITS:
        yield "upper limits", upper_limits_of(knowledge)


def test_h4_the_tables_name_every_age_and_limit_and_no_other():
    assert [*against(KNOWLEDGE)] == []


TODAY = date(2026, 11, 15)
DEFINITIONS = {definition.type.name: definition for definition in KNOWLEDGE.facts.definitions}


def read_ago(name, days):
    """The fact that one reading gives, so many days later."""
    definition, day = DEFINITIONS[name], TODAY - timedelta(days=days)
    kind, values = definition.type.kind, definition.type.values
    value = {
        "number": exactly(1, definition.type.unit),
        "flag": Flag(so=False),
        "choice": Choice(frozenset(values[:1])),
    }[kind]
    when = FhirDate(day, day, day.isoformat())
    reading = Reading(name, value, Provenance("Observation/1", "value"), when)
    return settle(definition, [reading], TODAY, Record(None, (), ()))


@pytest.mark.parametrize("name", sorted(AGES))
def test_h4_a_reading_ages_on_the_day_after_its_last(name):
    warn, unknown = AGES[name]
    assert not read_ago(name, warn).aged
    assert read_ago(name, warn + 1).aged
    assert read_ago(name, unknown).value is not None
    assert read_ago(name, unknown + 1).value is None
