"""A chart that is opened again, and a text that is read again, tell what they told before."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from cdshooks.faces import fixtures
from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.memory import Memory
from cdshooks.fhir.record import patient_ids
from cdshooks.fhir.reopened import chart_key
from cdshooks.fhir.text.memory import (
    REMEMBERED,
    SHORT,
    WORDS,
    Remembered,
    RememberedWords,
    remember_texts,
)
from tests.records import AS_OF, bundle, condition, encoded, observation
from tests.shipped import KNOWLEDGE

CASES = list(fixtures.load_cases(fixtures.default_root()))
PLAIN = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)
MEMORY = Memory(64_000_000)
REMEMBERING = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems, MEMORY)
NET = condition("ICD-10-CM#C7A.012")
LACKING = [
    {},
    {"unavailable": frozenset({"Condition", "Procedure"})},
    {"unavailable": frozenset({"Observation"}), "incomplete": frozenset({"Observation"})},
]


def record_of(extractor, body, **lacking):
    bodies = (("Bundle", body),)
    return extractor.record_reader.read(bodies, patient_ids(bodies)[0], **lacking)


def told(extractor, body, as_of=AS_OF, **lacking):
    facts, problems = extractor.extract(record_of(extractor, body, **lacking), as_of)
    return dict(facts.by_name), problems


def shuffled(body, seed):
    document = json.loads(body)
    Random(seed).shuffle(document.get("entry", []))
    return encoded(document)


def bundles():
    """Every fourth fixture, and with SOAK=1 all of them."""
    listed = [case for case in CASES if b'"hook"' not in case.body()]
    return listed if os.environ.get("SOAK") else listed[::4]


def test_a_memory_never_changes_an_answer():
    """Fixtures, each as it stands and shuffled, on two days and with types missing."""
    hits, misses = MEMORY.hits, MEMORY.misses
    for number, case in enumerate(bundles()):
        for as_of in (case.as_of, case.as_of - timedelta(200)):
            lacking = LACKING[number % len(LACKING)]
            body = case.body()
            expected = told(PLAIN, body, as_of, **lacking)
            for again in (body, body, shuffled(body, number)):
                assert told(REMEMBERING, again, as_of, **lacking) == expected, case.name
    assert MEMORY.hits - hits > MEMORY.misses - misses > 0


def test_a_chart_that_is_opened_again_is_not_read_again(monkeypatch):
    body = encoded(bundle(NET))
    first = told(REMEMBERING, body)
    monkeypatch.setattr(REMEMBERING, "_read", None)
    assert told(REMEMBERING, body) == first


def test_without_room_every_chart_is_read_anew():
    memory = Memory(1)
    extractor = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems, memory)
    body = encoded(bundle(NET))
    assert told(extractor, body) == told(extractor, body) == told(PLAIN, body)
    assert memory.bytes == memory.hits == 0


def test_an_answer_that_is_shared_cannot_be_changed():
    body = encoded(bundle(NET))
    facts, _ = REMEMBERING.extract(record_of(REMEMBERING, body), AS_OF)
    with pytest.raises(TypeError):
        facts.by_name["net.status"] = None
    again, _ = REMEMBERING.extract(record_of(REMEMBERING, body), AS_OF)
    assert again.answered is not facts.answered


def test_what_a_fact_depends_on_is_in_the_key():
    record = record_of(REMEMBERING, encoded(bundle(NET, observation("LOINC#718-7"))))
    key = chart_key(record, AS_OF)
    assert key == chart_key(
        record_of(REMEMBERING, encoded(bundle(NET, observation("LOINC#718-7")))), AS_OF
    )
    others = [
        chart_key(record, AS_OF + timedelta(1)),
        chart_key(replace(record, unavailable=frozenset({"Condition"})), AS_OF),
        chart_key(replace(record, incomplete=frozenset({"Condition"})), AS_OF),
        chart_key(replace(record, without_older=frozenset({"Condition"})), AS_OF),
        chart_key(replace(record, patient=None), AS_OF),
        chart_key(replace(record, entries=record.entries[:-1]), AS_OF),
        chart_key(replace(record, entries=record.entries[::-1]), AS_OF),
    ]
    assert len({key, *others}) == 1 + len(others)


def test_an_entry_without_a_key_is_never_remembered():
    kept = MEMORY.bytes
    record = record_of(PLAIN, encoded(bundle(NET)))
    assert chart_key(record, AS_OF) is None
    REMEMBERING.extract(record, AS_OF)
    assert MEMORY.bytes == kept


def test_what_is_referred_to_is_in_the_key():
    """The same result, delivered under another URL than the diagnosis that it refers to."""
    ki67 = observation("LOINC#29593-1", focus=[{"reference": "urn:uuid:1"}])
    keys = set()
    for url in ("urn:uuid:1", "urn:uuid:2"):
        document = bundle(NET, ki67)
        document["entry"][1]["fullUrl"] = url
        keys.add(chart_key(record_of(REMEMBERING, encoded(document)), AS_OF))
    assert len(keys) == 2


def test_a_problem_of_the_record_is_told_by_the_chart_that_has_it():
    strange = observation("LOINC#718-7", subject={"reference": "Patient/somebody-else"})
    assert told(REMEMBERING, encoded(bundle(NET)))[1] == ()
    assert told(REMEMBERING, encoded(bundle(NET, strange)))[1] != ()
    assert told(REMEMBERING, encoded(bundle(NET)))[1] == ()


def test_the_memory_of_texts_never_changes_an_answer():
    bodies = [(case.body(), case.as_of) for case in bundles()]
    with_memory = [told(PLAIN, body, as_of) for body, as_of in bodies]
    remember_texts(False)
    try:
        assert [told(PLAIN, body, as_of) for body, as_of in bodies] == with_memory
    finally:
        remember_texts(True)


def test_what_is_asked_again_outlasts_what_is_asked_once():
    """The texts of one chart do not drive out the names that all charts share."""
    asked = []
    remembered = Remembered(asked.append)
    for number in range(3 * REMEMBERED):
        remembered("platelets")
        remembered(f"study {number}")
    assert asked.count("platelets") == 1
    remembered("study 0")
    assert asked.count("study 0") == 2


def test_texts_are_remembered_up_to_a_length_and_a_number():
    asked = []
    remembered = Remembered(lambda text: asked.append(text) or len(text))
    for text in ("a", "a", "b" * SHORT, "b" * SHORT):
        assert remembered(text) == len(text)
    assert len(asked) == 2
    assert remembered("c" * (SHORT + 1)) == remembered("c" * (SHORT + 1)) == SHORT + 1
    assert len(asked) == 4
    for number in range(REMEMBERED):
        remembered(str(number))
    remembered("a")
    assert len(asked) == 4 + REMEMBERED + 1


def test_words_are_remembered_up_to_a_length_and_a_number():
    asked = []
    remembered = RememberedWords(lambda word: asked.append(word) or len(word))
    long = "x" * 100
    assert [remembered(word) for word in ("a", "a", long, long)] == [1, 1, 100, 100]
    assert asked == ["a", long, long]
    for number in range(2 * WORDS):
        assert remembered(str(number)) == len(str(number))
    assert len(remembered) <= WORDS
    remember_texts(False)
    try:
        remembered("a")
        assert not remembered
    finally:
        remember_texts(True)
