"""Readings by the rules of the fact files: numbers, coded answers, presence, and words in prose."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cdshooks.clinical.value import Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import FactType
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.readers.answers import Answers, above_normal, plain_answer
from cdshooks.fhir.readers.naming import certain, is_named, lexicon
from cdshooks.fhir.readers.numbers import (
    NUMERIC,
    in_listed_unit,
    in_unit,
    is_beyond,
    number_of,
    printed_value,
    usable,
)
from cdshooks.fhir.readers.presence import is_there
from cdshooks.fhir.reading import Reading, choice, where
from cdshooks.fhir.text.sentences import sentences
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactDefinition, ReadRule

APPROXIMATE = "Read from an approximate value."


class GenericReader:
    """Reads one fact by its rules; compiled once for each definition."""

    def __init__(self, definition: FactDefinition, systems: CodeSystems):
        self._type = definition.type
        self._name, self._unit = definition.type.name, definition.type.unit
        self._rules = [
            (
                rule,
                rule.concept.key,
                Answers(rule, systems),
                [place for place in rule.places if place != "text"],
                # Is a plain quantity the value, with nothing more to ask of it?
                definition.type.kind == "number"
                and not (rule.answers or rule.upper_limit or rule.table),
                frozenset(
                    concept.key
                    for concept in (rule.concept, *rule.answers)
                    if "text" in rule.places
                ),
            )
            for rule in definition.rules
        ]
        told = [c for rule in definition.rules for c in (rule.concept, *rule.answers)]
        # Without one of these in a chart there is nothing to read for this fact.
        self.concepts = frozenset(concept.key for concept in told)

    def read(self, chart: Chart) -> list[Reading]:
        readings: list[Reading] = []
        for rule, key, answers, types, is_plain, in_prose in self._rules:
            named: set[str] = set()
            for matched in chart.matched.get(key, ()):
                entry, part = matched.entry, matched.part
                if entry.type not in types or "dataAbsentReason" in part:
                    continue
                if not (matched.by_code or is_named(matched, rule.concept)):
                    continue
                sent = in_listed_unit(part, rule.units) if is_plain else None
                if sent is not None:  # as nearly all that laboratories send
                    exact, printed = sent
                    value = tuple.__new__(Span, (exact, exact, self._unit, False, False))
                    place = where(entry, _path(matched, "valueQuantity"), printed)
                    found: Sequence[Reading] = (Reading(self._name, value, place, entry.date),)
                else:
                    found = self._found(matched, rule, answers, chart)
                if found:
                    named.add(entry.reference)
                    readings += found
            if not in_prose.isdisjoint(chart.spoken):
                readings += self._prose(rule, in_prose, chart, named)
        return readings

    def _found(
        self, matched: Matched, rule: ReadRule, answers: Answers, chart: Chart
    ) -> Sequence[Reading]:
        if matched.entry.type == "Observation":
            return self._result(matched, rule, answers, chart)
        return self._entry(matched, rule, chart)

    def _entry(self, matched: Matched, rule: ReadRule, chart: Chart) -> Sequence[Reading]:
        """An entry that says it by being there."""
        if self._type.kind == "number" or not is_there(matched.entry, chart):
            return ()
        value = _value(self._type, rule.concept)
        return [self._reading(value, matched, "code", matched.coded.printed)]

    def _result(
        self, matched: Matched, rule: ReadRule, answers: Answers, chart: Chart
    ) -> Sequence[Reading]:
        """The value of an Observation: an answer that the rule names, a number, a yes or no."""
        element, printed = printed_value(matched.part)
        given = matched.part.get("valueCodeableConcept")
        codes = chart.coded(given).codes if given is not None else ()
        answer = answers.of(codes, matched.part, printed) if rule.answers else None
        if answer is not None:
            value = _value(self._type, answer)
            return [self._reading(value, matched, _path(matched, element), printed)]
        if self._type.kind == "number":
            return self._number(matched, rule, chart, element, printed)
        if self._type.kind != "flag":
            return ()
        said = _beyond(matched, rule)
        if said is None:
            said = plain_answer(codes, matched.part, printed)
        if said is None:
            return ()
        so = said == _says_true(rule.concept)
        return [self._reading(Flag(so), matched, _path(matched, element), printed)]

    def _number(
        self, matched: Matched, rule: ReadRule, chart: Chart, element: str, printed: str
    ) -> Sequence[Reading]:
        path = _path(matched, element)
        number = number_of(matched.part) or _named_number(printed, rule)
        if number is None:
            if element and not (element == "valueString" and "text" in rule.places):
                problem = "holds no number that can be read"
                chart.report(matched.entry, path, problem, set_aside=element in NUMERIC)
            return ()
        span, note = in_unit(number, rule, matched.part)
        if span is None:
            problem = "has a unit that is not accepted here; not used"
            chart.report(matched.entry, path, problem, set_aside=True)
            return ()
        found = usable(span, rule)
        if found is None:
            problem = "is no value that this can have; not used"
            chart.report(matched.entry, path, problem, set_aside=True)
            return ()
        value = _span(found, self._type.unit)
        if span.approximate and not note:
            note = APPROXIMATE
        return [self._reading(value, matched, path, printed, note)]

    def _prose(
        self, rule: ReadRule, keys: frozenset[str], chart: Chart, named: set[str]
    ) -> Iterator[Reading]:
        concepts = (rule.concept, *rule.answers)
        for said in chart.saying_any(keys):
            # A Condition that its name already told is not told again by the same words.
            told = said.source in ("condition", "procedure") and said.entry.reference in named
            if told or not is_there(said.entry, chart):
                continue
            if self._type.kind == "number" or rule.above is not None or rule.below is not None:
                yield from self._numbers_in(said, rule)
                continue
            for concept in concepts:
                yield from self._words_in(said, concept)

    def _numbers_in(self, said: Said, rule: ReadRule) -> Iterator[Reading]:
        for hit in certain(said, rule.concept):
            number = None if hit.negated else number_after_name(said.sentence.cased, hit.end)
            span, note = in_unit(number, rule, {}) if number else (None, "")
            found = usable(span, rule) if span else None
            if span is None or found is None:
                continue
            value: Value | None = _span(found, self._type.unit)
            if self._type.kind == "flag":
                value = _flag(is_beyond(found, rule), rule.concept)
            if value is not None:
                yield self._said(said, value, note or _approximate(span))

    def _words_in(self, said: Said, concept: Concept) -> Iterator[Reading]:
        for hit in certain(said, concept):
            value = _value(self._type, concept)
            if hit.negated and isinstance(value, Flag):
                yield self._said(said, Flag(not value.so))
            elif not hit.negated:
                yield self._said(said, value)

    def _said(self, said: Said, value: Value, note: str = "") -> Reading:
        return Reading(self._type.name, value, said.place, said.entry.date, note)

    def _reading(
        self, value: Value, matched: Matched, path: str, printed: str, note: str = ""
    ) -> Reading:
        place = where(matched.entry, path, printed)
        return Reading(self._type.name, value, place, matched.entry.date, note)


def _named_number(printed: str, rule: ReadRule) -> ParsedNumber | None:
    """The number after its own name, in a value such as "Hb 12.1 g/dL"."""
    for sentence in sentences(printed):
        for hit in lexicon(rule.concept.words).find(sentence):
            if not hit.negated and not hit.doubtful:
                return number_after_name(sentence.cased, hit.end)
    return None


def _beyond(matched: Matched, rule: ReadRule) -> bool | None:
    """Does the number lie beyond the limit of the rule? Without one, its lab's own flag tells."""
    if rule.above is None and rule.below is None:
        return None
    number = number_of(matched.part)
    span = in_unit(number, rule, matched.part)[0] if number else None
    found = usable(span, rule) if span else None
    if found is not None:
        return is_beyond(found, rule)
    return above_normal(matched.part) if rule.above is not None else None


def _flag(said: bool | None, concept: Concept) -> Flag | None:
    return None if said is None else Flag(said == _says_true(concept))


def _says_true(concept: Concept) -> bool:
    return concept.says.get("value", "true") == "true"


def _value(fact_type: FactType, concept: Concept) -> Value:
    said = concept.says.get("value", "true")
    match fact_type.kind:
        case "number":
            exact = Decimal(said)
            return Span(exact, exact, fact_type.unit)
        case "flag":
            return Flag(said == "true")
        case "members":
            return Members(frozenset({said}), frozenset())
    return choice(said)


def _span(span: NumberSpan, unit: str) -> Span:
    return Span(span.low, span.high, unit, span.low_open, span.high_open)


def _approximate(span: NumberSpan) -> str:
    return APPROXIMATE if span.approximate else ""


def _path(matched: Matched, element: str) -> str:
    return f"{matched.path}.{element}".strip(".") if matched.path else element
