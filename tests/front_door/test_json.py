"""JSON that is deep, wide, huge, ambiguous or none at all, sent to a hook: 400, and soon."""

import json
import time
from functools import cache

import pytest

from tests.front_door.real import SOAK, corpus, lean, post, request

TEN_MILLION = 10_000_000 if SOAK else 1_000_000  # an element takes two bytes of the 32 MiB
REFUSED_ON_PURPOSE = {"y_object_duplicated_key", "y_object_duplicated_key_and_value"}


@pytest.fixture(scope="module", autouse=True)
def warm():
    """The engine is loaded before anything is timed."""
    assert post(lean())[0] == 200


def with_raw(name, raw):
    """A good request with one more member, of which these are the bytes."""
    return lean()[:-1] + b',"' + name.encode() + b'":' + raw + b"}"


def in_context(raw):
    return lean().replace(b'"context": {', b'"context": {"more":' + raw + b",", 1)


def as_extension(raw):
    return with_raw("extension", raw)


def refused(sent, within=0.5):
    """Answered with 400 and an OperationOutcome; CPU seconds, five times what the row names."""
    began = time.process_time()
    status, outcome = post(sent)
    assert time.process_time() - began < within
    assert outcome["resourceType"] == "OperationOutcome"
    assert "SECRET" not in str(outcome)
    return status == 400


# ---- deep, wide, huge ----------------------------------------------------------------------------

DEEP = 100_000
HUGE = {
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and never closed": b"[" * DEEP,
    "deep objects that are never closed": b'{"":' * DEEP,
}


@pytest.mark.parametrize("raw", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize(
    "place",
    [
        lambda raw: raw,
        lambda raw: with_raw("unknown", raw),
        in_context,
        lambda raw: with_raw("fhirServer", raw),
        as_extension,
    ],
    ids=["as the body", "unread", "in context", "as a text", "as extension"],
)
def test_d4_what_is_too_deep_is_400_wherever_it_stands(place, raw):
    assert refused(place(raw))


@pytest.mark.parametrize("key", ["patient", "conditions", "procedures"])
@pytest.mark.parametrize("raw", HUGE.values(), ids=HUGE)
def test_d4_what_is_too_deep_in_a_prefetched_value_is_400(key, raw):
    sent = lean().replace(f'"{key}": '.encode(), f'"{key}": '.encode() + raw + b',"other":', 1)
    assert sent != lean()
    assert refused(sent)


def test_d4_a_million_keys_are_400_where_a_value_is_read_and_passed_over_where_none_is():
    keys = b"{" + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}"
    assert refused(keys)
    assert refused(as_extension(keys))
    assert post(with_raw("unknown", keys))[0] == 200


def test_d4_ten_million_elements_are_400_where_a_value_is_read_and_passed_over_where_none_is():
    array = b"[" + b"0," * (TEN_MILLION - 1) + b"0]"
    assert refused(array)
    assert refused(as_extension(array))
    assert refused(with_raw("fhirServer", array))
    assert post(with_raw("unknown", array))[0] == 200


@pytest.mark.parametrize(
    "number", [b"9" * 4_300, b"9" * 4_301, b"9" * 1_000_000, b"-1e" + b"9" * 1_000, b"1e999"]
)
def test_d4_d5_a_huge_number_is_no_text_of_the_envelope_and_costs_nothing(number):
    for place in ("hook", "hookInstance", "fhirServer", "extension", "prefetch"):
        sent = json.loads(lean())
        sent[place] = "PLACE"
        assert refused(json.dumps(sent).encode().replace(b'"PLACE"', number))
    assert post(with_raw("unknown", number))[0] == 200


@pytest.mark.parametrize("number", [b"9" * 4_301, b"9" * 1_000_000, b"1e999", b"-1e400", b"1e-999"])
def test_d4_d5_a_huge_number_in_a_resource_spoils_that_resource_alone(number):
    """It is no value of Ki-67: the patient's other data are used, and nothing breaks."""
    sent = request()
    sent["prefetch"]["observations"]["entry"].append(
        {
            "resource": {
                "resourceType": "Observation",
                "id": "huge",
                "status": "final",
                "subject": {"reference": f"Patient/{sent['context']['patientId']}"},
                "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
                "valueQuantity": {"value": "NUMBER", "unit": "%", "code": "%"},
            }
        }
    )
    began = time.process_time()
    status, answer = post(json.dumps(sent).encode().replace(b'"NUMBER"', number))
    assert (status, bool(answer["cards"])) == (200, True)
    assert time.process_time() - began < 1


# ---- no JSON, or of two meanings -----------------------------------------------------------------

NOT_JSON = {
    "empty": b"",
    "blank": b"   ",
    "byte order mark": b"\xef\xbb\xbf" + b"{}",
    "utf-16": '{"hook":"patient-view"}'.encode("utf-16"),
    "utf-32": '{"hook":"patient-view"}'.encode("utf-32-le"),
    "latin-1": '{"hook":"é"}'.encode("latin-1"),
    "a comment": b'{"hook":"patient-view"/*SECRET*/}',
    "a comment in front": b"//SECRET\n{}",
    "single quotes": b"{'hook':'patient-view'}",
    "trailing comma": b'{"hook":"patient-view",}',
    "an array": b"[]",
    "a text": b'"SECRET"',
    "null": b"null",
    "a zero byte": b'{"hook":"patient-view"\x00}',
}


@pytest.mark.parametrize("sent", NOT_JSON.values(), ids=NOT_JSON)
def test_d5_a_body_that_is_no_json_object_is_400(sent):
    assert refused(sent)


@pytest.mark.parametrize("after", [b"x", b"{}", b"]", b"\x00", b"//", b",", b"\xef\xbb\xbf"])
def test_d5_text_behind_the_body_is_400(after):
    assert refused(lean() + after)
    assert post(lean() + b" \r\n\t")[0] == 200


NO_VALUES = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "a plus": b"+1",
    "a leading zero": b"01",
    "hexadecimal": b"0x1",
    "a bare word": b"undefined",
    "a raw zero byte": b'"a\x00b"',
    "a raw line end": b'"a\nb"',
    "a bad escape": rb'"\x41"',
    "bytes beyond UTF-8": b'"\xff\xfe"',
    "an encoded surrogate": b'"\xed\xa0\x80"',
    "an overlong slash": b'"\xc0\xaf"',
}


