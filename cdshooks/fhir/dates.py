"""FHIR dates as printed: a year, a month, a day or an instant.

A partial date is every day that it may mean, and sorts by its last one. The day is the day that was
printed; a time zone orders two instants of one day but never moves either to another day.
Source: FHIR R4, data types date, dateTime and instant.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec

NOT_A_STRING = "is not a string"
NOT_A_DATE = "is not a FHIR date"
NO_ZONE = "has no time zone"
NO_SECONDS = "has no seconds"
ODD_ZONE = "has a time zone that FHIR does not know"
ODD_SPELLING = "is not spelt as FHIR spells dates"

_LONGEST = 64
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})([Tt ].{1,50})?)?)?")
_TIME = re.compile(
    r"(?P<mark>[Tt ])(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,30}))?)?"
    r"(?P<space> ?)(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_ZONE = re.compile(r"Z|([+-])(0[0-9]|1[0-3]|14(?=:00)):([0-5][0-9])")
# A day and an instant as nearly every system prints them, which the standard library reads at once.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_USUAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
)
# A reading without a time may be the last of its day, as a partial date may be its last day.
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class FhirDate(msgspec.Struct, frozen=True, gc=False):
    """Every day that a printed date may mean, `first` to `last`.

    `text` is the date as printed. `at` is there only for an instant in full, with its zone.
    """

    first: date
    last: date
    text: str
    at: datetime | None = None

    def __str__(self) -> str:
        return self.text


def read_date(text: object) -> tuple[FhirDate | None, str | None]:
    """The date, and what is wrong with it in a phrase that never repeats it.

    A time that is not as FHIR prints it (no zone, no seconds, a lower-case t) is dropped and named
    and the day is kept; a day, hour or minute that does not exist is not read at all.

    >>> month, problem = read_date("2026-03")
    >>> month.first.day, month.last.day, problem
    (1, 31, None)
    >>> read_date("2026-03-01T10:00:00")[1]
    'has no time zone'
    >>> read_date("2026-02-30")
    (None, 'is not a FHIR date')
    """
    if not isinstance(text, str):
        return None, NOT_A_STRING
    if len(text) > _LONGEST:
        return None, NOT_A_DATE
    try:
        return _usual(text) or _read(text)
    except ValueError:  # a month 13, a 30 February, a year 0
        return None, NOT_A_DATE


def newest_key(when: FhirDate) -> tuple[date, datetime]:
    """Sorts dates, newest last: by the last day printed, then by the instant within that day."""
    return when.last, when.at or _END_OF_TIME


_FUTURE_DAYS = timedelta(1)  # somewhere on earth it is tomorrow already


def last_day(on: date) -> date:
    """The last day that is not in the future."""
    return on + _FUTURE_DAYS if on < date.max else on


def is_future(when: FhirDate, on: date) -> bool:
    """Does every day that it may mean lie more than a day after `on`?"""
    return when.first > last_day(on)


def days_between(earlier: FhirDate, later: date) -> int:
    """Days from the last day of `earlier`; below 0 where a partial date may still be to come."""
    return (later - earlier.last).days


def completed_years(birth: FhirDate, on: date) -> tuple[int, int]:
    """The youngest and the oldest that the person may be on that day, in completed years.

    Who is born on 29 February completes a year on 1 March. Below 0 only if born after `on`.

    >>> completed_years(read_date("1960")[0], date(2026, 11, 25))
    (65, 66)
    """
    # A year of birth that is not over yet cannot put the birth after the day asked about.
    latest = max(birth.first, min(birth.last, on))
    return _years(latest, on), _years(birth.first, on)


def _years(birth: date, on: date) -> int:
    not_yet = (on.month, on.day) < (birth.month, birth.day)
    return on.year - birth.year - not_yet


def _usual(text: str) -> tuple[FhirDate, None] | None:
    if len(text) == 10 and _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return FhirDate(day, day, text, None), None
    if not _USUAL.fullmatch(text) or text[17] == "6":  # a leap second is read apart
        return None
    at = datetime.fromisoformat(text)
    day = at.date()
    return FhirDate(day, day, text, at), None


def _read(text: str) -> tuple[FhirDate | None, str | None]:
    stripped = text.strip(" \t\r\n")
    match = _DATE.fullmatch(stripped)
    if match is None:
        return None, NOT_A_DATE
    year, month, day, time = match.groups()
    first, last = _days(int(year), month, day)
    at, problem = (None, None) if time is None else _instant(first, time)
    if stripped != text:
        at, problem = None, problem or ODD_SPELLING
    return FhirDate(first, last, text, at), problem


def _days(year: int, month: str | None, day: str | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        first = date(year, int(month), 1)
        return first, first.replace(day=monthrange(year, first.month)[1])
    only = date(year, int(month), int(day))
    return only, only


def _instant(day: date, text: str) -> tuple[datetime | None, str | None]:
    """The instant, or why there is only a day. ValueError if there is no such time of day."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError
    # A leap second is 60 in FHIR; Python has none, and nothing here orders by less than a second.
    second = min(int(match["second"] or 0), 60)
    if second != int(match["second"] or 0):
        raise ValueError
    fraction = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    hour, minute = int(match["hour"]), int(match["minute"])
    zone = _zone(match["zone"])
    at = datetime(day.year, day.month, day.day, hour, minute, min(second, 59), fraction, zone)
    problem = _time_problem(match)
    return (None, problem) if problem else (at, None)


def _time_problem(match: re.Match[str]) -> str | None:
    zone = match["zone"]
    if zone is None:
        return NO_ZONE
    if match["second"] is None:
        return NO_SECONDS
    if match["mark"] != "T" or match["space"] or zone == "z":
        return ODD_SPELLING
    return None if _ZONE.fullmatch(zone) else ODD_ZONE


def _zone(text: str | None) -> timezone:
    """The zone printed; UTC for one that is none, and whose instant is then not kept."""
    match = _ZONE.fullmatch(text or "Z")
    if match is None or match.group() == "Z":
        return UTC
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)
