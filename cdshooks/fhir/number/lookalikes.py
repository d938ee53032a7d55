"""Numbers that are no values: dates, block numbers, ratios, what was counted, names of markers."""

import re
from typing import Final

from cdshooks.fhir.number.units import PERCENT
from cdshooks.fhir.number.words import WORD_ENDS

_MONTH: Final = (
    r"(?:jan|feb|mar|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fev|avr"
    r"|juin|juil|aou|set|out|oca|sub|nis|haz|tem|agu|eyl|eki|kas|ara)[a-z]{0,7}\.?"
)
_YEAR: Final = r"(?:19|20)[0-9]{2}(?![0-9])"
_NO_MEASURE: Final = (
    rf"(?! ?(?:{PERCENT}|/|[cm]m(?![a-z])|hpf|[a-zμ]{{1,6}}/|[kmunμp]?(?:g|l|u|iu)(?![a-z])))"
)
_DATES: Final = (
    r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[t ][0-9]{2}:[0-9:.]{2,20})?)?(?:z|[+-][0-9]{2}:[0-9]{2})?"
    + WORD_ENDS,
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})(?![0-9])" + _NO_MEASURE,
    rf"(?:0[1-9][./]|[1-9]/|1[0-2][./]){_YEAR}{_NO_MEASURE}",
    rf"[0-9]{{1,2}}(?:\.|st|nd|rd|th)? ?(?:de )?{_MONTH},? ?(?:de )?{_YEAR}",
    rf"{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}",
    rf"{_MONTH} {_YEAR}",
    rf"{_YEAR}(?![.,]?[0-9]){_NO_MEASURE}(?! ?-)",
)
_BLOCKS: Final = (
    r"(?:blocks?|bloc|bloque|blok|slides?|levels?|parts?|specimens?|cases?|clone|klon|nr|no\.|number"
    r"|lot|sections?|samples?|segments?|cycle|page|fig|figure|table|version|edition|who|grade|grad"
    r"|grado|grau|stage|krenning|biops[a-z]{1,3}|cores?|schnitt|probe|praparat|lame)"
    r"(?![^\W_])[.:]? ?#?(?:[a-z] ?)?[0-9]{1,6}(?:[.,-][0-9]{1,6}){0,3}[a-z]?(?![^\W_])(?! ?%)"
)
_NUMERAL: Final = r"[0-9]{1,9}(?:[.,][0-9]{1,9})?"
_RATIO: Final = (
    rf"{_NUMERAL} ?(?:/|:| of | out of | von | sur | de | aus ) ?(?:the )?{_NUMERAL}(?![0-9])"
    r"(?! ?(?:x ?)?(?:mm2|mm\^2|sq|qmm|hpf|high|bba|cga))(?! ?%)"
)
_COUNTED: Final = (
    rf"{_NUMERAL} ?(?:tumou?r |neoplastic |different |separate )?(?:cells|nuclei|fields|zellen"
    r"|kerne|cellules|celulas|hucre|slides|blocks|cores|biopsies|specimens|hot ?spots?)(?![^\W_])"
)
_MARKERS: Final = (
    r"(?:ki|mib|cd|ck|ttf|cdx|sstr|sst|pax|isl|satb|gata|her|bcl|krt|insm)[ -]?[0-9]{1,3}[a-z]?"
    + WORD_ENDS,
    r"[a-zμ]{1,12}[0-9][a-z0-9]{0,12}" + WORD_ENDS,  # A3, CD56, pT3N1
    r"[a-z]{1,4}-[0-9]{1,4}[a-z]?(?![^\W_])(?! ?%)",  # Ga-68, TTF-1
)
# "CD56 90 %" is the number of CD56; "MIB-1 5 %" that of Ki-67.
OTHER_MARKER: Final = re.compile(
    r"(?:cd|ck|ttf|cdx|sstr|sst|pax|isl|satb|gata|her|bcl|krt|insm|s|p(?=[1-9][0-9]))[ -]?[0-9]"
)
_ORDINAL: Final = r"#[0-9]{1,6}|[0-9]{1,3}(?:st|nd|rd|th)" + WORD_ENDS
NO_VALUE: Final = re.compile(
    "|".join((*_DATES, _BLOCKS, _RATIO, _COUNTED, *_MARKERS, _ORDINAL, "-{1,3}>|→"))
)


def past_lookalike(low: str, at: int) -> int | None:
    """The end of what is no value, or of a space; None if neither stands there."""
    if low[at] == " ":
        return at + 1
    match = NO_VALUE.match(low, at)
    return match.end() if match else None
