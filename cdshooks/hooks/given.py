"""What somebody gave to be assessed: a Bundle, a resource, or the body of a hook request."""

import re

import msgspec
from msgspec import Raw

from cdshooks.errors import InputUnreadable, RequestInvalid
from cdshooks.hooks.envelope import check_utf8

NEITHER = "is neither a FHIR Bundle nor a CDS Hooks request"


def members(body: bytes) -> dict[str, Raw]:
    """The members of a JSON object. InputUnreadable says where it breaks, not what stands there."""
    try:
        check_utf8(body)
        return msgspec.json.decode(body, type=dict[str, Raw])
    except RequestInvalid as error:
        raise InputUnreadable(f"is not valid JSON: {error.diagnostics}") from None
    except RecursionError:
        raise InputUnreadable("is nested too deeply to be read") from None
    except msgspec.ValidationError:  # JSON, and no object
        raise InputUnreadable(NEITHER) from None
    except msgspec.DecodeError as error:
        raise InputUnreadable(f"is not valid JSON: {_place(str(error), body)}") from None


def _place(said: str, body: bytes) -> str:
    """Where JSON breaks: its line, or its byte if all is one line."""
    found = re.search(r"\(byte (\d+)\)$", said)
    if found is None:
        return "it ends before it is complete" if body.strip() else "it is empty"
    before = body[: int(found[1])].count(b"\n")
    return f"see line {before + 1}" if b"\n" in body.strip() else f"see byte {int(found[1]) + 1}"


def hook_name(named: Raw) -> str:
    """Of the request no more is asked here: a number in it may be more than JSON readers hold."""
    try:
        return str(msgspec.json.decode(named))
    except (msgspec.DecodeError, RecursionError):
        raise InputUnreadable("is no CDS Hooks request") from None
