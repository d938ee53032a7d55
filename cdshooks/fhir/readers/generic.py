"""Readings by the rules of the fact files: numbers, coded answers, presence, and words in prose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import FactType
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.coding import CodeIndex
from cdshooks.fhir.quantity import NumberSpan, ParsedNumber, convert, number_after_name
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.readers.standing import is_present
from cdshooks.fhir.text import Lexicon, sentences
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.facts import Concept, FactDefinition, ReadRule

# Answers that any yes-no question may have (terminology: SNOMED qualifiers, read in the mCODE package).
_YES = {("SNOMED", "10828004"), ("SNOMED", "52101004")}
_NO = {("SNOMED", "260385009"), ("SNOMED", "2667000"), ("SNOMED", "260415000")}


class GenericReader:
    """Reads one fact by its rules; compiled once for each definition."""

    def __init__(self, definition: FactDefinition, systems: CodeSystems):
        self._definition = definition
        self._answers = [_Answers(rule, systems) for rule in definition.rules]

    def read(self, chart: Chart) -> Iterator[Reading]:
        for rule, answers in zip(self._definition.rules, self._answers, strict=True):
            types = [place for place in rule.places if place != "text"]
            for matched in chart.matching(rule.concept, *types):
                yield from self._matched(matched, rule, answers, chart)
            if "text" in rule.places:
                yield from self._prose(rule, chart)

    def _matched(
        self, matched: Matched, rule: ReadRule, answers: "_Answers", chart: Chart
    ) -> Iterable[Reading]:
        fact_type = self._definition.type
        if "dataAbsentReason" in matched.part:  # asked, and not known
            return ()
        if fact_type.kind == "number":
            return self._number(matched, rule, chart)
        if matched.entry.type == "Observation":
            return self._answer(matched, rule, answers, chart)
        if not is_present(matched.entry):
            return ()
        printed = matched.coded.printed
        return [_reading(fact_type, _value(fact_type, rule.concept), matched, "code", printed)]

    def _number(self, matched: Matched, rule: ReadRule, chart: Chart) -> Iterable[Reading]:
        number = number_of(matched.part)
        path = _path(matched, printed_value(matched.part)[0])
        if number is None:
            chart.report(matched.entry, path, "holds no number that can be read")
            return ()
        span, note = _in_unit(number, rule, matched.part)
        if span is None:
            chart.report(matched.entry, path, "has a unit that is not accepted here; not used")
            return ()
        value = _span(span, self._definition.type.unit)
        reading = _reading(
            self._definition.type, value, matched, path, printed_value(matched.part)[1]
        )
        approximate = "Read from an approximate value." if span.approximate else ""
        return [replace(reading, note=note or approximate)]

    def _answer(
        self, matched: Matched, rule: ReadRule, answers: "_Answers", chart: Chart
    ) -> Iterable[Reading]:
        """The answer of an Observation: by its answer codes, its words, or a plain yes or no."""
        fact_type = self._definition.type
        element, printed = printed_value(matched.part)
        concept = chart.coded(matched.part.get("valueCodeableConcept"))
        value = answers.of(concept.codes, matched.part, printed)
        if value is not None:
            return [
                _reading(
                    fact_type, _value(fact_type, value), matched, _path(matched, element), printed
                )
            ]
        said = _plain_answer(concept.codes, matched.part)
        if said is None or fact_type.kind != "flag":
            return ()
        so = said == (rule.concept.says.get("value", "true") == "true")
        return [_reading(fact_type, Flag(so), matched, _path(matched, element), printed)]

    def _prose(self, rule: ReadRule, chart: Chart) -> Iterator[Reading]:
        for said in chart.prose:
            if not is_present(said.entry):
                continue
            if self._definition.type.kind == "number":
                yield from self._number_in(said, rule)
                continue
            for concept in (rule.concept, *rule.answers):
                yield from self._words_in(said, concept)

    def _number_in(self, said: Said, rule: ReadRule) -> Iterable[Reading]:
        for hit in said.about(rule.concept.key):
            number = number_after_name(said.sentence.text, hit.end)
            if number is None or hit.negated:
                continue
            span, note = _in_unit(number, rule, {})
            if span is not None:
                place = where(said.entry, said.path, said.sentence.text, from_text=True)
                value = _span(span, self._definition.type.unit)
                yield Reading(self._definition.type.name, value, place, said.entry.date, note)

    def _words_in(self, said: Said, concept: Concept) -> Iterable[Reading]:
        fact_type = self._definition.type
        for hit in said.about(concept.key):
            if hit.doubtful or (hit.negated and fact_type.kind != "flag"):
                continue
            value = _value(fact_type, concept)
            if hit.negated and isinstance(value, Flag):
                value = Flag(not value.so)
            place = where(said.entry, said.path, said.sentence.text, from_text=True)
            yield Reading(fact_type.name, value, place, said.entry.date)


class _Answers:
    """The coded and worded answers of one rule."""

    def __init__(self, rule: ReadRule, systems: CodeSystems):
        self._codes = CodeIndex(
            ((code, answer.key) for answer in rule.answers for code in answer.codes), systems
        )
        self._words = Lexicon({answer.key: answer.words for answer in rule.answers if answer.words})
        self._by_key = {answer.key: answer for answer in rule.answers}

    def of(
        self, codes: Iterable[tuple[str, str]], part: Mapping[str, Any], printed: str
    ) -> Concept | None:
        """The one answer that codes, a whole number or words give; None if none or several do."""
        found = set(self._codes.find(codes))
        if not found and isinstance(part.get("valueInteger"), int):
            found = {
                key
                for key, c in self._by_key.items()
                if c.says["value"] == str(part["valueInteger"])
            }
        if not found:
            hits = [hit for s in sentences(printed) for hit in self._words.find(s)]
            found = {hit.concept for hit in hits if not hit.negated and not hit.doubtful}
        return self._by_key[found.pop()] if len(found) == 1 else None


def _plain_answer(codes: Iterable[tuple[str, str]], part: Mapping[str, Any]) -> bool | None:
    if isinstance(part.get("valueBoolean"), bool):
        return bool(part["valueBoolean"])
    if _YES & set(codes):
        return True
    return False if _NO & set(codes) else None


def _in_unit(
    number: ParsedNumber, rule: ReadRule, part: Mapping[str, Any]
) -> tuple[NumberSpan | None, str]:
    """The number in the unit of the fact, and a note; None if its unit is not accepted."""
    if not rule.upper_limit:
        return convert(number.span, number.unit, rule.units), ""
    limit, note = _upper_limit(number.unit, rule, part)
    if limit is None:
        return None, ""
    return convert(number.span, number.unit, {number.unit or "": 1 / limit}), note


def _upper_limit(
    unit: str | None, rule: ReadRule, part: Mapping[str, Any]
) -> tuple[Decimal | None, str]:
    for given in part.get("referenceRange", ()):
        high = given.get("high", {})
        if isinstance(high.get("value"), Decimal | int) and high["value"] > 0:
            if high.get("unit", high.get("code")) in (None, unit) or high.get("code") == unit:
                return Decimal(high["value"]), ""
    default = rule.upper_limit.get(unit or "")
    return default, "Told in multiples of an assumed upper limit of normal: the result gives none."


def _span(span: NumberSpan, unit: str) -> Span:
    return Span(span.low, span.high, unit, span.low_open, span.high_open)


def _value(fact_type: FactType, concept: Concept) -> Value:
    said = concept.says.get("value", "true")
    match fact_type.kind:
        case "flag":
            return Flag(said == "true")
        case "members":
            return Members(frozenset({said}), frozenset())
    return Choice(frozenset({said}))


def _path(matched: Matched, element: str) -> str:
    return f"{matched.path}.{element}".strip(".")


def _reading(
    fact_type: FactType, value: Value, matched: Matched, path: str, printed: str
) -> Reading:
    return Reading(fact_type.name, value, where(matched.entry, path, printed), matched.entry.date)
