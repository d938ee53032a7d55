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
from typing import Final, TypeAlias

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
    """The unit of one part of a ratio; "" for 1, for none and for what only says what was counted."""
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
    """The span times the factor of its unit; None if the unit is not listed. No unit is listed as "".

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
    """A pattern for one of the phrases, the longest first, whole words."""
    longest_first = sorted(phrases, key=len, reverse=True)
    ends = ((re.escape(p), "(?![^\\W_])" if p[-1].isalnum() else "") for p in longest_first)
    return "(?:" + "|".join(phrase + end for phrase, end in ends) + ")"


LIMIT_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "<": _phrases(
            "<, less than, fewer than, lower than, smaller than, below, under",
            "weniger als, kleiner als, kleiner, unter, unterhalb von, unterhalb",
            "moins de, moins que, inferieur a, inferieure a, menos de, menos del, menos que",
            "menor de, menor del, menor que, inferior a, inferior al, por debajo de",
            "por debajo del, abaixo de",
        ),
        "<=": _phrases(
            "<=, =<, ≤, up to, at most, max, max., maximum, maximal, not more than, no more than",
            "not exceeding, not exceed, not above, not over, not greater than, no greater than",
            "less than or equal to, equal to or less than, <or=",
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
        ">=": _phrases(
            ">=, ≥, at least, min, min., minimum, minimal, not less than, no less than, not below",
            "not under, greater than or equal to, equal to or greater than, mindestens",
            "nicht weniger als, au moins, al menos, por lo menos, como minimo, pelo menos, en az",
        ),
    }
)
APPROXIMATE_WORDS: Final = _phrases(
    "~, approx, approx., approximately, about, around, roughly, circa, ca, ca., estimated at",
    "etwa, ungefahr, rund, zirka, schatzungsweise, environ, env, env., a peu pres, autour de",
    "aproximadamente, aprox, aprox., alrededor de, alrededor del, cerca de, cerca del, unos",
    "por volta de, yaklasik, yakl, yakl.",
)
_TRAILING_LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(_phrases("less, lower, fewer, below, under, smaller, weniger"), "<="),
        **dict.fromkeys(_phrases("moins, menos, menor, az, kucuk, altinda, kadar"), "<="),
        **dict.fromkeys(_phrases("more, higher, greater, above, over, larger, mehr"), ">="),
        **dict.fromkeys(_phrases("plus, mas, mayor, mais, maior, fazla, cok, buyuk"), ">="),
        "uzerinde": ">=",
    }
)
_PREFIX: Final = re.compile(
    "|".join(
        f"(?P<{name}>{_any_of(LIMIT_WORDS[sign])})"
        for name, sign in (("ge", ">="), ("le", "<="), ("gt", ">"), ("lt", "<"))
    )
    + f"|(?P<about>{_any_of(APPROXIMATE_WORDS)})|(?P<percent>{_PERCENT})"
)
_SIGNS: Final = MappingProxyType({"ge": ">=", "le": "<=", "gt": ">", "lt": "<"})
# "3 % or less", "%1'den az" (less than), "%20'nin uzerinde" (above), "%5'e kadar" (up to)
_OR_LESS: Final = re.compile(
    r" ?(?:or|oder|ou|o|and|und|et|y|e) (less|lower|fewer|below|under|smaller|weniger|moins|menos"
    r"|menor|more|higher|greater|above|over|larger|mehr|plus|mas|mayor|mais|maior)(?![^\W_])"
)
_DEN_AZ: Final = re.compile(
    r" ?'?(?:(?:den|dan|ten|tan) (az|kucuk|fazla|cok|buyuk)|n?[iu]n (altinda|uzerinde)"
    r"|[yn]?[ea] (kadar))(?![^\W_])"
)
_IS_IN_TURKISH: Final = re.compile(r"'[dt][iu]r(?![^\W_])")
_BETWEEN: Final = re.compile(r"(between|zwischen|entre|from|von|de|del|desde)(?: |(?=[0-9<>%]))")
_TO: Final = re.compile(r" ?- ?|,? (?:to|bis|a|ate|ile|through|until) ")
_AND: Final = re.compile(r" ?- ?| (?:and|und|et|y|e|ve|to|bis|a|al|ate|ile) ")

# ---- one number in a text ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Text:
    """A folded text, once as printed and once in lower case; both have the same length."""

    printed: str
    low: str
    is_prose: bool


class _UnreadableError(Exception):
    """Something like a number stands here that has more than one meaning, or none."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A number with what stands directly around it; `number_end` is where its digits end."""

    sign: str
    approximate: bool
    number: Decimal
    unit: str | None
    number_end: int
    end: int


