"""Reading numbers: every value that a reported number may have, and its unit.

"< 3 %" is every value from 0 up to and without 3; "3-20 %" is every value between. Nothing is
rounded or guessed: a spelling with two meanings is not read. Numbers are Decimal from end to end
and products are exact, so 2.9999999 stays below 3.

Decisions where spellings differ between countries:

- "4,5" is 4.5. "1,000" may be one or a thousand and is not read; before the unit of a count
  ("12,000/uL", "150.000/uL") it is thousands. "2.125" is a decimal. "1,234.5", "1.234.567" and, as
  the whole value, "1 000" have one meaning.
- "up to 5" and "maximal 5" are 0 to 5. "nearly 20", "20 +/- 5" and "3/4" are not read.
- In a sentence the number follows its name. What stands before a name ("8 % Ki-67") belongs to it
  only where the caller says so: `number_before_name`, for "3 mitoses per 2 mm2".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Final

from cdshooks.fhir.text import fold

UCUM: Final = frozenset({"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
_MOST_DIGITS: Final = 60
_LARGEST_EXPONENT: Final = 30
_EXACT: Final = Context(prec=200)  # the default of 28 digits would round 2.999... up to 3


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """Every value that a reported number may have. None: open to infinity.

    `approximate`: the report said "about"; the ends are what it said it about.
    """

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A number and its unit in the spelling of `unit_key`; None where no unit was given."""

    span: NumberSpan
    unit: str | None


# ---- FHIR data types -----------------------------------------------------------------------------


