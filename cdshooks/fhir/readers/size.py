"""The size of the primary: from size results, and from sentences that measure the tumour itself."""

import re
from collections.abc import Iterator
from decimal import Decimal

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.number.quantity import convert
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.reading import Reading, where
from cdshooks.knowledge.facts import Family

_MM = {"mm": Decimal(1), "cm": Decimal(10), "millimeter": Decimal(1), "centimeter": Decimal(10)}
_MEASURE = re.compile(
    r"(?P<first>\d{1,3}(?:\.\d{1,2})?)(?:\s?(?:-|x|to|and)\s?(?P<second>\d{1,3}(?:\.\d{1,2})?))?"
    r"(?:\s?x\s?(?P<third>\d{1,3}(?:\.\d{1,2})?))?\s?(?P<unit>mm|cm)\b"
)


def read(chart: Chart, family: Family) -> Iterator[Reading]:
    """tumour.size_mm; of several the largest (the fact is taken highest)."""
    for matched in chart.matching(family.concepts["size"], "Observation"):
        if "dataAbsentReason" not in matched.part and not _elsewhere(matched, chart, family):
            yield from _result(matched, chart)
    for said in chart.said("value", "report", "note", "condition"):
        if said.about(family.concepts["size"].key):
            yield from _measured(said, family)


def _result(matched: Matched, chart: Chart) -> Iterator[Reading]:
    element, printed = printed_value(matched.part)
    if not element or (element == "valueString" and _MEASURE.search(printed.lower()) is None):
        return
    number = number_of(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    naaccr = any(system == "NAACCR" for system, _ in matched.coded.codes)
    unit = (number.unit if number and number.unit else ("mm" if naaccr else "")) or ""
    span = convert(number.span, unit, _MM) if number else None
    if span is None:
        chart.report(matched.entry, path, "is no size in mm or cm")
        return
    value = Span(span.low, span.high, "mm", span.low_open, span.high_open)
    yield Reading("tumour.size_mm", value, where(matched.entry, path, printed), matched.entry.date)


def _elsewhere(matched: Matched, chart: Chart, family: Family) -> bool:
    """A size whose body site or name is the liver, a node or a metastasis is not the primary's."""
    site = chart.coded(matched.entry.body.get("bodySite"))
    written = (*site.names, *matched.entry.coded.names, *matched.coded.names)
    return family.concepts["size-elsewhere"].key in chart.names_in(written)


def _measured(said: Said, family: Family) -> Iterator[Reading]:
    """Sizes in those parts of the sentence that do not name another place."""
    elsewhere = [hit.start for hit in said.about(family.concepts["size-elsewhere"].key)]
    for start, part in _parts(said.sentence.text):
        if any(start <= place < start + len(part) for place in elsewhere):
            continue
        for found in _MEASURE.finditer(part):
            numbers = [Decimal(found[g]) for g in ("first", "second", "third") if found[g]]
            largest = max(numbers) * _MM[found["unit"]]
            place = where(said.entry, said.path, said.sentence.printed, from_text=True)
            yield Reading("tumour.size_mm", Span(largest, largest, "mm"), place, said.entry.date)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """(offset, part) of a sentence, cut where another thing may be spoken of."""
    start = 0
    for cut in re.finditer(r", | but | with ", text):
        yield start, text[start : cut.start()]
        start = cut.end()
    yield start, text[start:]
