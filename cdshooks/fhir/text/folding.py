"""Folding: one spelling for the spellings of a text, whatever accents, dashes or letters it has."""

import re
import unicodedata
from typing import Final

_SUPERSCRIPT: Final = re.compile(r"(?<=10)[⁰¹²³⁴-⁹]{1,3}")
# U+0338 strikes a sign through: folding "≮" to "<" would turn its meaning round.
_ACCENTS: Final = re.compile("[\u0300-\u0337\u0339-\u036f]+")
_INVISIBLE: Final = "\u00ad\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_FOLDED: Final = str.maketrans(
    {
        **dict(zip("ßẞœŒæÆ", ("ss", "SS", "oe", "OE", "ae", "AE"), strict=True)),
        **dict(zip("ıøØ×⁄∕٪\u200b", "ioOx//% ", strict=True)),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
        **dict.fromkeys("∼≈≃≅～", "~"),
        **dict.fromkeys("≦⩽", "≤"),
        **dict.fromkeys("≧⩾", "≥"),
        **dict.fromkeys(_INVISIBLE, ""),
    }
)
_COMMA_DIGIT: Final = re.compile(",[0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,200}")


def fold(text: str) -> str:
    """NFKC, without accents, with one kind of dash, quote, space and letter i; the case is kept.

    "10⁹" becomes "10^9", which NFKC alone would turn into 109. Lower case has the same length.
    """
    if text.isascii():
        return text
    powers = _SUPERSCRIPT.sub(lambda m: "^" + unicodedata.normalize("NFKC", m.group()), text)
    spread = unicodedata.normalize("NFKD", powers).translate(_FOLDED)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", spread))


def fold_line(text: str) -> str:
    """Folded, on one line with single spaces."""
    return " ".join(fold(text).split())


def fold_prose(text: str) -> str:
    """Folded, with a point for a decimal comma.

    A comma before exactly three digits stays: "12,000" is as likely twelve thousand as twelve.
    """
    folded = fold(text)
    return _NUMBER.sub(_point, folded) if _COMMA_DIGIT.search(folded) else folded


def normalise(text: str) -> str:
    """Folded like prose, in lower case.

    >>> normalise("KARACİĞERDE tutulum, Ki-67: 4,0 %")
    'karacigerde tutulum, ki-67: 4.0 %'
    """
    return fold_prose(text).lower()


def _point(match: re.Match[str]) -> str:
    printed = match.group()
    whole, comma, part = printed.partition(",")
    is_decimal = comma and part.isdigit() and whole.isdigit() and (len(part) != 3 or whole == "0")
    return f"{whole}.{part}" if is_decimal else printed
