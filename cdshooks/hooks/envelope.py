"""Strict reading of JSON objects whose values stay raw.

msgspec checks the grammar of everything and copies nothing, but it keeps the last of two equal
keys without a word. Here a repeated key is refused: a caller who says two things about a patient
must not be understood by the order in which it said them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.errors import RequestInvalid
from cdshooks.fhir.members import Entered, Members, length
from cdshooks.fhir.placed import address

MEMBERS_AT_MOST = 1_000  # no FHIR resource and no hook request comes near; a flood of keys does

_T = TypeVar("_T")
_BOM = b"\xef\xbb\xbf"
_NULL = Raw(b"null")
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_STRING = msgspec.json.Decoder(str)


Values: TypeAlias = Mapping[str, Raw | Members]

# The members of a request (CDS Hooks 2.0, HTTP request) but for its prefetch.
_KNOWN = ("hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "extension")

# From a brace or a comma over a key to its value. The buffer is known to be JSON, so these only
# have to find the end of a key, and the possessive quantifiers keep that linear.
_SPACE = rb"[ \t\n\r]*+"
_KEY = _SPACE + rb'"(?:[^"\\]++|\\.)*+"' + _SPACE + b":" + _SPACE
_FIRST, _NEXT = (re.compile(_SPACE + mark + _KEY, re.DOTALL) for mark in (rb"\{", b","))
# More members than there may be, each of a small value. To find that out by reading a million of
# them takes a second; this stops at the first that is too many.
_SCALAR = rb'(?:"(?:[^"\\]++|\\.)*+"|[-+.0-9A-Za-z]++|\[' + _SPACE + rb"\]|\{" + _SPACE + rb"\})"
_FLOOD = re.compile(
    rb"(?:%b[{,]%b%b%b){%d}" % (_SPACE, _KEY, _SCALAR, _SPACE, MEMBERS_AT_MOST + 1), re.DOTALL
)
_EMPTY, _END = (re.compile(_SPACE + mark) for mark in (rb"\{" + _SPACE + rb"\}", rb"\}"))


def check_utf8(body: bytes) -> None:
    """Refuse a body that is not UTF-8 throughout, skipped values included (RFC 8259, 8.1)."""
    if body.startswith(_BOM):
        raise RequestInvalid("starts with a byte order mark, which JSON forbids", "body")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            raise RequestInvalid("is not UTF-8", "body") from None


def envelope(body: bytes, keys: Sequence[str] = ()) -> tuple[dict[str, Raw], Values | None]:
    """The members of a request, and those of its prefetch if they were read along.

    Nearly all bodies are written without spaces and hold nothing but CDS Hooks and the prefetch
    `keys`: such a one is read in a single pass, down to the entries of its Bundles. Of any other
    the prefetch is left unread, so that made-up keys and values cost no more than their bytes.
    """
    whole = _in_one_pass(body, tuple(keys))
    if whole is None:
        return members(body, "body"), None
    fields = {name: one for name in _KNOWN if (one := getattr(whole, name)) is not UNSET}
    sizes = [(name, len(value)) for name, value in fields.items()]
    values: dict[str, Raw | Members] = {}
    if whole.prefetch is not UNSET:
        found = zip(keys, msgspec.structs.astuple(whole.prefetch), strict=True)
        values = {key: one or _NULL for key, one in found if one is not UNSET}
        sizes.append(("prefetch", written(values)))
    return (fields, values) if length(sizes) == len(body) else (members(body, "body"), None)


def written(values: Values) -> int:
    """How long an object of these values is, written without spaces."""
    return length((key, _least(one)) for key, one in values.items())


def _least(value: Raw | Members) -> int:
    return value.least() if isinstance(value, Members) else len(value)


def _in_one_pass(body: bytes, keys: tuple[str, ...]) -> Any | None:
    """A request with all members; None if it cannot be read at once.

    Nearly every entry of a Bundle is sound and written as servers write it: then it is read, too.
    """
    for bundle in (Entered, Members):
        try:
            whole = _request(keys, bundle).decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        values = msgspec.structs.astuple(whole.prefetch) if whole.prefetch is not UNSET else ()
        begin = address(body)
        if all(one.find_entries(body, begin) for one in values if isinstance(one, Entered)):
            return whole
    return None


@cache
def _request(keys: tuple[str, ...], bundle: type[Members]) -> msgspec.json.Decoder[Any]:
    """Reads a request with these prefetch keys: a handful of services, no words of a caller."""
    named = {f"value_{place}": key for place, key in enumerate(keys)}
    values = [(name, bundle | UnsetType | None, UNSET) for name in named]
    prefetch = msgspec.defstruct("Prefetch", values, gc=False, rename=named)
    fields: list[tuple[str, Any, Any]] = [(name, Raw | UnsetType, UNSET) for name in _KNOWN]
    fields.append(("prefetch", prefetch | UnsetType, UNSET))
    return msgspec.json.Decoder(msgspec.defstruct("Request", fields, gc=False))


def members(raw: bytes | Raw, path: str) -> dict[str, Raw]:
    """The members of a JSON object in their order, values unread; errors name it by `path`.

    Every value is well-formed JSON, but nobody has looked at it: a string in it may break UTF-8
    (`check_utf8` is for that), a number may be beyond a float, and its own keys may repeat.
    """
    flooded = len(raw) > 4 * MEMBERS_AT_MOST and _FLOOD.match(memoryview(raw))
    fields = {} if flooded else _decoded(_OBJECT, raw, path, "an object")
    if flooded or len(fields) > MEMBERS_AT_MOST:
        raise RequestInvalid(f"has more than {MEMBERS_AT_MOST} members", path)
    if _repeats_a_key(bytes(raw), fields):
        raise RequestInvalid("a key is given twice", path)
    return fields


def text(raw: bytes | Raw, path: str) -> str:
    """What a JSON string says."""
    return _decoded(_STRING, raw, path, "a string")


def is_null(raw: bytes | Raw) -> bool:
    return len(raw) == 4 and bytes(raw) == b"null"


def _decoded(decoder: msgspec.json.Decoder[_T], raw: bytes | Raw, path: str, kind: str) -> _T:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:  # well-formed as far as it was read, but of another type
        raise RequestInvalid(f"is not {kind}", path) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RequestInvalid("is not valid JSON", path) from None
    except RecursionError:
        raise RequestInvalid("is nested too deeply", path) from None


def _repeats_a_key(buffer: bytes, fields: dict[str, Raw]) -> bool:
    """Whether `buffer` holds anything but these members, each once and in this order.

    Of two equal keys a dict keeps the place of the first and the value of the last. So stepping
    over the values that the dict knows comes to the closing brace only if no key repeats. JSON
    values delimit themselves; a number that begins like a longer one fails at the comma after it.
    """
    if not fields:
        return _EMPTY.match(buffer) is None
    step, position = _FIRST, 0
    for value in fields.values():
        key = step.match(buffer, position)
        if key is None or not buffer.startswith(value, key.end()):
            return True
        step, position = _NEXT, key.end() + len(value)
    return _END.match(buffer, position) is None
