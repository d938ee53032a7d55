"""Krenning scores, and SUV of a lesion against that of normal liver."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from cdshooks.fhir.number.span import NumberSpan, ParsedNumber
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.readers.receptor.words import Listener
from cdshooks.fhir.readers.wording import Wording, overlaps
from cdshooks.fhir.text.legend import is_of_a_rule

_STATUS_OF_SCORE = ("negative", "negative", "borderline", "positive", "positive")  # Krenning 0 to 4
_WORDLESS = ("", "1", "{score}")
_SCALE = re.compile(r" ?[(\[](?:scale |range )?0 ?(?:-|to) ?4[)\]]")  # "Krenning score (0-4): 3"
_PLAIN = re.compile(
    r" ?[:=]? ?(?:of )?(?:(?P<score>[0-4]) ?(?:/|of|out of) ?4\b|(?P<roman>iv|i{1,3})\b)"
)


def scores_in(w: Wording, listener: Listener) -> Iterator[frozenset[str]]:
    """The statuses of each Krenning score in a sentence that is listened to."""
    text = w.sentence.text
    for hit in filter(listener.heeds, w.affirmed("krenning")):
        if is_of_a_rule(w.sentence, hit.start, hit.end):
            continue
        scale = _SCALE.match(text, hit.end)
        start = scale.end() if scale else hit.end
        plain = _PLAIN.match(text, start)
        number = None if plain else number_after_name(text, start)
        statuses = _plain(plain) if plain else statuses_of(number) if number else None
        if statuses:
            yield statuses


def _plain(found: re.Match[str]) -> frozenset[str]:
    score = (
        int(found["score"])
        if found["score"]
        else len(found["roman"])
        if found["roman"] != "iv"
        else 4
    )
    return frozenset({_STATUS_OF_SCORE[score]})


def statuses_of(number: ParsedNumber) -> frozenset[str] | None:
    """The statuses of a Krenning score: of a range its highest, of ">= 2" all that it may be."""
    span = number.span
    ends = [end for end in (span.low, span.high) if end is not None]
    scores = [score for score in range(5) if _holds(span, score)]
    if (number.unit or "") not in _WORDLESS or not scores or any(end > 4 for end in ends):
        return None
    is_range = len(ends) == 2 and ends[0] > 0 and not (span.low_open or span.high_open)
    return frozenset(_STATUS_OF_SCORE[score] for score in (scores[-1:] if is_range else scores))


def _holds(span: NumberSpan, score: int) -> bool:
    """Is it one of the values of the span?"""
    low, high = span.low, span.high
    above = low is None or score > low or (score == low and not span.low_open)
    return above and (high is None or score < high or (score == high and not span.high_open))


def is_above_liver(w: Wording, listener: Listener) -> bool:
    """Does a sentence give an SUV of a receptor tracer, and a lower one of normal liver?"""
    references = w.of("liver-reference")
    if not references:
        return False
    lesions = [hit for hit in w.affirmed("suv") if not overlaps(hit, references)]
    of_liver = [number_after_name(w.sentence.text, hit.end) for hit in references]
    of_lesions = [
        number_after_name(w.sentence.text, hit.end)
        for hit in lesions
        if listener.heeds(hit) and listener.governor(hit) == "sstr"
    ]
    return exceeds(of_lesions, of_liver)


def exceeds(
    lesions: Sequence[ParsedNumber | None], references: Sequence[ParsedNumber | None]
) -> bool:
    """Is the highest SUV of a lesion above every SUV of normal liver, and is there one?"""
    of_liver = [end for number in references if number and (end := number.span.high) is not None]
    of_lesions = [end for number in lesions if number and (end := number.span.low) is not None]
    return bool(of_liver) and max(of_lesions, default=Decimal(0)) > max(of_liver)
