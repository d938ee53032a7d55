"""Units as reports print them: percent, mitoses per area, cells per volume, and notes in braces."""

import re
from types import MappingProxyType
from typing import Final

PERCENT: Final = (
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
_PERCENT_UNIT: Final = re.compile(PERCENT)
_FIELD_UNIT: Final = re.compile(_FIELDS)
_POWER_UNIT: Final = re.compile(_POWER)
_VOLUMES: Final = MappingProxyType({"l": "L", "ul": "uL", "μl": "uL", "ml": "mL", "mm3": "mm3"})
UNIT_OF_NAME: Final = re.compile(f"{_FIELDS}|{PERCENT}")  # "mitoses (per 2 mm2): 4"
PER_VOLUME: Final = re.compile(r" ?/ ?(?:ul|μl|mcl|mm3|cmm)(?![^\W_])")
_ANNOTATION: Final = re.compile(r"(?<!/)\{[^{}0-9]{0,60}\}")
_ONLY_ANNOTATION: Final = re.compile(r"\{[^{}0-9]{0,60}\}")


def folded_unit_key(text: str) -> str:
    """One spelling for the spellings of a unit that is folded, on one line."""
    low = text.lower()
    if _PERCENT_UNIT.fullmatch(low):
        return "%"
    if match := _FIELD_UNIT.fullmatch(low):
        name = "mm2" if "mm" in match["field"] else "HPF"
        return f"per {match['fields']} {name}" if match["fields"] else f"per {name}"
    if match := _POWER_UNIT.fullmatch(low):
        return f"10*{match['power']}/{_VOLUMES[match['volume']]}"
    return text.replace("μ", "u")


def special_unit_at(low: str, at: int) -> int | None:
    """The end of a unit with signs or spaces in it (%, per 2 mm2, x 10^9/L) that begins there."""
    for pattern in (_PERCENT_UNIT, _FIELD_UNIT, _POWER_UNIT):
        if match := pattern.match(low, at):
            return match.end()
    return None


def without_annotations(key: str) -> str:
    """Without the notes in braces: "10*9/L{cells}" is "10*9/L".

    A note that divides ("/{1.73_m2}") or that has a number in it stays.
    """
    return _ANNOTATION.sub("", key)


def dimension(key: str | None) -> str:
    """The unit of one part of a ratio; "" for 1, for none and for what was counted ("{cells}")."""
    return "" if key is None or key == "1" or _ONLY_ANNOTATION.fullmatch(key) else key
