"""A given answer is given again only to the very same call, and with ids of its own."""

import json
import re
from datetime import date, timedelta
from functools import partial

import orjson
import pytest

from cdshooks.engine import Engine
from cdshooks.hooks.answered import Ids, answered
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.profile import Profile
from cdshooks.hooks.told import Advised
from tests.dirty.calls import SERVICE, SOAK, call, chart
from tests.shipped import ENGINE, KNOWLEDGE
from tests.test_fixtures import CASES

DAY = date(2026, 11, 15)
NAMES = [case.name for case in CASES]
SOME = NAMES if SOAK else NAMES[::10]
UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CALLER = Caller("clinic", gets_assessment=True)


def remembering(day=DAY):
    return Engine(KNOWLEDGE, today=lambda: day, memory_bytes=1 << 24)


def sent(name, **prefetch):
    """A call about a shipped patient by an EHR, which may not choose the day."""
    of = chart(name)
    body = orjson.loads(call(of, of.entries, **prefetch))
    del body["extension"]
    return body


def answer(engine, body, caller=CALLER, tell=lambda _: None):
    return engine.answer(SERVICE.id, orjson.dumps(body), caller, tell=tell)


def but_for_ids(answer):
    return UUID.sub(b"", answer)


def known(engine):
    """How many answers came out of the memory: these ask it once, for the whole."""
    return engine.memory.hits


@pytest.mark.parametrize("name", SOME)
def test_e12_the_same_call_gets_the_same_answer_with_ids_of_its_own(name):
    engine, body = remembering(), sent(name)
    first, again = answer(engine, body), answer(engine, body)
    plain = answer(Engine(KNOWLEDGE, today=lambda: DAY), body)
    assert but_for_ids(first) == but_for_ids(again) == but_for_ids(plain)
    assert known(engine) == 1
    ids = [re.findall(rb'"uuid":"([^"]+)"', one) for one in (first, again)]
    assert len(ids[0]) == len(ids[1]) >= len(orjson.loads(first)["cards"])
    assert not set(ids[0]) & set(ids[1])


def test_the_log_hears_the_same_of_an_answer_that_was_given_before():
    engine, body, heard = remembering(), sent(NAMES[0]), []
    for _ in range(2):
        told = []
        answer(engine, body | {"hookInstance": f"call {len(heard)}"}, tell=told.append)
        heard.append(told)
    assert [asked.hook_instance for asked, _ in heard] == ["call 0", "call 1"]
    assert heard[0][1] == heard[1][1]
    assert known(engine) == 1


def edited(edit):
    def changed(body):
        body = json.loads(json.dumps(body))
        edit(body)
        return body

    return changed


def _another_patient(body):
    body["context"]["patientId"] = "somebody-else"


def _another_server(body):
    body["fhirServer"] = "https://another.example.org/fhir"


def _a_value(body):
    body["prefetch"]["patient"]["gender"] = "other"


def _an_entry_less(body):
    body["prefetch"]["observations"]["entry"].pop()


def _a_total(body):
    body["prefetch"]["observations"]["total"] = 99


def _a_key_less(body):
    del body["prefetch"]["allergies"]


def _nothing_on_file(body):
    body["prefetch"]["allergies"] = None


@pytest.mark.parametrize(
    "edit",
    [
        _another_patient,
        _another_server,
        _a_value,
        _an_entry_less,
        _a_total,
        _a_key_less,
        _nothing_on_file,
    ],
)
def test_e1_a_call_that_differs_is_answered_by_what_it_says(edit):
    engine, body = remembering(), sent("ileum-g1-progressive-after-ssa")
    answer(engine, body)
    changed = edited(edit)(body)
    try:
        expected = but_for_ids(answer(ENGINE_OF_THE_DAY, changed))
    except Exception as refused:  # noqa: BLE001 - whatever it is, it is refused again
        with pytest.raises(type(refused)):
            answer(engine, changed)
        return
    assert but_for_ids(answer(engine, changed)) == expected


ENGINE_OF_THE_DAY = Engine(KNOWLEDGE, today=lambda: DAY)


def test_h4_another_day_is_another_answer():
    body, days = sent("ileum-g1-progressive-after-ssa"), iter((DAY, DAY + timedelta(4_000)))
    engine = Engine(KNOWLEDGE, today=partial(next, days), memory_bytes=1 << 24)
    first, later = answer(engine, body), answer(engine, body)
    assert but_for_ids(first) != but_for_ids(later)


@pytest.mark.parametrize(
    "other",
    [
        Caller("clinic"),
        Caller("clinic", gets_assessment=True, profile=Profile(card_members="1.0")),
        Caller("clinic", gets_assessment=True, jurisdiction="eu"),
        Caller(
            "clinic",
            gets_assessment=True,
            templates={SERVICE.id: {"conditions": "Condition?patient={{context.patientId}}&a=b"}},
        ),
    ],
    ids=["no assessment", "1.0", "another country", "own template"],
)
def test_c6_another_client_gets_its_own_form_of_the_answer(other):
    engine, body = remembering(), sent("ileum-g1-progressive-after-ssa")
    answer(engine, body)
    alone = but_for_ids(answer(ENGINE_OF_THE_DAY, body, other))
    assert but_for_ids(answer(engine, body, other)) == alone


def test_what_a_server_makes_anew_for_each_search_is_no_other_call():
    engine, body = remembering(), sent("ileum-g1-progressive-after-ssa")
    searched = edited(
        lambda one: one["prefetch"]["observations"].update(
            id="search-2", meta={"lastUpdated": "2026-11-15T10:00:00Z"}
        )
    )(body)
    assert but_for_ids(answer(engine, body)) == but_for_ids(answer(engine, searched))
    assert known(engine) == 1


def test_f5_what_was_fetched_or_could_not_be_had_is_asked_for_again():
    """The next time the server may answer, or something else."""
    engine, body = remembering(), sent("ileum-g1-progressive-after-ssa")
    del body["prefetch"]["allergies"]
    asked = []

    def fetch(_base, wanted, _token, _began):
        asked.append(set(wanted))
        return {}

    for _ in range(2):
        answer(engine, body, Caller("clinic", fetch))
    assert asked == [{"allergies"}, {"allergies"}]


def test_an_id_that_stands_twice_stands_twice_again():
    ids = Ids()
    one, two = ids(), ids()
    body = f"{one} {two} {one}".encode()
    again = answered(body, ids.given, Advised({})).again().split()
    assert again[0] == again[2] != again[1]
    assert not {one.encode(), two.encode()} & set(again)


def test_an_answer_without_ids_is_the_same_again():
    assert answered(b'{"cards":[]}', [], Advised({})).again() == b'{"cards":[]}'
    assert ENGINE.memory.limit == 0  # the other tests are not answered by what was answered before
