"""Digits: the number that they print, with a decimal sign or with thousands.

Decisions where spellings differ between countries: "4,5" is 4.5. "1,000" may be one or a thousand
and is not read; before the unit of a count ("12,000/uL", "150.000/uL") it is thousands. "2.125" is
a decimal. "1,234.5", "1.234.567" and, as the whole value, "1 000" have one meaning.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Self

from cdshooks.fhir.number.span import sane_decimal
from cdshooks.fhir.number.units import PER_VOLUME
from cdshooks.fhir.text.folding import fold_line

_DIGITS: Final = re.compile(
    r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,6}(?![0-9])|(?<![^ <>=~≤≥%])\.[0-9]{1,40}(?![0-9])"
)
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?: [0-9]{3}){1,3}(?![0-9]|[.,][0-9])")
_EXPONENT: Final = re.compile(r"e[+-]?[0-9]")


class NumberUnreadable(Exception):
    """Here stands something like a number that has several meanings, or none."""


@dataclass(frozen=True, slots=True)
class NumberText:
    """A folded text with single spaces, as printed and in lower case; the two have one length."""

    printed: str
    low: str
    is_prose: bool

    @classmethod
    def of(cls, text: str, *, is_prose: bool) -> Self:
        printed = fold_line(text)
        return cls(printed, printed.lower(), is_prose)

    def part(self, start: int, end: int | None = None) -> Self:
        return replace(self, printed=self.printed[start:end], low=self.low[start:end])


def digits_at(text: NumberText, at: int) -> re.Match[str] | None:
    """The digits that begin there; in prose "12 000" is one number only if a count."""
    grouped = _GROUPED.match(text.low, at)
    if grouped and (not text.is_prose or PER_VOLUME.match(text.low, grouped.end())):
        return grouped
    digits = _DIGITS.match(text.low, at)
    if digits and (grouped or _EXPONENT.match(text.low, digits.end())):
        raise NumberUnreadable
    return digits


def number_printed(printed: str, *, is_count: bool) -> Decimal:
    """The number that digits stand for, by the rules at the top of this module."""
    whole, *groups = re.split("[.,]", printed)
    signs = [sign for sign in printed if sign in ".,"]
    plain = printed
    if signs:
        has_groups = 1 <= len(whole) <= 3 and whole[0] != "0" and all(len(g) == 3 for g in groups)
        plain = _without_grouping(whole, groups, signs, has_groups, is_count)
    number = sane_decimal(Decimal(plain.replace(" ", "")))
    if number is None:
        raise NumberUnreadable
    return number


def _without_grouping(
    whole: str, groups: list[str], signs: list[str], has_groups: bool, is_count: bool
) -> str:
    *thousands, last = groups
    if len(signs) == 1 and not (has_groups and (is_count or signs[0] == ",")):
        return f"{whole}.{last}"
    if len(set(signs)) == 1 and has_groups and (len(signs) > 1 or is_count):
        return whole + "".join(groups)
    mixed = len(signs) > 1 and signs[-1] not in signs[:-1] and len(set(signs[:-1])) == 1
    if mixed and len(whole) <= 3 and all(len(group) == 3 for group in thousands):
        return f"{whole}{''.join(thousands)}.{last}"
    raise NumberUnreadable