def from_quantity(quantity: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Quantity; None if its value or comparator cannot be used.

    The unit is the code if that is UCUM, else the unit as printed. "< 3" begins at 0, like all that
    is measured here. A value below 0 is read, for the caller to refuse it by name.

    >>> from_quantity({"value": Decimal("3.5"), "comparator": "<", "unit": "percent"})
    ParsedNumber(span=NumberSpan(low=Decimal('0'), high=Decimal('3.5'), low_open=False, \
high_open=True, approximate=False), unit='%')
    """
    value = _decimal(quantity.get("value"))
    span = None if value is None else _limited(quantity.get("comparator", "="), value)
    return None if span is None else ParsedNumber(span, _unit_of(quantity))


def from_range(given: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Range, both ends included. Without a low end it begins at 0; without a high, open."""
    ends = [_end(given[name]) for name in ("low", "high") if name in given]
    if not ends or None in ends:
        return None
    units = {end.unit for end in ends if end and end.unit}
    low = ends[0] if "low" in given else None
    high = ends[-1] if "high" in given else None
    span = _between(low.span.low if low else None, high.span.high if high else None)
    return None if span is None or len(units) > 1 else ParsedNumber(span, next(iter(units), None))


def from_ratio(ratio: Mapping[str, object]) -> ParsedNumber | None:
    """A FHIR Ratio as one number: 40/1000 is 0.04 in "1", 3 to 2 mm2 is 1.5 in "/mm2"."""
    numerator, denominator = ratio.get("numerator"), ratio.get("denominator")
    if not isinstance(numerator, Mapping):
        return None
    above, below = from_quantity(numerator), _end(denominator)
    if above is None or below is None or below.span.low is None or below.span.low <= 0:
        return None
    over, under = _dimension(above.unit), _dimension(below.unit)
    if over and not under and below.span.low != 1:  # 4 % of 100: of what?
        return None
    unit = "1" if over == under else f"{over}/{under}" if under else over
    return ParsedNumber(_scaled(above.span, below.span.low, _EXACT.divide), unit_key(unit))


def _decimal(value: object) -> Decimal | None:
    """A number of a sane size; None for text, floats, booleans, NaN and infinities."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        return None
    if isinstance(value, int):
        return Decimal(value) if value.bit_length() <= 100 else None
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return None
    return value if len(value.as_tuple().digits) <= _MOST_DIGITS else None


def _limited(comparator: object, value: Decimal) -> NumberSpan | None:
    """The values that a comparator leaves; None for one that FHIR R4 does not know, or for none."""
    from_zero = Decimal(0) if value >= 0 else None
    match comparator:
        case "=":
            return NumberSpan(value, value)
        case "<":
            return NumberSpan(from_zero, value, high_open=True) if value else None
        case "<=":
            return NumberSpan(from_zero, value)
        case ">":
            return NumberSpan(value, None, low_open=True)
        case ">=":
            return NumberSpan(value, None)
    return None


def _between(low: Decimal | None, high: Decimal | None) -> NumberSpan | None:
    if low is None and high is not None:
        return _limited("<=", high)
    return None if low is not None and high is not None and low > high else NumberSpan(low, high)


def _end(quantity: object) -> ParsedNumber | None:
    """One end of a Range, or what a Ratio divides by: a Quantity without a comparator."""
    if not isinstance(quantity, Mapping) or "comparator" in quantity:
        return None
    return from_quantity(quantity)


def _unit_of(quantity: Mapping[str, object]) -> str | None:
    code, unit = quantity.get("code"), quantity.get("unit")
    chosen = code if quantity.get("system") in UCUM and isinstance(code, str) else unit
    return unit_key(chosen) if isinstance(chosen, str) and chosen.strip() else None


def _dimension(unit: str | None) -> str:
    """The unit of one part of a ratio; "" for 1, for none and for what was counted ("{cells}")."""
    return "" if unit is None or unit == "1" or _ONLY_ANNOTATION.fullmatch(unit) else unit


def _scaled(
    span: NumberSpan, by: Decimal, operation: Callable[[Decimal, Decimal], Decimal]
) -> NumberSpan:
    low = None if span.low is None else operation(span.low, by)
    high = None if span.high is None else operation(span.high, by)
    return replace(span, low=low, high=high)


# ---- units ---------------------------------------------------------------------------------------

_ANNOTATION: Final = re.compile(r"(?<!/)\{[^{}0-9]{0,60}\}")
_ONLY_ANNOTATION: Final = re.compile(r"\{[^{}0-9]{0,60}\}")
_PERCENT: Final = (
    r"(?:%|\{%\}|(?:percent|per cent|prozent|pct|pour cent|por ciento|por cento|yuzde)(?![^\W_]))"
)
_FIELDS: Final = (
    r"(?:(?:mitos[a-z]{1,3}|mitoz|mitotic figures?|\{[a-z# ]{1,20}\}) ?)?"
    r"(?:/|(?:per|pro|por|par|pour|je|auf|in|en|em|dans)(?= |[0-9])) ?"
    r"[\[(]?(?P<fields>[0-9]{1,2})?[ .]?(?:x ?)?[\[(]?"
    r"(?P<field>mm2|mm\^2|sq\.? ?mm|square mm|qmm|hpfs?|high[- ]power(?:ed)?[- ]fields?|bba|cga)"
    r"[\])]{0,2}(?![^\W_])"
)
_POWER: Final = (
    r"(?:[x*] ?10 ?[\^*e(]? ?|10 ?[\^*e(] ?)(?P<power>3|6|9|12)\)? ?/ ?"
    r"(?P<volume>l|ul|μl|ml|mm3)(?![^\W_])"
)
_PERCENT_UNIT: Final = re.compile(_PERCENT)
_FIELD_UNIT: Final = re.compile(_FIELDS)
_POWER_UNIT: Final = re.compile(_POWER)
_VOLUMES: Final = MappingProxyType({"l": "L", "ul": "uL", "μl": "uL", "ml": "mL", "mm3": "mm3"})


def unit_key(unit: str) -> str:
    """One spelling for the spellings of a unit; the case stays, for UCUM needs it.

    >>> [unit_key(unit) for unit in ("Prozent", "µmol/L", "x 10^9/l", "/10 HPF", "mitoses/2 mm²")]
    ['%', 'umol/L', '10*9/L', 'per 10 HPF', 'per 2 mm2']
    """
    text = " ".join(fold(unit).split())
    low = text.lower()
    if _PERCENT_UNIT.fullmatch(low):
        return "%"
    if match := _FIELD_UNIT.fullmatch(low):
        name = "mm2" if "mm" in match["field"] else "HPF"
        return f"per {match['fields']} {name}" if match["fields"] else f"per {name}"
    if match := _POWER_UNIT.fullmatch(low):
        return f"10*{match['power']}/{_VOLUMES[match['volume']]}"
    return text.replace("μ", "u")


def convert(
    span: NumberSpan, unit: str | None, accepted: Mapping[str, Decimal]
) -> NumberSpan | None:
    """The span times the factor of its unit; None if that is not listed. No unit is listed as "".

    Upper and lower case differ (in UCUM "ML" is a megalitre). An annotation counts where it is
    listed ("{ratio}"); else "10*9/L{cells}" is "10*9/L". One that divides ("mL/min/{1.73_m2}") or
    that has a number in it never goes unnoticed.

    >>> convert(NumberSpan(Decimal(4), None), "cm", {"mm": Decimal(1), "cm": Decimal(10)}).low
    Decimal('40')
    """
    factor = _factor(unit, accepted)
    if factor is None:
        return None
    if not factor.is_finite() or factor <= 0:
        raise ValueError("the factor of a unit is a number above 0")
    return _scaled(span, factor, _EXACT.multiply)


def _factor(unit: str | None, accepted: Mapping[str, Decimal]) -> Decimal | None:
    if unit is None or unit in accepted:
        return accepted.get(unit or "")
    listed = {unit_key(name): factor for name, factor in accepted.items()}
    key = unit_key(unit)
    if not key or key in listed:
        return listed.get(key)
    bare = _ANNOTATION.sub("", key)
    return listed.get(bare) if bare else None


# ---- words about a number ------------------------------------------------------------------------


def _phrases(*lines: str) -> tuple[str, ...]:
    """Phrases that are written with commas between them."""
    return tuple(phrase.strip() for line in lines for phrase in line.split(","))


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for one of the phrases, whole words, the longest first."""
    longest_first = sorted(phrases, key=len, reverse=True)
    ends = (re.escape(p) + (_WORD_ENDS if p[-1].isalnum() else "") for p in longest_first)
    return "(?:" + "|".join(ends) + ")"


_WORD_ENDS: Final = r"(?![^\W_])"

LIMIT_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        ">=": _phrases(
            ">=, ≥, at least, min, min., minimum, minimal, not less than, no less than, not below",
            "not under, greater than or equal to, equal to or greater than, mindestens",
            "nicht weniger als, au moins, al menos, por lo menos, como minimo, pelo menos, en az",
        ),
        "<=": _phrases(
            "<=, =<, ≤, up to, at most, max, max., maximum, maximal, not more than, no more than",
            "not exceeding, not exceed, not above, not over, not greater than, no greater than",
            "less than or equal to, equal to or less than",
            "hochstens, bis zu, bis, nicht mehr als, nicht uber, jusqu'a, au plus, au maximum",
            "pas plus de, hasta, como maximo, no mas de, ate, no maximo, en fazla",
        ),
        ">": _phrases(
            ">, more than, greater than, higher than, larger than, above, over, exceeding, exceeds",
            "mehr als, grosser als, grosser, uber, ueber, oberhalb von, oberhalb",
            "plus de, plus que, superieur a, superieure a, mas de, mas del, mas que, mayor de",
            "mayor del, mayor que, superior a, superior al, por encima de, por encima del",
            "mais de, mais que, maior que, acima de",
        ),
        "<": _phrases(
            "<, less than, fewer than, lower than, smaller than, below, under",
            "weniger als, kleiner als, kleiner, unter, unterhalb von, unterhalb",
            "moins de, moins que, inferieur a, inferieure a, menos de, menos del, menos que",
            "menor de, menor del, menor que, inferior a, inferior al, por debajo de",
            "por debajo del, abaixo de",
        ),
    }
)
"""Signs and words that stand before a number and say on which side of it the value lies."""

