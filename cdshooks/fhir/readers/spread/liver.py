"""The liver in numbers: how many lesions, how large, how much of it is tumour."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Matched
from cdshooks.fhir.number.quantity import convert
from cdshooks.fhir.number.span import NumberSpan
from cdshooks.fhir.number.text import number_after_name, number_before_name
from cdshooks.fhir.readers.numbers import NUMERIC, number_of, printed_value
from cdshooks.fhir.readers.spread.record import TumourRecord, said_reading
from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.memory import Remembered

_COUNT, _LARGEST, _SHARE = "liver.lesion_count", "liver.largest_mm", "liver.involvement_pct"
_MM = {"mm": Decimal(1), "cm": Decimal(10)}
_PERCENT = {"%": Decimal(1)}
_RESULTS = {
    "liver-count": (_COUNT, {"": Decimal(1), "{lesions}": Decimal(1), "1": Decimal(1)}),
    "liver-size": (_LARGEST, _MM),
    "liver-share": (_SHARE, _PERCENT),
    "tumour-size": (_LARGEST, _MM),
}
_WORDS = ("single", "two", "three", "four", "five")
_MANY = Span(Decimal(5), None, "", low_open=True)
_MEASURE = re.compile(
    r"(?<![\d.])(?P<first>\d{1,3}(?:\.\d{1,2})?)"
    r"(?: ?(?:-|x|to|and|,) ?(?P<second>\d{1,3}(?:\.\d{1,2})?))?"
    r"(?: ?(?:x|and) ?(?P<third>\d{1,3}(?:\.\d{1,2})?))? ?(?P<unit>mm|cm)\b"
)
_COUNTED = re.compile(r" ?(?::|\(? ?n ?=) ?(\d{1,3})(?![\d.]| ?(?:mm|cm|x|%|/|-))")
# "karacigerde 3 adet metastaz": the number stands inside the phrase.
_COUNTED_IN_TURKISH = re.compile(
    r"\bkaraciger(?:de|in) (\d{1,3}) (?:adet |tane )?(?:metasta|lezyon)"
)
_APART = re.compile(r",|\bwith\b|\band\b")
_DISTANCE = re.compile(r" (?:away )?from\b| margin| resection")
_OWNERS = ("liver", "liver-lesion", "liver-size")
# Without one of these no number in a sentence is one of the liver.
_TELLING = frozenset(
    {*_OWNERS, "liver-count", "liver-share", "of-the-liver", "metastasis", "lesion-word"}
)
_OTHERS = ("primary", "primary-word", "bone", "lung", "brain", "peritoneum", "other-place", "nodes")


def read(record: TumourRecord) -> Iterator[Reading]:
    """liver.lesion_count, liver.largest_mm, liver.involvement_pct."""
    for name in record.on_file(_RESULTS):
        fact, units = _RESULTS[name]
        for matched in record.matching(name, "Observation"):
            if name != "tumour-size" or _in_liver(matched, record):
                yield from _result(matched, fact, units, record)
    for said, w in record.sentences:
        for fact, span in _told(w) if w.has(_TELLING) else ():
            yield said_reading(fact, span, said)


# ---- results -------------------------------------------------------------------------------------


def _result(
    matched: Matched, fact: str, units: dict[str, Decimal], record: TumourRecord
) -> Iterator[Reading]:
    element, printed = printed_value(matched.part)
    if "dataAbsentReason" in matched.part or not element:
        return
    number = number_of(matched.part)
    span = convert(number.span, number.unit or "", units) if number else None
    path = f"{matched.path}.{element}".strip(".")
    if span is None:
        problem = "is no number in a unit that is accepted here"
        record.chart.report(matched.entry, path, problem, set_aside=element in NUMERIC)
        return
    unit = {_LARGEST: "mm", _SHARE: "%"}.get(fact, "")
    yield Reading(fact, _span(span, unit), where(matched.entry, path, printed), matched.entry.date)


def _in_liver(matched: Matched, record: TumourRecord) -> bool:
    """Is a size that of a lesion in the liver, by its body site or name?"""
    site = record.chart.coded(matched.entry.body.get("bodySite"))
    written = (*site.names, *matched.entry.coded.names, *matched.coded.names)
    return any(w.affirmed("liver", "liver-lesion") for w in record.named(written))


# ---- sentences -----------------------------------------------------------------------------------


def _numbers(w: Wording) -> tuple[tuple[str, Span], ...]:
    """(fact, value) of every number in a sentence."""
    return (*_counted(w), *_measured(w), *_shared(w))


_told: Final = Remembered(_numbers, length=lambda w: len(w.sentence.text))


def _counted(w: Wording) -> Iterator[tuple[str, Span]]:
    for hit in w.affirmed("liver-lesion"):
        after = _COUNTED.match(w.sentence.text, hit.end)
        span = _MANY if w.before(hit, 4, "diffuse") else _number_before(w, hit)
        if after and not span:
            span = Span(Decimal(after[1]), Decimal(after[1]), "")
        if span:
            yield _COUNT, span
    turkish = _COUNTED_IN_TURKISH.search(w.sentence.text)
    if turkish and w.affirmed("metastasis", "lesion-word"):
        yield _COUNT, Span(Decimal(turkish[1]), Decimal(turkish[1]), "")
    for hit in w.affirmed("liver-count"):
        number = number_after_name(w.sentence.text, hit.end)
        if number and number.unit is None:
            yield _COUNT, _span(number.span, "")


def _number_before(w: Wording, hit: Hit) -> Span | None:
    """The count of "three hypervascular liver metastases"; "2 new lesions" are not all."""
    if w.before(hit, 3, "not-a-total"):
        return None
    for name in _WORDS:
        if w.before(hit, 3, name):
            count = Decimal(_WORDS.index(name) + 1)
            return Span(count, count, "")
    for start in _starts(w, hit):
        number = number_before_name(w.sentence.text, start)
        if number:
            named = number.unit is None or w.sentence.text.startswith(number.unit, start)
            return _span(number.span, "") if named and _is_count(number.span) else None
    return None


def _starts(w: Wording, hit: Hit) -> list[int]:
    """Where the phrase begins, and the up to two adjectives before it."""
    starts = [hit.start]
    text = w.sentence.text
    small = {h.first_token for h in w.of("small")}
    for at in range(hit.first_token - 1, max(-1, hit.first_token - 3), -1):
        if at in small:
            break
        starts.append(text.rindex(w.sentence.words[at], 0, starts[-1]))
    return starts


def _is_count(span: NumberSpan) -> bool:
    ends = [end for end in (span.low, span.high) if end is not None]
    return all(end == int(end) and end <= 200 for end in ends)


def _measured(w: Wording) -> Iterator[tuple[str, Span]]:
    for found in _MEASURE.finditer(w.sentence.text):
        distance = _DISTANCE.match(w.sentence.text, found.end())
        if not distance and _owner(w, found.start(), found.end()) in _OWNERS:
            sizes = [Decimal(found[g]) for g in ("first", "second", "third") if found[g]]
            largest = max(sizes) * _MM[found["unit"]]
            yield _LARGEST, Span(largest, largest, "mm")


def _owner(w: Wording, start: int, end: int) -> str | None:
    """What a size is of: what follows at once ("35 mm liver lesion"), else what was named last."""
    named = [(name, h) for name, h in w.named() if name in (*_OWNERS, *_OTHERS)]
    for name, hit in named:
        between = w.sentence.text[end : hit.start]
        if 0 <= hit.start - end <= 16 and not _APART.search(between):
            return name
    before = [name for name, h in named if h.end <= start and not (h.negated or h.doubtful)]
    return before[-1] if before else None


def _shared(w: Wording) -> Iterator[tuple[str, Span]]:
    if w.of("not-tumour-share"):
        return
    numbers = [number_after_name(w.sentence.text, h.end) for h in w.affirmed("liver-share")]
    numbers += [number_before_name(w.sentence.text, h.start) for h in w.affirmed("of-the-liver")]
    for number in numbers:
        if number and number.unit == "%":
            yield _SHARE, _span(number.span, "%")


def _span(span: NumberSpan, unit: str) -> Span:
    return Span(span.low, span.high, unit, span.low_open, span.high_open)
