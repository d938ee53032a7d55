"""A prefetch that is the same to the byte as one before is known to be JSON, and is not read again.

To read a call costs twice as much as to give a known answer. So the prefetch is cut out unread, the
little that is left is read as ever, and a hash tells whether what was cut out is known.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex

from cdshooks.fhir.members import Members
from cdshooks.hooks.answered import Answered
from cdshooks.hooks.envelope import Values, written
from cdshooks.hooks.request import HookRequest

_NAME = b'"prefetch":'

# Nobody can send it: where it is read, there it was put.
STAND_IN = token_hex(16)
_MARK = b'{"%b":null}}' % STAND_IN.encode()


@dataclass(frozen=True, slots=True)
class Apart:
    """A body with a mark in place of its prefetch, and the bytes that seem to be the prefetch.

    They are the prefetch if the mark is read where a prefetch belongs, and they are known to be one
    JSON object.
    """

    head: bytes
    prefetch: memoryview

    def place(self, request: HookRequest) -> Hashable:
        """Where an answer to the same may be, before it is known whether it is the same."""
        return request.patient_id, request.fhir_server, len(self.prefetch)

    def digest(self) -> bytes:
        return sha256(self.prefetch).digest()


@dataclass(frozen=True, slots=True, eq=False)
class Unchanged:
    """An answer, and of which prefetch."""

    digest: bytes
    answered: Answered


def apart(body: bytes) -> Apart | None:
    """None if it is not the last member, where CDS Hooks shows it and most clients write it."""
    start = body.find(_NAME) + len(_NAME)
    if start < len(_NAME) or not body.endswith(b"}}"):
        return None
    return Apart(body[:start] + _MARK, memoryview(body)[start:-1])


def holds_the_mark(prefetch: Values) -> bool:
    return prefetch.keys() == {STAND_IN}


def is_one_object(prefetch: memoryview, values: Values) -> bool:
    """Was exactly the prefetch cut out of a body that was read as these values?

    Values that are `Members` were read in one pass, of a body without spaces and escapes in names.
    There the first place that reads like the name of the prefetch is the name itself, or comes
    before it. So what reaches from there to the last brace is longer than the prefetch, or is it.
    """
    in_one_pass = any(isinstance(one, Members) for one in values.values())
    return in_one_pass and written(values) == len(prefetch)