APPROXIMATE_WORDS: Final = _phrases(
    "~, approx, approx., approximately, about, around, roughly, circa, ca, ca., estimated at",
    "etwa, ungefahr, rund, zirka, schatzungsweise, environ, env, env., a peu pres, autour de",
    "aproximadamente, aprox, aprox., alrededor de, alrededor del, cerca de, cerca del, unos",
    "por volta de, yaklasik, yakl, yakl.",
)
_SIGN_NAMES: Final = MappingProxyType({"ge": ">=", "le": "<=", "gt": ">", "lt": "<"})
_PREFIX: Final = re.compile(
    "|".join(f"(?P<{name}>{_any_of(LIMIT_WORDS[sign])})" for name, sign in _SIGN_NAMES.items())
    + f"|(?P<about>{_any_of(APPROXIMATE_WORDS)})|(?P<percent>{_PERCENT})"
)
_OR: Final = " (?:or|oder|ou|o|and|und|et|y|e) "
_LESS: Final = _any_of(_phrases("less, lower, fewer, below, under, weniger, moins, menos, menor"))
_MORE: Final = _any_of(
    _phrases("more, higher, greater, above, over, mehr, hoher, plus, mas, mayor, mais, maior")
)
# "3 % or less"; in Turkish "%1'den az" (below), "%20'nin uzerinde" (above), "%5'e kadar" (up to)
_TRAILING_LIMITS: Final = tuple(
    (re.compile(pattern + _WORD_ENDS), sign)
    for pattern, sign in (
        (_OR + _LESS, "<="),
        (_OR + _MORE, ">="),
        (r" ?'?(?:[dt][ea]n (?:az|kucuk)|n?[iu]n altinda)", "<"),
        (r" ?'?(?:[dt][ea]n (?:fazla|cok|buyuk)|n?[iu]n uzerinde)", ">"),
        (r" ?'?[y]?[ea] kadar", "<="),
    )
)
_IS_IN_TURKISH: Final = re.compile(r"'[dt][iu]r" + _WORD_ENDS)
_BETWEEN: Final = re.compile(r"(between|zwischen|entre|from|desde|von|de|del) ?(?=[0-9<>%])")
_NEEDS_A_SECOND: Final = frozenset({"between", "zwischen", "entre", "from", "desde"})
_TO: Final = re.compile(r" ?- ?| (?:to|bis|a|ate|ile|through) ")
_AND: Final = re.compile(r" ?- ?| (?:and|und|et|y|e|ve|to|bis|a|al|ate|ile) ")

