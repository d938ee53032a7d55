"""What two editions of the knowledge differ in, in words: rules, codes, and the same patients."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.export.review import sections
from cdshooks.knowledge.facts import FactDefinition
from cdshooks.knowledge.load import Knowledge

Documents: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]

WIDTH = 80
_LABEL = re.compile(r"^\s*- (?:\*\*Row \d+: |[A-Z]+\d+(?:\.\d+)*\. )?")
_VERSION = re.compile(r"^`[^`]+`, version ([0-9.]+), ")
_UNTOLD = ("|", "Used by: ")  # tables tell again; a rule that begins to use a block changes none
_ALIKE = 0.6  # from here on two lines are one that was changed


def differences(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """The lines that tell what changed, at 80 columns; none if both say the same."""
    yield from _of_parts(_rules(old), _rules(new))
    yield from _of_parts(_readings(old), _readings(new))


def patient_differences(old: Documents, new: Documents) -> Iterator[str]:
    """What changed for the same patients under both: outcomes, requests, warnings, cards."""
    for name in sorted(old.keys() | new.keys()):
        lines = list(_of_documents(old.get(name, ()), new.get(name, ())))
        if lines:
            yield f"patient {name}"
            yield from lines


# ---- rules ---------------------------------------------------------------------------------------


def _rules(knowledge: Knowledge) -> dict[str, list[str]]:
    """The sheet that is signed, without what tells its statements again."""
    return {
        name: [_plain(line) for line in lines if line.strip() and not line.startswith(_UNTOLD)]
        for name, lines in sections(knowledge).items()
        if name != "ages"  # the facts tell it
    }


def _plain(line: str) -> str:
    """A line without its number and its stars: what is renumbered has not changed."""
    return _LABEL.sub("", line).replace("**", "").strip()


def _of_parts(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> Iterator[str]:
    for name in [*old, *(added for added in new if added not in old)]:
        if name not in new:
            yield f"{name} is gone"
            continue
        changes = list(_changes(old.get(name, []), new[name]))
        if name not in old:
            yield f"{name} is new"
        elif changes:
            version = _version(new[name])
            unmarked = version is not None and version == _version(old[name])
            yield f"{name} changed{f', still version {version}' if unmarked else ''}"
        yield from _told(changes)


def _version(lines: Iterable[str]) -> str | None:
    found = [match[1] for line in lines if (match := _VERSION.match(line))]
    return found[0] if found else None


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """What was, is now, is gone and is new, in the order of the lines."""
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _change(old[i:j], new[k:m])


def _change(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Of lines that were replaced, those that are alike are one that was changed."""
    rest = list(new)
    for line in old:
        near = max(rest, key=lambda one: _alike(line, one), default="")
        if near and _alike(line, near) >= _ALIKE:
            rest.remove(near)
            yield from (("was", line), ("now", near))
        else:
            yield "gone", line
    yield from (("new", line) for line in rest)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _told(changes: Iterable[tuple[str, str]], subject: str = "") -> Iterator[str]:
    for word, line in changes:
        head = f"  {f'{subject} {word}'.strip():4} "
        yield from textwrap.wrap(
            line,
            WIDTH,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_on_hyphens=False,
        )


# ---- readings ------------------------------------------------------------------------------------


def _readings(knowledge: Knowledge) -> dict[str, list[str]]:
    """How each fact is read, one code, word or property a line."""
    found = {f"fact {one.type.name}": list(_of_fact(one)) for one in knowledge.facts.definitions}
    for family in knowledge.facts.families.values():
        found |= {
            f"concept {concept.key}": list(_of_concept(concept))
            for concept in family.concepts.values()
        }
    found["code systems"] = [
        f"{one.name}: {', '.join((one.uri, *one.aliases))}"
        for one in knowledge.systems.by_name.values()
    ]
    return found


def _of_fact(definition: FactDefinition) -> Iterator[str]:
    fact = definition.type
    yield f"label {fact.label}; {fact.kind}; unit {fact.unit_text or 'none'}"
    yield f"values {', '.join(fact.values) or 'none'}; silence says {fact.silent_value}"
    yield f"takes the {definition.take}; of one day the {definition.worst or 'same'}"
    yield f"warns after {fact.warn_days} days; not used after {fact.unknown_days} days"
    for rule in definition.rules:
        yield f"read from {', '.join(rule.places)}"
        yield from _of_concept(rule.concept)
        for answer in rule.answers:
            yield from (f"{answer.says['value']}: {line}" for line in _of_concept(answer))
        yield from (f"unit {unit} times {factor}" for unit, factor in rule.units.items())
        yield from (f"upper limit {limit} {unit}" for unit, limit in rule.upper_limit.items())
        yield from (f"{number} stands for {value}" for number, value in rule.table.items())
        yield from (f"limit above {rule.above}" for _ in (rule.above,) if rule.above is not None)
        yield from (f"limit below {rule.below}" for _ in (rule.below,) if rule.below is not None)


def _of_concept(concept: Concept) -> Iterator[str]:
    for word, codes in (("code", concept.codes), ("look-alike", concept.never)):
        for code in codes:
            yield f'{word} {code.system}#{code.code}{"*" if code.prefix else ""} "{code.display}"'
    for word, phrases in (
        ("word", concept.words),
        ("not beside", concept.never_words),
        ("helped by", concept.helps),
    ):
        yield from (f"{word} “{phrase}”" for phrase in phrases)
    yield from (f"says {key}: {value}" for key, value in concept.says.items() if key != "value")


# ---- patients ------------------------------------------------------------------------------------


def _of_documents(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for subject, tell in _TOLD.items():
        was, now = ([line for one in listed for line in tell(one)] for listed in (old, new))
        yield from _told(_changes(was, now), subject)


def _outcomes(document: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of each treatment; `not-offered` is not worth a line of its own."""
    return (
        f"{one['id']}: {one['outcome']}"
        for one in document.get("treatments", ())
        if one["outcome"] != "not-offered"
    )


def _ids(key: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    return lambda document: (one["id"] for one in document.get(key, ()))


def _card_lines(document: Mapping[str, Any]) -> Iterator[str]:
    for card in document.get("cards", ()):
        yield f"{card['indicator']}: {card['summary']}"
        yield from (line.strip() for line in card.get("detail", "").splitlines() if line.strip())
        yield from (suggestion["label"] for suggestion in card.get("suggestions", ()))


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "outcome": _outcomes,
    "request": _ids("requests"),
    "warning": _ids("warnings"),
    "card": _card_lines,
}
