"""The sheet that a NET board reads and signs: every rule in sentences, none in code."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cdshooks.clinical.criterion import Criterion, Leaf, leaves
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Row, Table
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Saying, Treatment
from cdshooks.clinical.vocabulary import FactType
from cdshooks.knowledge.export.telling import Telling, bullets
from cdshooks.knowledge.load import Knowledge
from cdshooks.knowledge.rules.criteria import Block

Shown = Mapping[str, Mapping[str, Sequence[str]]]

_LISTS = (
    ("C", "consider", "Considered when all of these hold", "considered"),
    ("B", "block", "Ruled out when any of these holds", "ruled out"),
    ("H", "hold", "On hold when any of these holds", "on hold"),
    ("W", "caution", "Cautions that the card adds", "caution"),
)
_CHAPTERS = {
    "treatments": "Treatments",
    "requests": "Missing findings that are asked for",
    "warnings": "Warnings about the data",
    "derived": "Findings that follow from others",
    "blocks": "Statements that several rules share",  # each stands in full under its rules too
    "ages": "How old a finding may be",
    "sources": "Sources",
}
_OUTCOMES = {
    "offer": "offered",
    "offer-check": "offered, once checks are in",
    "hold": "on hold",
    "needs-data": "waiting for data",
    "blocked": "ruled out",
}
_ROWS = (*(f"T{number:02}" for number in range(1, 43)), *(f"D{n:02}" for n in range(1, 17)))
_INTRODUCTION = """\
# The rules, to be read and signed by a NET board

<!-- Written by `cdshooks export review`. Change the YAML files, not this page. -->

This page says in sentences what the files beside it say to the program. Nothing is left out.

- **How to read it.** Each statement is yes, no or unknown for a patient. An option is
  *considered* when all its C statements are yes; one that is no ends it, one that is unknown asks
  for the missing finding. A B statement that is yes rules the option out. An H statement that is
  yes puts it on hold; while a B or an H statement is unknown the option is shown, but no therapy
  order is drafted before the check is in. W statements only add a sentence.
- **Unknown is never no.** "A record says" means that silence counts as no, on purpose.
- **policy** marks what no source gives: the project chose it, and the board is asked to confirm
  or change it.