# Words that may follow a number without being what it counts.
_FOLLOWERS: Final = frozenset(
    _phrases(
        "in, im, of, and, with, at, by, on, for, from, to, was, is, are, as, the, but, which",
        "that, per, corresponding, consistent, compatible, grade, who, g1, g2, g3, or, und, bei",
        "der, die, das, des, mit, bis, aber, entsprechend, oder, et, dans, de, du, mais, y, e",
        "en, a, al, con, pero, em, com, ve, ile, den, dan, olarak",
    )
)
# Words between a name and its number that add nothing.
_CONNECTIVES: Final = frozenset(
    _phrases(
        "index, labelling, labeling, proliferation, proliferative, proliferationsindex, indice",
        "indeks, indeksi, rate, fraction, value, wert, score, count, of, is, was, are, were, be",
        "the, a, an, in, im, with, by, at, as, for, on, de, del, du, da, do, la, le, el, l, der",
        "die, das, den, des, ist, war, betragt, liegt, bei, von, est, es, e, fue, era, hot",
        "spot, spots, hotspot, hotspots, calculated, estimated, measured, counted, assessed",
        "determined, reported, positive, positivity, positivitat, nuclear, expression, staining",
        "immunostaining, stain, immunohistochemistry, immunohistochemical, ihc, tumor, tumour",
        "tumoral, cell, cells, nuclei, zellen, overall, mean, average, median, highest",
        "proliferasyon, proliferacion, orani, proliferativo, olarak, activity, aktivitat",
        "result, and, und, to",
    )
)
# Words after which a number is none of the name's, or not what it seems.
_STOPS: Final = frozenset(
    _phrases(
        "not, no, nor, never, cannot, unable, without, nicht, kein, keine, ohne, pas, sans",
        "sin, sem, nao, yok",
        "pending, awaited, ausstehend, follow, follows, unknown, unavailable, insufficient",
        "failed, cancelled, requested, nearly, almost, barely, just, beinahe, knapp, presque",
        "casi, quase, neredeyse, previously, previous, prior, formerly, initially, vs, versus",
        "if, unless, should, between, zwischen, entre",
    )
)
_STOPS_AFTER: Final = _STOPS | frozenset(
    _phrases("or, oder, ou, veya, less, more, higher, lower, plus, minus, repeat, but, aber")
)

# ---- numbers that are no values ------------------------------------------------------------------

