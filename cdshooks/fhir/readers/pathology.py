"""Ki-67, mitoses, necrosis, grade, differentiation and size, as pathology says them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Flag, Span
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers import grading, proliferation, size
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.knowledge.facts import Family

# The WHO cut-offs between grades (mappings/derived/tumour-ki67-step.yaml); a test keeps the two
# alike.
_G1_BELOW, _G3_ABOVE = Decimal(3), Decimal(20)


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading | Fact]:
    """Every tumour.* fact of the family file, by the readers that know each."""
    pathology = Pathology(chart, family, earlier)
    ki67 = list(proliferation.ki67(chart, family, pathology))
    yield from ki67
    yield from _specimens(ki67)
    yield from proliferation.mitoses(chart, family, pathology)
    yield from _necrosis(chart, family)
    yield from grading.read(chart, family, pathology)
    yield from size.read(chart, family, pathology)


def _necrosis(chart: Chart, family: Family) -> Iterator[Reading]:
    concept = family.concepts["necrosis"]
    for said in chart.said("value", "report", "note"):
        for hit in said.about(concept.key):
            if not hit.doubtful:
                place = where(said.entry, said.path, said.sentence.printed, from_text=True)
                yield Reading("tumour.necrosis", Flag(not hit.negated), place, said.entry.date)


def _specimens(ki67: Iterable[Reading]) -> Iterator[Reading]:
    """Two readings of which one is G1 for sure and another above 20 % for sure."""
    low = [r for r in ki67 if isinstance(r.value, Span) and r.value.below(_G1_BELOW) is Truth.YES]
    high = [r for r in ki67 if isinstance(r.value, Span) and r.value.above(_G3_ABOVE) is Truth.YES]
    if low and high:
        yield replace(high[0], fact="tumour.specimens_differ", value=Flag(so=True))
        yield replace(low[0], fact="tumour.specimens_differ", value=Flag(so=True))
