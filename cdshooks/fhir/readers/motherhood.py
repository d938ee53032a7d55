"""Evidence of pregnancy and breastfeeding, each piece with its place and date."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cdshooks.clinical.fact import Provenance
from cdshooks.fhir.chart import Chart, Matched, Said
from cdshooks.fhir.dates import FhirDate, newest_key, read_date
from cdshooks.fhir.number.span import ParsedNumber
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.readers.answers import plain_answer
from cdshooks.fhir.readers.naming import affirmed, is_named, lexicon
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.readers.presence import is_there, sightings
from cdshooks.fhir.readers.standing import standing
from cdshooks.fhir.readers.wording import overlaps
from cdshooks.fhir.reading import where
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.sentences import sentences
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_WORDS = ("pregnant", "weeks-pregnant", "positive-test")
PregnancyKind: TypeAlias = Literal["pregnant", "not pregnant", "ended", "hcg", "cannot conceive"]
Kind: TypeAlias = PregnancyKind | Literal["breastfeeding", "not breastfeeding"]


@dataclass(frozen=True, slots=True)
class Evidence:
    kind: Kind
    where: Provenance
    date: FhirDate | None


class Gathering:
    """Finds the evidence in one chart.

    `believes_words`: words about weeks, pregnancy or breastfeeding are taken to be the patient's
    own; statuses and diagnoses always count.
    """

    def __init__(self, chart: Chart, family: Family, *, believes_words: bool):
        self._chart, self._concepts, self._believes = chart, family.concepts, believes_words

    def of_pregnancy(self) -> Iterator[Evidence]:
        yield from self._statuses("status", "pregnant")
        yield from self._statuses("test", "pregnant")
        yield from self._statuses("hcg", "hcg")
        yield from self._conditions()
        if self._believes:
            yield from self._gestations()
        words = (self._concepts[name] for name in ("not-pregnant", *_WORDS))
        for said in self._prose(*words):
            yield from self._said(said)
        for one in sightings(self._chart, self._concepts["cannot-conceive"], "Procedure"):
            if one.so:
                yield Evidence("cannot conceive", one.where, one.date)

    def of_breastfeeding(self) -> Iterator[Evidence]:
        concept = self._concepts["breastfeeding"]
        for one in sightings(self._chart, concept, "Condition", "Observation"):
            if self._believes or not (one.so and one.where.from_text):
                kind: Kind = "breastfeeding" if one.so else "not breastfeeding"
                yield Evidence(kind, one.where, one.date)
        for one in sightings(self._chart, self._concepts["not-breastfeeding"], "Condition"):
            if one.so:
                yield Evidence("not breastfeeding", one.where, one.date)

    def _results(self, *names: str) -> Iterator[Matched]:
        for concept in (self._concepts[name] for name in names):
            for matched in self._chart.matching(concept, "Observation"):
                if is_named(matched, concept) and "dataAbsentReason" not in matched.part:
                    yield matched

    def _statuses(self, name: str, positive: PregnancyKind) -> Iterator[Evidence]:
        for matched in self._results(name):
            so = self._answer(matched)
            if so is not None:
                yield _result(positive if so else "not pregnant", matched)
            elif name == "status":
                self._report_unread(matched)

    def _report_unread(self, matched: Matched) -> None:
        """A coded pregnancy status that nobody here can read."""
        codes = self._chart.coded(matched.part.get("valueCodeableConcept")).codes
        if codes and self._concepts["status-unknown"].key not in self._chart.index.find(codes):
            path = f"{matched.path}.valueCodeableConcept".strip(".")
            self._chart.report(matched.entry, path, "is a pregnancy status that is not known here")

    def _answer(self, matched: Matched) -> bool | None:
        """Pregnant or not: by code, by a plain yes or no, or in words."""
        _, printed = printed_value(matched.part)
        codes = self._chart.coded(matched.part.get("valueCodeableConcept")).codes
        found = self._chart.index.find(codes)
        pregnant, denied = self._concepts["pregnant"], self._concepts["not-pregnant"]
        if denied.key in found or pregnant.key in found:
            return denied.key not in found
        plain = plain_answer(codes, matched.part, printed)
        words = (pregnant, self._concepts["positive-test"])
        return plain if plain is not None else _in_words(printed, words, denied)

    def _conditions(self) -> Iterator[Evidence]:
        """A present Condition; what an ended pregnancy left behind, however it stands."""
        yield from self._of_standing("pregnant", "pregnant", "active")
        yield from self._of_standing("ended", "ended", "active", "history", "suspected")
        yield from self._of_standing("not-pregnant", "not pregnant", "active")
        yield from self._of_standing("cannot-conceive", "cannot conceive", "active", "history")

    def _of_standing(self, name: str, kind: Kind, *standings: str) -> Iterator[Evidence]:
        concept = self._concepts[name]
        for matched in self._chart.matching(concept, "Condition"):
            entry = matched.entry
            is_over = standings == ("active",) and not is_there(entry, self._chart)
            if is_named(matched, concept) and standing(entry) in standings and not is_over:
                place = where(entry, "code", matched.coded.printed)
                yield Evidence(kind, place, _recorded_or_onset(entry))

    def _gestations(self) -> Iterator[Evidence]:
        for matched in self._results("gestation"):
            if _is_above_zero(number_of(matched.part)):
                yield _result("pregnant", matched)
        concept = self._concepts["gestation"]
        for said in self._prose(concept):
            for hit in affirmed(said, concept):
                if _is_above_zero(number_after_name(said.sentence.cased, hit.end)):
                    yield Evidence("pregnant", said.place, said.entry.date)

    def _said(self, said: Said) -> Iterator[Evidence]:
        """What a sentence says of this patient; a denial is believed of everybody."""
        if affirmed(said, self._concepts["not-pregnant"]):
            yield Evidence("not pregnant", said.place, said.entry.date)
        elif self._believes and any(affirmed(said, self._concepts[name]) for name in _WORDS):
            yield Evidence("pregnant", said.place, said.entry.date)

    def _prose(self, *concepts: Concept) -> Iterator[Said]:
        """Sentences that name one of these, without what is read already.

        That are the results, and the names of Conditions.
        """
        told = self._chart.saying_any({concept.key for concept in concepts})
        if not told:
            return
        read = {matched.entry.reference for matched in self._results("status", "test", "hcg")}
        read |= {
            matched.entry.reference
            for name in ("pregnant", "not-pregnant")
            for matched in self._chart.matching(self._concepts[name], "Condition")
        }
        for said in told:
            if said.entry.reference not in read and is_there(said.entry, self._chart):
                yield said


def _in_words(printed: str, pregnant: Iterable[Concept], denied: Concept) -> bool | None:
    spoken = [sentence for sentence in sentences(printed) if not sentence.about_family]
    if any(lexicon(denied.words).names_any(sentence) for sentence in spoken):
        return False
    hits = [
        hit
        for sentence in spoken
        for concept in pregnant
        for hit in lexicon(concept.words).find(sentence)
        if not hit.doubtful and not overlaps(hit, lexicon(concept.never_words).find(sentence))
    ]
    return not hits[0].negated if hits else None


def _is_above_zero(number: ParsedNumber | None) -> bool:
    """Surely more than no weeks or days at all."""
    return number is not None and number.span.low is not None and number.span.low > 0


def _result(kind: Kind, matched: Matched) -> Evidence:
    element, printed = printed_value(matched.part)
    path = f"{matched.path}.{element}".strip(".")
    return Evidence(kind, where(matched.entry, path, printed), matched.entry.date)


def _recorded_or_onset(entry: Entry) -> FhirDate | None:
    """The later of the two."""
    written = (entry.dates.get(name) for name in ("recordedDate", "onsetDateTime"))
    dates = [found for one in written if one and (found := read_date(one)[0]) is not None]
    return max(dates, key=newest_key, default=entry.date)
