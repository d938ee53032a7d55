"""Everything that the record says of uptake, in sentences and in answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from cdshooks.clinical.fact import Provenance
from cdshooks.fhir.chart import Said
from cdshooks.fhir.coding import Coded
from cdshooks.fhir.dates import FhirDate
from cdshooks.fhir.number.span import ParsedNumber
from cdshooks.fhir.readers.numbers import number_of, printed_value
from cdshooks.fhir.readers.receptor.numbers import exceeds, is_above_liver, scores_in, statuses_of
from cdshooks.fhir.readers.receptor.prior import EarlierScans, sentence_date
from cdshooks.fhir.readers.receptor.scans import Scans, component_of
from cdshooks.fhir.readers.receptor.strength import DENYING, STRENGTH, UPTAKE
from cdshooks.fhir.readers.receptor.words import Context, Listener
from cdshooks.fhir.readers.wording import Wording, vocabulary
from cdshooks.fhir.reading import where
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

_INTERPRETED = {"POS": "affirmed", "NEG": "denied"}  # HL7 v3 ObservationInterpretation
_ANSWERS = (
    ("answer-yes", "affirmed"),
    ("answer-no", "denied"),
    ("answer-mixed", "exception"),
)
_Part: TypeAlias = tuple[str, Mapping[str, Any], Coded]


class Statement(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One thing said of one tracer; `scores`: the statuses that a Krenning score may mean."""

    tracer: str
    kind: str
    entry: Entry
    part: str
    place: Provenance
    date: FhirDate | None
    scores: frozenset[str] = frozenset()


def statements(scans: Scans) -> list[Statement]:
    """Every statement; none of a result whose code and text contradict each other."""
    worded = list(_sentences(scans))
    results = [entry for entry in scans.scans if entry.type == "Observation"]
    answers = [answer for entry in results for answer in _results(entry, scans)]
    spoiled = [answer for answer in answers if _contradicts(answer, worded)]
    for answer in spoiled:
        said = "is answered one way and described the other; not used"
        scans.chart.report(answer.entry, answer.place.path, said)
    places = {(id(answer.entry), answer.part) for answer in spoiled}
    told = [a for a in answers if a.kind == "score" or not _described(a, worded)]
    return [s for s in (*worded, *told) if (id(s.entry), s.part) not in places]


def _sentences(scans: Scans) -> Iterator[Statement]:
    for said, w, context in scans.sentences:
        if not w.has(_TELLING):
            continue
        place = said.place
        part, earlier = component_of(said.path), EarlierScans(said, w)
        dated = sentence_date(said, w, earlier)
        if earlier:
            heard, measured = _told(Listener(w, scans.tracers, context, _except(earlier.of)))
        else:
            heard, measured = _told_of_one_scan((w, context, scans.family))
        for tracer, kind in heard:
            yield Statement(tracer, kind, said.entry, part, place, dated)
        if earlier:
            yield from _of_earlier(said, w, context, scans, earlier)
        for kind, scores in measured:
            yield Statement("sstr", kind, said.entry, part, place, dated, scores)


# A sentence with none of these says nothing of uptake.
_TELLING = frozenset({*UPTAKE, *DENYING, *STRENGTH, "krenning", "liver-reference", "others-not"})
_Told: TypeAlias = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, frozenset[str]], ...]]


def _told(listener: Listener) -> _Told:
    """What a sentence says of each tracer; and the scores and SUVs of the receptor in it."""
    w = listener.w
    measured = [("score", scores) for scores in scores_in(w, listener)]
    if is_above_liver(w, listener):
        measured.append(("affirmed", frozenset()))
    return tuple(listener.heard()), tuple(measured)


def _one_scan(key: tuple[Wording, Context, Family]) -> _Told:
    w, context, family = key
    return _told(Listener(w, vocabulary(family).saying("tracer"), context))


_told_of_one_scan = Remembered(_one_scan, length=lambda key: len(key[0].sentence.text))


def _of_earlier(
    said: Said, w: Wording, context: Context, scans: Scans, earlier: EarlierScans
) -> Iterator[Statement]:
    """What is said of an earlier scan, as of its day; left out if the day is not told."""
    days = {hit: earlier.date(hit) for _, hit in w.named()}
    for day in dict.fromkeys(day for day in days.values() if day is not None):
        listener = Listener(w, scans.tracers, context, _only(day, days))
        part = component_of(said.path)
        for tracer, kind in listener.heard():
            yield Statement(tracer, kind, said.entry, part, said.place, day)
        for scores in scores_in(w, listener):
            yield Statement("sstr", "score", said.entry, part, said.place, day, scores)


