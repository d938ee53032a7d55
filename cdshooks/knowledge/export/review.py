"""The sheet that a NET board reads and signs: every rule in sentences, none in code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cdshooks.clinical.criterion import Criterion, Leaf, leaves
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Row, Table
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Saying, Treatment
from cdshooks.clinical.vocabulary import FactType
from cdshooks.knowledge.export.wording import named, spoken
from cdshooks.knowledge.load import Knowledge
from cdshooks.knowledge.standing import Standing

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
    "blocks": "Statements that several rules share",
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
  change of the rule takes a new version, and so a new signature.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the patients of fixtures/ show: by id, by outcome, the titles of the patients."""

    treatments: Shown = field(default_factory=dict)
    requests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)


def review_sheet(knowledge: Knowledge, seen: Seen) -> str:
    """The whole sheet as Markdown."""
    lines = list(_Sheet(knowledge, seen).lines())
    return "\n".join(lines).rstrip() + "\n"


def sections(knowledge: Knowledge) -> dict[str, list[str]]:
    """The lines of the sheet by the file that they tell, as in "treatments/everolimus"."""
    return dict(_Sheet(knowledge, Seen()).sections())


class _Sheet:
    def __init__(self, knowledge: Knowledge, seen: Seen):
        self._knowledge, self._seen = knowledge, seen
        self._vocabulary = named(knowledge)

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
        for treatment in sorted(knowledge.treatments, key=lambda one: (one.covers, one.id)):
            yield f"treatments/{treatment.id}", list(self._treatment(treatment))
        for request in knowledge.requests:
            yield f"requests/{request.id}", list(self._request(request))
        for warning in knowledge.warnings:
            yield f"warnings/{warning.id}", list(self._warning(warning))
        for derivation in sorted(knowledge.derivations, key=lambda one: one.fact.label):
            yield f"derived/{derivation.fact.name}", list(self._derivation(derivation))
        yield "blocks", list(self._blocks())
        yield "ages", list(self._ages())
        yield "sources", list(self._sources(knowledge.citations))

    def _edition(self) -> Iterator[str]:
        knowledge = self._knowledge
        edition = knowledge.edition
        covered = {row for one in _rules(knowledge) for row in one.covers}
        missing = [row for row in _ROWS if row not in covered]
        yield f"Knowledge {edition.version}, issued {edition.issued}, to be used until"
        yield f"{edition.valid_until}; after that day every card says that it is out of date."
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
            yield from self._numbered(title, letter, getattr(treatment, name))
        yield from self._thresholds(
            (word, leaf)
            for _, name, _, word in _LISTS
            for criterion in getattr(treatment, name)
            for leaf in leaves(criterion)
        )
        yield from self._unknown(treatment)
        yield from self._sayings(treatment.sayings)
        yield from self._orders(treatment.orders)
        yield from self._sources(treatment.sources)
        shown = self._seen.treatments.get(treatment.id, {})
        yield from _patients({said: shown.get(outcome, ()) for outcome, said in _OUTCOMES.items()})
        yield from self._signatures("treatments", treatment.id)

    def _request(self, request: Request) -> Iterator[str]:
        yield from self._head(request, "requests", request.id)
        yield f"The card says: “{request.summary}”"
        yield ""
        labels = ", ".join(self._vocabulary[name].label for name in request.facts)
        yield f"Asked for when an option waits for: {labels}."
        yield ""
        yield from self._numbered("Asked for also when all of these hold", "C", request.ask_when)
        yield from self._numbered("Never while any of these holds", "B", request.never_when)
        yield from self._thresholds(_under("asked for", (*request.ask_when, *request.never_when)))
        yield from self._sayings(request.sayings)
        yield from self._orders(request.orders)
        cited = _cited((*request.ask_when, *request.never_when))
        yield from self._sources((*cited, *(s for one in request.sayings for s in one.sources)))
        yield from _patients({"asked for": self._seen.requests.get(request.id, ())})
        yield from self._signatures("requests", request.id)

    def _warning(self, warning: Caveat) -> Iterator[str]:
        yield from self._head(warning, "warnings", warning.id)
        yield f"The card says ({warning.indicator}): “{warning.text}”"
        yield ""
        yield from self._numbered("Shown when any of these holds", "C", warning.when_any)
        yield from self._thresholds(_under("shown", warning.when_any))
        yield from self._sources((*warning.sources, *_cited(warning.when_any)))
        yield from _patients({"shown": self._seen.warnings.get(warning.id, ())})
        yield from self._signatures("warnings", warning.id)

    def _derivation(self, derivation: Derivation) -> Iterator[str]:
        fact = derivation.fact
        yield f"### {fact.label}"
        yield ""
        file = fact.name.replace(".", "-").replace("_", "-")
        yield self._standing("derived", fact.name, f"derived/{file}.yaml")
        yield ""
        if isinstance(derivation, HighestOf):
            yield f"The highest of: {self._labels(derivation.inputs)}. What is not known does not"
            yield "count."
            yield from _bullets(
                f"{self._labels([n])}: {note}" for n, note in derivation.alone_notes
            )
        elif isinstance(derivation, CountOf):
            counted = self._labels(derivation.inputs)
            yield f"How many of these are not “{derivation.none}”: {counted}."
        else:
            yield from self._table(derivation)
        yield ""
        yield from self._signatures("derived", fact.name)

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
        yield from self._thresholds(
            (f"row {number}", leaf)
            for number, row in enumerate(table.rows, 1)
            for leaf in leaves(row.when)
        )
        cited = [s for row in table.rows for s in (*row.sources, *_cited([row.when]))]
        yield from self._sources(cited)

    def _row(self, number: int, row: Row, fact: FactType) -> Iterator[str]:
        then = _values(row.then, fact) if row.then else "unknown"
        note = f" “{row.note}”" if row.note else ""
        yield f"- **Row {number}: {then}**{note}{self._marks(row.sources)}, when all of these hold:"
        for position, criterion in enumerate(getattr(row.when, "parts", (row.when,)), 1):
            yield from self._criterion(f"R{number}.{position}", criterion, 1)

    # ---- parts --------------------------------------------------------------------------------

    def _head(self, rule: Treatment | Request | Caveat, kind: str, name: str) -> Iterator[str]:
        rows = ", ".join(rule.covers)
        yield f"### {rows + ': ' if rows else ''}{rule.title}"
        yield ""
        yield self._standing(kind, name, f"{kind}/{name}.yaml")
        yield ""

    def _standing(self, kind: str, name: str, file: str) -> str:
        standing = self._knowledge.standings.get(f"{kind}/{name}", Standing())
        signed = [
            f"{one.by}, {one.role}, {one.day} (version {one.version})"
            for one in standing.signatures
        ]
        by = f"signed by {'; '.join(signed)}" if signed else "signed by nobody yet"
        return f"`{file}`, version {standing.version}, {standing.status}, {by}"

    def _numbered(self, title: str, letter: str, criteria: Sequence[Criterion]) -> Iterator[str]:
        if not criteria:
            return
        yield f"**{title}:**"
        yield ""
        for number, criterion in enumerate(criteria, 1):
            yield from self._criterion(f"{letter}{number}", criterion, 0)
        yield ""

    def _criterion(self, label: str, criterion: Criterion, depth: int) -> Iterator[str]:
        indent = "  " * depth
        if isinstance(criterion, Leaf):
            said = spoken(criterion.statement.text, self._vocabulary)
            marks = self._leaf_marks(criterion)
            yield f"{indent}- {label}. **{_capital(said)}.** {criterion.why}{marks}"
            return
        mode = "All of these" if criterion.mode == "all" else "At least one of"
        yield f"{indent}- {label}. {mode}:"
        for number, part in enumerate(criterion.parts, 1):
            yield from self._criterion(f"{label}.{number}", part, depth + 1)

    def _leaf_marks(self, leaf: Leaf) -> str:
        marks = self._marks(leaf.sources)
        if leaf.critical:
            marks += " *Immediate harm if the therapy is running: a card of its own.*"
        if leaf.when_unknown == "silent":
            marks += " *If unknown, nothing is asked.*"
        if leaf.when_unknown == "yes":
            marks += " *If unknown, it counts as yes, and the card says so.*"
        return marks

    def _marks(self, sources: Iterable[str]) -> str:
        marks = ", ".join("**policy**" if one == "policy" else one for one in sources)
        return f" ({marks})" if marks else ""

    def _thresholds(self, told: Iterable[tuple[str, Leaf]]) -> Iterator[str]:
        listed = dict.fromkeys(
            f"| {_capital(spoken(leaf.statement.text, self._vocabulary))} | {where} "
            f"|{self._marks(leaf.sources).replace('(', '').replace(')', '')} |"
            for where, leaf in told
            if leaf.statement.number is not None
        )
        if listed:
            yield "| threshold | decides | source |"
            yield "|---|---|---|"
            yield from listed
            yield ""

    def _unknown(self, treatment: Treatment) -> Iterator[str]:
        """What is asked for while a statement is unknown, and what silence counts as no."""
        asking, closed = self._asked(treatment)
        if treatment.silent:
            yield "While it is not known whether the option fits, it asks for nothing by itself."
            yield ""
        if asking:
            yield "**When unknown:**"
            yield ""
            yield from _bullets(f"{label}: {how}" for label, how in asking.items())
            yield ""
        if closed:
            yield f"Not recorded counts as no: {', '.join(closed)}."
            yield ""

    def _asked(self, treatment: Treatment) -> tuple[dict[str, str], list[str]]:
        asking: dict[str, str] = {}
        closed: dict[str, None] = {}
        for criterion in (*treatment.consider, *treatment.block, *treatment.hold):
            for leaf in leaves(criterion):
                for name in leaf.statement.facts:
                    fact = self._vocabulary[name]
                    if fact.closed:
                        closed[fact.label] = None
                    elif not leaf.statement.closed and leaf.when_unknown == "ask":
                        asking[fact.label] = self._asking(name)
        return asking, list(closed)

    def _asking(self, name: str) -> str:
        bases = self._bases(name)
        titles = [one.title for one in self._knowledge.requests if bases & set(one.facts)]
        return f"asks for {'; '.join(titles)}" if titles else "the card names the gap"

    def _bases(self, name: str) -> set[str]:
        """The base facts that may settle a fact."""
        fact = self._vocabulary[name]
        asks = (*fact.asks, *(base for listed in fact.asks_by_value.values() for base in listed))
        return {base for ask in asks for base in self._bases(ask)} or {name}

    def _sayings(self, sayings: Sequence[Saying]) -> Iterator[str]:
        if sayings:
            yield "**The card always adds:**"
            yield ""
            yield from _bullets(f"{one.text}{self._marks(one.sources)}" for one in sayings)
            yield ""

    def _orders(self, orders: Sequence[DraftOrder]) -> Iterator[str]:
        if not orders:
            return
        yield "**Drafts that the clinician may take over:**"
        yield ""
        for order in orders:
            yield f"- {order.label}: {_order_text(order)}"
            for leaf in leaves(order.unless) if order.unless else ():
                said = spoken(leaf.statement.text, self._vocabulary)
                yield f"  - not drafted if: {said}. {leaf.why}{self._leaf_marks(leaf)}"
        yield ""

    def _sources(self, cited: Iterable[str]) -> Iterator[str]:
        listed = [self._knowledge.citations[one] for one in dict.fromkeys(cited)]
        if not listed:
            return
        yield "**Sources, and what of them was read:**"
        yield ""
        for one in listed:
            label = f"[{one.label}]({one.url})" if one.url else one.label
            yield f"- {one.id}: {label}{'' if one.id == 'policy' else f' ({_READ[one.read]})'}"
        yield ""

    def _signatures(self, kind: str, name: str) -> Iterator[str]:
        version = self._knowledge.standings.get(f"{kind}/{name}", Standing()).version
        yield f"| version {version}: name and role | date | signed, or what to change |"
        yield "|---|---|---|"
        yield "| | | |"
        yield ""

    def _labels(self, names: Iterable[str]) -> str:
        return ", ".join(self._vocabulary[name].label for name in names)

    # ---- of all -------------------------------------------------------------------------------

    def _blocks(self) -> Iterator[str]:
        yield "They stand in full under each rule that uses them. A change changes all of these."
        yield ""
        for block in self._knowledge.blocks.values():
            users = [title for title, criteria in self._criteria_of_all() if _uses(criteria, block)]
            standing = self._standing("blocks", block.name, f"blocks/{block.name}.yaml")
            yield f"- **{block.title}** ({standing}): {'; '.join(users) or 'used by other blocks'}"
        yield ""

    def _criteria_of_all(self) -> Iterator[tuple[str, tuple[Criterion, ...]]]:
        for one in self._knowledge.treatments:
            yield one.title, (*one.consider, *one.block, *one.hold, *one.caution)
        for request in self._knowledge.requests:
            yield request.title, (*request.ask_when, *request.never_when)
        for warning in self._knowledge.warnings:
            yield warning.title, warning.when_any

    def _ages(self) -> Iterator[str]:
        aging = [one for one in self._vocabulary if one.warn_days or one.unknown_days]
        yield "All of these are **policy** unless the files say otherwise."
        yield ""
        yield "| finding | asked for again, and flagged, after | not used after |"
        yield "|---|---|---|"
        for one in aging:
            yield f"| {one.label} | {_days(one.warn_days)} | {_days(one.unknown_days)} |"
        yield ""


