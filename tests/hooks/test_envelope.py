"""The strict reader against the standard library, which knows JSON but not repeated keys."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cdshooks.errors import RequestInvalid
from cdshooks.hooks.envelope import MEMBERS_AT_MOST, check_utf8, members, text

# A busy machine, and the tables of characters on the first run, are no fault of the code.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

spaces = st.text(" \t\n\r", max_size=3)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# JSON cannot spell a lone surrogate in UTF-8, and msgspec refuses its escape.
keys = st.text(st.characters(codec="utf-8"), max_size=6)


@st.composite
def objects(draw, keys=keys):
    """An object as text, with white space wherever JSON allows it, and what it means."""
    meaning = draw(st.dictionaries(keys, values, max_size=6))
    pairs = [
        f"{draw(spaces)}{spelt(draw, key)}{draw(spaces)}:{draw(spaces)}"
        f"{json.dumps(value, ensure_ascii=draw(st.booleans()))}{draw(spaces)}"
        for key, value in meaning.items()
    ]
    inside = ",".join(pairs) or draw(spaces)
    return f"{draw(spaces)}{{{inside}}}{draw(spaces)}", meaning


def spelt(draw, key):
    """A key as a JSON string, each character plain or escaped."""
    return (
        '"'
        + "".join(escaped(letter) if draw(st.booleans()) else plain(letter) for letter in key)
        + '"'
    )


def escaped(letter):
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def plain(letter):
    return json.dumps(letter, ensure_ascii=False)[1:-1]


@calm
@given(objects())
def test_an_object_without_repeats_reads_as_the_standard_library_reads_it(sample):
    body, meaning = sample
    fields = members(body.encode(), "body")
    assert list(fields) == list(json.loads(body)) == list(meaning)
    assert {key: json.loads(bytes(raw)) for key, raw in fields.items()} == json.loads(body)


@calm
@given(objects(), st.data())
def test_d5_a_key_given_twice_is_refused_wherever_and_however_it_is_spelt(sample, data):
    body, meaning = sample
    key = data.draw(st.sampled_from(sorted(meaning)) if meaning else st.just("a"))
    twice = f"{spelt(data.draw, key)} : {json.dumps(data.draw(values))}"
    head, _, tail = body.partition("{")
    if meaning:
        broken = f"{head}{{{twice},{tail}" if data.draw(st.booleans()) else after(body, twice)
    else:
        broken = f'{{"a":1,{twice}}}'
    with pytest.raises(RequestInvalid, match="body: a key is given twice"):
        members(broken.encode(), "body")


def after(body, pair):
    head, _, tail = body.rpartition("}")
    return f"{head},{pair}}}{tail}"


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1,"a":1}',
        '{"a":1,"a":12}',
        '{"a":12,"a":1}',
        '{"a":1.5,"b":2,"a":1}',
        '{"a":"x","b":2,"\\u0061":"x"}',
        '{"a":{"b":1},"a":{"b":1}}',
        '{"":0,"":0}',
        '{"a":1,"b":[1,2],"b":[1,2] }',
        '{"a":"1,\\"b\\":2","b":2,"a":"1,\\"b\\":2"}',
    ],
)
def test_d5_values_that_look_alike_do_not_hide_a_repeated_key(body):
    with pytest.raises(RequestInvalid, match="given twice"):
        members(body.encode(), "body")


def test_a_key_that_repeats_further_down_is_the_business_of_who_reads_there():
    inner = members(b'{"a":{"b":1,"b":2}}', "body")["a"]
    with pytest.raises(RequestInvalid, match=r"^a: a key is given twice$"):
        members(inner, "a")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"a":1}x', "not valid JSON"),
        (b'{"a":1,}', "not valid JSON"),
        (b'{"a":NaN}', "not valid JSON"),
        (b'{"a":[1,Infinity]}', "not valid JSON"),
        (b'{"a":01}', "not valid JSON"),
        (b'{"a":1}/*c*/', "not valid JSON"),
        (b'{"\\ud800":1}', "not valid JSON"),
        (b'{"a\xff":1}', "not valid JSON"),
        (b'{"a":"\x00"}', "not valid JSON"),
        ('{"a":1}'.encode("utf-16"), "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"{}"', "not an object"),
        (b'{"a":' + b"[" * 100_000, "nested too deeply"),
        (b'{"a":' + b'{"a":' * 100_000, "nested too deeply"),
    ],
    ids=range(18),
)
def test_p57_p58_d4_d5_what_is_not_a_json_object_is_refused_without_being_repeated(body, said):
    with pytest.raises(RequestInvalid) as refusal:
        members(body, "body")
    assert str(refusal.value).startswith("body: ")
    assert said in str(refusal.value)


def test_d4_a_flood_of_keys_is_refused():
    flood = json.dumps({str(number): number for number in range(MEMBERS_AT_MOST + 1)}).encode()
    with pytest.raises(RequestInvalid, match="more than 1000 members"):
        members(flood, "body")


@pytest.mark.parametrize(
    "body", [b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc0\xaf"}', b"\xef\xbb\xbf{}"]
)
def test_d5_bad_utf8_and_a_byte_order_mark_are_refused_even_in_values_nobody_reads(body):
    with pytest.raises(RequestInvalid):
        check_utf8(body)


@calm
@given(st.text(st.characters(codec="utf-8")))
@example("Ki-67 ≤ 20 %")
def test_any_utf8_passes(sample):
    if not sample.startswith("\ufeff"):
        check_utf8(sample.encode())


def test_text_reads_one_level_and_names_its_place():
    fields = members(b'{"list":[1, {"b":2}],"text":"\\u00e9"}', "body")
    assert text(fields["text"], "text") == "é"
    with pytest.raises(RequestInvalid, match=r"^list: is not a string$"):
        text(fields["list"], "list")


def test_reading_copies_no_value():
    """A Raw is a window on the body, so a large prefetch costs no second copy."""
    body = b'{"a":"' + b"x" * 1_000_000 + b'"}'
    raw = members(body, "body")["a"]
    assert isinstance(raw, msgspec.Raw)
    assert memoryview(raw).nbytes == 1_000_002
