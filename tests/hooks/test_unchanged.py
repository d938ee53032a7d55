"""A prefetch that is not read again changes no answer, and hides nothing of what is around it."""

from datetime import date

import orjson
import pytest

from cdshooks import engine as room
from cdshooks.engine import Engine
from cdshooks.errors import RequestInvalid
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.request import AS_OF
from cdshooks.hooks.unchanged import STAND_IN
from tests.dirty.calls import SERVICE
from tests.hooks.test_answered import CALLER, DAY, but_for_ids, sent
from tests.shipped import KNOWLEDGE

NAME = "ileum-g1-progressive-after-ssa"
PLAIN = Engine(KNOWLEDGE, today=lambda: DAY)


@pytest.fixture
def engine():
    return Engine(KNOWLEDGE, today=lambda: DAY, memory_bytes=1 << 24)


@pytest.fixture
def read(monkeypatch):
    """The lengths of all that is read as a request."""
    lengths, parse = [], room.parse_request

    def measured(body, **given):
        lengths.append(len(body))
        return parse(body, **given)

    monkeypatch.setattr(room, "parse_request", measured)
    return lengths


def ordered(body, *names):
    """The body as text, with its members in this order."""
    return orjson.dumps({name: body[name] for name in names if name in body})


def written(instance="1", name=NAME, **more):
    """A call with its prefetch last."""
    body = sent(name) | {"hookInstance": instance} | more
    return ordered(body, *(body.keys() - {"prefetch"}), "prefetch")


def answer(engine, body, caller=CALLER):
    return but_for_ids(engine.answer(SERVICE.id, body, caller))


def test_e12_a_call_that_differs_beside_its_prefetch_has_only_that_read(engine, read):
    first = answer(engine, written("1"))
    whole = max(read)
    read.clear()
    again = answer(engine, written("22", fhirAuthorization=None))
    assert first == again == answer(PLAIN, written("22"))
    assert read[0] < whole / 10
    assert len(read) == 2  # the other one is that of the plain engine


def spaced(body):
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)


def escaped(body):
    return body.replace(b'"prefetch":', b'"prefetc\\u0068":')


def first_of_all(body):
    whole = orjson.loads(body)
    return ordered(whole, "prefetch", *(whole.keys() - {"prefetch"}))


def named_before(body):
    """The name stands in an earlier member, too."""
    whole = orjson.loads(body)
    del whole["prefetch"]
    return orjson.dumps(whole)[:-1] + b',"extension":{"prefetch":1},' + body[body.index(b'"pref') :]


def named_in_a_text(body):
    return body.replace(b'{"', b'{"extension":{"a":"\\"prefetch\\":{"},"', 1)


def followed(body):
    return body[:-1] + b',"extension":{"a":{"prefetch":{}}}}'


@pytest.mark.parametrize(
    "form", [spaced, escaped, first_of_all, named_before, named_in_a_text, followed]
)
def test_e1_however_a_call_is_written_it_gets_the_same_answer_each_time(engine, form):
    bodies = [written("1"), form(written("1")), form(written("2")), written("3")]
    expected = answer(PLAIN, written("1"))
    assert {answer(engine, body) for body in bodies} == {expected}


def prefetch_of(body):
    return body[body.index(b'"prefetch":') + 11 : -1]


REFUSED = {
    "a second prefetch behind it": lambda body: body[:-1] + b',"prefetch":{}}',
    "a second prefetch before it": lambda body: b'{"prefetch":{},' + body[1:],
    "the same prefetch before it": lambda body: (
        b'{"prefetch":' + prefetch_of(body) + b"," + body[1:]
    ),
    "a repeated key": lambda body: b'{"hook":"patient-view",' + body[1:],
    "another hook": lambda body: body.replace(b'"patient-view"', b'"order-sign"', 1),
    "bytes that are no UTF-8": lambda body: body.replace(
        b'"hookInstance":"1', b'"hookInstance":"\xff'
    ),
    "a brace too many": lambda body: body + b"}",
    "a brace less": lambda body: body[:-1],
    "the mark of this process": lambda body: (
        body[: body.index(b'"prefetch":') + 11] + b'{"%b":null}},' % STAND_IN.encode() + b'"a":{}}'
    ),
}


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED)
def test_d5_what_is_wrong_beside_a_known_prefetch_is_refused_as_ever(engine, spoil):
    answer(engine, written("1"))
    body = spoil(written("1"))
    for one in (engine, PLAIN):
        with pytest.raises(RequestInvalid):
            answer(one, body)


def test_h4_a_day_that_is_chosen_behind_the_prefetch_counts(engine):
    """Only a sandbox may choose it; behind the prefetch it is cut out along with it."""
    caller = sandbox_caller()
    days = [date(2026, 11, 15), date(2030, 11, 15)]
    bodies = [
        written("1")[:-1] + b',"extension":%b}' % orjson.dumps({AS_OF: str(day)}) for day in days
    ]
    assert answer(engine, bodies[0], caller) != answer(engine, bodies[1], caller)
    for body in bodies:
        assert answer(engine, body, caller) == answer(PLAIN, body, caller)


def test_e1_another_prefetch_of_the_same_patient_and_length_is_another(engine):
    body = written("1")
    other = body.replace(b'"gender":"female"', b'"gender":"unknow"')
    other = other if other != body else body.replace(b'"gender":"male"', b'"gender":"fema"')
    assert len(other) == len(body)
    assert other != body
    for one in (body, other, body, other):
        assert answer(engine, one) == answer(PLAIN, one)
