"""JSON that can be understood in one way only."""

import json
from typing import Any


def strict_object(text: bytes) -> dict[str, Any]:
    """The JSON object that `text` is. Raises ValueError, whatever is wrong with it.

    Refused are other bytes than UTF-8, a byte order mark, a repeated key at any depth, NaN and
    numbers beyond a float, half of a surrogate pair, and too deep nesting: two readers might
    understand these differently, and one of them is the signer.
    """
    try:
        read = _DECODER.decode(text.decode())
        json.dumps(read, ensure_ascii=False).encode()  # finds an escaped half of a surrogate pair
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(read, dict):
        raise ValueError("not an object")  # noqa: TRY004  one error for all that is wrong
    return read


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is given twice")
    return members


def _finite(number: str) -> float:
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_finite, parse_constant=_no_constant
)
