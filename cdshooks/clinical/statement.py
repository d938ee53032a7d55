"""Statements about a patient: "tumour.ki67 <= 20 %" parsed, checked against the vocabulary, asked.

    net.status is active                     imaging.sstr_status in {positive, borderline}
    net.family is not PPGL                   syndrome.types has carcinoid
    extent.advanced                          syndrome.types has any of insulin, glucagon
    not extent.unresectable_recorded         tumour.ki67 not on file
    lab.platelets < 75 x10^9/L               recorded(tumour.site is pancreas)
    always                                   not recorded(extent.stage is metastatic)
    syndrome.types has only insulin          needs.liver-transplantation has only tumour.ki67

`recorded(s)` is YES if s is YES, else NO: the closed reading of an open fact. `not on file` asks
about the record itself. Both are exempt from the law that learning a fact never reverses a truth.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from cdshooks.clinical.fact import Facts
from cdshooks.clinical.truth import Truth, all_of, any_of, certain, negate
from cdshooks.clinical.value import Choice, Flag, Members, Span
from cdshooks.clinical.vocabulary import FactType, Vocabulary

Ask: TypeAlias = Callable[[Facts], Truth]


class StatementInvalid(ValueError):
    """A statement that cannot be asked, with what would be accepted in its place."""

    def __init__(self, problem: str, accepted: str):
        super().__init__(problem)
        self.problem, self.accepted = problem, accepted


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A parsed statement. `facts` are the names it asks about; `closed` ones are never UNKNOWN.

    `number` is the threshold, for tests and reviews that move it.
    """

    text: str
    facts: tuple[str, ...]
    ask: Ask
    closed: bool = False
    number: Decimal | None = None


_NAME = r"(?P<name>[a-z]+(?:\.[a-z0-9_-]+)+)"
FORMS = {
    "compare": re.compile(
        rf"{_NAME} (?P<sign><=|>=|<|>|=) (?P<number>-?\d+(?:\.\d+)?)(?: (?P<unit>\S+))?"
    ),
    "is": re.compile(rf"{_NAME} is (?P<deny>not )?(?P<values>[^\s{{}},]+)"),
    "among": re.compile(rf"{_NAME} (?P<deny>not )?in \{{(?P<values>[^{{}}]+)\}}"),
    "only": re.compile(rf"{_NAME} has only (?P<values>[^{{}},]+)"),
    "has": re.compile(rf"{_NAME} has (?:any of )?(?P<values>[^{{}}]+)"),
    "file": re.compile(rf"{_NAME} (?P<deny>not )?on file"),
    "flag": re.compile(_NAME),
}
_ACCEPTED = "a statement such as: " + "; ".join(
    ("net.status is active", "tumour.ki67 <= 20 %", "tumour.site in {lung, thymus}", "always")
)


def parse(text: str, vocabulary: Vocabulary) -> Statement:
    """The statement that `text` makes. Raises StatementInvalid."""
    text = " ".join(text.split())
    if text == "always":
        return Statement(text, (), lambda _: Truth.YES, closed=True)
    if text.startswith("not "):
        inner = parse(text[4:], vocabulary)
        return Statement(text, inner.facts, _denied(inner.ask), inner.closed, inner.number)
    if text.startswith("recorded(") and text.endswith(")"):
        inner = parse(text[9:-1], vocabulary)
        return Statement(text, inner.facts, _recorded(inner.ask), True, inner.number)
    for form, pattern in FORMS.items():
        found = pattern.fullmatch(text)
        if found:
            return _BUILD[form](text, _known(found["name"], vocabulary), found)
    raise StatementInvalid(f"cannot read the statement {text!r}", _ACCEPTED)


def _known(name: str, vocabulary: Vocabulary) -> FactType:
    if name not in vocabulary:
        near = sorted(
            n for n in vocabulary.types if n.split(".")[0] == name.split(".", maxsplit=1)[0]
        )
        raise StatementInvalid(f"there is no fact {name!r}", ", ".join(near) or "a declared fact")
    return vocabulary[name]


def _denied(ask: Ask) -> Ask:
    return lambda facts: negate(ask(facts))


def _recorded(ask: Ask) -> Ask:
    return lambda facts: certain(ask(facts) is Truth.YES)


