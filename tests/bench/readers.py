"""Other ways to read a chart, for comparison: the whole with fhir.resources, and none of it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import orjson
import simdjson
from fhir.resources.R4B.bundle import Bundle
from msgspec import UNSET, Raw, UnsetType

from tests.bench.payload import bundle

Reader = Callable[[bytes], object]

READ = {"29593-1", "22637-3", "97509-4", "89247-1", "35591-7", "777-3", "718-7"}


class _Coding(msgspec.Struct, gc=False):
    code: str = ""


class _Code(msgspec.Struct, gc=False):
    coding: list[_Coding] = []


class _Peek(msgspec.Struct, gc=False):
    code: _Code | UnsetType = UNSET


class _Entry(msgspec.Struct, gc=False):
    resource: Raw


class _Searchset(msgspec.Struct, gc=False):
    entry: list[_Entry] = []


class _Request(msgspec.Struct, gc=False):
    prefetch: dict[str, Raw]


_REQUEST = msgspec.json.Decoder(_Request)
_SEARCHSET = msgspec.json.Decoder(_Searchset)
_PEEK = msgspec.json.Decoder(_Peek)


def two_steps(body: bytes) -> list[Any]:
    """The dicts of what has a code that is read; the rest stays raw, and nothing is validated."""
    entries = _SEARCHSET.decode(_REQUEST.decode(body).prefetch["observations"]).entry
    peeked = ((entry.resource, _PEEK.decode(entry.resource).code) for entry in entries)
    return [
        orjson.loads(memoryview(raw))
        for raw, code in peeked
        if code is not UNSET and any(coding.code in READ for coding in code.coding)
    ]


def validated(body: bytes) -> object:
    """Every resource of the chart through fhir.resources, from its bytes."""
    return Bundle.model_validate(orjson.loads(body))


_PARSER = simdjson.Parser()


def parsed(body: bytes) -> None:
    """The bytes walked through and no Python object made."""
    _PARSER.parse(body)


READERS: Mapping[str, Reader] = {
    "Bundle.model_validate": validated,
    "msgspec, two steps": two_steps,
    "simdjson": parsed,
}


def whole(body: bytes) -> bytes:
    """The body of a hook as one Bundle, for the reader that knows no hooks."""
    return orjson.dumps(bundle(orjson.loads(body)))
