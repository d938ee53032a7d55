"""The Markdown under a card's summary, in which every line says where it comes from.

Drawn in a narrow pane: short lines, bold titles, flat lists. A bullet names a resource of the chart
(as code) or a source (in italics); a resource stands with a fact where the card first speaks of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from cdshooks.clinical.criterion import Leaf, answer
from cdshooks.clinical.explain import newest_date, value_text
from cdshooks.clinical.fact import Fact, Problem, Provenance
from cdshooks.clinical.treatment import Citation, Saying
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from cdshooks.hooks.card import ELLIPSIS, escape, place, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.length import Line, Part, fitted
from cdshooks.hooks.origin import bases_of, notes_of, says_nothing

PLACES_AT_MOST = 2
QUOTED_AT_MOST = 80
SHORT_LABEL = 30
_READ = {"partly": " (read in part)", "not read": " (not read)"}


class Detail:
    """Grows line by line; remembers what was said, and what is cited."""

    def __init__(self, consult: Consult):
        self._consult = consult
        self._lines: list[Line] = []
        self._cited: dict[str, None] = {}
        self._placed: set[str] = set()
        self._explained: set[tuple[str, str]] = set()

    @property
    def sources(self) -> tuple[Citation, ...]:
        citations = self._consult.knowledge.citations
        return tuple(citations[name] for name in self._cited if name in citations)

    def paragraph(self, text: str) -> None:
        """A line of Markdown that stands by itself, or over the list that follows it."""
        self._lines += [Line(""), Line(text)] if self._lines else [Line(text)]

    def bullet(
        self, text: str, sources: Iterable[str] = (), lead: str = "", part: Part = "kept"
    ) -> None:
        sources = tuple(sources)
        self._cited.update(dict.fromkeys(sources))
        labels = ", ".join(map(self._mark, dict.fromkeys(sources)))
        start = f"**{lead}:** " if lead else ""
        self._lines.append(Line(f"- {start}{text}{f' {labels}' if labels else ''}", part))

    def reasons(self, leaves: Iterable[Leaf], lead: str = "", part: Part = "kept") -> None:
        """For each statement the facts that it is about, then its reason.

        What the card has explained before stands together in one line at the end.
        """
        again = []
        for leaf in (leaf for leaf in leaves if leaf.tell):
            key = (leaf.statement.text, leaf.why)
            if key in self._explained:
                again.append(leaf)
                continue
            self._explained.add(key)
            told = f"{prose(leaf.why)}{self._read_as_yes(leaf)}"
            self.bullet(_sentences([*self._values(leaf), told]), leaf.sources, lead, part)
        if again:
            values = dict.fromkeys(
                v for leaf in again for v in self._values(leaf) or [prose(leaf.why)]
            )
            sources = (source for leaf in again for source in leaf.sources)
            self.bullet(f"As above: {'; '.join(values)}", sources, lead, part)

    def fits(self, leaves: Iterable[Leaf]) -> None:
        """The reasons for an option: what the chart says, then in one line what it does not.

        However short the card has to be, the first reason stays.
        """
        told = [leaf for leaf in leaves if leaf.tell]
        silent = [leaf for leaf in told if self._is_silence(leaf)]
        first = len(self._lines)
        self.reasons((leaf for leaf in told if leaf not in silent), part="reason")
        self._lines[first : first + 1] = [
            replace(line, part="kept") for line in self._lines[first : first + 1]
        ]
        if silent:
            names = dict.fromkeys(name for leaf in silent for name in leaf.statement.facts)
            labels = ", ".join(self._consult.vocabulary[name].label for name in names)
            sources = (source for leaf in silent for source in leaf.sources)
            self.bullet(f"Nothing on file about: {prose(labels)} (taken as none).", sources)

    def fits_in_brief(self, leaves: Iterable[Leaf]) -> None:
        """The findings that speak for an option, in one line without the reasons of the rule."""
        told = [leaf for leaf in leaves if leaf.tell]
        values = dict.fromkeys(value for leaf in told for value in self._values(leaf))
        sources = (source for leaf in told for source in leaf.sources)
        self.bullet(f"{'; '.join(values)}.", sources, "Fits")

    def _is_silence(self, leaf: Leaf) -> bool:
        """Does the statement hold because the record says nothing?"""
        facts = [self._consult.facts[name] for name in leaf.statement.facts if _is_of_patient(name)]
        unread = (fact.assumed or (fact.value is None and leaf.statement.closed) for fact in facts)
        return bool(facts) and all(unread)

    def sayings(self, sayings: Iterable[Saying], lead: str = "", part: Part = "kept") -> None:
        for saying in sayings:
            if saying.when is None or answer(saying.when, self._consult.facts) is Truth.YES:
                self.bullet(prose(saying.text), saying.sources, lead, part)

    def finding(self, name: str, *, keep: bool = False) -> None:
        """A fact with what it was derived from, the notes on it, the words it was read from, where.

        Nothing if it was not read from the chart: a bullet has to show its origin.
        """
        fact, found = self._consult.fact(name), self._places(name)
        if fact.value is None or not found or says_nothing(fact, self._consult):
            return
        text = prose(value_text(fact, self._consult.vocabulary))
        if not fact.readings:
            bases = (self._consult.facts[base] for base in bases_of(name, self._consult))
            told = "; ".join(value_text(base, self._consult.vocabulary) for base in bases)
            text += f", from {prose(told)}"
        notes = dict.fromkeys(notes_of(name, self._consult))
        told = _sentences([text + self._old(fact), *map(prose, notes)])
        part: Part = "kept" if keep else "finding"
        self.bullet(f"{told}{_quoted(found)} {self._where(name, found)}", part=part)

    def old_datum(self, name: str) -> None:
        """A fact that is out of date, or whose newest value is too old to be used, and where."""
        fact, found = self._consult.facts[name], self._places(name)
        if fact.value is None:
            label, when = self._consult.vocabulary[name].label, newest_date(fact)
            text = f"{label}: newest value{f' of {when}' if when else ''} is too old to be used"
            self.bullet(f"{prose(text)}. {self._where(name, found)}")
        else:
            text = prose(value_text(fact, self._consult.vocabulary)) + self._old(fact)
            self.bullet(f"{text}. {self._where(name, found)}")

    def problem(self, problem: Problem) -> None:
        where = ", ".join(place(part) for part in (problem.reference, problem.path) if part)
        self.bullet(f"{where}: {prose(problem.problem)}")

    def text(self) -> str:
        """All lines that fit, then the sources, with their addresses where the client links."""
        profile = self._consult.profile
        cited = (_cited(one, link=profile.may_link(one.url)) for one in self.sources)
        sources = [Line(f"- {one}", "source") for one in cited]
        return fitted([*self._lines, *sources], profile.detail_at_most)

    def _values(self, leaf: Leaf) -> list[str]:
        return [self._value(name, leaf) for name in leaf.statement.facts if _is_of_patient(name)]

    def _value(self, name: str, leaf: Leaf) -> str:
        """A fact; one that a statement about the record itself does not find is "not recorded"."""
        fact = self._consult.facts[name]
        if fact.value is None and leaf.statement.closed:
            return prose(f"{self._consult.vocabulary[name].label}: not recorded")
        text = prose(value_text(fact, self._consult.vocabulary)) + self._old(fact)
        found = self._places(name)
        new = found and name not in self._placed
        return f"{text} {self._where(name, found)}" if new else text

    def _where(self, name: str, found: list[Provenance]) -> str:
        self._placed.add(name)
        marks = dict.fromkeys(place(one.reference) for one in found)
        more = f" and {len(marks) - PLACES_AT_MOST} more" if len(marks) > PLACES_AT_MOST else ""
        return ", ".join(list(marks)[:PLACES_AT_MOST]) + more

    def _places(self, name: str) -> list[Provenance]:
        """Where a fact, or what it follows from, was read; the newest first."""
        bases = (self._consult.fact(base) for base in bases_of(name, self._consult))
        found = dict.fromkeys(where for base in bases for where in base.readings)
        return sorted(found, key=lambda where: where.date or "", reverse=True)

    def _old(self, fact: Fact) -> str:
        if not fact.aged:
            return ""
        return " (out of date)" if newest_date(fact) else " (from out-of-date data)"

    def _read_as_yes(self, leaf: Leaf) -> str:
        unknown = leaf.statement.ask(self._consult.facts) is Truth.UNKNOWN
        return " Not known; read as so here." if unknown and leaf.when_unknown == "yes" else ""

    def _mark(self, name: str) -> str:
        citation = self._consult.knowledge.citations.get(name)
        return f"*{prose(short_label(citation) if citation else name)}*"


@lru_cache(maxsize=1024)
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


def _is_of_patient(name: str) -> bool:
    return not name.startswith((*OF_THE_ASSESSMENT, "config."))


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(text if text.endswith(".") else f"{text}." for text in texts)


def _quoted(found: Sequence[Provenance]) -> str:
    """The words of a report, where only words say it, so that the reader can judge them.

    A code of the site says so too: whether it means that is the site's word.
    """
    if any(one.mapped for one in found):
        return " Read through the site's code map."
    words = found[0].printed if all(one.from_text for one in found) else None
    return f" Read from “{escape(words, QUOTED_AT_MOST)}”" if words else ""


@lru_cache(maxsize=1024)
def _cited(citation: Citation, *, link: bool) -> str:
    label = prose(citation.label + _READ.get(citation.read, ""))
    if not citation.url:
        return prose(citation.label)
    if not link:
        return label
    url = citation.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{label}]({url})"