def _compare(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    _expect(fact, "number", text)
    if (found["unit"] or "") not in {fact.unit_text, fact.unit}:
        raise StatementInvalid(
            f"{fact.name} is not in {found['unit']!r}", fact.unit_text or "no unit"
        )
    name, sign, limit = fact.name, found["sign"], Decimal(found["number"])

    def ask(facts: Facts) -> Truth:
        value = facts.by_name[name].value
        return value.compare(sign, limit) if isinstance(value, Span) else Truth.UNKNOWN

    return Statement(text, (name,), ask, number=limit)


def _is(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    if fact.kind == "flag" and found["values"] in {"true", "false"}:
        flag = _flag(text, fact, found)
        deny = (found["values"] == "false") != bool(found["deny"])
        return Statement(text, flag.facts, _denied(flag.ask) if deny else flag.ask)
    return _among(text, fact, found)


def _among(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    _expect(fact, "choice", text)
    name, wanted, reads_as = fact.name, _values(fact, found), fact.reads_as or {}

    def ask(facts: Facts) -> Truth:
        value = facts.by_name[name].value
        return value.among(wanted, reads_as) if isinstance(value, Choice) else Truth.UNKNOWN

    return Statement(text, (name,), _denied(ask) if found["deny"] else ask)


def _has(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    _expect(fact, "members", text)
    name, wanted = fact.name, _values(fact, found)

    def ask(facts: Facts) -> Truth:
        value = facts.by_name[name].value
        if not isinstance(value, Members):
            return Truth.UNKNOWN
        return any_of(value.contains(member) for member in wanted)

    return Statement(text, (name,), ask)


def _only(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    _expect(fact, "members", text)
    name, (wanted,) = fact.name, _values(fact, found)
    others = set(fact.values) - {wanted}

    def ask(facts: Facts) -> Truth:
        value = facts.by_name[name].value
        if not isinstance(value, Members):
            return Truth.UNKNOWN
        return all_of((value.contains(wanted), negate(any_of(map(value.contains, others)))))

    return Statement(text, (name,), ask)


def _file(text: str, fact: FactType, found: re.Match[str]) -> Statement:
    name, wanted = fact.name, not found["deny"]
    return Statement(text, (name,), lambda facts: certain(facts.on_file(name) is wanted), True)


def _flag(text: str, fact: FactType, _: re.Match[str]) -> Statement:
    _expect(fact, "flag", text)
    name = fact.name

    def ask(facts: Facts) -> Truth:
        value = facts.by_name[name].value
        return certain(value.so) if isinstance(value, Flag) else Truth.UNKNOWN

    return Statement(text, (name,), ask)


def _values(fact: FactType, found: re.Match[str]) -> frozenset[str]:
    wanted = frozenset(value.strip() for value in found["values"].split(","))
    strange = sorted(wanted - set(fact.values))
    if strange:
        raise StatementInvalid(f"{fact.name} is never {strange[0]!r}", ", ".join(fact.values))
    return wanted


# ---- what no file writes: what a derivation, or a question, hangs on -----------------------------


def may_be(name: str, value: str) -> Statement:
    """Is `value` among what a choice may be?"""
    return _possible(f"{name} may be {value}", name, value.__eq__)


def may_be_else(name: str, value: str) -> Statement:
    """Is anything but `value` among what a choice may be?"""
    return _possible(f"{name} may be other than {value}", name, value.__ne__)


def _possible(text: str, name: str, wanted: Callable[[str], bool]) -> Statement:
    def ask(facts: Facts) -> Truth:
        value = facts.value(name)
        return certain(isinstance(value, Choice) and any(map(wanted, value.possible)))

    return Statement(text, (name,), ask, closed=True)


def is_known(name: str) -> Statement:
    """Is there a value, if only one that silence was read as?"""
    return Statement(
        f"{name} is known",
        (name,),
        lambda facts: certain(facts.value(name) is not None),
        closed=True,
    )


# ---- what would be accepted ----------------------------------------------------------------------

_PHRASE = {
    "number": "a comparison, such as {name} <= 20 {unit}",
    "choice": "{name} is {value}, or {name} in {{{value}, ...}}",
    "flag": "{name}, or not {name}",
    "members": "{name} has {value}",
}


def _expect(fact: FactType, kind: str, text: str) -> None:
    if fact.kind == kind:
        return
    value = fact.values[0] if fact.values else "..."
    accepted = _PHRASE[fact.kind].format(name=fact.name, unit=fact.unit_text, value=value)
    raise StatementInvalid(
        f"{fact.name} is a {fact.kind}: {text!r} cannot be asked of it", accepted
    )


_BUILD: dict[str, Callable[[str, FactType, "re.Match[str]"], Statement]] = {
    "compare": _compare,
    "is": _is,
    "among": _among,
    "only": _only,
    "has": _has,
    "file": _file,
    "flag": _flag,
}
