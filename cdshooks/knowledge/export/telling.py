"""Criteria, thresholds, sources and orders as lines of the sheet."""

from collections.abc import Iterable, Iterator, Sequence

from cdshooks.clinical.criterion import Criterion, Group, Leaf, leaves
from cdshooks.clinical.treatment import DraftOrder, Saying, Treatment
from cdshooks.knowledge.export.wording import named, spoken
from cdshooks.knowledge.load import Knowledge
from cdshooks.knowledge.standing import Standing

_READ = {
    "figures": "the figures used were read",
    "partly": "read in part",
    "not read": "not read",
    "link": "a place to look, not a source of figures",
}


class Telling:
    """Tells the parts of rules in sentences; each method gives the lines of one paragraph."""

    def __init__(self, knowledge: Knowledge):
        self._knowledge = knowledge
        self.vocabulary = named(knowledge)

    def standing(self, kind: str, name: str, file: str) -> str:
        standing = self._knowledge.standings.get(f"{kind}/{name}", Standing())
        signed = [
            f"{one.by}, {one.role}, {one.day} (version {one.version})"
            for one in standing.signatures
        ]
        by = f"signed by {'; '.join(signed)}" if signed else "signed by nobody yet"
        return f"`{file}`, version {standing.version}, {standing.status}, {by}"

    def numbered(self, title: str, letter: str, criteria: Sequence[Criterion]) -> Iterator[str]:
        if not criteria:
            return
        yield f"**{title}:**"
        yield ""
        for number, criterion in enumerate(criteria, 1):
            yield from self.criterion(f"{letter}{number}", criterion, 0)
        yield ""

    def criterion(self, label: str, criterion: Criterion, depth: int) -> Iterator[str]:
        indent = "  " * depth
        if isinstance(criterion, Leaf):
            said = spoken(criterion.statement.text, self.vocabulary)
            marks = self._leaf_marks(criterion)
            yield f"{indent}- {label}. **{_capital(said)}.** {criterion.why}{marks}"
            return
        mode = "All of these" if criterion.mode == "all" else "At least one of"
        yield f"{indent}- {label}. {mode}:"
        for number, part in enumerate(criterion.parts, 1):
            yield from self.criterion(f"{label}.{number}", part, depth + 1)

    def _leaf_marks(self, leaf: Leaf) -> str:
        marks = self.marks(leaf.sources)
        if leaf.critical:
            marks += " *Immediate harm if the therapy is running: a card of its own.*"
        if leaf.when_unknown == "silent":
            marks += " *If unknown, nothing is asked.*"
        if leaf.when_unknown == "yes":
            marks += " *If unknown, it counts as yes, and the card says so.*"
        return marks

    def marks(self, sources: Iterable[str]) -> str:
        marks = ", ".join("**policy**" if one == "policy" else one for one in sources)
        return f" ({marks})" if marks else ""

    def thresholds(self, told: Iterable[tuple[str, Leaf]]) -> Iterator[str]:
        listed = dict.fromkeys(
            f"| {_capital(spoken(leaf.statement.text, self.vocabulary))} | {where} "
            f"|{self.marks(leaf.sources).replace('(', '').replace(')', '')} |"
            for where, leaf in told
            if leaf.statement.number is not None
        )
        if listed:
            yield "| threshold | decides | source |"
            yield "|---|---|---|"
            yield from listed
            yield ""

    def unknown(self, treatment: Treatment) -> Iterator[str]:
        """What is asked for while a statement is unknown, and what silence counts as no."""
        asking, closed = self._asked(treatment)
        if treatment.silent:
            yield "While it is not known whether the option fits, it asks for nothing by itself."
            yield ""
        if asking:
            yield "**When unknown:**"
            yield ""
            yield from bullets(f"{label}: {how}" for label, how in asking.items())
            yield ""
        if closed:
            yield f"Not recorded counts as no: {', '.join(closed)}."
            yield ""

    def _asked(self, treatment: Treatment) -> tuple[dict[str, str], list[str]]:
        asking: dict[str, str] = {}
        closed: dict[str, None] = {}
        for criterion in treatment.decisive:
            for leaf in leaves(criterion):
                for name in leaf.statement.facts:
                    fact = self.vocabulary[name]
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
        fact = self.vocabulary[name]
        asks = (*fact.asks, *(base for listed in fact.asks_by_value.values() for base in listed))
        return {base for ask in asks for base in self._bases(ask)} or {name}

    def sayings(self, sayings: Sequence[Saying]) -> Iterator[str]:
        if not sayings:
            return
        yield "**The card adds:**"
        yield ""
        for number, one in enumerate(sayings, 1):
            only = " Only when all of these hold:" if one.when else ""
            yield f"- {one.text}{self.marks(one.sources)}{only}"
            yield from self._parts(f"S{number}", one.when)
        yield ""

    def orders(self, orders: Sequence[DraftOrder]) -> Iterator[str]:
        if not orders:
            return
        yield "**Drafts that the clinician may take over:**"
        yield ""
        for number, order in enumerate(orders, 1):
            early = ", also while a check is due" if order.before_checks else ""
            never = ". Not when any of these holds:" if order.unless else ""
            yield f"- {order.label}{early}: {_order_text(order)}{never}"
            yield from self._parts(f"O{number}", order.unless)
        yield ""

    def _parts(self, label: str, when: Criterion | None) -> Iterator[str]:
        """The conditions of a sentence or a draft, below it."""
        parts = when.parts if isinstance(when, Group) else (when,) if when else ()
        for number, part in enumerate(parts, 1):
            yield from self.criterion(f"{label}.{number}", part, 1)

    def sources(self, cited: Iterable[str]) -> Iterator[str]:
        listed = [self._knowledge.citations[one] for one in dict.fromkeys(cited)]
        if not listed:
            return
        yield "**Sources, and what of them was read:**"
        yield ""
        for one in listed:
            label = f"[{one.label}]({one.url})" if one.url else one.label
            yield f"- {one.id}: {label}{'' if one.id == 'policy' else f' ({_READ[one.read]})'}"
        yield ""

    def signatures(self, kind: str, name: str) -> Iterator[str]:
        version = self._knowledge.standings.get(f"{kind}/{name}", Standing()).version
        yield f"| version {version}: name and role | date | signed, or what to change |"
        yield "|---|---|---|"
        yield "| | | |"
        yield ""

    def labels(self, names: Iterable[str]) -> str:
        return ", ".join(self.vocabulary[name].label for name in names)


def _order_text(order: DraftOrder) -> str:
    resource = order.resource
    concept = resource.get("code") or resource.get("medicationCodeableConcept") or {}
    texts = [one["text"] for key in ("dosageInstruction", "note") for one in resource.get(key, ())]
    urgent = [resource["priority"]] if "priority" in resource else []
    return "; ".join([concept.get("text", ""), *texts, *urgent])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bullets(items: Iterable[str]) -> Iterator[str]:
    return (f"- {item}" for item in items)
