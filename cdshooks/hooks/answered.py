"""The answer to a call that says the very same as one before: the chart was only opened again.

Nothing of it can have changed, but for the ids of its cards, which are new in every answer.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from msgspec import UNSET, Raw

from cdshooks.fhir.members import Members
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.ids import RandomUuids
from cdshooks.hooks.request import HookRequest
from cdshooks.hooks.told import Advised

# What a server makes anew for each search, and nobody reads: a Bundle's own id and times.
_OF_THE_SEARCH = frozenset({"id", "meta", "timestamp"})
_OF_AN_ANSWER = 1_500  # bytes of it, of what it tells, and of the pieces of the body


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """An answer as pieces of its body, between which ids stand, by number: one may stand twice."""

    advised: Advised
    pieces: tuple[bytes, ...]
    numbers: tuple[int, ...]
    ids: int

    def again(self) -> bytes:
        """The body with new ids."""
        new_uuid = RandomUuids()
        fresh = [new_uuid().encode() for _ in range(self.ids)]
        told = [self.pieces[0]]
        for number, piece in zip(self.numbers, self.pieces[1:], strict=True):
            told += (fresh[number], piece)
        return b"".join(told)

    def size(self) -> int:
        """The bytes that it takes, from above."""
        return _OF_AN_ANSWER + sum([40 + len(piece) for piece in self.pieces])


class Ids:
    """Gives random ids, and remembers which."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self._new_uuid = RandomUuids()

    def __call__(self) -> str:
        one = self._new_uuid()
        self.given.append(one)
        return one


def answered(body: bytes, given: Iterable[str], advised: Advised) -> Answered:
    """An answer, taken apart at the ids that were given to what is in it."""
    number = {one.encode(): place for place, one in enumerate(given)}
    if not number:
        return Answered(advised, (body,), (), 0)
    pieces = re.split(b"(%b)" % b"|".join(number), body)
    return Answered(
        advised, tuple(pieces[::2]), tuple([number[one] for one in pieces[1::2]]), len(number)
    )


def is_of_the_call_alone(advised: Advised) -> bool:
    """Did all of it come with the call? What was fetched may be another the next time."""
    states = set(advised.prefetch.values())
    return bool(states) and states <= {"sent", "null"}


def what_was_sent(request: HookRequest, service: Service) -> Hashable:
    """The same for two calls only if the very same was sent, of the same patient.

    JSON holds no such control character: with them keys, members and values are told apart.
    """
    parts: list[bytes | Raw | memoryview] = []
    for template in service.prefetch:
        value = request.prefetch.get(template.key)
        parts.append(b"\1")
        if isinstance(value, Members):
            _add_members(value, parts)
        elif value is not None:
            parts.append(value)
    return request.patient_id, request.fhir_server, sha256(b"\0".join(parts)).digest()


def _add_members(value: Members, parts: list[bytes | Raw | memoryview]) -> None:
    unread = _OF_THE_SEARCH if _is_bundle(value) else frozenset[str]()
    for name, one in value.there():
        if name not in unread:
            parts.append(b"\2" + name.encode())
            parts += one if isinstance(one, list) else (one,)


def _is_bundle(value: Members) -> bool:
    return value.resourceType is not UNSET and bytes(value.resourceType) == b'"Bundle"'