_MONTH: Final = (
    r"(?:jan|feb|mar|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fev|avr"
    r"|juin|juil|aou|set|out|oca|sub|nis|haz|tem|agu|eyl|eki|kas|ara)[a-z]{0,7}\.?"
)
_YEAR: Final = r"(?:19|20)[0-9]{2}(?![0-9])"
_NO_MEASURE: Final = (
    rf"(?! ?(?:{_PERCENT}|/|[cm]m(?![a-z])|hpf|[a-zμ]{{1,6}}/|[kmunμp]?(?:g|l|u|iu)(?![a-z])))"
)
_DATES: Final = (
    r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[t ][0-9]{2}:[0-9:.]{2,20})?)?(?:z|[+-][0-9]{2}:[0-9]{2})?"
    + _WORD_ENDS,
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
    + _WORD_ENDS,
    r"[a-zμ]{1,12}[0-9][a-z0-9]{0,12}" + _WORD_ENDS,  # A3, CD56, pT3N1
    r"[a-z]{1,4}-[0-9]{1,4}[a-z]?(?![^\W_])(?! ?%)",  # Ga-68, TTF-1
)
# "CD56 90 %" is the number of CD56; "MIB-1 5 %" that of Ki-67.
_OTHER_MARKER: Final = re.compile(
    r"(?:cd|ck|ttf|cdx|sstr|sst|pax|isl|satb|gata|her|bcl|krt|insm|s|p(?=[1-9][0-9]))[ -]?[0-9]"
)
_ORDINAL: Final = r"#[0-9]{1,6}|[0-9]{1,3}(?:st|nd|rd|th)" + _WORD_ENDS
_NO_VALUE: Final = re.compile(
    "|".join((*_DATES, _BLOCKS, _RATIO, _COUNTED, *_MARKERS, _ORDINAL, "-{1,3}>|→"))
)

# ---- one number ----------------------------------------------------------------------------------


class _UnreadableError(Exception):
    """Here stands something like a number that has several meanings, or none."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A folded text with single spaces, as printed and in lower case; the two have one length."""

    printed: str
    low: str
    is_prose: bool


def _text(text: str, *, is_prose: bool) -> _Text:
    printed = " ".join(fold(text).split())
    return _Text(printed, printed.lower(), is_prose)


@dataclass(frozen=True, slots=True)
class _Term:
    """A number with what stands directly around it."""

    sign: str
    approximate: bool
    number: Decimal
    unit: str | None
    number_end: int
    end: int


@dataclass(frozen=True, slots=True)
class _Value:
    """A number, limit or range; `number_end` is where its last digit ends, `end` its unit."""

    parsed: ParsedNumber
    number_end: int
    end: int


def _value(text: _Text, at: int) -> _Value | None:
    """What begins at `at`; None if no number does."""
    between = _BETWEEN.match(text.low, at)
    start = between.end() if between else at
    first = None if _NO_VALUE.match(text.low, start) else _term(text, start)
    if first is None:
        return None
    second = _second_term(text, first, between is not None)
    if second is not None:
        return _range(text, first, second)
    if between and between[1] in _NEEDS_A_SECOND:  # "from 3 %" says what it no longer is
        raise _UnreadableError
    return _single(text, first)


def _single(text: _Text, term: _Term) -> _Value:
    sign, end = term.sign, term.end
    for pattern, trailing in _TRAILING_LIMITS:
        if match := pattern.match(text.low, end):
            if sign != "=":
                raise _UnreadableError
            sign, end = trailing, match.end()
            break
    span = _limited(sign, term.number)
    if span is None:
        raise _UnreadableError
    span = replace(span, approximate=term.approximate)
    return _checked(text, _Value(ParsedNumber(span, term.unit), term.number_end, end))


def _range(text: _Text, first: _Term, second: _Term) -> _Value:
    wrong_signs = first.sign in ("<", "<=") or second.sign in (">", ">=")
    if wrong_signs or first.number > second.number or _GOES_ON.match(text.low, second.end):
        raise _UnreadableError
    if any(pattern.match(text.low, second.end) for pattern, _ in _TRAILING_LIMITS):
        raise _UnreadableError
    about = first.approximate or second.approximate
    open_ends = first.sign == ">", second.sign == "<"
    span = NumberSpan(first.number, second.number, *open_ends, approximate=about)
    parsed = ParsedNumber(span, second.unit or first.unit)
    return _checked(text, _Value(parsed, second.number_end, second.end))


_GOES_ON: Final = re.compile(r" ?- ?[0-9]")
# A sign that is not of ordinary writing changes a number in ways not known here: +, /, ‰, ?.
_SPOILS: Final = re.compile(r" ?[^\w\s.,:;!()\[\]\"|-]|_| ?x ?[0-9]")
_SPOILS_A_BARE_NUMBER: Final = re.compile(r"-[a-z0-9]| [0-9]")