_READ = {
    "figures": "the figures used were read",
    "partly": "read in part",
    "not read": "not read",
}


def _rules(knowledge: Knowledge) -> tuple[Treatment | Request | Caveat, ...]:
    return (*knowledge.treatments, *knowledge.requests, *knowledge.warnings)


def _uses(criteria: Iterable[Criterion], block: object) -> bool:
    """Shared statements are the same objects wherever they are used."""
    shared = {id(one) for one in getattr(block, "criteria", ())}
    return any(
        id(one) in shared or (not isinstance(one, Leaf) and _uses(one.parts, block))
        for one in criteria
    )


def _cited(criteria: Iterable[Criterion]) -> list[str]:
    return [s for criterion in criteria for leaf in leaves(criterion) for s in leaf.sources]


def _under(where: str, criteria: Iterable[Criterion]) -> Iterator[tuple[str, Leaf]]:
    return ((where, leaf) for criterion in criteria for leaf in leaves(criterion))


def _patients(shown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield "**Synthetic patients that show it:**"
    yield ""
    yield from _bullets(
        f"{said}: {', '.join(f'`{name}`' for name in names) or 'none'}"
        for said, names in shown.items()
    )
    yield ""


def _order_text(order: DraftOrder) -> str:
    resource = order.resource
    concept = resource.get("code") or resource.get("medicationCodeableConcept") or {}
    texts = [one["text"] for key in ("dosageInstruction", "note") for one in resource.get(key, ())]
    urgent = [resource["priority"]] if "priority" in resource else []
    return "; ".join([concept.get("text", ""), *texts, *urgent])


def _values(values: Iterable[str], fact: FactType) -> str:
    words = {"true": "yes", "false": "no", **fact.shown}
    order = [value for value in (*fact.values, "true", "false") if value in set(values)]
    return " or ".join(words.get(value, value) for value in order)


def _days(days: int | None) -> str:
    return "-" if days is None else f"{days} days"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bullets(items: Iterable[str]) -> Iterator[str]:
    return (f"- {item}" for item in items)


def _heading(title: str) -> Iterator[str]:
    yield f"## {title}"
    yield ""
