"""Ki-67 and mitoses: numbers whose unit has to be read with care."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, pairwise

from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart, Heard, Matched, Said
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.readers.numbers import NUMERIC, number_of, printed_value
from cdshooks.fhir.readers.specimen import Pathology
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.text.legend import is_of_a_rule
from cdshooks.fhir.text.memory import Remembered
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_PERCENT = frozenset({"%", "percent", "{%}", "pct", "[%]"})
_NAMED_PERCENT = re.compile("%|percent", re.IGNORECASE)
_RATIO = frozenset({"1", "{ratio}", "{fraction}"})
APPROXIMATE = "Read from an approximate value."
_SURROGATE = "Counted per 10 high power fields, taken as per 2 mm2 (true for a field of 0.5 mm)."


def ki67(chart: Chart, family: Family, pathology: Pathology) -> Iterator[Reading]:
    """Ki-67 in %, from results, panels and sentences; never of a breast or another cancer."""
    concept = family.concepts["ki67"]
    for matched in chart.matching(concept, "Observation"):
        if _is_result(matched, concept, chart) and is_of_the_net(matched, chart, family, pathology):
            yield from _ki67_result(matched, chart)
    for said in pathology.sentences(concept):
        found = list(_ki67_in(said, concept))
        yield from found if len(found) < 2 else dict.fromkeys(found)


def is_of_the_net(matched: Matched, chart: Chart, family: Family, pathology: Pathology) -> bool:
    """Is a result of this NET, and of no specimen that is named after another tumour?"""
    specimen = matched.entry.body.get("specimen", {}).get("display", "")
    if specimen and family.concepts["other-tumour"].key in chart.names_in((specimen,)):
        return False
    return pathology.has(matched)


def _is_result(matched: Matched, concept: Concept, chart: Chart) -> bool:
    """A value that names what it is ("Ki-67 index is 8 %") is a sentence, and read as one."""
    if "dataAbsentReason" in matched.part:
        return False
    if "valueQuantity" in matched.part:  # as most have
        return True
    element, printed = printed_value(matched.part)
    return element != "valueString" or concept.key not in chart.names_in([printed])


def _ki67_in(said: Said, concept: Concept) -> Iterator[Reading]:
    for span in _shares((said.heard, concept.key)):
        yield _said_reading("tumour.ki67", span, "%", said, span.approximate)


def _shares_in(key: tuple[Heard, str]) -> tuple[NumberSpan, ...]:
    """The percentages of a name in a sentence."""
    heard, concept = key
    sentence, found = heard.sentence, []
    for hit in heard.about(concept):
        if hit.negated or is_of_a_rule(sentence, hit.start, hit.end):
            continue
        ranges = set()
        # Most sentences have one percentage, and nothing that it could be mistaken for.
        several = sentence.text.count("%", hit.end) > 1
        for end in _ends(sentence.text, hit.end) if several else (hit.end,):
            text = _up_to_more(sentence, end) if several else sentence.cased
            number = number_after_name(text, end)
            span = number and _share(number, named_percent=False)
            if span and span.low not in ranges:  # the 5 of "3 % to 5 %" is no more
                ranges.add(span.high if span.low != span.high else None)
                found.append(span)
    return tuple(found)


_shares = Remembered(_shares_in, length=lambda key: len(key[0].sentence.text))


_PERCENTAGE = re.compile(r"[<>]?\s?\d{1,3}(?:\.\d{1,3})?\s?%")
# Only these may stand between two percentages of one name: "2 % in the primary and 15 % in the
# liver metastasis", "on average 4 %, in hot spots up to 12 %".
_BETWEEN = re.compile(
    r"(?:\W|\b(?:in|the|and|of|to|up|at|a|its|average|mean|focally|highest|maximum|areas?"
    r"|hot ?spots?|primary|tumou?r|liver|node|nodal|lymph|nodes|mesenteric|metasta[a-z]{1,8}"
    r"|lesions?|biopsy|resection|specimen|with|vs|versus|but|or|now|then|currently|previously|initially"
    r"|later|cells|was|is|increased|rising|(?:19|20)\d\d)\b)*"
)
_CLAUSE_END = re.compile(r"[,;()]|$")


def _ends(text: str, name_end: int) -> Iterator[int]:
    """Where to look for numbers of a name: behind it, and at each further percentage of it."""
    yield name_end
    found = list(_PERCENTAGE.finditer(text, name_end))
    for one, following in pairwise(found):
        if not _BETWEEN.fullmatch(text, one.end(), following.start()) or _of_more(text, following):
            return
        yield following.start()


def _up_to_more(sentence: Sentence, end: int) -> str:
    """The sentence as printed, up to a second percentage that is of another thing."""
    found = list(islice(_PERCENTAGE.finditer(sentence.text, end), 2))
    if len(found) < 2 or not _of_more(sentence.text, found[1]):
        return sentence.cased
    return sentence.cased[: found[1].start()].rstrip()


def _of_more(text: str, percentage: re.Match[str]) -> bool:
    """Does what follows a percentage say that it is of another thing ("12 % necrosis")?"""
    ends = (_CLAUSE_END.search(text, percentage.end()), _PERCENTAGE.search(text, percentage.end()))
    end = min(found.start() for found in ends if found)
    return not _BETWEEN.fullmatch(text, percentage.end(), end)


def _ki67_result(matched: Matched, chart: Chart) -> Iterator[Reading]:
    element, printed = printed_value(matched.part)
    number = number_of(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    if number is None:
        several = list(_several(matched, printed, path)) if element == "valueString" else []
        if not several:
            problem = "holds no Ki-67 that can be read"
            chart.report(matched.entry, path or "value", problem, set_aside=element in NUMERIC)
        yield from several
        return
    named = not number.unit and _NAMED_PERCENT.search(" ".join(matched.coded.names)) is not None
    span = _share(number, named_percent=named)
    if span is None:
        problem = "is no Ki-67 between 0 and 100 %, or its unit is not sure"
        chart.report(matched.entry, path, problem, set_aside=True)
        return
    value = _span(span, "%")
    note = APPROXIMATE if number.span.approximate else ""
    place = where(matched.entry, path, printed)
    yield Reading("tumour.ki67", value, place, matched.entry.date, note)


def _several(matched: Matched, printed: str, path: str) -> Iterator[Reading]:
    """The percentages of "8 %, hot spot 14 %", where only such words stand between."""
    for sentence in sentences(printed):
        found = list(_PERCENTAGE.finditer(sentence.text))
        gaps = [0, *(one.end() for one in found)], [*(one.start() for one in found), None]
        between = [sentence.text[start:end] for start, end in zip(*gaps, strict=True)]
        if not found or not all(_BETWEEN.fullmatch(text) for text in between):
            continue
        for one in found:
            number = number_after_name(sentence.cased[one.start() : one.end()], 0)
            span = number and _share(number, named_percent=False)
            if span:
                place = where(matched.entry, path, printed)
                yield Reading("tumour.ki67", _span(span, "%"), place, matched.entry.date)


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
    if low is span.low and high is span.high:  # as most are
        return span
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)


def _times(span: NumberSpan, factor: Decimal) -> NumberSpan:
    low = None if span.low is None else span.low * factor
    high = None if span.high is None else span.high * factor
    return NumberSpan(low, high, span.low_open, span.high_open, span.approximate)


def mitoses(chart: Chart, family: Family, pathology: Pathology) -> Iterator[Reading]:
    """Mitoses per 2 mm2."""
    concept = family.concepts["mitoses"]
    for matched in chart.matching(concept, "Observation"):
        if _is_result(matched, concept, chart) and is_of_the_net(matched, chart, family, pathology):
            yield from _mitotic_result(matched, chart)
    for said in pathology.sentences(concept):
        if not any(hit.negated for hit in said.about(concept.key)):
            yield from _mitoses_in(said)


def _mitotic_result(matched: Matched, chart: Chart) -> Iterator[Reading]:
    number, (element, printed) = number_of(matched.part), printed_value(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    if number is None:
        counts = list(_counts(printed.lower()))
        if not counts:
            problem = "holds no mitotic count that can be read"
            chart.report(matched.entry, path or "value", problem, set_aside=element in NUMERIC)
    else:
        per_fields = ("SNOMED", "406094009") in matched.coded.codes
        unit = number.unit or ("10hpf" if per_fields else " ".join(matched.coded.names))
        counted = _per_2mm2(number.span, unit)
        counts = [counted] if counted else []
        if not counted:
            problem = "does not say per which area the mitoses were counted"
            chart.report(matched.entry, path, problem, set_aside=True)
    for span, note in counts:
        place = where(matched.entry, path, printed)
        yield Reading("tumour.mitoses", _span(span, "per2mm2"), place, matched.entry.date, note)


_AREA = re.compile(
    r"(?P<number>\d{1,4}(?:[.,]\d{1,4})?)?[\s.*x\[({]{0,3}"
    r"(?:(?P<mm2>mm(?:2|²|\^2)|sq\.? ?mm|square mm|mm ?sq)|hpf|high[- ]?power)"
)


def _per_2mm2(span: NumberSpan, unit: str) -> tuple[NumberSpan, str] | None:
    """Per 2 mm2, per mm2 or per ten fields; of any other area it is no count that grades."""
    found = _AREA.search(unit.lower())
    if found is None:
        return None
    number = found["number"]
    if found["mm2"] is None:
        return (span, _SURROGATE) if number == "10" else None
    if number is None or number == "1":
        return _times(span, Decimal(2)), ""
    return (span, "") if number == "2" else None


# "2 mitoses per 2 mm2", "mitotic count: < 2/2 mm2", "1-2 mitoses / 10 HPF". Bounded throughout.
_COUNT = re.compile(
    r"(?P<sign><=?|>=?|less than|more than|up to)?\s?"
    r"(?P<low>\d{1,3})(?:\s?(?:-|to)\s?(?P<high>\d{1,3}))?"
    r"\s?(?:mitos[ei]s|mitosen?|mitoz|mitotic figures?|figures?)?\s?"
    r"(?:/|per|in|pro|je|par|por|auf|en)\s?(?P<unit>2\s?mm|10\s?hpf|10 high|mm)"
)


def _mitoses_in(said: Said) -> Iterator[Reading]:
    for found in _COUNT.finditer(said.sentence.text):
        counted = None if is_of_a_rule(said.sentence, *found.span()) else _counted(found)
        if counted:
            span, note, day = *counted, said.entry.date
            yield Reading("tumour.mitoses", _span(span, "per2mm2"), said.place, day, note)


def _counts(text: str) -> Iterator[tuple[NumberSpan, str]]:
    return filter(None, map(_counted, _COUNT.finditer(text)))


def _counted(found: re.Match[str]) -> tuple[NumberSpan, str] | None:
    low, high = Decimal(found["low"]), Decimal(found["high"] or found["low"])
    unit = "10hpf" if found["unit"].startswith("10") else f"{found['unit']}2"
    return _per_2mm2(_signed(found["sign"], low, high), unit)


def _signed(sign: str | None, low: Decimal, high: Decimal) -> NumberSpan:
    if sign in ("<", "less than"):
        return NumberSpan(Decimal(0), high, False, True, False)
    if sign in ("<=", "up to"):
        return NumberSpan(Decimal(0), high, False, False, False)
    if sign in (">", ">=", "more than"):
        return NumberSpan(low, None, sign != ">=", False, False)
    return NumberSpan(low, high, False, False, False)


def _said_reading(fact: str, span: NumberSpan, unit: str, said: Said, approximate: bool) -> Reading:
    return Reading(
        fact, _span(span, unit), said.place, said.entry.date, APPROXIMATE if approximate else ""
    )


def _span(span: NumberSpan, unit: str) -> Span:
    return Span(span.low, span.high, unit, span.low_open, span.high_open)
