"""Krenning scores, and SUV of a lesion against that of normal liver."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cdshooks.fhir.chart import Said
from cdshooks.fhir.quantity import NumberSpan, ParsedNumber, number_after_name
from cdshooks.fhir.readers.receptor_words import Listener
from cdshooks.fhir.readers.wording import Wording, overlaps

_STATUS_OF_SCORE = ("negative", "negative", "borderline", "positive", "positive")  # Krenning 0 to 4
_WORDLESS = ("", "1", "{score}")


def scores_in(said: Said, w: Wording) -> Iterator[frozenset[str]]:
    """The statuses of each Krenning score in a sentence."""
    for hit in w.affirmed("krenning"):
        number = number_after_name(said.sentence.text, hit.end)
        if number and (statuses := statuses_of(number)):
            yield statuses


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


def is_above_liver(said: Said, w: Wording, listener: Listener) -> bool:
    """Does a sentence give an SUV of a receptor tracer, and a lower one of normal liver?"""
    references = w.of("liver-reference")
    lesions = [hit for hit in w.affirmed("suv") if not overlaps(hit, references)]
    of_liver = [number_after_name(said.sentence.text, hit.end) for hit in references]
    of_lesions = [
        number_after_name(said.sentence.text, hit.end)
        for hit in lesions
        if listener.governor(hit) == "sstr"
    ]
    return exceeds(of_lesions, of_liver)


def exceeds(
    lesions: Sequence[ParsedNumber | None], references: Sequence[ParsedNumber | None]
) -> bool:
    """Is the highest SUV of a lesion above every SUV of normal liver, and is there one?"""
    of_liver = [end for number in references if number and (end := number.span.high) is not None]
    of_lesions = [end for number in lesions if number and (end := number.span.low) is not None]
    return bool(of_liver) and max(of_lesions, default=Decimal(0)) > max(of_liver)
