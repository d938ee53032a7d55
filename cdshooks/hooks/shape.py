"""The members of a card that a client can take: what it cannot is taken away before it is written.

Composition has decided how many cards there are and what stands in their details.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from cdshooks.hooks.card import Card, Link
from cdshooks.hooks.overrides import OVERRIDE_REASONS, WRITTEN
from cdshooks.hooks.profile import Profile


def shape(cards: Iterable[Card], profile: Profile) -> tuple[Card, ...]:
    """The same cards, in the same order, with the members that this client takes."""
    if profile.takes_all and profile.card_members == "2.0":
        return tuple(cards)
    return tuple(_version(_limited(card, profile), profile) for card in cards)


def _limited(card: Card, profile: Profile) -> Card:
    if profile.takes_all:
        return card
    url = card.source.url
    return card._replace(
        source=replace(card.source, url=url if url and profile.may_link(url) else None),
        links=tuple(_link(one, profile) for one in card.links if profile.may_link(one.url)),
        suggestions=card.suggestions if profile.suggestions else (),
        override_reasons=card.override_reasons if profile.override_reasons else (),
    )


def _link(link: Link, profile: Profile) -> Link:
    return link if profile.app_context else replace(link, app_context=None)


def _version(card: Card, profile: Profile) -> Card:
    """CDS Hooks 1.0 has no id, topic or override reasons, and one suggestion of a card at most."""
    if profile.card_members == "2.0":
        return card
    return card._replace(
        uuid="",
        source=replace(card.source, topic=None),
        selection="at-most-one",
        override_reasons=(),
    )


def response(
    cards: Iterable[Card], profile: Profile, extension: Mapping[str, Any] | None = None
) -> bytes:
    """The body of an answer: the cards as this client takes them."""
    told = []
    for card in shape(cards, profile):
        reasons = WRITTEN if card.override_reasons is OVERRIDE_REASONS else None
        told.append(card.as_json(written=True, override_reasons=reasons))
    written: dict[str, Any] = {"cards": told}
    if extension:
        written["extension"] = extension
    return orjson.dumps(written)
