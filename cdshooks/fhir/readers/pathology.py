"""Ki-67, mitoses, necrosis, grade, differentiation and size, as pathology says them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

from msgspec import structs

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Flag, Span, higher_of
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.readers import grading, proliferation, size
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.reading import Reading, Readings, choice
from cdshooks.knowledge.facts import Family

_SOURCES = ("value", "report", "note")
UNDATED = "Its date is not on file."
LOWER_LATER = "A later specimen is lower; the highest counts."
# The WHO cut-offs between grades (mappings/derived/tumour-ki67-step.yaml); a test keeps the two
# alike.
_G1_BELOW, _G3_ABOVE = Decimal(3), Decimal(20)
_G1, _G3 = choice("G1"), choice("G3")
_FEW_BELOW, _MANY_ABOVE = Decimal(2), Decimal(20)  # mitoses per 2 mm2, tumour-mitotic-step.yaml


def read(chart: Chart, family: Family, earlier: Readings) -> list[Reading | Fact]:
    """Every tumour.* fact of the family file, by the readers that know each."""
    pathology = Pathology(chart, family, earlier)
    ki67 = _dated(proliferation.ki67(chart, family, pathology))
    mitoses = _dated(proliferation.mitoses(chart, family, pathology))
    grades = _dated(grading.read(chart, family, pathology))
    return [
        *_lower_later(ki67),
        *_lower_later(mitoses),
        *grades,
        *_specimens(ki67, mitoses, grades),
        *_necrosis(chart, family),
        *_ages([*ki67, *mitoses, *grades], chart.as_of),
        *size.read(chart, family, pathology),
    ]


def _dated(found: Iterable[Reading]) -> list[Reading]:
    """The findings; one without a date counts, and says that it has none."""
    return [one if one.date is not None else _undated(one) for one in found]


def _undated(reading: Reading) -> Reading:
    return structs.replace(reading, note=f"{reading.note} {UNDATED}".strip())


def _agree(found: Sequence[Reading]) -> bool:
    """Do all say the same, as the text and the result of one specimen do? So does one, or none."""
    values = [reading.value for reading in found]
    return not values or values.count(values[0]) == len(values)


def _lower_later(found: list[Reading]) -> list[Reading]:
    """The readings; where the newest specimen is surely below the highest, that is said with it."""
    if _agree(found):
        return found
    dated = [(r, r.date.last, r.value) for r in found if r.date and isinstance(r.value, Span)]
    if not dated:
        return found
    last = max(day for _, day, _ in dated)
    newest = [value for _, day, value in dated if day == last]
    highest = reduce(higher_of, (value for _, _, value in dated))
    lowered = highest.low is not None and all(one.below(highest.low) is Truth.YES for one in newest)
    if not lowered:
        return found
    note = f"{found[0].note} {LOWER_LATER}".strip()
    return [structs.replace(found[0], note=note), *found[1:]]


def _ages(found: Iterable[Reading], as_of: date) -> list[Reading]:
    """How many days ago the tissue was, of each dated finding."""
    known: dict[FhirDate, Span] = {}  # of one specimen several things are found
    ages = []
    for reading in found:
        day = reading.date
        if day is not None:
            if day not in known:
                known[day] = Span(_days(as_of, day.last), _days(as_of, day.first), "d")
            ages.append(Reading("tumour.specimen_age", known[day], reading.where, day))
    return ages


def _days(as_of: date, end: date) -> Decimal:
    return Decimal(max(0, (as_of - end).days))


def _necrosis(chart: Chart, family: Family) -> Iterator[Reading]:
    concept = family.concepts["necrosis"]
    for said in chart.saying(concept):
        for hit in said.about(concept.key) if said.source in _SOURCES else ():
            if not hit.doubtful:
                yield Reading("tumour.necrosis", Flag(not hit.negated), said.place, said.entry.date)


def _specimens(
    ki67: Sequence[Reading], mitoses: Sequence[Reading], grades: Sequence[Reading]
) -> Iterator[Reading]:
    """Two readings of one kind of which one is G1 for sure and another G3 for sure."""
    stated = [] if _agree(grades) else [r for r in grades if r.fact == "tumour.grade_stated"]
    kinds = (
        _extremes(ki67, _G1_BELOW, _G3_ABOVE),
        _extremes(mitoses, _FEW_BELOW, _MANY_ABOVE),
        ([r for r in stated if r.value == _G1], [r for r in stated if r.value == _G3]),
    )
    for low, high in kinds:
        for reading in (*high[:1], *low[:1]) if low and high else ():
            yield structs.replace(
                reading, fact="tumour.specimens_differ", value=Flag(so=True), note=""
            )


def _extremes(
    found: Sequence[Reading], below: Decimal, above: Decimal
) -> tuple[list[Reading], list[Reading]]:
    if _agree(found):
        return [], []
    spans = [(reading, reading.value) for reading in found if isinstance(reading.value, Span)]
    return (
        [reading for reading, span in spans if span.below(below) is Truth.YES],
        [reading for reading, span in spans if span.above(above) is Truth.YES],
    )