- **How to sign.** Read a rule, compare it with its sources, and write your name, role, the date
  and the version under it. What is signed is entered in the file of the rule under `reviewed:`; a
  change of the rule takes a new version, and so a new signature. Statements that several rules
  share are signed by themselves, and before these rules.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the patients of fixtures/ show: by id, by outcome, the titles of the patients."""

    treatments: Shown = field(default_factory=dict)
    requests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)


def review_sheet(knowledge: Knowledge, seen: Seen) -> str:
    """The whole sheet as Markdown."""
    text = "\n".join(_Sheet(knowledge, seen).lines())
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def sections(knowledge: Knowledge) -> dict[str, list[str]]:
    """The lines of the sheet by the file that they tell, as in "treatments/everolimus"."""
    return dict(_Sheet(knowledge, Seen()).sections())


class _Sheet:
    def __init__(self, knowledge: Knowledge, seen: Seen):
        self._knowledge, self._seen = knowledge, seen
        self._tell = Telling(knowledge)

    def lines(self) -> Iterator[str]:
        yield _INTRODUCTION
        chapter = ""
        for name, lines in self.sections():
            title = _CHAPTERS.get(name.partition("/")[0], "")
            if title != chapter:
                chapter = title
                yield from _heading(title)
            yield from lines

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Each part of the sheet with the file, or the thing, that it tells."""
        knowledge = self._knowledge
        yield "edition", list(self._edition())
        for treatment in sorted(knowledge.treatments, key=_by_row):
            yield f"treatments/{treatment.id}", list(self._treatment(treatment))
        for request in knowledge.requests:
            yield f"requests/{request.id}", list(self._request(request))
        for warning in knowledge.warnings:
            yield f"warnings/{warning.id}", list(self._warning(warning))
        for derivation in sorted(knowledge.derivations, key=lambda one: one.fact.label):
            yield f"derived/{derivation.fact.name}", list(self._derivation(derivation))
        for block in knowledge.blocks.values():
            yield f"blocks/{block.name}", list(self._block(block))
        yield "ages", list(self._ages())
        yield "sources", list(self._tell.sources(knowledge.citations))

    def _edition(self) -> Iterator[str]:
        knowledge = self._knowledge
        edition = knowledge.edition
        covered = {row for one in _rules(knowledge) for row in one.covers}
        missing = [row for row in _ROWS if row not in covered]
        yield f"Knowledge {edition.version}, issued {edition.issued}, to be used until"
        yield f"{edition.valid_until}; after that day every card says that it is out of date. After"
        yield f"{edition.not_used_after} one card says that, and nothing is advised."
        yield ""
        if edition.not_assessed:
            yield f"Not assessed at all: {edition.not_assessed}."
            yield ""
        if missing:
            yield f"Rows of the treatment logic without a file of their own: {', '.join(missing)}."
            yield "The reasons stand in [docs/rows.md](../docs/rows.md)."
            yield ""

    def _treatment(self, treatment: Treatment) -> Iterator[str]:
        yield from self._head(treatment, "treatments", treatment.id)
        yield f"The card says: “{treatment.summary}”"
        yield ""
        for letter, name, title, _ in _LISTS:
            yield from self._tell.numbered(title, letter, getattr(treatment, name))
        decides = (_under(word, getattr(treatment, name)) for _, name, _, word in _LISTS)
        adds = _under_additions(treatment.sayings, treatment.orders)
        yield from self._tell.thresholds((*chain.from_iterable(decides), *adds))
        yield from self._tell.unknown(treatment)
        yield from self._tell.sayings(treatment.sayings)
        yield from self._tell.orders(treatment.orders)
        yield from self._tell.sources(treatment.sources)
        shown = self._seen.treatments.get(treatment.id, {})
        yield from _patients({said: shown.get(outcome, ()) for outcome, said in _OUTCOMES.items()})
        yield from self._tell.signatures("treatments", treatment.id)

    def _request(self, request: Request) -> Iterator[str]:
        yield from self._head(request, "requests", request.id)
        yield f"The card says: “{request.summary}”"
        yield ""
        labels = ", ".join(self._tell.vocabulary[name].label for name in request.facts)
        yield f"Asked for when an option waits for: {labels}."
        yield ""
        yield from self._tell.numbered(
            "Asked for also when all of these hold", "C", request.ask_when
        )
        yield from self._tell.numbered("Never while any of these holds", "B", request.never_when)
        told = [
            *_under("asked for", (*request.ask_when, *request.never_when)),
            *_under_additions(request.sayings, request.orders),
        ]
        yield from self._tell.thresholds(told)
        yield from self._tell.sayings(request.sayings)
        yield from self._tell.orders(request.orders)
        said = (source for one in request.sayings for source in one.sources)
        yield from self._tell.sources((*_sources(told), *said))
        yield from _patients({"asked for": self._seen.requests.get(request.id, ())})
        yield from self._tell.signatures("requests", request.id)

    def _warning(self, warning: Caveat) -> Iterator[str]:
        yield from self._head(warning, "warnings", warning.id)
        yield f"The card says ({warning.indicator}): “{warning.text}”"
        yield ""
        yield from self._tell.numbered("Shown when any of these holds", "C", warning.when_any)
        told = [*_under("shown", warning.when_any), *_under_additions((), warning.orders)]
        yield from self._tell.thresholds(told)
        yield from self._tell.orders(warning.orders)
        yield from self._tell.sources((*warning.sources, *_sources(told)))
        yield from _patients({"shown": self._seen.warnings.get(warning.id, ())})
        yield from self._tell.signatures("warnings", warning.id)

    def _derivation(self, derivation: Derivation) -> Iterator[str]:
        fact = derivation.fact
        yield f"### {fact.label}"
        yield ""
        file = fact.name.replace(".", "-").replace("_", "-")
        yield self._tell.standing("derived", fact.name, f"derived/{file}.yaml")
        yield ""
        if isinstance(derivation, HighestOf):
            yield f"The highest of: {self._tell.labels(derivation.inputs)}."
            yield "What is not known does not count."
            yield ""
            yield from bullets(
                f"{self._tell.labels([n])}: {note}" for n, note in derivation.alone_notes
            )
        elif isinstance(derivation, CountOf):
            counted = self._tell.labels(derivation.inputs)
            yield f"How many of these are not “{derivation.none}”: {counted}."
        else:
            yield from self._table(derivation)
        yield ""
        yield from self._tell.signatures("derived", fact.name)

    def _table(self, table: Table) -> Iterator[str]:
        yield "Asked from the first row on. A row that is yes decides; one that is unknown leaves"
        yield "its result possible, and the next is asked."
        yield ""
        for number, row in enumerate(table.rows, 1):
            yield from self._row(number, row, table.fact)
        other = "unknown" if table.otherwise is None else _values(table.otherwise, table.fact)
        if table.otherwise != frozenset():
            yield f"- **Otherwise: {other}.**"
            yield ""
        rows = (_under(f"row {n}", [row.when]) for n, row in enumerate(table.rows, 1))
        told = list(chain.from_iterable(rows))
        yield from self._tell.thresholds(told)
        cited = (source for row in table.rows for source in row.sources)
        yield from self._tell.sources((*cited, *_sources(told)))

    def _row(self, number: int, row: Row, fact: FactType) -> Iterator[str]:
        then = _values(row.then, fact) if row.then else "unknown"
        note = f" “{row.note}”" if row.note else ""
        marks = self._tell.marks(row.sources)
        yield f"- **Row {number}: {then}**{note}{marks}, when all of these hold:"
        for position, criterion in enumerate(getattr(row.when, "parts", (row.when,)), 1):
            yield from self._tell.criterion(f"R{number}.{position}", criterion, 1)

    def _head(self, rule: Treatment | Request | Caveat, kind: str, name: str) -> Iterator[str]:
        rows = ", ".join(rule.covers)
        yield f"### {rows + ': ' if rows else ''}{rule.title}"
        yield ""
        yield self._tell.standing(kind, name, f"{kind}/{name}.yaml")
        yield ""

    def _block(self, block: Block) -> Iterator[str]:
        users = [title for title, criteria in self._criteria_of_all() if _uses(criteria, block)]
        yield f"### {block.title}"
        yield ""
        yield self._tell.standing("blocks", block.name, f"blocks/{block.name}.yaml")
        yield ""
        yield f"Used by: {'; '.join(users) or 'other blocks'}."
        yield ""
        yield from self._tell.numbered("It says", "C", block.criteria)
        yield from self._tell.signatures("blocks", block.name)

    def _criteria_of_all(self) -> Iterator[tuple[str, tuple[Criterion, ...]]]:
        for one in self._knowledge.treatments:
            yield one.title, one.criteria
        for request in self._knowledge.requests:
            yield request.title, (*request.ask_when, *request.never_when)
        for warning in self._knowledge.warnings:
            yield warning.title, warning.when_any

    def _ages(self) -> Iterator[str]:
        aging = [one for one in self._tell.vocabulary if one.warn_days or one.unknown_days]
        yield "All of these are **policy** unless the files say otherwise."
        yield ""
        yield "| finding | asked for again, and flagged, after | not used after |"
        yield "|---|---|---|"
        for one in aging:
            yield f"| {one.label} | {_days(one.warn_days)} | {_days(one.unknown_days)} |"
        yield ""


