"""The size of the primary: from size results, and from sentences that measure the tumour itself."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.number.quantity import convert
from cdshooks.fhir.readers.numbers import NUMERIC, number_of, printed_value
from cdshooks.fhir.readers.proliferation import is_of_the_net
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.readers.wording import Wording, overlaps, vocabulary
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.sentences import sentences
from cdshooks.knowledge.facts import Family

_MM = {"mm": Decimal(1), "cm": Decimal(10), "millimeter": Decimal(1), "centimeter": Decimal(10)}
# "14 mm", "1.4 x 1.2 x 1 cm", "14 mm x 12 mm".
_MEASURE = re.compile(
    r"(?<![\d.])(?P<first>\d{1,3}(?:\.\d{1,2})?)"
    r"(?:\s?(?P<unit1>mm|cm)?\s?(?:-|x|to|and)\s?(?P<second>\d{1,3}(?:\.\d{1,2})?))?"
    r"(?:\s?(?P<unit2>mm|cm)?\s?x\s?(?P<third>\d{1,3}(?:\.\d{1,2})?))?\s?(?P<unit>mm|cm)\b"
)
_TIMES = re.compile(r"\dx|\d ?(?:mm|cm)? ?x ?\d")
_WORD = re.compile(r"[^\W_]")
_AT_ONCE = re.compile(r"[ -]?")


def read(chart: Chart, family: Family, pathology: Pathology) -> Iterator[Reading]:
    """tumour.size_mm; of several the largest (the fact is taken highest)."""
    for matched in chart.matching(family.concepts["size"], "Observation"):
        if "dataAbsentReason" in matched.part or _elsewhere(matched, chart, family):
            continue
        if is_of_the_net(matched, chart, family, pathology):
            yield from _result(matched, chart, family)
    for said in pathology.sentences(family.concepts["size"]):
        if _MEASURE.search(said.sentence.text) is not None:
            yield from _measured(said, family)
    # Every measure has its unit, which is found sooner than the pattern finds nothing.
    measuring = [
        s for s in pathology.statements if "mm" in s.sentence.text or "cm" in s.sentence.text
    ]
    for said in measuring:
        named = family.concepts["size"].key in said.named
        if not named and _MEASURE.search(said.sentence.text) is not None:
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
        problem = "is no size in mm or cm"
        chart.report(matched.entry, path, problem, set_aside=element in NUMERIC)
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
    w = vocabulary(family).heard(said)
    yield from (_reading(said, found) for _, _, found in _measures(w))


def _beside_tumour(said: Said, family: Family) -> Iterator[Reading]:
    """A size directly before or after the tumour that it measures ("12 mm pancreatic NET")."""
    w = vocabulary(family).heard(said)
    tumours = [hit for hit in w.affirmed("measured") if not _is_no_tumour(w, hit)]
    for start, end, found in _measures(w) if tumours else ():
        within = [hit for hit in tumours if start <= hit.start < end]
        if any(_describes(w, found, hit) for hit in within) or _follows(w, found, tumours, end):
            yield _reading(said, found)


def _measures(w: Wording) -> Iterator[tuple[int, int, re.Match[str]]]:
    """(start, end, measure) of each measure in a part that names no other place."""
    away = w.of("no-size")  # "10 cm from the anal margin" names no margin of a specimen
    elsewhere = [hit for hit in w.of("size-elsewhere") if not overlaps(hit, away)]
    for start, end in _parts(w):
        if any(start <= hit.start < end for hit in elsewhere):
            continue
        for found in _MEASURE.finditer(w.sentence.text, start, end):
            if not any(_at_once(w, found.end(), hit.start) for hit in away):
                yield start, end, found


def _parts(w: Wording) -> Iterator[tuple[int, int]]:
    """Where the parts of a sentence begin and end; "with" begins another thing too."""
    starts = w.sentence.word_starts()
    cuts = {starts[at] for at in w.sentence.part_starts} | {
        hit.start for hit in w.of("size-of-more")
    }
    bounds = sorted({0, *cuts, len(w.sentence.text)})
    yield from pairwise(bounds)


def _is_no_tumour(w: Wording, hit: Hit) -> bool:
    """A "tumour thrombus" or a "tumour-free margin" is no tumour."""
    return any(_at_once(w, hit.end, other.start) for other in w.of("no-tumour"))


def _at_once(w: Wording, end: int, start: int) -> bool:
    return end <= start and _AT_ONCE.fullmatch(w.sentence.text, end, start) is not None


def _describes(w: Wording, found: re.Match[str], tumour: Hit) -> bool:
    """Do only words that describe the tumour stand between it and the measure?"""
    if found.end() <= tumour.start:
        return _only(w, found.end(), tumour.start, w.of("describes-tumour"))
    return _only(w, tumour.end, found.start(), w.of("describes-tumour", "states-size"))


def _follows(w: Wording, found: re.Match[str], tumours: Iterable[Hit], end: int) -> bool:
    """Is it a part of its own behind the tumour ("NET, G2, Ki-67 8 %, 14 mm")?"""
    told = w.of("describes-tumour", "states-size")
    alone = _only(w, found.end(), end, told)
    return alone and any(
        hit.end <= found.start() and _goes_on(w, hit.end, found.start()) for hit in tumours
    )


def _goes_on(w: Wording, start: int, end: int) -> bool:
    """Does every part between say something of the tumour, and nothing of another place?"""
    told = w.of("describes-tumour", "states-size")
    more = w.of("graded", "ki67", "mitoses", "well", "poor", "necrosis", "low", "high")
    if any(start <= hit.start < end for hit in w.of("size-elsewhere", "size-of-more")):
        return False
    cuts = [(max(start, one), min(end, other)) for one, other in _parts(w)]
    return all(
        _only(w, one, other, told) or any(one <= hit.start < other for hit in more)
        for one, other in cuts
        if one < other
    )


def _only(w: Wording, start: int, end: int, told: Iterable[Hit]) -> bool:
    """Does the text between hold no other words than these?"""
    text = list(w.sentence.text[start:end])
    for hit in told:
        if start <= hit.start and hit.end <= end:
            text[hit.start - start : hit.end - start] = " " * (hit.end - hit.start)
    return _WORD.search("".join(text)) is None


def _largest(found: re.Match[str]) -> Decimal:
    """The largest diameter in mm; one without a unit of its own has the last one."""
    ends = (("first", "unit1"), ("second", "unit2"), ("third", "unit"))
    return max(
        Decimal(found[end]) * _MM[found[unit] or found["unit"]] for end, unit in ends if found[end]
    )


def _reading(said: Said, found: re.Match[str]) -> Reading:
    largest = _largest(found)
    return Reading("tumour.size_mm", Span(largest, largest, "mm"), said.place, said.entry.date)
