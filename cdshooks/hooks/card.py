"""The parts of a CDS Hooks response, and the only ways in which text enters them.

JSON never holds null or an empty member (CDS Hooks 2.0.1, "Null and empty JSON elements"). Clients
render `detail` as GitHub-flavoured Markdown, some with raw HTML switched on, so a word of the chart
that is not escaped is a hole in somebody's record system.
"""

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson
from orjson import Fragment

from cdshooks.clinical.treatment import Indicator

SUMMARY_AT_MOST = 139  # "less than 140 characters"
LABEL_AT_MOST = 80  # suggestions are drawn as buttons
CHART_AT_MOST = 120  # what is quoted from a chart is a pointer, not the report
ELLIPSIS = "…"

_ESCAPED = str.maketrans({char: f"\\{char}" for char in string.punctuation})
# What could begin markup inside a line. A lone "<" or "&" cannot, and "< 3 %" stays readable.
_MARKUP = re.compile(r"([\\`*_\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+(?:;|$))|~(?=~))")
# Clients that follow GitHub make links of bare addresses, escaped or not: a space parts them.
_ADDRESS = re.compile(r"(?<=\S)(?=://|@)|(?<=www)(?=\.)", re.IGNORECASE)
_SIGN = re.compile(r"\s*(<=|>=|<|>|&)\s*")
_WORDS = {"<=": " at most ", ">=": " at least ", "<": " under ", ">": " over ", "&": " and "}
# A FHIR reference, or the name of a place in a Bundle: nothing in it can end a code span.
_PLACE = re.compile(r"[A-Za-z0-9\-._/:#\[\]]{1,160}")

Selection: TypeAlias = Literal["at-most-one", "any"]


def escape(text: str, at_most: int = CHART_AT_MOST) -> str:
    r"""Text of a chart as Markdown that shows it and does nothing else.

    >>> escape("<b>Ki-67</b>")
    '\\<b\\>Ki\\-67\\<\\/b\\>'
    """
    text = one_line(text)
    if "@" in text or "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(" ", text)
    return _shortened(text, at_most).translate(_ESCAPED)


def prose(text: str) -> str:
    r"""A sentence of ours as Markdown; readable too where Markdown is not rendered.

    Its values come from the vocabulary, never from a chart; what does is for `escape`. Sentences
    that were made Markdown apart may be joined by a space, or by punctuation and a space: nothing
    that could begin markup in the whole is left to the end of a part.

    >>> prose("Ki-67: < 3 % [2026-03-01]")
    'Ki-67: < 3 % \\[2026-03-01\\]'
    """
    return _MARKUP.sub(r"\\\1", one_line(text))


def place(reference: str) -> str:
    """A resource or an element of one, as code; escaped if it is not formed like one.

    >>> place("Observation/ki67")
    '`Observation/ki67`'
    """
    return f"`{reference}`" if _PLACE.fullmatch(reference) else escape(reference)


def plain(text: str, at_most: int = SUMMARY_AT_MOST) -> str:
    """Text without Markdown, for a summary or a button: no < > &, and cut to length.

    >>> plain("Platelets < 75 & falling")
    'Platelets under 75 and falling'
    """
    text = one_line(text)
    if "<" in text or ">" in text or "&" in text:
        text = _SIGN.sub(lambda sign: _WORDS[sign[1]], text).strip()
    return _shortened(text, at_most)


def one_line(text: str) -> str:
    """One line, without control characters, zero-width ones, and those that turn the direction."""
    if text.isprintable():  # the only white space in it is then the space
        if "  " not in text and text == text.strip():
            return text
        return " ".join(text.split())
    kept = (" " if char.isspace() else char for char in text if _shows(char) or char.isspace())
    return " ".join("".join(kept).split())


def _shows(char: str) -> bool:
    return unicodedata.category(char)[0] != "C"  # Cc, Cf, Cs, Co, Cn


def _shortened(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else text[: at_most - 1].rstrip() + ELLIPSIS


@dataclass(frozen=True, slots=True)
class Coding:
    """A code that a clinician may see: the display is never left out (P87)."""

    system: str
    code: str
    display: str

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "system": self.system, "display": self.display}


OverrideReason: TypeAlias = Coding


@dataclass(frozen=True)
class Source:
    """Whose advice it is. `url` leads to the main source; `topic` tells the kinds of card apart."""

    label: str
    url: str | None = None
    topic: Coding | None = None

    def as_json(self) -> dict[str, Any]:
        topic = self.topic.as_json() if self.topic else None
        return _filled({"label": self.label, "url": self.url, "topic": topic})

    @cached_property
    def written(self) -> Fragment:
        """The same for orjson, written once: many cards have one source."""
        return Fragment(orjson.dumps(self.as_json()))


# What is made for each patient is a tuple, which takes a third of the time.
class Action(NamedTuple):
    """A change that a client makes when the suggestion is accepted: here, a draft is created.

    `written`: the same as JSON, where most of it was written before the patient came.
    """

    type: Literal["create", "update", "delete"]
    description: str
    resource: Mapping[str, Any] | None = None
    resource_id: str | None = None
    written: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"type": self.type, "description": self.description}
        if self.resource:
            told["resource"] = self.resource
        if self.resource_id:
            told["resourceId"] = self.resource_id
        return told


class Suggestion(NamedTuple):
    label: str
    uuid: str
    actions: tuple[Action, ...] = ()

    def as_json(self, *, written: bool = False) -> dict[str, Any]:
        """`written`: for orjson, with the actions as they are written already."""
        told: dict[str, Any] = {"label": self.label, "uuid": self.uuid}
        if self.actions:
            told["actions"] = [
                Fragment(action.written) if written and action.written else action.as_json()
                for action in self.actions
            ]
        return told


@dataclass(frozen=True, slots=True)
class Link:
    """A page, or a SMART app to launch; only an app may be given a context (P90)."""

    label: str
    url: str
    type: Literal["absolute", "smart"] = "absolute"
    app_context: str | None = None

    def as_json(self) -> dict[str, Any]:
        context = self.app_context if self.type == "smart" else None
        return _filled(
            {"label": self.label, "url": self.url, "type": self.type, "appContext": context}
        )


class Card(NamedTuple):
    """One card; a client of CDS Hooks 1.0 gets it without `uuid`, empty here."""

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    selection: Selection = "any"
    override_reasons: tuple[OverrideReason, ...] = ()
    links: tuple[Link, ...] = ()

    def as_json(
        self, *, written: bool = False, override_reasons: Fragment | None = None
    ) -> dict[str, Any]:
        """`written`: for orjson, of which what is alike on many cards is written already.

        `override_reasons`: the card's own, where they are, too.
        """
        told: dict[str, Any] = {"uuid": self.uuid} if self.uuid else {}
        told["summary"] = self.summary
        if self.detail:
            told["detail"] = self.detail
        told["indicator"] = self.indicator
        told["source"] = self.source.written if written else self.source.as_json()
        if self.suggestions:
            told["suggestions"] = [one.as_json(written=written) for one in self.suggestions]
            told["selectionBehavior"] = self.selection
        if self.override_reasons:
            own = override_reasons or [one.as_json() for one in self.override_reasons]
            told["overrideReasons"] = own
        if self.links:
            told["links"] = [link.as_json() for link in self.links]
        return told


def _filled(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
