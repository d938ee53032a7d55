"""How a client's record system shows cards: which parts of one it can take."""

from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

CardMembers: TypeAlias = Literal["1.0", "2.0"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a client shows. None is no limit; lengths are characters of Markdown.

    `link_hosts`: where a card may lead to; another link becomes plain text. `app_context`: whether
    a SMART link may carry one. `card_members`: the version of CDS Hooks whose card members are
    sent. `one_card_an_option`: a card for each option, not one for all. `critical`: False where
    that indicator would interrupt, so that a critical card is a warning that says it is urgent.
    `detail_at_most`: sources, findings, notes and reasons beyond it are left out and counted; what
    speaks for caution is never left out, even if the detail then is longer.
    """

    link_hosts: frozenset[str] | None = None
    app_context: bool = True
    card_members: CardMembers = "2.0"
    one_card_an_option: bool = False
    critical: bool = True
    detail_at_most: int | None = None
    suggestions: bool = True
    override_reasons: bool = True

    @property
    def takes_all(self) -> bool:
        """Whether no member of a card has to be taken away or changed."""
        links = self.link_hosts is None and self.app_context
        return links and self.suggestions and self.override_reasons

    def may_link(self, url: str) -> bool:
        """Whether a card may lead to this address."""
        if self.link_hosts is None:
            return True
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("https", "http") and parts.hostname in self.link_hosts


EVERYTHING = Profile()
"""A client of CDS Hooks 2.0.1 without limits of its own."""

CDS_HOOKS_1 = Profile(app_context=False, card_members="1.0", override_reasons=False)
"""A client of CDS Hooks 1.0: no feedback, no override reasons, one suggestion of a card at most."""

ORACLE_HEALTH = Profile(
    link_hosts=frozenset(),
    app_context=False,
    card_members="1.0",
    one_card_an_option=True,
    critical=False,
    detail_at_most=2_000,
    override_reasons=False,
)
"""A small pane, no link that is not registered, and a pop-up for what is critical."""

EPIC = Profile(link_hosts=frozenset(), app_context=False)
"""Links are a matter of each site: none until its hosts are named."""
