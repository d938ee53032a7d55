"""Entries that are cut out of the body are the entries that a reading one by one finds."""

import json
from random import Random

import msgspec
import pytest

from cdshooks.fhir import entries
from cdshooks.fhir.body import opened
from cdshooks.fhir.entries import Entries, Item
from cdshooks.fhir.members import Entered, Members
from cdshooks.fhir.placed import address, end_of

pytestmark = pytest.mark.usefixtures("long")
ENTERED, LOOSE = msgspec.json.Decoder(Entered), msgspec.json.Decoder(Members)
MATCH = {"mode": "match"}


@pytest.fixture
def long(monkeypatch):
    """Every list counts as a long one."""
    monkeypatch.setattr(entries, "_SHORT", 0)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def entry(number, **more):
    resource = {"resourceType": "Observation", "id": f"o{number}", "note": [{"text": "é"}]}
    return {"fullUrl": f"urn:{number}", "resource": resource | more, "search": MATCH}


def bundle(*listed):
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(listed)}


def read(body):
    """The Bundle, if it was read in one pass and its entries were found."""
    try:
        found = ENTERED.decode(body)
    except msgspec.DecodeError:
        return None
    return found if found.find_entries(body, address(body)) else None


def says_what_was_sent(found, body):
    """Each entry, peek and length is as it is when they are read one by one."""
    sent, taken_apart = LOOSE.decode(body), opened(found)
    assert [json.loads(bytes(one)) for one in taken_apart.entries] == json.loads(body)["entry"]
    for place in range(len(sent.entry)):
        assert json.loads(bytes(taken_apart.entries[place])) == json.loads(bytes(sent.entry[place]))
    assert taken_apart.peeks == opened(sent).peeks
    assert [one.fullUrl for one in taken_apart.items] == [one.fullUrl for one in opened(sent).items]
    assert json.loads(found.together()) == json.loads(sent.together())
    return True


def test_an_entry_is_cut_out_of_the_body():
    body = compact(bundle(*map(entry, range(5))))
    found = read(body)
    assert isinstance(found.entry, Entries)
    assert bytes(found.entry[3]) == compact(entry(3))
    assert found.least() == LOOSE.decode(body).least() == len(body)
    assert says_what_was_sent(found, body)


def test_of_a_short_list_all_are_found_at_once(monkeypatch):
    monkeypatch.undo()
    body = compact(bundle(*map(entry, range(5))))
    assert says_what_was_sent(read(body), body)


INNER = bundle(entry(0), entry(1), entry(2))
ODD = {
    "no search": {"fullUrl": "urn:x", "resource": {"resourceType": "Observation", "id": "x"}},
    "search first": {"search": MATCH, "resource": {"resourceType": "Observation", "id": "x"}},
    "a member after search": entry("x") | {"response": {"status": "200"}},
    "search of an odd kind": entry("x") | {"search": [{"mode": "}"}, "]}"]},
    "search null": entry("x") | {"search": None},
    "a Bundle contained": entry("x", contained=[INNER]),
    "a Bundle": entry("x") | {"resource": INNER},
    "a copy of the others": entry("x", copies=INNER["entry"]),
    "a text like an entry": entry("x", text='"entry":[{"search":{"mode":"match"}}]'),
    "a name like one": entry("x", **{'x"entry': INNER["entry"]}),
    "entries of its own": entry("x") | {"entry": INNER["entry"]},
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_e5_an_odd_entry_changes_no_other_wherever_it_stands(odd, place):
    sent = [entry(number) for number in range(3)]
    sent.insert(place, ODD[odd])
    body = compact(bundle(*sent))
    found = read(body)
    assert found is None or says_what_was_sent(found, body)
    if place == 1:  # between two of the usual form it costs nothing but time
        assert found is not None


def test_e5_random_entries_are_what_was_sent_however_they_are_written():
    """Odd ones among usual ones, spaces, keys that stand twice, members in any order."""
    in_one_pass = 0
    for seed in range(600):
        random = Random(seed)
        usual = [entry(number) for number in range(random.randrange(1, 5))]
        odd = random.sample(list(ODD.values()), random.randrange(3))
        sent = random.sample(mixed := [*usual, *odd], len(mixed))
        outer = list(bundle(*sent).items())
        random.shuffle(outer)
        body = compact(dict(outer))
        for _ in range(random.randrange(2)):
            was = random.choice((b'"entry":[', b'},{"fullUrl"', b'"resource":{', b"]}", b'"type":'))
            put = random.choice((b" %b", b"%b ", b'"entry":[],%b', b'"search":{"mode":"x"},%b'))
            body = body.replace(was, put % was, 1)
        try:
            json.loads(body)
        except ValueError:
            continue
        found = read(body)
        if found is not None and isinstance(found.entry, Entries):
            in_one_pass += 1
            assert says_what_was_sent(found, body), seed
    assert in_one_pass > 100


@pytest.mark.parametrize("between", [b",", b" ,", b", ", b"\n,\n", b" \t,\r\n "])
def test_e5_white_space_between_entries_is_no_part_of_one(between):
    listed = between.join(compact(entry(number)) for number in range(4))
    body = b'{"resourceType":"Bundle","type":"searchset","entry":[%b]}' % listed
    assert says_what_was_sent(read(body), body)


def test_d5_a_list_of_entries_that_stands_twice_is_longer_than_what_is_found():
    one, other = compact([entry(1), entry(2)]), compact([entry(3)])
    for first, second in ((one, other), (other, one), (one, one)):
        body = b'{"resourceType":"Bundle","entry":%b,"entry":%b}' % (first, second)
        found = read(body)
        assert found is None or found.least() < len(body)


def test_a_list_without_entries_has_none():
    body = compact(bundle())
    assert read(body).least() == len(body)
    assert opened(read(body)).items == []


def test_a_copy_stands_nowhere_in_the_body():
    body = compact(entry(1))
    raw = msgspec.json.decode(body, type=Item).search
    assert end_of(raw, body, address(body)) == len(body) - 1
    assert end_of(raw.copy(), body, address(body)) is None
    assert end_of(raw, body[:-1], address(body)) is not None
    assert end_of(raw, body.replace(b"match", b"other"), address(body)) is None
