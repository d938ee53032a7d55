"""An assessment as a page that a clinician can read in a terminal of 80 columns."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

from cdshooks.clinical.value import Span
from cdshooks.hooks.card import one_line
from cdshooks.knowledge.load import Knowledge

WIDTH = 80
QUOTED_AT_MOST = 60
_THEME = Theme({"markdown.code": "bold cyan"})  # names of resources: rich's own is on black
# Silence is not told as health: of a Bundle nobody knows what was left out of it.
_NOTHING = (
    "No advice: no diagnosis in this record names a neuroendocrine tumour that is present or "
    "suspected. A record without diagnoses says nothing of a tumour."
)
_NOT_ASSESSED = (
    "No advice: the diagnoses were not assessed, so nothing is known of a neuroendocrine tumour."
)


class Page:
    """Writes documents to a stream; in colour only on a terminal."""

    def __init__(self, knowledge: Knowledge, stream: TextIO):
        self._labels = {one.name: one.label for one in knowledge.vocabulary}
        self._titles = {one.id: one.title for one in knowledge.treatments}
        self._stream = stream
        self._console = Console(
            file=stream,
            width=WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
            theme=_THEME,
        )

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """One patient: the cards, then the facts behind them, then what could not be read."""
        with self._console.capture() as page:
            self._console.rule(Text(one_line(name)), style="")
            if "facts" in document:
                self._assessment(document)
            self._problems(document.get("problems", ()))
        lines = (line.rstrip() for line in page.get().splitlines())
        text = "\n".join(lines) + "\n\n"
        # A terminal may know fewer characters than a chart: show what it can.
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))

    def _assessment(self, document: Mapping[str, Any]) -> None:
        knowledge = document["knowledge"]["version"]
        status = document["facts"].get("net.status", {})
        self._line(f"As of {document['asOf']}, {document['jurisdiction']}, knowledge {knowledge}.")
        for card in document.get("cards", ()):
            self._card(card)
        if "cards" not in document:
            self._line(_NOT_ASSESSED if "whyAbsent" in status else _NOTHING)
        # Where nothing is said of a tumour, each would say that there is none.
        if not _is_silent(status):
            self._not_offered(document["treatments"])
        self._facts(document["facts"])

    def _card(self, card: Mapping[str, Any]) -> None:
        self._heading(f"{card['source']['topic']['display']} ({card['indicator']})")
        self._line(card["summary"], style="bold")
        self._console.print(Markdown(card["detail"], hyperlinks=False))
        drafts = [suggestion["label"] for suggestion in card.get("suggestions", ())]
        if drafts:
            self._console.print()
            self._line("Drafts offered: " + "; ".join(drafts) + ".")

    def _not_offered(self, treatments: Iterable[Mapping[str, Any]]) -> None:
        shut = [one for one in treatments if one["outcome"] == "not-offered"]
        if shut:
            self._heading("Not offered")
        for one in shut:
            reasons = list(one.get("because", ("No reason is given.",)))
            more = [f"({len(reasons) - 2} more)"] if len(reasons) > 2 else []
            told = " ".join([*reasons[:2], *more])
            self._item(f"{self._titles.get(one['id'], one['id'])}: {told}")

    def _facts(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        self._heading("Facts")
        silent, unknown = [], []
        for name, fact in facts.items():
            label = self._labels.get(name, name)
            if fact.get("assumed") or _is_silent(fact):
                silent.append(label)
            elif "possible" not in fact:
                unknown.append(_why(label, fact))
            else:
                self._item(f"{label}: {_told(fact, self._labels)}")
        for title, listing in (("Not known", unknown), ("Not recorded", silent)):
            if listing:
                self._item(f"{title}: {', '.join(listing)}")

    def _problems(self, problems: Iterable[Mapping[str, str]]) -> None:
        for position, one in enumerate(problems):
            if not position:
                self._heading("Could not be used")
            where = ", ".join(one[part] for part in ("reference", "path") if part in one)
            self._item(f"{where}: {one['problem']}" if where else one["problem"])

    def _heading(self, text: str) -> None:
        self._console.print()
        self._line(text.upper(), style="bold")

    def _item(self, text: str) -> None:
        """Text of a chart is printed as text: no markup, no control character, no escape code."""
        self._console.print(Padding(Text("- " + one_line(text)), (0, 0, 0, 1)))

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(one_line(text), style=style))


def _is_silent(fact: Mapping[str, Any]) -> bool:
    """Does "none" stand there because nothing was found, and not because something says so?"""
    found = fact.keys() & {"readings", "derivedFrom"}
    return fact.get("possible") == ["none"] and not found


def _why(label: str, fact: Mapping[str, Any]) -> str:
    why = fact.get("whyAbsent", "not documented")
    return label if why == "not documented" else f"{label} ({why})"


def _told(fact: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Value, age, notes and origin of a fact."""
    parts = [" or ".join(map(_value, fact["possible"]))]
    parts += ["out of date"] if fact.get("aged") else []
    parts += [_reading(one) for one in fact.get("readings", ())[:2]]
    if "derivedFrom" in fact:
        parts.append("from " + ", ".join(labels.get(name, name) for name in fact["derivedFrom"]))
    return "; ".join([*parts, *fact.get("notes", ())])


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, dict):
        return str(value)
    low, high = (Decimal(value[end]) if end in value else None for end in ("low", "high"))
    return str(Span(low, high, value.get("unit", ""), "lowOpen" in value, "highOpen" in value))


def _reading(reading: Mapping[str, Any]) -> str:
    printed = one_line(reading.get("printed", ""))[:QUOTED_AT_MOST]
    words = f"“{printed}”" if printed else ""
    day = reading.get("date", "")[:10]
    return " ".join(filter(None, (day, reading["reference"], words)))