def _except(one: Callable[[Hit], bool]) -> Callable[[Hit], bool]:
    return lambda hit: not one(hit)


def _only(day: FhirDate, days: Mapping[Hit, FhirDate | None]) -> Callable[[Hit], bool]:
    return lambda hit: days.get(hit) == day


def _contradicts(answer: Statement, worded: Iterable[Statement]) -> bool:
    kinds = _kinds(answer, worded)
    if answer.kind == "affirmed":
        return bool(kinds) and kinds <= {"denied", "part-denied"}
    return answer.kind == "denied" and bool(kinds & {"affirmed", "weak", "most", "exception"})


def _described(answer: Statement, worded: Iterable[Statement]) -> bool:
    """Do the words of the same result say more than its answer?"""
    return bool(_kinds(answer, worded) - {"lesion-denied"})


def _kinds(answer: Statement, worded: Iterable[Statement]) -> set[str]:
    return {
        s.kind
        for s in worded
        if s.entry is answer.entry and s.part == answer.part and s.tracer == answer.tracer
    }


# ---- results -------------------------------------------------------------------------------------


def _results(entry: Entry, scans: Scans) -> Iterator[Statement]:
    parts: list[_Part] = [("", entry.body, entry.coded)]
    for position, part in enumerate(entry.body.get("component", ())):
        parts.append((f"component[{position}]", part, scans.chart.coded(part.get("code"))))
    for one in parts:
        context = scans.context(entry, one[0])
        if context and context.tracer and "dataAbsentReason" not in one[1]:
            yield from _result(entry, one, context.tracer, scans)
    yield from _suv(entry, parts, scans)


def _result(entry: Entry, one: _Part, tracer: str, scans: Scans) -> Iterator[Statement]:
    component, part, coded = one
    element, printed = printed_value(part)
    place = where(entry, f"{component}.{element or 'interpretation'}".strip("."), printed)
    names = scans.names(coded)
    if any(w.of("krenning") for w in names):
        number = number_of(part)
        if scores := statuses_of(number) if number else None:
            yield Statement("sstr", "score", entry, component, place, entry.date, scores)
        elif element in ("valueQuantity", "valueInteger", "valueRange", "valueRatio"):
            scans.chart.report(entry, place.path, "is no Krenning score from 0 to 4; not used")
    elif not component or any(w.of("uptake", "positive", "lesion", *scans.tracers) for w in names):
        kind = _answer(part, printed, names, scans)
        if kind:
            yield Statement(tracer, kind, entry, component, place, entry.date)


def _answer(
    part: Mapping[str, Any], printed: str, names: Iterable[Wording], scans: Scans
) -> str | None:
    """What a code, a single word, or else the interpretation answers."""
    if "valueBoolean" in part and not any(w.of("uptake", "positive", "lesion") for w in names):
        return None  # "Ga-68 DOTATATE PET: yes" says that it was done
    codes = scans.chart.index.find(scans.chart.coded(part.get("valueCodeableConcept")).codes)
    for name, kind in _ANSWERS:
        concept = scans.family.concepts[name]
        if concept.key in codes or printed.strip().lower() in _alone(concept):
            return kind
    if printed:
        return None
    interpreted = part.get("interpretation", ())
    found = {str(c.get("code", "")).upper() for one in interpreted for c in one.get("coding", ())}
    return next((kind for code, kind in _INTERPRETED.items() if found == {code}), None)


@lru_cache(maxsize=64)
def _alone(concept: Concept) -> frozenset[str]:
    """The words that answer yes or no by themselves."""
    listed = (words for key, words in concept.says.items() if key.startswith("alone-"))
    return frozenset(word for words in listed for word in words.split())


def _suv(entry: Entry, parts: Iterable[_Part], scans: Scans) -> Iterator[Statement]:
    """SUV of a lesion above that of normal liver in one panel; an SUV alone says nothing."""
    of_liver: list[ParsedNumber | None] = []
    of_lesions: list[ParsedNumber | None] = []
    place: Provenance | None = None
    for component, part, coded in parts:
        context = scans.context(entry, component)
        names = scans.names(coded) if context and context.tracer == "sstr" else []
        if any(w.of("liver-reference") for w in names):
            of_liver.append(number_of(part))
        elif any(w.of("suv") for w in names):
            of_lesions.append(number_of(part))
            element, printed = printed_value(part)
            place = where(entry, f"{component}.{element}".strip("."), printed)
    if place and exceeds(of_lesions, of_liver):
        yield Statement("sstr", "affirmed", entry, "", place, entry.date)
