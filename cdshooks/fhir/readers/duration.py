"""How many months a sentence, or two dates, are apart."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from cdshooks.clinical.value import Span
from cdshooks.fhir.dates import FhirDate, read_date
from cdshooks.fhir.number.quantity import convert
from cdshooks.fhir.number.text import number_after_name
from cdshooks.fhir.text.sentences import Sentence

UNIT: Final = "mo"
_UNITS: Final = {
    **dict.fromkeys(("month", "months", "mo", "mos", "mths"), Decimal(1)),
    **dict.fromkeys(("year", "years", "yr", "yrs"), Decimal(12)),
    **dict.fromkeys(("monat", "monate", "monaten", "mois", "mes", "meses", "ay"), Decimal(1)),
    **dict.fromkeys(("jahr", "jahre", "jahren", "an", "ans", "ano", "anos", "yil"), Decimal(12)),
}
_NAMES: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SINCE: Final = re.compile(
    r"\b(?:since|seit|depuis|desde) (?:(?P<iso>[0-9]{4}(?:-[0-9]{2}){0,2})(?![0-9/.-])"
    r"|(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})(?![0-9/.-])"
    r"|(?P<name>[a-z]{3})[a-z]{0,6}\.? (?P<of>[0-9]{4})(?![0-9/.-]))"
)


def stated_months(sentence: Sentence, start: int, as_of: date) -> Span | None:
    """The months that follow in a sentence: "for 8 months", or "since 2026-01" up to `as_of`.

    >>> from cdshooks.fhir.text.sentences import sentences
    >>> str(stated_months(sentences("Unchanged since 2026-01")[0], 9, date(2026, 11, 15)))
    '9-10 months'
    """
    since = _SINCE.search(sentence.text, start)
    if since is not None:
        began, _ = read_date(_iso(since))
        return None if began is None or began.first > as_of else months_between(began, as_of)
    number = number_after_name(sentence.cased, start)
    span = convert(number.span, number.unit.lower(), _UNITS) if number and number.unit else None
    return Span(span.low, span.high, UNIT, span.low_open, span.high_open) if span else None


def months_between(first: FhirDate, last: FhirDate | date) -> Span | None:
    """Completed months from one day to another; up to a status on file the end is open."""
    if isinstance(last, date):
        return Span(_months(first.last, last), _months(first.first, last), UNIT)
    low = _months(first.last, last.first)
    return Span(low, None, UNIT) if low > 0 else None


def _months(first: date, last: date) -> Decimal:
    whole = (last.year - first.year) * 12 + last.month - first.month
    return Decimal(max(0, whole - (last.day < first.day)))


def _iso(since: re.Match[str]) -> str:
    if since["iso"]:
        return since["iso"]
    if since["month"]:
        return f"{since['year']}-{int(since['month']):02}"
    month = _NAMES.index(since["name"]) + 1 if since["name"] in _NAMES else 13
    return f"{since['of']}-{month:02}"
