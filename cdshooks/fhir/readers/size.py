"""The size of the primary: from size results, and from sentences that measure the tumour itself."""

import re
from collections.abc import Iterator
from decimal import Decimal

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.number.quantity import convert
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.sentences import sentences
from cdshooks.knowledge.facts import Family

_MM = {"mm": Decimal(1), "cm": Decimal(10), "millimeter": Decimal(1), "centimeter": Decimal(10)}
# "14 mm", "1.4 x 1.2 x 1 cm", "14 mm x 12 mm"; no distance ("30 mm from the margin"), no area.
_MEASURE = re.compile(
    r"(?<![\d.])(?P<first>\d{1,3}(?:\.\d{1,2})?)"
    r"(?:\s?(?P<unit1>mm|cm)?\s?(?:-|x|to|and)\s?(?P<second>\d{1,3}(?:\.\d{1,2})?))?"
    r"(?:\s?(?P<unit2>mm|cm)?\s?x\s?(?P<third>\d{1,3}(?:\.\d{1,2})?))?\s?(?P<unit>mm|cm)\b"
    r"(?! ?(?:from|away|proximal|distal|above|below|deep|thick)\b)"
)
_TIMES = re.compile(r"\dx|\d ?(?:mm|cm)? ?x ?\d")
# What may stand between a measure and the tumour that it measures ("12 mm pancreatic NET").
_DESCRIBED = re.compile(
    r" (?:(?:large|small|solid|round|ovoid|hypervascular|hypoechoic|enhancing|well-defined"
    r"|pancreatic|duodenal|gastric|ileal|jejunal|rectal|appendiceal|caecal|cecal|colonic|bronchial"
    r"|pulmonary|primary|neuroendocrine|well-differentiated|g[123]|grade [123]) ){0,4}"
)
# ... and between a tumour and its measure ("NET G1 of 14 mm", "tumor (14 mm)").
_STATED = re.compile(
    r"(?: (?:g[123]|grade [123]|of|is|was|size|about|approx\.?|ca\.?|in|the|tail|head|body|ileum"
    r"|pancreas|pancreatic)){0,5} ?[:=(]? ?"
)
# A "tumour thrombus" or a "tumour-free margin" is no tumour.
_NO_TUMOUR = re.compile(
    r"[ -]?(?:thromb|free|bed\b|deposit|marker|cell|infiltrat|invasi|depth|budding)"
)


def read(chart: Chart, family: Family, pathology: Pathology) -> Iterator[Reading]:
    """tumour.size_mm; of several the largest (the fact is taken highest)."""
    for matched in chart.matching(family.concepts["size"], "Observation"):
        if "dataAbsentReason" not in matched.part and not _elsewhere(matched, chart, family):
            yield from _result(matched, chart, family)
    for said in chart.said("value", "report", "note", "condition"):
        if said.about(family.concepts["size"].key):
            yield from _measured(said, family)
    for said in pathology.statements():
        if not said.about(family.concepts["size"].key):
            yield from _beside_tumour(said, family)


def _result(matched: Matched, chart: Chart, family: Family) -> Iterator[Reading]:
    element, printed = printed_value(matched.part)
    written = " ".join(sentence.text for sentence in sentences(printed))
    if not element or (element == "valueString" and _MEASURE.search(written) is None):
        return
    number = number_of(matched.part)
    if element == "valueString" and number is None and _TIMES.search(written):
        if family.concepts["size-elsewhere"].key in chart.names_in((printed,)):
            return
        largest = max(_largest(found) for found in _MEASURE.finditer(written))
        place = where(matched.entry, f"{matched.path}.{element}".strip("."), printed)
        yield Reading("tumour.size_mm", Span(largest, largest, "mm"), place, matched.entry.date)
        return
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
            largest = _largest(found)
            place = where(said.entry, said.path, said.sentence.printed, from_text=True)
            yield Reading("tumour.size_mm", Span(largest, largest, "mm"), place, said.entry.date)


def _largest(found: re.Match[str]) -> Decimal:
    """The largest diameter in mm; one without a unit of its own has the last one."""
    ends = (("first", "unit1"), ("second", "unit2"), ("third", "unit"))
    return max(
        Decimal(found[end]) * _MM[found[unit] or found["unit"]] for end, unit in ends if found[end]
    )


def _beside_tumour(said: Said, family: Family) -> Iterator[Reading]:
    """A size directly before or after the tumour that it measures ("12 mm pancreatic NET")."""
    elsewhere = [hit.start for hit in said.about(family.concepts["size-elsewhere"].key)]
    tumours = [
        hit
        for hit in said.about(family.concepts["measured"].key)
        if not (hit.negated or hit.doubtful)
    ]
    text = said.sentence.text
    for start, part in _parts(text) if tumours else ():
        end = start + len(part)
        if any(start <= place < end for place in elsewhere):
            continue
        within = [hit for hit in tumours if start <= hit.start < end]
        for found in _MEASURE.finditer(text, start, end):
            if any(_measures(found, hit, text) for hit in within):
                largest = _largest(found)
                place = where(said.entry, said.path, said.sentence.printed, from_text=True)
                yield Reading(
                    "tumour.size_mm", Span(largest, largest, "mm"), place, said.entry.date
                )


def _measures(found: re.Match[str], tumour: Hit, text: str) -> bool:
    """Do only words that describe the tumour stand between it and the measure?"""
    if _NO_TUMOUR.match(text, tumour.end):
        return False
    if found.end() <= tumour.start:
        return bool(_DESCRIBED.fullmatch(text, found.end(), tumour.start))
    return bool(_STATED.fullmatch(text, tumour.end, found.start()))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """(offset, part) of a sentence, cut where another thing may be spoken of."""
    start = 0
    for cut in re.finditer(r", | but | with ", text):
        yield start, text[start : cut.start()]
        start = cut.end()
    yield start, text[start:]
