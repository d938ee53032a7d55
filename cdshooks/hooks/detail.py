"""The Markdown under a card's summary, in which every line says where it comes from.

Drawn in a narrow pane: short lines, bold titles, flat lists. A bullet names a resource of the chart
(as code) or a source (in italics); a resource stands with a fact where the card first speaks of it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cdshooks.clinical.criterion import answer
from cdshooks.clinical.explain import newest_date
from cdshooks.clinical.fact import Fact, Problem, Provenance
from cdshooks.clinical.truth import Truth
from cdshooks.hooks.card import escape, place, prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.finding import OF_OLD_DATA
from cdshooks.hooks.length import Line, Part, fitted, whole
from cdshooks.hooks.wording import Block, Note, Reason, Wording, block_of, sentence

QUOTED_AT_MOST = 80


class Detail:
    """Grows line by line; remembers what was said, and what is cited."""

    def __init__(self, consult: Consult):
        self._consult = consult
        self._facts, self._found = consult.facts.by_name, consult.found
        self._lines: list[Line] = []
        self._cited: list[str] = []
        self._placed: set[str] = set()
        self._explained: set[tuple[str, str]] = set()

    @property
    def sources(self) -> list[str]:
        """The sources that are cited, each once; those that the knowledge lists."""
        listed = self._consult.knowledge.citations
        return list(filter(listed.__contains__, dict.fromkeys(self._cited)))

    def paragraph(self, text: str) -> None:
        """A line of Markdown that stands by itself, or over the list that follows it."""
        self._lines += (("", "kept"), (text, "kept")) if self._lines else ((text, "kept"),)

    def bullet(
        self,
        text: str,
        sources: Iterable[str] = (),
        lead: str = "",
        part: Part = "kept",
    ) -> None:
        sources = tuple(sources)
        marks = self._consult.wording.marks(sources)
        self._bullet(f"{text} {marks}" if marks else text, sources, lead, part)

    def _bullet(self, text: str, sources: Sequence[str], lead: str, part: Part = "kept") -> None:
        """A text with the marks of its sources already."""
        self._cited += sources
        self._lines.append((f"- **{lead}:** {text}" if lead else f"- {text}", part))

    def reasons(self, block: Block, lead: str = "", part: Part = "kept") -> None:
        """For each statement its fact and then its reason.

        What the card has explained before stands together in one line at the end.
        """
        told, again = self._new(block)
        self._explained |= told.keys
        self._cited += told.sources
        start = f"- **{lead}:** " if lead else "- "
        for reason, value in zip(told.reasons, self._values(told), strict=True):
            end = self._end(reason) if reason.read_as_so else reason.end
            if value:
                end = f"{value} {end}" if value.endswith(".") else f"{value}. {end}"
            self._lines.append((start + end, part))
        if again:
            values = zip(again.reasons, self._values(again), strict=True)
            texts = dict.fromkeys([value or reason.why for reason, value in values])
            self.bullet(f"As above: {'; '.join(texts)}", again.sources, lead, part)

    def _new(self, block: Block) -> tuple[Block, Block | None]:
        """What the card has not explained yet, and what it has."""
        explained = self._explained
        if block.once and explained.isdisjoint(block.keys):  # as good as always
            return block, None
        new: dict[tuple[str, str], Reason] = {}
        again: list[Reason] = []
        for reason in block.reasons:
            if reason.key in explained or reason.key in new:
                again.append(reason)
            else:
                new[reason.key] = reason
        return block_of(new.values()), block_of(again) if again else None

    def fits(self, block: Block) -> None:
        """The reasons for an option: what the chart says, then in one line what it does not.

        However short the card has to be, the first reason stays.
        """
        silent, facts = [], self._facts
        for reason in block.reasons:
            if reason.name:
                fact = facts[reason.name]
                # Does the statement hold because the record says nothing?
                if fact.assumed or (reason.closed and fact.value is None):
                    silent.append(reason)
        silence = self._consult.wording.once((_of_silence, block, *silent)) if silent else None
        first, told = len(self._lines), silence.told if silence else block
        self.reasons(told, part="reason")
        if told.reasons:
            self._lines[first] = (self._lines[first][0], "kept")
        if silence:
            self._bullet(silence.text, silence.sources, "")

    def fits_in_brief(self, block: Block) -> None:
        """The findings that speak for an option, in one line without the reasons of the rule."""
        told = filter(None, dict.fromkeys(self._values(block)))
        self.bullet(f"{'; '.join(told)}.", block.sources, "Fits")

    def notes(self, notes: Iterable[Note], lead: str = "", part: Part = "kept") -> None:
        start = f"- **{lead}:** " if lead else "- "
        for note in notes:
            if note.when is None or answer(note.when, self._consult.facts) is Truth.YES:
                self._cited += note.sources
                self._lines.append((start + note.text, part))

    def findings(self, said: Iterable[Fact], part: Part = "finding") -> None:
        """Facts with what each was derived from, the notes on it, its words in the report, where.

        None of those that were not read from the chart: a bullet has to show its origin.
        """
        for fact in said:
            found, notes = self._found[fact.name], fact.notes
            if not found.where:
                continue
            text = found.told
            if not fact.readings:
                bases = "; ".join([self._found[base.name].markdown for base in found.bases])
                text = f"{found.markdown}, from {bases}{OF_OLD_DATA if fact.aged else ''}"
                notes = tuple([note for one in found.behind for note in one.notes])
            text = sentence(text)
            for note in dict.fromkeys(notes):
                text += f" {sentence(prose(note))}"
            first = found.places[0]
            if first.from_text or first.mapped or len(found.places) > 1:
                text += _quoted(found.places)
            self._placed.add(fact.name)
            self._lines.append((f"- {text} {found.where}", part))

    def old_datum(self, name: str) -> None:
        """A fact that is out of date, or whose newest value is too old to be used, and where."""
        found = self._found[name]
        text = found.told
        if found.fact.value is None:
            label, when = self._consult.vocabulary[name].label, newest_date(found.fact)
            since = f" of {when}" if when else ""
            text = prose(f"{label}: newest value{since} is too old to be used")
        self._placed.add(name)
        self._bullet(f"{text}. {found.where}", (), "")

    def problem(self, problem: Problem) -> None:
        where = ", ".join(place(part) for part in (problem.reference, problem.path) if part)
        self._bullet(f"{where}: {prose(problem.problem)}", (), "")

    def text(self, sources: Iterable[str]) -> str:
        """All lines that fit, then the sources, with their addresses where the client links."""
        profile, wording = self._consult.profile, self._consult.wording
        if profile.link_hosts is None:
            cited = list(map(wording.linked, sources))
        else:
            citations = self._consult.knowledge.citations
            cited = [wording.cited(name, profile.may_link(citations[name].url)) for name in sources]
        if profile.detail_at_most is None:
            return whole(self._lines, cited)
        return fitted([*self._lines, *cited], profile.detail_at_most)

    def _values(self, block: Block) -> list[str]:
        """The fact of each statement, with its place where the card first speaks of it; else "".

        One that a statement about the record itself does not find is "not recorded".
        """
        told, placed, every = [], self._placed, self._found
        for reason in block.reasons:
            name = reason.name
            if name is None:
                told.append("")
                continue
            found = every[name]
            if reason.closed and found.fact.value is None:
                told.append(self._consult.wording.unvalued(name, unknown=False))
            elif name in placed or not found.where:
                told.append(found.told)
            else:
                placed.add(name)
                told.append(f"{found.told} {found.where}")
        return told

    def _end(self, reason: Reason) -> str:
        if reason.leaf.statement.ask(self._consult.facts) is Truth.UNKNOWN:
            return self._consult.wording.read_as_so(reason)
        return reason.end


class Silence(NamedTuple):
    """The reasons that the chart tells, then what it says nothing of, in one line with sources."""

    told: Block
    text: str
    sources: tuple[str, ...]


def _of_silence(wording: Wording, block: Block, *silent: Reason) -> Silence:
    names = dict.fromkeys(name for one in silent for name in one.leaf.statement.facts)
    labels = ", ".join(wording.vocabulary[name].label for name in names)
    sources = tuple(source for reason in silent for source in reason.sources)
    text = wording.marked(prose(f"Nothing on file about: {labels} (taken as none)."), sources)
    return Silence(block_of(one for one in block.reasons if one not in silent), text, sources)


def _quoted(found: Sequence[Provenance]) -> str:
    """The words of a report, where only words say it, so that the reader can judge them.

    A code of the site says so too: whether it means that is the site's word.
    """
    only_words = True
    for one in found:
        if one.mapped:
            return " Read through the site's code map."
        only_words = only_words and one.from_text
    words = found[0].printed if only_words else None
    return f" Read from “{escape(words, QUOTED_AT_MOST)}”" if words else ""
