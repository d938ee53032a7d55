"""What every card has: its source and topic, the standing sentences, and the override reasons."""

from collections.abc import Sequence

from cdshooks.clinical.treatment import Indicator
from cdshooks.hooks.card import SUMMARY_AT_MOST, Card, Coding, Source, Suggestion, plain
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.overrides import OVERRIDE_REASONS
from cdshooks.hooks.wording import Wording

TOPIC_SYSTEM = "urn:cdshooks-net:card"
TOPICS = {
    "options": "Options to discuss",
    "safety": "Safety and conflicts",
    "missing-data": "Missing data",
    "immediate-harm": "Immediate harm",
}
CODINGS = {code: Coding(TOPIC_SYSTEM, code, display) for code, display in TOPICS.items()}


def make(
    topic: str,
    consult: Consult,
    detail: Detail,
    *,
    summary: str,
    indicator: Indicator,
    suggestions: tuple[Suggestion, ...] = (),
) -> Card:
    """A card with a summary that is plain; knowledge that is out of date makes it a warning."""
    if consult.outdated:
        detail.paragraph(consult.wording.outdated)
        indicator = "warning" if indicator == "info" else indicator
    detail.paragraph(consult.wording.standing)
    sources = detail.sources
    cited = next(filter(consult.wording.has_address, sources), None)
    return Card(
        uuid=str(consult.new_uuid()),
        summary=summary,
        indicator=indicator,
        source=consult.wording.once((_source, topic, cited)),
        detail=detail.text(sources),
        suggestions=suggestions,
        override_reasons=OVERRIDE_REASONS,
    )


def listed(start: str, names: Sequence[str], at_most: int = SUMMARY_AT_MOST) -> str:
    """The names that fit behind `start`, and how many more there are.

    >>> listed("Missing: ", ["Ki-67", "Receptor PET/CT", "Extent of the disease"], 40)
    'Missing: Ki-67; Receptor PET/CT; 1 more'
    """
    for shown in range(len(names), 0, -1):
        more = [f"{len(names) - shown} more"] if shown < len(names) else []
        text = plain(start + "; ".join([*names[:shown], *more]), 1_000)
        if len(text) <= at_most:
            return text
    return plain(start + "; ".join(names), at_most)


def _source(wording: Wording, topic: str, cited: str | None) -> Source:
    label, coding = f"cdshooks-net {wording.version}", CODINGS[topic]
    if cited is None:
        return Source(label, topic=coding)
    citing = f"{label}, citing {wording.short_label(cited)}"
    return Source(citing, wording.citations[cited].url, coding)
