"""Ki-67 and mitoses: numbers whose unit has to be read with care."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.reading import Reading, Readings, where
from cdshooks.knowledge.facts import Concept, Family

_PERCENT = frozenset({"%", "percent", "{%}", "pct", "[%]"})
_RATIO = frozenset({"1", "{ratio}", "{fraction}"})
APPROXIMATE = "Read from an approximate value."
_SURROGATE = "Counted per 10 high power fields, taken as per 2 mm2 (true for a field of 0.5 mm)."


def ki67(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """Ki-67 in %, from results, panels and sentences; never of a breast or another cancer."""
    concept = family.concepts["ki67"]
    for matched in chart.matching(concept, "Observation"):
        if _is_result(matched, concept, chart) and _of_the_net(matched, chart, family, earlier):
            yield from _ki67_result(matched, chart)
    for said in _sentences(chart, concept, family, earlier):
        yield from dict.fromkeys(_ki67_in(said, concept))


def _is_result(matched: Matched, concept: Concept, chart: Chart) -> bool:
    """A value that names what it is ("Ki-67 index is 8 %") is a sentence, and read as one."""
    if "dataAbsentReason" in matched.part:
        return False
    element, printed = printed_value(matched.part)
    return element != "valueString" or concept.key not in chart.names_in([printed])


def _ki67_in(said: Said, concept: Concept) -> Iterator[Reading]:
    for hit in said.about(concept.key):
        number = None if hit.negated else number_after_name(said.sentence.cased, hit.end)
        span = number and _share(number, named_percent=False)
        if span and number:
            yield _said_reading("tumour.ki67", span, "%", said, number.span.approximate)


def _ki67_result(matched: Matched, chart: Chart) -> Iterator[Reading]:
    element, printed = printed_value(matched.part)
    number = number_of(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    if number is None:
        chart.report(matched.entry, path or "value", "holds no Ki-67 that can be read")
        return
    named = any(word in " ".join(matched.coded.names).lower() for word in ("%", "percent"))
    span = _share(number, named_percent=named)
    if span is None:
        chart.report(
            matched.entry, path, "is no Ki-67 between 0 and 100 %, or its unit is not sure"
        )
        return
    value = _span(span, "%")
    note = APPROXIMATE if number.span.approximate else ""
    place = where(matched.entry, path, printed)
    yield Reading("tumour.ki67", value, place, matched.entry.date, note)


def _share(number: ParsedNumber, *, named_percent: bool) -> NumberSpan | None:
    """The span in %; None where 0.02 may be 2 % or 0.02 %, or where it is out of range."""
    unit = (number.unit or "").strip().lower()
    span = number.span
    if unit in _RATIO:
        return _within(_times(span, Decimal(100)))
    if unit in _PERCENT:
        return _within(span)
    if unit:
        return None
    ends = [end for end in (span.low, span.high) if end is not None]
    if all(end > 1 or (end == 0 and len(ends) == 2) for end in ends):
        return _within(span)
    return _within(span) if named_percent and set(ends) == {Decimal(1)} else None


def _within(span: NumberSpan) -> NumberSpan | None:
    """A share lies between 0 and 100 %: open ends are closed there, values outside are no share."""
    low = Decimal(0) if span.low is None else span.low
    high = Decimal(100) if span.high is None else span.high
    if not 0 <= low <= high <= 100:
        return None
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)


def _times(span: NumberSpan, factor: Decimal) -> NumberSpan:
    low = None if span.low is None else span.low * factor
    high = None if span.high is None else span.high * factor
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)


def mitoses(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading]:
    """Mitoses per 2 mm2."""
    concept = family.concepts["mitoses"]
    for matched in chart.matching(concept, "Observation"):
        if _is_result(matched, concept, chart) and _of_the_net(matched, chart, family, earlier):
            yield from _mitotic_result(matched, chart)
    for said in _sentences(chart, concept, family, earlier):
        if not any(hit.negated for hit in said.about(concept.key)):
            yield from _mitoses_in(said)


def _mitotic_result(matched: Matched, chart: Chart) -> Iterator[Reading]:
    number, (element, printed) = number_of(matched.part), printed_value(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    if number is None:
        counts = list(_counts(printed.lower()))
        if not counts:
            chart.report(matched.entry, path or "value", "holds no mitotic count that can be read")
    else:
        per_fields = ("SNOMED", "406094009") in matched.coded.codes
        unit = number.unit or ("10hpf" if per_fields else " ".join(matched.coded.names))
        counted = _per_2mm2(number.span, unit)
        counts = [counted] if counted else []
        if not counted:
            chart.report(
                matched.entry, path, "does not say per which area the mitoses were counted"
            )
    for span, note in counts:
        place = where(matched.entry, path, printed)
        yield Reading("tumour.mitoses", _span(span, "per2mm2"), place, matched.entry.date, note)


def _per_2mm2(span: NumberSpan, unit: str) -> tuple[NumberSpan, str] | None:
    squeezed = re.sub(r"[\s\[\]{}.()^]", "", unit.lower()).replace("²", "2").replace("sq", "")
    if "2mm2" in squeezed or "2mm" in squeezed:
        return span, ""
    if "hpf" in squeezed or "highpowerfield" in squeezed:
        return (span, _SURROGATE) if "10" in squeezed else None
    return (_times(span, Decimal(2)), "") if "mm2" in squeezed else None


# "2 mitoses per 2 mm2", "mitotic count: < 2/2 mm2", "1-2 mitoses / 10 HPF". Bounded throughout.
_COUNT = re.compile(
    r"(?P<sign><=?|>=?|less than|more than|up to)?\s?"
    r"(?P<low>\d{1,3})(?:\s?(?:-|to)\s?(?P<high>\d{1,3}))?"
    r"\s?(?:mitos[ei]s|mitotic figures?|figures?)?\s?"
    r"(?:/|per|in)\s?(?P<unit>2\s?mm|10\s?hpf|10 high|mm)"
)


def _mitoses_in(said: Said) -> Iterator[Reading]:
    for span, note in _counts(said.sentence.text):
        place = where(said.entry, said.path, said.sentence.printed, from_text=True)
        yield Reading("tumour.mitoses", _span(span, "per2mm2"), place, said.entry.date, note)


def _counts(text: str) -> Iterator[tuple[NumberSpan, str]]:
    for found in _COUNT.finditer(text):
        low, high = Decimal(found["low"]), Decimal(found["high"] or found["low"])
        unit = "10hpf" if found["unit"].startswith("10") else f"{found['unit']}2"
        counted = _per_2mm2(_signed(found["sign"], low, high), unit)
        if counted:
            yield counted


def _signed(sign: str | None, low: Decimal, high: Decimal) -> NumberSpan:
    if sign in ("<", "less than"):
        return NumberSpan(Decimal(0), high, False, True, False)
    if sign in ("<=", "up to"):
        return NumberSpan(Decimal(0), high, False, False, False)
    if sign in (">", ">=", "more than"):
        return NumberSpan(low, None, sign != ">=", False, False)
    return NumberSpan(low, high, False, False, False)


def _sentences(chart: Chart, concept: Concept, family: Family, earlier: Readings) -> Iterable[Said]:
    breast = family.concepts["breast"].key
    crowded = bool(earlier.get("other_cancer"))
    for said in chart.said("value", "report", "note", "condition"):
        if not said.about(concept.key) or said.about(breast) or _is_other_condition(said, earlier):
            continue
        if crowded and not said.about(family.concepts["net-word"].key):
            chart.report(
                said.entry, said.path, "does not say of which of two cancers it is; not used"
            )
            continue
        yield said


def _is_other_condition(said: Said, earlier: Readings) -> bool:
    tumours = {reading.where.reference for reading in earlier.get("net.entity", ())}
    return said.entry.type == "Condition" and said.entry.reference not in tumours


def _of_the_net(matched: Matched, chart: Chart, family: Family, earlier: Readings) -> bool:
    """Is a result of this patient's NET? With a second cancer on file it has to say so."""
    body = matched.entry.body
    tumours = {reading.where.reference for reading in earlier.get("net.entity", ())}
    focus = [str(one.get("reference", "")) for one in body.get("focus", ())]
    about = [one for one in focus if "Condition/" in one]
    if about:
        return any(one.endswith(tuple(tumours)) for one in about)
    if not earlier.get("other_cancer"):
        return not _names(matched, chart, family, "breast")
    if _names(matched, chart, family, "net-word") and not _names(matched, chart, family, "breast"):
        return True
    chart.report(matched.entry, "focus", "does not say of which of two cancers it is; not used")
    return False


def _names(matched: Matched, chart: Chart, family: Family, concept: str) -> bool:
    site: Mapping[str, Any] = matched.entry.body.get("bodySite", {})
    written = (*matched.entry.coded.names, *chart.coded(site).names, printed_value(matched.part)[1])
    return family.concepts[concept].key in chart.names_in(written)


def _said_reading(fact: str, span: NumberSpan, unit: str, said: Said, approximate: bool) -> Reading:
    place = where(said.entry, said.path, said.sentence.printed, from_text=True)
    return Reading(
        fact, _span(span, unit), place, said.entry.date, APPROXIMATE if approximate else ""
    )


def _span(span: NumberSpan, unit: str) -> Span:
    return Span(span.low, span.high, unit, span.low_open, span.high_open)