def _rules(knowledge: Knowledge) -> tuple[Treatment | Request | Caveat, ...]:
    return (*knowledge.treatments, *knowledge.requests, *knowledge.warnings)


def _by_row(treatment: Treatment) -> tuple[bool, tuple[str, ...], str]:
    """The treatment rows (T) before the diagnostic ones (D)."""
    return not treatment.covers[0].startswith("T"), treatment.covers, treatment.id


def _uses(criteria: Iterable[Criterion], block: Block) -> bool:
    """Shared statements are the same objects wherever they are used."""
    shared = {id(one) for one in block.criteria}
    return any(
        id(one) in shared or (not isinstance(one, Leaf) and _uses(one.parts, block))
        for one in criteria
    )


def _under(where: str, criteria: Iterable[Criterion]) -> Iterator[tuple[str, Leaf]]:
    """(what it decides, statement) of every statement."""
    return ((where, leaf) for criterion in criteria for leaf in leaves(criterion))


def _under_additions(
    sayings: Iterable[Saying], orders: Iterable[DraftOrder]
) -> Iterator[tuple[str, Leaf]]:
    """The same of what a sentence or a draft waits for."""
    yield from _under("a sentence", (one.when for one in sayings if one.when))
    yield from _under("a draft", (one.unless for one in orders if one.unless))


def _sources(told: Iterable[tuple[str, Leaf]]) -> Iterator[str]:
    return (source for _, leaf in told for source in leaf.sources)


def _patients(shown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield "**Synthetic patients that show it:**"
    yield ""
    yield from bullets(
        f"{said}: {', '.join(f'`{name}`' for name in names) or 'none'}"
        for said, names in shown.items()
    )
    yield ""


def _values(values: Iterable[str], fact: FactType) -> str:
    words = {"true": "yes", "false": "no", **fact.shown}
    order = [value for value in (*fact.values, "true", "false") if value in set(values)]
    return " or ".join(words.get(value, value) for value in order)


def _days(days: int | None) -> str:
    return "-" if days is None else f"{days} days"


def _heading(title: str) -> Iterator[str]:
    yield f"## {title}"
    yield ""