def _checked(text: _Text, value: _Value) -> _Value:
    """The value, if what follows leaves it as it is."""
    turkish_is = _IS_IN_TURKISH.match(text.low, value.end)
    end = turkish_is.end() if turkish_is else value.end
    if _SPOILS.match(text.low, end):
        raise _UnreadableError
    is_bare = value.parsed.unit is None and _SPOILS_A_BARE_NUMBER.match(text.low, end)
    if is_bare and not _NO_VALUE.match(text.low, end + 1):  # a date may follow, a number may not
        raise _UnreadableError
    return replace(value, end=end)


def _second_term(text: _Text, first: _Term, is_between: bool) -> _Term | None:
    """The upper end of a range, if one follows."""
    to = None if is_between else _TO.match(text.low, first.end)
    match = to or _AND.match(text.low, first.end)
    if match is None or _NO_VALUE.match(text.low, match.end()):
        return None
    second = _term(text, match.end())
    if second is None:
        return None
    same_unit = not first.unit or not second.unit or first.unit == second.unit
    if match.group().strip() == "-" and not same_unit:  # a dash between two findings
        return None
    # "> 2 and < 20" is a range; "5 and 12" are two numbers.
    is_range = to or is_between or (first.sign in (">", ">=") and second.sign in ("<", "<="))
    if not same_unit or not is_range:
        raise _UnreadableError
    return second


def _term(text: _Text, at: int) -> _Term | None:
    before: list[str] = []
    for _ in range(4):
        match = _PREFIX.match(text.low, at)
        if match is None or match.lastgroup is None:
            break
        before.append(match.lastgroup)
        at = _past_space(text, match.end())
    digits = _digits(text, at)
    if digits is None:
        return None
    signs = [_SIGN_NAMES[name] for name in before if name in _SIGN_NAMES]
    if len(signs) > 1:
        raise _UnreadableError
    unit, end = _unit(text, digits.end())
    number = _number(digits.group(), is_count=_COUNT.match(text.low, digits.end()) is not None)
    if "percent" in before:
        unit, end = "%", end if unit == "%" else digits.end()
    sign = signs[0] if signs else "="
    return _Term(sign, "about" in before, number, unit, digits.end(), end)


def _past_space(text: _Text, at: int) -> int:
    return at + 1 if text.low[at : at + 1] == " " else at


_DIGITS: Final = re.compile(
    r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,6}(?![0-9])|(?<![^ <>=~≤≥%])\.[0-9]{1,40}(?![0-9])"
)
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?: [0-9]{3}){1,3}(?![0-9]|[.,][0-9])")
_COUNT: Final = re.compile(r" ?/ ?(?:ul|μl|mcl|mm3|cmm)(?![^\W_])")
_EXPONENT: Final = re.compile(r"e[+-]?[0-9]")


def _digits(text: _Text, at: int) -> re.Match[str] | None:
    grouped = _GROUPED.match(text.low, at)
    if grouped and (not text.is_prose or _COUNT.match(text.low, grouped.end())):
        return grouped
    digits = _DIGITS.match(text.low, at)
    if digits and (grouped or _EXPONENT.match(text.low, digits.end())):
        raise _UnreadableError
    return digits


def _number(printed: str, *, is_count: bool) -> Decimal:
    """The number printed, by the rules at the top of this module."""
    whole, *groups = re.split("[.,]", printed)
    signs = [sign for sign in printed if sign in ".,"]
    plain = printed
    if signs:
        has_groups = 1 <= len(whole) <= 3 and whole[0] != "0" and all(len(g) == 3 for g in groups)
        plain = _without_grouping(whole, groups, signs, has_groups, is_count)
    number = _decimal(Decimal(plain.replace(" ", "")))
    if number is None:
        raise _UnreadableError
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
    raise _UnreadableError


_OTHER_UNIT: Final = re.compile(
    r"(?!x ?[0-9])(?:/ ?)?[a-zμ][a-z0-9μ]{0,11}(?:[/.*^][a-z0-9μ{}._]{1,12}){0,4}(?: ?m2)?"
    + _WORD_ENDS
)


