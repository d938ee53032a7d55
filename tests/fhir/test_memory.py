"""What is remembered of resources never changes an answer, and never outgrows its room.

The worst fault would be a card of another patient out of the memory: whose a resource is, is asked
each time, whatever is remembered of it.
"""

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
import orjson
import pytest

from cdshooks.engine import Engine
from cdshooks.fhir.entry import Entry
from cdshooks.fhir.extract import named_concepts, picker
from cdshooks.fhir.memory import Memory, at_most
from cdshooks.fhir.models import encode
from cdshooks.fhir.record import ANOTHERS, Reader, patient_ids
from tests.records import bundle, condition, encoded, observation
from tests.shipped import ENGINE, KNOWLEDGE
from tests.test_fixtures import CASES

SOAK = os.environ.get("SOAK") == "1"
ROOMY = 1 << 26
NET = condition("ICD-10-CM#C7A.012", clinical="active", verification="confirmed", id="net")
BUNDLES = [case.head.body() for case in CASES]
SOME = BUNDLES if SOAK else BUNDLES[::6]
_PICKER = picker(*named_concepts(KNOWLEDGE.facts), KNOWLEDGE.systems)


def reader(limit=0):
    return Reader(_PICKER, KNOWLEDGE.systems, Memory(limit))


def memory(of):
    return of._entry._memory


def told(record):
    """All that a record says, but for the keys, which only a memory makes."""
    names = [field.name for field in msgspec.structs.fields(Entry) if field.name != "key"]
    entries = [record.patient, *record.entries]
    listed = [[getattr(one, name) for name in names] for one in entries if one is not None]
    return listed, record.problems, record.unavailable, record.incomplete, record.without_older


def read(by, body, patient=None):
    return by.read((("Bundle", body),), patient or patient_ids((("Bundle", body),))[0])


def ki67(percent, **more):
    value = {"valueQuantity": {"value": percent, "unit": "%", "code": "%"}}
    return observation("LOINC#29593-1", id="ki67", **(value | more))


def values(record):
    return [one.body["valueQuantity"]["value"] for one in record.entries if one.type != "Condition"]


# ---- the same answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [ROOMY, 40_000], ids=["roomy", "much too small"])
def test_g9_a_record_reads_the_same_from_memory(limit):
    """Read, read again, and read after other patients have taken the room."""
    without, with_memory = reader(), reader(limit)
    for _ in range(2):
        for body in SOME:
            expected = told(read(without, body))
            assert told(read(with_memory, body)) == expected
            assert told(read(with_memory, body)) == expected
    assert memory(with_memory).hits > 0


def test_e12_a_shuffled_record_reads_the_same_from_memory():
    without, with_memory = reader(), reader(ROOMY)
    order = random.Random(12)
    for body in SOME[:8]:
        sent = orjson.loads(body)
        for _ in range(3):
            order.shuffle(sent["entry"])
            shuffled = orjson.dumps(sent)
            assert told(read(with_memory, shuffled)) == told(read(without, shuffled))


def test_assessments_are_the_same_from_memory_and_leave_what_is_remembered_as_it_was():
    """No reader changes a body: the next call would read what the last one made of it."""
    engine = Engine(KNOWLEDGE, memory_bytes=ROOMY)
    chosen = CASES if SOAK else CASES[::24]
    kept = {}
    for _ in range(2):
        for case in chosen:
            body, day, place = case.head.body(), case.head.as_of, case.head.jurisdiction
            expected = ENGINE.assess_body(body, day, place)
            assert engine.assess_body(body, day, place) == expected
        now = contents(engine.memory)
        assert {key: now[key] for key in kept} == kept
        kept = now


def contents(of):
    entries = {key: known.entry for key, (known, _) in of._kept.items() if isinstance(key, bytes)}
    return {key: encode((one.body, one.dates)) for key, one in entries.items() if one}


# ---- never another patient's ---------------------------------------------------------------------


def test_e1_the_same_bytes_are_not_another_patients_for_being_remembered():
    own, by = encoded(bundle(NET, ki67(2), patient="p")), reader(ROOMY)
    assert values(read(by, own, "p")) == [2]
    stray = orjson.loads(own)
    stray["entry"][0]["resource"]["id"] = "q"
    record = read(by, orjson.dumps(stray), "q")
    assert memory(by).hits == 0  # it is not even looked up
    assert record.entries == ()
    assert {one.problem for one in record.problems} == {ANOTHERS}


def test_e1_an_unknown_owner_stays_unknown_whatever_is_remembered():
    """One Bundle names its patient by an identifier that the other's Patient does not carry."""
    subject = {"identifier": {"system": "urn:mrn", "value": "7"}}
    sent = bundle(NET | {"subject": subject}, patient="p")
    known = orjson.loads(encoded(sent))
    known["entry"][0]["resource"]["identifier"] = [subject["identifier"]]
    by = reader(ROOMY)
    assert [one.type for one in read(by, orjson.dumps(known), "p").entries] == ["Condition"]
    assert read(by, encoded(sent), "p").entries == ()
    assert "Condition" in read(by, encoded(sent), "p").unavailable
    assert memory(by).hits > 0


