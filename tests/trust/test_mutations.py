"""Whatever is changed in a good token, nobody comes in with it, and nothing else goes wrong."""

import base64
import json
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.errors import CallerUnknown
from tests.trust.ehr import Desk, b64, claims, header, rsa_token, token

GOOD = (token(None, claims(sub="x", nbf=0)), rsa_token())
COUNT = 5_000 if os.environ.get("CDSHOOKS_SOAK") == "1" else 200

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
LATIN = st.characters(max_codepoint=255)  # what a WSGI server makes of a header
ANYTHING = st.characters(codec=None, exclude_categories=())
names = st.sampled_from(
    ["alg", "typ", "kid", "jku", "iss", "aud", "exp", "iat", "nbf", "jti", "sub", "tenant", "crit"]
)


def refused(authorization: str) -> None:
    desk = Desk()
    try:
        desk.present(authorization)
    except CallerUnknown:
        assert not desk.used
    else:
        raise AssertionError("accepted")


@st.composite
def other_bytes(draw: st.DrawFn) -> str:
    """A good token with some of its characters replaced, removed, repeated or added."""
    jwt = draw(st.sampled_from(GOOD))
    changed = jwt
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed)))
        end = min(len(changed), at + draw(st.integers(0, 3)))
        more = draw(
            st.text(st.characters(max_codepoint=255), max_size=3) | st.just(jwt[at : at + 9])
        )
        changed = changed[:at] + more + changed[end:]
    return changed if changed != jwt else jwt + "."


@st.composite
def turned_bits(draw: st.DrawFn) -> str:
    """A good token with bits of one decoded part turned, and encoded again."""
    parts = draw(st.sampled_from(GOOD)).split(".")
    which = draw(st.integers(0, 2))
    data = bytearray(base64.urlsafe_b64decode(parts[which] + "=="))
    for bit in draw(st.sets(st.integers(0, len(data) * 8 - 1), min_size=1, max_size=5)):
        data[bit // 8] ^= 1 << bit % 8
    parts[which] = b64(bytes(data))
    return ".".join(parts)


@st.composite
def other_members(draw: st.DrawFn) -> str:
    """A good token with a member of header or claims changed, removed or added."""
    parts = draw(st.sampled_from(GOOD)).split(".")
    which = draw(st.integers(0, 1))
    members: dict[str, Any] = json.loads(base64.urlsafe_b64decode(parts[which] + "=="))
    before = json.dumps(members)
    for name, value in draw(st.dictionaries(names, json_values, min_size=1, max_size=3)).items():
        members[name] = value
        if draw(st.booleans()):
            del members[name]
    after = json.dumps(members)
    parts[which] = b64((after if after != before else before + " ").encode())
    return ".".join(parts)


@settings(max_examples=COUNT, deadline=None)
@given(other_bytes() | turned_bits() | other_members())
def test_p121_b1_b2_b3_b4_b5_no_change_of_a_signed_token_is_accepted(jwt):
    refused(f"Bearer {jwt}")


@settings(max_examples=COUNT, deadline=None)
@given(
    st.text(st.characters(codec=None, exclude_categories=()))
    | st.text("Bearer .=-_eyJ", max_size=90)
)
def test_p119_b2_no_authorization_header_does_anything_but_being_refused(text):
    refused(text)
    refused(f"Bearer {text}")


@settings(max_examples=COUNT, deadline=None)
@given(st.dictionaries(names, json_values), st.dictionaries(names, json_values))
def test_p119_b2_b3_nothing_that_a_forger_signs_himself_raises_anything_else(head, said):
    """With the names that we read, and any values: signed by nobody's key."""
    refused(f"Bearer {token({**header(), **head}, {**claims(), **said}, lambda _: bytes(96))}")