def _unit(text: _Text, at: int) -> tuple[str | None, int]:
    """The unit that follows, and where it ends."""
    start = _past_space(text, at)
    for pattern in (_PERCENT_UNIT, _FIELD_UNIT, _POWER_UNIT):
        if match := pattern.match(text.low, start):
            return unit_key(text.printed[start : match.end()]), match.end()
    if any(pattern.match(text.low, at) for pattern, _ in _TRAILING_LIMITS):
        return None, at
    match = _OTHER_UNIT.match(text.low, start)
    if match is None or match.group() in _FOLLOWERS:
        return None, at
    return unit_key(text.printed[start : match.end()]), match.end()


# ---- the number of a text or of a name -----------------------------------------------------------

_LONGEST_VALUE: Final = 200  # characters of a text that is a number
_WINDOW: Final = 300  # characters in which the number after a name is looked for
_LOOK_AHEAD: Final = 60  # characters that may still belong to a number
_WORDS_BETWEEN: Final = 8
_WORD: Final = re.compile(r"[^\W\d_]+")
_GLUED: Final = re.compile(r"[.,][0-9]")
# Signs of ordinary writing. Any other (<, ?, ≮, ±) says something about a number to come.
_NEUTRAL: Final = re.compile(r"(?!=>|[.,][0-9])[.,:;=|\"'*#/!&()\[\]_•·-]")
_UNIT_OF_NAME: Final = re.compile(f"{_FIELDS}|{_PERCENT}")
# After these a word that says something belongs to another finding.
_CLAUSE: Final = re.compile(
    r",(?![0-9])|(?:and|with|und|mit|et|avec|y|con|com|ve)(?![^\W_])(?! ?[0-9])"
)
_CLOSES: Final = MappingProxyType({"(": ")", "[": "]"})


def parse_number_text(text: str) -> ParsedNumber | None:
    """The number that a text is; None if it is none, or more than one, or has several meanings.

    >>> [str(parse_number_text(text).span.high) for text in ("4,0 %", "%1'den az", "3 to 5")]
    ['4.0', '1', '5']
    >>> parse_number_text("14/100"), parse_number_text("pending"), parse_number_text("1,000")
    (None, None, None)
    """
    if len(text) > _LONGEST_VALUE:
        return None
    whole = _text(text, is_prose=False)
    try:
        if whole.low.startswith("-"):
            return _negative(_Text(whole.printed[1:], whole.low[1:], is_prose=False))
        found = _scan(whole, words_between=0)
        return None if found is None or _says_more(whole, found.end) else found.parsed
    except _UnreadableError:
        return None


def number_after_name(
    sentence_text: str, start: int, end: int | None = None
) -> ParsedNumber | None:
    """The first number after a name that ends at `start`; `end` is where the next name begins.

    Dates, block numbers, ratios and marker names are passed over; a number directly after another
    marker is that marker's. Up to 8 words may stand between, but none after a comma or an "and",
    and the number then needs a unit: "Ki-67 raised, see note 2" has none.

    >>> text = "ki-67 (mib-1, block a3, 2026-03-01): approx. 12 % in 500 cells"
    >>> number_after_name(text, 5).unit, number_after_name(text, 5).span.approximate
    ('%', True)
    """
    wanted = sentence_text[start:end]
    window = _text(wanted[:_WINDOW], is_prose=True)
    try:
        found = None if _GLUED.match(window.low) else _scan(window, words_between=_WORDS_BETWEEN)
    except _UnreadableError:
        return None
    is_cut = len(wanted) > _WINDOW
    if found is None or (is_cut and found.end > len(window.low) - _LOOK_AHEAD):
        return None
    return found.parsed


def number_before_name(sentence_text: str, name_start: int) -> ParsedNumber | None:
    """The number directly before a name, with the unit that follows either of them.

    >>> number_before_name("3 mitoses per 2 mm2", 2).unit
    'per 2 mm2'
    """
    left = sentence_text[max(0, name_start - _LOOK_AHEAD) : name_start]
    if name_start > _LOOK_AHEAD:  # do not begin inside a number
        left = left.partition(" ")[2]
    before = " ".join(fold(left).split())
    whole = _text(f"{before} {sentence_text[name_start : name_start + _LOOK_AHEAD]}", is_prose=True)
    try:
        return _ending_at(whole, len(before))
    except _UnreadableError:
        return None