def test_e1_two_patients_with_the_same_ids_each_get_their_own_values():
    by = reader(ROOMY)
    bodies = {
        name: encoded(bundle(NET, ki67(percent), patient=name))
        for name, percent in (("p", 2), ("q", 30))
    }
    for name in "pqpq":
        assert values(read(by, bodies[name], name)) == [{"p": 2, "q": 30}[name]]


def test_e1_a_focus_on_somebody_else_is_asked_for_each_patient():
    """The same Observation, about the patient of one Bundle and about a stranger in the other."""
    about = ki67(2, focus=[{"reference": "urn:uuid:1"}])
    sent = bundle(NET, about)
    del sent["entry"][2]["resource"]["id"]
    by = reader(ROOMY)
    for name, kept in (("p", 1), ("q", 0), ("p", 1)):
        person = {"resourceType": "Patient", "id": name}
        sent["entry"][3:] = [{"fullUrl": "urn:uuid:1", "resource": person}]
        if name == "p":
            sent["entry"][0] |= {"fullUrl": "urn:uuid:1"}
            sent["entry"][3:] = []
        else:
            sent["entry"][0].pop("fullUrl")
        assert len(values(read(by, encoded(sent), "p"))) == kept


def test_a_drug_that_another_resource_tells_is_asked_each_time():
    order = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/x"},
    }
    by = reader(ROOMY)
    keys = set()
    for name in ("octreotide", "everolimus", "octreotide"):
        drug = {"resourceType": "Medication", "id": "x", "code": {"text": name}}
        (entry,) = read(by, encoded(bundle(order, drug))).entries
        assert entry.coded.text == name
        keys.add(entry.key)
    assert len(keys) == 2


def test_a_resource_without_an_id_is_named_by_where_it_stands_now():
    nameless = ki67(2)
    by = reader(ROOMY)
    for before in (0, 1):
        sent = bundle(*[NET] * before, nameless)
        del sent["entry"][-1]["resource"]["id"]
        (entry,) = (one for one in read(by, encoded(sent)).entries if one.type == "Observation")
        assert entry.reference == f"Bundle.entry[{before + 1}]"


# ---- the room ------------------------------------------------------------------------------------


def test_g9_what_was_longest_not_asked_for_makes_room():
    small = Memory(4_000)
    for name in "abc":
        small.keep(name, name.upper(), 1_000 - 600)
    assert small.get("a") == "A"
    small.keep("d", "D", 1_000 - 600)
    small.keep("e", "E", 1_000 - 600)
    assert [small.get(name) for name in "abcde"] == ["A", None, "C", "D", "E"]
    assert (small.hits, small.misses, small.bytes) == (5, 1, 4_000)


def test_g9_no_value_is_larger_than_the_room_and_none_is_kept_without_one():
    small, none = Memory(4_000), Memory(0)
    small.keep("a", "A", 1_000)
    small.keep("b", "B", 4_000)
    none.keep("a", "A", 1)
    assert (small.get("a"), small.get("b"), none.get("a")) == ("A", None, None)
    assert none.bytes == 0


def test_g9_a_value_that_is_kept_again_takes_its_room_once():
    memory = Memory(10_000)
    for size in (1_000, 3_000, 2_000):
        memory.keep("a", size, size)
    assert (memory.get("a"), memory.bytes) == (2_000, 2_600)


def test_g9_many_threads_keep_the_bound_and_the_answers():
    by, without = reader(120_000), reader()
    expected = {body: told(read(without, body)) for body in SOME[:6]}

    def again(seed):
        mixed = list(expected) * 2
        random.Random(seed).shuffle(mixed)
        return all(told(read(by, body)) == expected[body] for body in mixed)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(again, range(16)))
    kept = memory(by)
    assert kept.bytes == sum(size for _, size in kept._kept.values()) <= kept.limit


def test_g9_the_room_of_a_value_is_reckoned_from_above():
    by = reader(ROOMY)
    for body in SOME:
        for entry in read(by, body).entries:
            value = entry.body, entry.dates
            assert measured(value, set()) <= at_most(encode(value))


@pytest.mark.parametrize(
    "value",
    [{}, [], [[]] * 50, {str(n): {} for n in range(20)}, "Ω" * 99 + "😀", ["é"] * 9, [1.5, 10**30]],
    ids=str,
)
def test_g9_the_room_of_an_odd_value_is_reckoned_from_above(value):
    fresh = orjson.loads(orjson.dumps(value)) if value != [1.5, 10**30] else value
    assert measured(fresh, set()) <= at_most(encode(fresh))


def measured(value, seen):
    if id(value) in seen:
        return 0
    seen.add(id(value))
    inner = value.values() if isinstance(value, dict) else value
    inner = [*value, *inner] if isinstance(value, dict) else inner
    parts = inner if isinstance(value, (dict, list, tuple)) else ()
    return sys.getsizeof(value) + sum(measured(one, seen) for one in parts)


def test_nothing_of_a_chart_stands_in_a_printed_memory():
    by = reader(ROOMY)
    read(by, encoded(bundle(NET, ki67(2))))
    assert memory(by).bytes > 0
    assert "C7A" not in f"{memory(by)} {memory(by)!r}"