@dataclass(frozen=True, slots=True)
class _Value:
    parsed: ParsedNumber
    number_end: int
    end: int


_DIGITS: Final = re.compile(r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,6}(?![0-9])|\.[0-9]{1,40}(?![0-9])")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?: [0-9]{3}){1,3}(?![0-9]|[.,][0-9])")
_COUNT: Final = re.compile(r" ?/ ?(?:ul|μl|mcl|mm3|cmm)(?![^\W_])")
_OTHER_UNIT: Final = re.compile(
    r" ?((?:/ ?)?[a-zμ][a-z0-9μ]{0,11}(?:[/.*^][a-z0-9μ{}._]{1,12}){0,4}(?: ?m2)?)(?![^\W_])"
)
# Words that may follow a number without being what it counts.
_FOLLOWERS: Final = frozenset(
    _phrases(
        "in, im, of, and, with, at, by, on, for, from, to, was, is, are, as, the, but, which, that",
        "per, corresponding, consistent, compatible, grade, who, g1, g2, g3, or, und, bei, der, die",
        "das, des, mit, bis, aber, entsprechend, oder, et, dans, de, du, mais, y, e, en, a, al, con",
        "pero, em, com, ve, ile, den, dan, olarak",
    )
)
# A sign that is not of ordinary writing changes a number in ways not known here (+, /, ‰, ?).
_SPOILS: Final = re.compile(r" ?[^\w\s.,:;!()\[\]\"|-]|_|-[a-z0-9]|e[+-]?[0-9]|x ?[0-9]")


def _value(text: _Text, at: int) -> _Value | None:
    """The number, limit or range that begins at `at`; None if none does."""
    between = _BETWEEN.match(text.low, at)
    first = _term(text, between.end() if between else at)
    if first is None:
        return None
    second = _second_term(text, first, between is not None)
    if second is None:
        if between and between[1] in ("between", "zwischen", "entre"):
            raise _UnreadableError
        return _single(text, first)
    return _range(text, first, second)


def _second_term(text: _Text, first: _Term, is_between: bool) -> _Term | None:
    """The upper end of a range, if one follows."""
    connector = _AND if is_between or first.sign in (">", ">=") else _TO
    match = connector.match(text.low, first.end)
    second = _term(text, match.end()) if match else None
    if second is None or not first.unit or not second.unit or first.unit == second.unit:
        return second
    if match and match.group().strip() == "-":  # a dash between two findings
        return None
    raise _UnreadableError


def _term(text: _Text, at: int) -> _Term | None:
    found: dict[str, str] = {}
    start = at
    for _ in range(4):
        match = _PREFIX.match(text.low, at)
        if match is None or match.lastgroup is None:
            break
        found[match.lastgroup] = match.group()
        at = _past_space(text, match.end())
    signs = [_SIGNS[name] for name in found if name in _SIGNS]
    number = _number(text, at)
    if number is None:
        return None
    if len(signs) > 1:
        raise _UnreadableError
    value, number_end, unit, end = number
    if "percent" in found:
        unit = "%"
    glued = text.low[at] == "." and start == at and text.low[at - 1 : at] not in ("", " ")
    if glued or (unit == "%" and text.low[number_end:end].strip() and "percent" in found and False):
        raise _UnreadableError
    sign = signs[0] if signs else "="
    return _Term(sign, "about" in found, value, unit, number_end, end)


def _past_space(text: _Text, at: int) -> int:
    return at + 1 if text.low[at : at + 1] == " " else at
