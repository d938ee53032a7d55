"""Words about a number: "less than", "approx.", "from 3 to 5", and what may stand around it."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from cdshooks.fhir.number.units import PERCENT

WORD_ENDS: Final = r"(?![^\W_])"


def _phrases(*lines: str) -> tuple[str, ...]:
    """Phrases that are written with commas between them."""
    return tuple(phrase.strip() for line in lines for phrase in line.split(","))


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for one of the phrases, whole words, the longest first."""
    longest_first = sorted(phrases, key=len, reverse=True)
    ends = (re.escape(p) + (WORD_ENDS if p[-1].isalnum() else "") for p in longest_first)
    return "(?:" + "|".join(ends) + ")"


# Signs and words that stand before a number and say on which side of it the value lies.
_LIMIT_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
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
_APPROXIMATE_WORDS: Final = _phrases(
    "~, approx, approx., approximately, about, around, roughly, circa, ca, ca., estimated at",
    "etwa, ungefahr, rund, zirka, schatzungsweise, environ, env, env., a peu pres, autour de",
    "aproximadamente, aprox, aprox., alrededor de, alrededor del, cerca de, cerca del, unos",
    "por volta de, yaklasik, yakl, yakl.",
)
SIGN_NAMES: Final = MappingProxyType({"ge": ">=", "le": "<=", "gt": ">", "lt": "<"})
PREFIX: Final = re.compile(
    "|".join(f"(?P<{name}>{_any_of(_LIMIT_WORDS[sign])})" for name, sign in SIGN_NAMES.items())
    + f"|(?P<about>{_any_of(_APPROXIMATE_WORDS)})|(?P<percent>{PERCENT})"
)
_OR: Final = " (?:or|oder|ou|o|and|und|et|y|e) "
_LESS: Final = _any_of(_phrases("less, lower, fewer, below, under, weniger, moins, menos, menor"))
_MORE: Final = _any_of(
    _phrases("more, higher, greater, above, over, mehr, hoher, plus, mas, mayor, mais, maior")
)
# "3 % or less"; in Turkish "%1'den az" (below), "%20'nin uzerinde" (above), "%5'e kadar" (up to)
TRAILING_LIMITS: Final = tuple(
    (re.compile(pattern + WORD_ENDS), sign)
    for pattern, sign in (
        (_OR + _LESS, "<="),
        (_OR + _MORE, ">="),
        (r" ?'?(?:[dt][ea]n (?:az|kucuk)|n?[iu]n altinda)", "<"),
        (r" ?'?(?:[dt][ea]n (?:fazla|cok|buyuk)|n?[iu]n uzerinde)", ">"),
        (r" ?'?[y]?[ea] kadar", "<="),
    )
)
IS_IN_TURKISH: Final = re.compile(r"'[dt][iu]r" + WORD_ENDS)
BETWEEN: Final = re.compile(r"(between|zwischen|entre|from|desde|von|de|del) ?(?=[0-9<>%])")
NEEDS_A_SECOND: Final = frozenset({"between", "zwischen", "entre", "from", "desde"})
TO: Final = re.compile(r" ?- ?| (?:to|bis|a|ate|ile|through) ")
AND: Final = re.compile(r" ?- ?| (?:and|und|et|y|e|ve|to|bis|a|al|ate|ile) ")

# Words that may follow a number without being what it counts.
FOLLOWERS: Final = frozenset(
    _phrases(
        "in, im, of, and, with, at, by, on, for, from, to, was, is, are, as, the, but, which",
        "that, per, corresponding, consistent, compatible, grade, who, g1, g2, g3, or, und, bei",
        "der, die, das, des, mit, bis, aber, entsprechend, oder, et, dans, de, du, mais, y, e",
        "en, a, al, con, pero, em, com, ve, ile, den, dan, olarak",
    )
)
# Words between a name and its number that add nothing.
CONNECTIVES: Final = frozenset(
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
STOPS: Final = frozenset(
    _phrases(
        "not, no, nor, never, cannot, unable, without, nicht, kein, keine, ohne, pas, sans",
        "sin, sem, nao, yok",
        "pending, awaited, ausstehend, follow, follows, unknown, unavailable, insufficient",
        "failed, cancelled, requested, nearly, almost, barely, just, beinahe, knapp, presque",
        "casi, quase, neredeyse, previously, previous, prior, formerly, initially, vs, versus",
        "if, unless, should, between, zwischen, entre",
    )
)
STOPS_AFTER: Final = STOPS | frozenset(
    _phrases("or, oder, ou, veya, less, more, higher, lower, plus, minus, repeat, but, aber")
)
