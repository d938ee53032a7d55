"""The text of a fact ("8 %", "3-20 %", "positive", "true") as the value that it stands for."""

import re
from decimal import Decimal

from cdshooks.clinical.value import Choice, Flag, Members, Span, Value
from cdshooks.clinical.vocabulary import FactType
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.number.quantity import parse_number_text, unit_key

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_SHARE = Decimal(100)
_DASH = re.compile(r"(?<=[0-9]) ?- ?(?=[0-9])")  # without spaces "1.5-10" may be a date


def value_of(fact_type: FactType, text: str) -> Value:
    """The value. Raises InputUnreadable, and then says what is accepted."""
    found = _READ[fact_type.kind](fact_type, text.strip())
    if found is None:
        raise InputUnreadable(f"{fact_type.name}={text}: accepted is {_accepted(fact_type)}")
    return found


def _number(fact_type: FactType, text: str) -> Value | None:
    """A number, a limit ("<3") or an interval ("3-20"), in the unit of the fact or with none."""
    spaced = _DASH.sub(" - ", _without_unit(fact_type, text))
    parsed = parse_number_text(spaced)
    if parsed is None or parsed.unit not in (None, *_units(fact_type)):
        return None
    span = parsed.span
    if span.low is None or span.low < 0:
        return None
    return capped(Span(span.low, span.high, fact_type.unit, span.low_open, span.high_open))


def capped(span: Span) -> Span:
    """A share ends at 100 %, whether or not that is said."""
    return span._replace(high=_SHARE) if span.unit == "%" and span.high is None else span


def _without_unit(fact_type: FactType, text: str) -> str:
    for unit in sorted(_units(fact_type), key=len, reverse=True):
        if text.lower().endswith(unit.lower()) and unit != "%":
            return text[: -len(unit)].strip()
    return text


def _units(fact_type: FactType) -> set[str]:
    given = {fact_type.unit, fact_type.unit_text, fact_type.unit_text.replace("x", "x ", 1)}
    return {spelling for unit in given if unit for spelling in (unit, unit_key(unit))}


def _choice(fact_type: FactType, text: str) -> Value | None:
    return Choice(frozenset({text})) if text in fact_type.values else None


def _flag(_fact_type: FactType, text: str) -> Value | None:
    so = _FLAGS.get(text.lower())
    return None if so is None else Flag(so)


def _members(fact_type: FactType, text: str) -> Value | None:
    """A list with commas, or "none": known to be none of them."""
    if text == "none":
        return Members(frozenset(), frozenset(fact_type.values))
    has = frozenset(name.strip() for name in text.split(","))
    return Members(has, frozenset()) if has <= set(fact_type.values) else None


_READ = {"number": _number, "choice": _choice, "flag": _flag, "members": _members}


def _accepted(fact_type: FactType) -> str:
    match fact_type.kind:
        case "number":
            unit = f" {fact_type.unit_text}" if fact_type.unit_text else ""
            return f"a number{unit}, such as 8, <3 or 3-20"
        case "flag":
            return "true or false"
        case "members":
            return f"none, or some of {', '.join(fact_type.values)}"
    return ", ".join(fact_type.values)
