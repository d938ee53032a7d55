"""What the knowledge alone puts on a card, as Markdown; a patient adds values, dates and places.

Each piece is formed at its first use and kept as long as the knowledge is, so that no constant
sentence is escaped or measured again for each patient: a card is joined of ready pieces (`prose`
says why that is the same). Nothing here depends on a patient.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from cdshooks.clinical.criterion import Criterion, Leaf
from cdshooks.clinical.explain import value_text
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.treatment import Citation, Request, Saying, Treatment
from cdshooks.clinical.value import Choice, Flag, exactly
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from cdshooks.hooks.card import ELLIPSIS, prose
from cdshooks.hooks.length import Line
from cdshooks.knowledge.load import Knowledge

SHORT_LABEL = 30
TEXTS_AT_MOST = 4096
K = TypeVar("K")
T = TypeVar("T")
_READ = {"partly": " (read in part)", "not read": " (not read)"}


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """A statement of a rule as a card tells it; two with one `key` are told once.

    `name`: its fact, if that is the patient's; `closed`: it is about the record itself.
    `tell`: a card says it; `read_as_so`: it is read as YES while it is not known. `why` is
    Markdown, and so is `end`: the same as a sentence, with the marks of the sources.
    """

    leaf: Leaf
    tell: bool
    read_as_so: bool
    key: tuple[str, str]
    name: str | None
    closed: bool
    why: str
    sources: tuple[str, ...]
    end: str


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """A sentence that a rule adds, as a card tells it: always, or where `when` is YES.

    `text` is Markdown, with the marks of the sources.
    """

    key: str
    when: Criterion | None
    text: str
    sources: tuple[str, ...]


class Block(NamedTuple):
    """Reasons that a card tells one after the other, with the keys and the sources of all.

    `once`: no two have the same key.
    """

    reasons: tuple[Reason, ...]
    keys: frozenset[tuple[str, str]]
    sources: tuple[str, ...]
    once: bool


class Formed(dict[K, T]):
    """What is formed of a key, once: forgotten altogether when there is too much of it.

    A dict and no `lru_cache`, which touches four entries to tell that it was asked for one.
    """

    def __init__(self, form: Callable[[K], T]):
        self._form = form

    def __missing__(self, key: K) -> T:
        if len(self) >= TEXTS_AT_MOST:
            self.clear()
        formed = self[key] = self._form(key)
        return formed


class Wording:
    """The words of one knowledge base, without the knowledge itself: see `wording_of`."""

    def __init__(self, knowledge: Knowledge):
        edition = knowledge.edition
        signed = all(treatment.status != "draft" for treatment in knowledge.treatments)
        unsigned = "" if signed else ", not yet signed by a NET board"
        self.standing = (
            f"Knowledge {edition.version}{unsigned}. Options to discuss; patient and team decide."
        )
        self.outdated = (
            f"**The knowledge behind this card was valid until {edition.valid_until.isoformat()}:"
            " newer guidance may differ.**"
        )
        missing = prose(edition.not_assessed)
        self.not_assessed = f"**Not assessed in this edition:** {missing}." if missing else ""
        self.version, self.citations = edition.version, knowledge.citations
        self.has_address = {name for name, one in self.citations.items() if one.url}.__contains__
        self.vocabulary, self.treatments = knowledge.vocabulary, knowledge.treatments
        self._place = {one.id: place for place, one in enumerate(knowledge.treatments)}
        self.reason = cache(self._reason)
        self.notes = cache(self._notes)
        self.mark = cache(self._mark)
        self.short_label = cache(self._short_label)
        self.cited = cache(self._cited)
        self.linked = cache(partial(self._cited, link=True))
        self.reach = cache(self._reach)
        self._settling = cache(self._settled_by)
        self.every_value = cache(self._every_value)
        self.labelled = cache(self._labelled)
        self.unvalued = cache(self._unvalued)
        self.valued = Formed(self._valued).__getitem__
        self.reasons = Formed(self._reasons).__getitem__
        self.once = Formed(self._once).__getitem__
        self.marks = Formed(self._marks).__getitem__
        self.markdown = Formed(prose).__getitem__

    def _reasons(self, told: tuple[Leaf, ...]) -> Block:
        """Those of the reasons that a card tells."""
        return block_of([self.reason(leaf) for leaf in told if leaf.tell])

    def _labelled(self, name: str) -> tuple[str, str | None]:
        """The label of a fact, and its unit if there is no markup in either."""
        label, unit = self.vocabulary[name].label, self.vocabulary[name].unit
        text = f"{label}: {exactly(1, unit)}"
        return label, unit if prose(text) == text else None

    def _unvalued(self, name: str, unknown: bool) -> str:
        """What stands for a fact that is unknown, or only assumed, as Markdown."""
        fact = Fact(name) if unknown else Fact(name, Flag(so=False), assumed=True)
        return prose(value_text(fact, self.vocabulary))

    def _valued(self, fact: tuple[str, frozenset[str] | bool]) -> str:
        """The label of a choice or a flag with its value, as Markdown."""
        name, possible = fact
        fact_type = self.vocabulary[name]
        value = Flag(possible) if isinstance(possible, bool) else Choice(possible)
        return prose(f"{fact_type.label}: {fact_type.text(value)}")

    def _once(self, what: tuple[Any, ...]) -> Any:
        """What another room makes of these words and parts of the knowledge, and only of them.

        `what` is its function, and the parts.
        """
        form, *parts = what
        return form(self, *parts)

    def each_once(self, reasons: Iterable[Reason]) -> list[Reason]:
        """Those of several rules: the same one once, with the sources of all."""
        found: dict[tuple[str, str], Reason] = {}
        for reason in reasons:
            first = found.setdefault(reason.key, reason)
            if first is not reason and not set(reason.sources) <= set(first.sources):
                sources = tuple(dict.fromkeys((*first.sources, *reason.sources)))
                end = self.marked(sentence(first.why), sources)
                found[reason.key] = replace(first, sources=sources, end=end)
        return list(found.values())

    def in_order(self, ids: Iterable[str]) -> list[Treatment]:
        """Treatments by id, in the order of the knowledge."""
        return [self.treatments[place] for place in sorted({self._place[one] for one in ids})]

    def _marks(self, sources: tuple[str, ...]) -> str:
        """The sources by their short names, in italics, each once."""
        return ", ".join(map(self.mark, dict.fromkeys(sources)))

    def marked(self, text: str, sources: tuple[str, ...]) -> str:
        """Markdown with the marks of its sources."""
        marks = self.marks(sources)
        return f"{text} {marks}" if marks else text

    def read_as_so(self, reason: Reason) -> str:
        """The end of a reason whose statement is not known, and is read as YES for caution."""
        return self.marked(f"{reason.why} Not known; read as so here.", reason.sources)

    def _reason(self, leaf: Leaf) -> Reason:
        statement = leaf.statement
        name = next(filter(_is_of_patient, statement.facts), None)  # a statement asks one fact
        key, why = (statement.text, leaf.why), prose(leaf.why)
        end = self.marked(sentence(why), leaf.sources)
        opened = leaf.when_unknown == "yes"
        return Reason(leaf, leaf.tell, opened, key, name, statement.closed, why, leaf.sources, end)

    def _notes(self, rule: Treatment | Request) -> tuple[Note, ...]:
        return tuple(map(self._note, rule.sayings))

    def _note(self, saying: Saying) -> Note:
        text = self.marked(prose(saying.text), saying.sources)
        return Note(str(saying), saying.when, text, saying.sources)

    def _mark(self, source: str) -> str:
        return f"*{prose(self.short_label(source))}*"

    def _short_label(self, source: str) -> str:
        return short_label(self.citations[source]) if source in self.citations else source

    def _cited(self, source: str, link: bool) -> Line:
        """A source as a line of the list under a card."""
        citation = self.citations[source]
        if not citation.url:
            return f"- {prose(citation.label)}", "source"
        label = prose(citation.label + _READ.get(citation.read, ""))
        url = citation.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
        return f"- [{label}]({url})" if link else f"- {label}", "source"

    def _reach(self, leaf: Leaf) -> frozenset[str]:
        """Every fact that may have to be asked for, so that a statement is settled."""
        return frozenset().union(*map(self._settling, leaf.statement.facts))

    def _settled_by(self, name: str) -> frozenset[str]:
        fact_type = self.vocabulary[name]
        by_value = (base for bases in fact_type.asks_by_value.values() for base in bases)
        return frozenset((name, *by_value)).union(*map(self._settling, fact_type.asks))

    def _every_value(self, name: str) -> frozenset[str] | None:
        return frozenset(self.vocabulary[name].values) if name in self.vocabulary else None


_WORDINGS: WeakKeyDictionary[Knowledge, Wording] = WeakKeyDictionary()


def wording_of(knowledge: Knowledge) -> Wording:
    """The words of this knowledge; forgotten with it, which they must not hold for that reason."""
    known = _WORDINGS.get(knowledge)
    if known is None:
        known = _WORDINGS[knowledge] = Wording(knowledge)
    return known


def short_label(citation: Citation) -> str:
    """The part of a citation's label that a reader recognises it by.

    >>> short_label(Citation("netter1", "NETTER-1: Strosberg J et al. 2017", "", "figures"))
    'NETTER-1'
    """
    head = citation.label
    for mark in (":", ";", "(", ","):
        head = head.split(mark)[0].strip() or head
    if len(head) <= SHORT_LABEL:
        return head
    return head[:SHORT_LABEL].rsplit(" ", 1)[0] + ELLIPSIS


def block_of(reasons: Iterable[Reason]) -> Block:
    """Reasons that a card tells together, in their order."""
    told = tuple(reasons)
    keys = frozenset([reason.key for reason in told])
    sources = tuple([source for reason in told for source in reason.sources])
    return Block(told, keys, sources, len(keys) == len(told))


def sentence(text: str) -> str:
    """Markdown that ends with a full stop."""
    return text if text.endswith(".") else f"{text}."


def _is_of_patient(name: str) -> bool:
    return not name.startswith((*OF_THE_ASSESSMENT, "config."))