@pytest.mark.parametrize("raw", NO_VALUES.values(), ids=NO_VALUES)
@pytest.mark.parametrize("place", [in_context, as_extension, lambda raw: with_raw("unread", raw)])
def test_d5_what_is_no_value_of_json_is_400_even_where_nobody_reads_it(place, raw):
    assert refused(place(raw))


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udc00b"', r'"\ud800A"', r'"\u0000"'])
@pytest.mark.parametrize("name", ["hook", "hookInstance"])
def test_d5_half_of_a_surrogate_pair_and_u0000_are_400_where_a_text_is_read(name, text):
    sent = json.loads(lean())
    sent[name] = "PLACE"
    assert refused(json.dumps(sent).encode().replace(b'"PLACE"', text.encode()))


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udc00b"', r'"\u0000"'])
@pytest.mark.parametrize("name", ["patientId", "userId", "encounterId"])
def test_d5_the_same_in_the_context(name, text):
    sent = json.loads(lean())
    sent["context"][name] = "PLACE"
    assert refused(json.dumps(sent).encode().replace(b'"PLACE"', text.encode()))


# ---- said twice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "twice"),
    [
        (b'"hook": ', b'"hook": "order-sign", "hook": '),
        (b'"hook": ', rb'"h\u006fok": "order-sign", "hook": '),
        (b'"context": ', b'"context": {}, "context": '),
        (b'"patientId": ', b'"patientId": "other", "patientId": '),
        (b'"userId": ', b'"userId": "Practitioner/other", "userId": '),
        (b'"prefetch": ', b'"prefetch": {}, "prefetch": '),
        (b'"conditions": ', b'"conditions": null, "conditions": '),
    ],
)
def test_d5_a_key_given_twice_in_envelope_or_context_is_400(first, twice):
    sent = lean().replace(first, twice, 1)
    assert sent != lean()
    assert refused(sent)


@pytest.mark.parametrize(
    ("first", "twice"),
    [
        (b'"patient": {', b'"patient": {"id": "other", '),
        (b'"patient": {', b'"patient": {"resourceType": "Patient", '),
        (b'"conditions": {', b'"conditions": {"type": "searchset", '),
        (b'"conditions": {', b'"conditions": {"entry": [], "entry": [], '),
    ],
)
def test_d5_a_key_given_twice_makes_what_is_prefetched_unusable_and_is_named(first, twice):
    """No advice from a resource or a Bundle of two meanings: 412 for the diagnoses."""
    status, answer = post(lean().replace(first, twice, 1))
    if status == 200:
        assert answer["cards"] == []
        assert "not assessed" in json.dumps(answer["extension"])
    else:
        assert (status, "conditions" in answer["issue"][0]["diagnostics"]) == (412, True)


def test_d5_a_key_given_twice_in_a_resource_of_a_bundle_spoils_that_resource_alone():
    sent = json.dumps(request())
    twice = sent.replace('"valueQuantity": {', '"valueQuantity": {"value": 99, ')
    assert sent.count('"valueQuantity": {') > 0
    status, answer = post(twice.encode())
    told = json.dumps(answer["extension"])
    assert (status, "99 %" in told) == (200, False)
    assert "gives a key twice" in told


# ---- the JSON test suite -------------------------------------------------------------------------


@cache
def suite(kind):
    folder = corpus("json-test-suite", "test_parsing")
    if folder is None:
        pytest.skip("CORPORA does not name a folder with json-test-suite/test_parsing")
    return {file.stem: file.read_bytes() for file in sorted(folder.glob(f"{kind}_*.json"))}


def in_a_place_that_is_read(document):
    """An object stands where one is read; other values where their grammar alone is."""
    if document.strip()[:1] == b"{":
        return as_extension(document)
    return with_raw("more", document)


def test_d5_of_the_json_test_suite_all_that_is_no_json_is_refused():
    documents = suite("n")
    accepted = [name for name, one in documents.items() if not refused(one)]
    for place in (in_a_place_that_is_read, in_context, as_extension):
        accepted += [name for name, one in documents.items() if not refused(place(one))]
    assert accepted == []
    assert len(documents) == 188


def test_d5_of_the_json_test_suite_all_that_is_json_is_taken_but_for_keys_given_twice():
    """A request that is otherwise good is answered with 200, whatever else stands in it."""
    documents = suite("y")
    refused_ = {
        name for name, one in documents.items() if post(in_a_place_that_is_read(one))[0] != 200
    }
    assert refused_ == REFUSED_ON_PURPOSE
    assert len(documents) == 95


def test_d5_of_the_json_test_suite_what_the_grammar_leaves_open_never_breaks():
    statuses = {
        name: {post(place(one))[0] for place in (in_a_place_that_is_read, in_context)}
        for name, one in suite("i").items()
    }
    assert set().union(*statuses.values()) <= {200, 400}
    assert len(statuses) == 35
