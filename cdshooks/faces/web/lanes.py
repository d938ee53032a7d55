"""In which line a call waits for its turn, before anything proves who sent it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdshooks.settings import Settings
from cdshooks.trust.token import claimed_issuer

STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Lanes:
    """A line for each registered client, one for all strangers; in a sandbox one for each address.

    A token is verified when its turn comes, and not to queue it: verifying is the work that a flood
    of strangers would make us do. So what it claims only sorts it (docs/decisions/0007).
    """

    clients: Mapping[str, str]  # names by issuer
    by_address: bool

    @classmethod
    def of(cls, settings: Settings) -> "Lanes":
        return cls({one.issuer: one.name for one in settings.clients}, settings.sandbox)

    def lane(self, authorization: str | None, address: str) -> str:
        if self.by_address:
            return address
        issuer = None if authorization is None else claimed_issuer(authorization)
        return STRANGERS if issuer is None else self.clients.get(issuer, STRANGERS)
