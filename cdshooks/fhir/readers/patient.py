"""The age of the patient."""

from collections.abc import Iterator
from decimal import Decimal

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.dates import completed_years, read_date
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.knowledge.facts import Family

OLDEST = 130  # years; a birth date before that is a typing error


def read(chart: Chart, _family: Family, _earlier: Readings) -> Iterator[Reading]:
    """patient.age in completed years; a birth date without its day may mean two of them."""
    patient = chart.record.patient
    if patient is None or "birthDate" not in patient.dates:
        return
    birth, problem = read_date(patient.dates["birthDate"])
    if problem:
        chart.report(patient, "birthDate", problem)
    if birth is None:
        return
    youngest, oldest = completed_years(birth, chart.as_of)
    if oldest < 0 or youngest > OLDEST:
        chart.report(patient, "birthDate", "gives no age that a patient can have; not used")
        return
    place = Provenance(patient.reference, "birthDate", printed=birth.text)
    yield Reading("patient.age", Span(Decimal(youngest), Decimal(oldest), "a"), place)
