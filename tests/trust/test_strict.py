"""JSON that two readers might understand differently is none."""

import pytest

from cdshooks.trust.strict import strict_object


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (b"{}", {}),
        (b' {"a": 1}\n', {"a": 1}),
        (b'{"a": {"b": 1}, "b": {"b": 2}}', {"a": {"b": 1}, "b": {"b": 2}}),
        (b'{"a": "\\ud83d\\ude00", "b": "\xc3\xa9"}', {"a": "\U0001f600", "b": "é"}),
        (b'{"a": 1e300, "b": 12345678901234567890}', {"a": 1e300, "b": 12345678901234567890}),
    ],
)
def test_b2_an_object_that_means_one_thing_is_read(text, read):
    assert strict_object(text) == read


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"1",
        b"[{}]",
        b"{} {}",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": "\n"}',
        b'{"a": 1, "\\u0061": 1}',
        b'{"x": [{"a": 1, "a": 1}]}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": -1e400}',
        b'{"a": "\\udc00"}',
        b'{"\\udc00": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda text: ascii(text)[:30] + str(len(text)),
)
def test_b2_whatever_else_is_refused_in_one_way(text):
    with pytest.raises(ValueError):  # noqa: PT011  it is the one error, of no certain words
        strict_object(text)