def _ending_at(text: _Text, end: int) -> ParsedNumber | None:
    at = 0
    while at < end:
        passed = _NO_VALUE.match(text.low, at)
        value = None if passed else _value(text, at)
        if value and end in (value.number_end, value.end):
            return value.parsed
        word = _WORD.match(text.low, at)
        ends = [match.end() for match in (passed, word) if match]
        at = value.number_end if value else max([*ends, at + 1])
    return None


def _negative(text: _Text) -> ParsedNumber | None:
    """A number below 0 is read, for its reader to refuse it by name; "- 4" is not one."""
    found = _value(text, 0) if text.low[:1].isdigit() else None
    if found is None or found.end != len(text.low):
        return None
    span = found.parsed.span
    if span.high is None or span.low != span.high:
        return None
    return replace(found.parsed, span=NumberSpan(-span.high, -span.high))


def _scan(text: _Text, words_between: int) -> _Value | None:
    """The first value, if no more than so many words that say something stand before it."""
    at, unknown, of_marker = 0, 0, False
    unit: str | None = None  # "(per 2 mm2): 4", "[%] 12"
    while at < len(text.low) and unknown <= words_between:
        if clause := _CLAUSE.match(text.low, at):
            if unknown:
                return None
            at, words_between = clause.end(), 0
            of_marker = of_marker and clause.group() != ","
        elif passed := _passed(text, at):
            of_marker = of_marker or _OTHER_MARKER.match(text.low, at) is not None
            at = passed
        elif value := _value(text, at) or _in_brackets(text, at):
            return None if of_marker else _with_unit(value, unit, is_unit_needed=unknown > 0)
        elif text.low[at] in _CLOSES:
            at, unit = _past_brackets(text, at, unit)
        elif match := _UNIT_OF_NAME.match(text.low, at):
            at, unit = match.end(), unit_key(match.group())
        else:
            at, says_something = _past_word(text, at)
            unknown += says_something
    return None


def _passed(text: _Text, at: int) -> int | None:
    """The end of what is no value of a name: a space, a date, a block, a ratio, a marker."""
    if text.low[at] == " ":
        return at + 1
    match = _NO_VALUE.match(text.low, at)
    return match.end() if match else None


def _past_word(text: _Text, at: int) -> tuple[int, bool]:
    """(end of the word or sign, whether it says something)."""
    match = _WORD.match(text.low, at)
    if match is None:
        if not _NEUTRAL.match(text.low, at):
            raise _UnreadableError
        return at + 1, False
    if match.group() in _STOPS:
        raise _UnreadableError
    return match.end(), match.group() not in _CONNECTIVES


def _with_unit(value: _Value, unit: str | None, *, is_unit_needed: bool) -> _Value:
    parsed = replace(value.parsed, unit=value.parsed.unit or unit)
    if parsed.unit is None and is_unit_needed:
        raise _UnreadableError
    return replace(value, parsed=parsed)


def _in_brackets(text: _Text, at: int) -> _Value | None:
    """The value of a remark in brackets that is one: "Ki-67 (12 %)"."""
    start, end = _inside(text, at)
    if end <= start:
        return None
    inner = _Text(text.printed[start:end], text.low[start:end], text.is_prose)
    try:
        found = _scan(inner, words_between=0)
    except _UnreadableError:
        return None
    if found is None:
        return None
    return replace(found, number_end=found.number_end + start, end=found.end + start)


def _inside(text: _Text, at: int) -> tuple[int, int]:
    """Where the brackets that open at `at` begin and end inside; nothing if none do."""
    if text.low[at] not in _CLOSES:
        return at, at
    return at + 1, text.low.find(_CLOSES[text.low[at]], at)


def _past_brackets(text: _Text, at: int, unit: str | None) -> tuple[int, str | None]:
    start, end = _inside(text, at)
    if end <= start:
        return at + 1, unit
    match = _UNIT_OF_NAME.search(text.low, start, end)
    return end + 1, unit_key(match.group()) if match else unit


def _says_more(text: _Text, at: int) -> bool:
    """Does what follows a value hold another one, or a word that puts it in question?"""
    while at < len(text.low):
        passed = _passed(text, at)
        word = _WORD.match(text.low, at) or _UNIT_OF_NAME.match(text.low, at)
        if passed is None and (_value(text, at) or not (word or _NEUTRAL.match(text.low, at))):
            return True
        if word and word.group() in _STOPS_AFTER:
            return True
        at = passed or (word.end() if word else at + 1)
    return False
