"""Statements as sentences for a reader who has never seen the rule language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from cdshooks.clinical.criterion import Criterion, Leaf
from cdshooks.clinical.explain import either
from cdshooks.clinical.statement import FORMS
from cdshooks.clinical.vocabulary import NEEDS_PREFIX, OUTCOME_PREFIX, FactType, Vocabulary
from cdshooks.knowledge.load import Knowledge

_SIGNS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "exactly"}
_OUTCOME_WORDS = {
    "not-offered": "not offered",
    "blocked": "ruled out",
    "needs-data": "waiting for data",
    "hold": "on hold",
    "offer-check": "offered once checks are in",
    "offer": "offered",
}


def named(knowledge: Knowledge) -> Vocabulary:
    """The vocabulary with what an assessment adds, under the titles of the treatments."""
    titles = {one.id: one.title for one in knowledge.treatments}
    labels = {fact.name: fact.label for fact in knowledge.vocabulary}
    return Vocabulary({fact.name: _entitled(fact, titles, labels) for fact in knowledge.vocabulary})


def _entitled(fact: FactType, titles: Mapping[str, str], labels: Mapping[str, str]) -> FactType:
    title = titles.get(fact.name.partition(".")[2])
    if title and fact.name.startswith(OUTCOME_PREFIX):
        return replace(fact, label=f"the option “{title}”", shown=_OUTCOME_WORDS)
    if title and fact.name.startswith(NEEDS_PREFIX):
        return replace(fact, label=f"what the option “{title}” waits for", shown=labels)
    return fact


def spoken(text: str, vocabulary: Vocabulary) -> str:
    """A statement as words, without a full stop.

    `recorded(...)` asks for a record that says so; silence then means no.
    """
    text = " ".join(text.split())
    if text == "always":
        return "always"
    if text.startswith("not recorded("):
        return f"no record says: {spoken(text[13:-1], vocabulary)}"
    if text.startswith("recorded("):
        return f"a record says: {spoken(text[9:-1], vocabulary)}"
    if text.startswith("not "):
        return _denied(text[4:], vocabulary)
    return _plain(text, vocabulary)


def _denied(text: str, vocabulary: Vocabulary) -> str:
    if text in vocabulary:  # only a flag stands alone
        return f"{vocabulary[text].label}: no"
    return f"not so: {spoken(text, vocabulary)}"


def _plain(text: str, vocabulary: Vocabulary) -> str:
    for form, pattern in FORMS.items():
        found = pattern.fullmatch(text)
        if found:
            return _SPEAK[form](vocabulary[found["name"]], found)
    raise ValueError("the statement was parsed when the knowledge was loaded")


def _compare(fact: FactType, found: re.Match[str]) -> str:
    unit = f" {found['unit']}" if found["unit"] else ""
    return f"{fact.label} is {_SIGNS[found['sign']]} {found['number']}{unit}"


def _is(fact: FactType, found: re.Match[str]) -> str:
    if fact.kind == "flag":
        so = (found["values"] == "true") != bool(found["deny"])
        return f"{fact.label}: {'yes' if so else 'no'}"
    return _among(fact, found)


def _among(fact: FactType, found: re.Match[str]) -> str:
    values = _values(fact, found)
    if not found["deny"]:
        return f"{fact.label} is {either(values)}"
    if len(values) == 1:
        return f"{fact.label} is not {values[0]}"
    return f"{fact.label} is neither {' nor '.join(values)}"


def _has(fact: FactType, found: re.Match[str]) -> str:
    return f"{fact.label} includes {either(_values(fact, found))}"


def _only(fact: FactType, found: re.Match[str]) -> str:
    return f"{fact.label} is nothing but {_values(fact, found)[0]}"


def _file(fact: FactType, found: re.Match[str]) -> str:
    return f"{fact.label} is {'not ' if found['deny'] else ''}on file"


def _flag(fact: FactType, _: re.Match[str]) -> str:
    return f"{fact.label}: yes"


def _values(fact: FactType, found: re.Match[str]) -> list[str]:
    listed = [value.strip() for value in found["values"].split(",")]
    return [fact.shown.get(value, value) for value in listed]


_SPEAK: Mapping[str, Callable[[FactType, re.Match[str]], str]] = {
    "compare": _compare,
    "is": _is,
    "among": _among,
    "only": _only,
    "has": _has,
    "file": _file,
    "flag": _flag,
}


def written(criterion: Criterion) -> str:
    """A criterion in the rule language, on one line: any(a; all(b; c))."""
    if isinstance(criterion, Leaf):
        return criterion.statement.text
    return f"{criterion.mode}({'; '.join(written(part) for part in criterion.parts)})"
