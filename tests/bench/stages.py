"""What the stages of a call cost in process, in processor time.

The functions that the engine calls are replaced by ones that count and pass on, so that a stage is
exactly what the engine calls so; what is left is under "other".
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import cdshooks.engine
from cdshooks.engine import Engine
from cdshooks.hooks.caller import Caller
from tests.bench.connection import fault_of

SERVICE = "net-patient-view"

# The functions of cdshooks.engine, or where they are found from an engine on.
STAGES: Mapping[str, str] = {
    "parse": "parse_request",
    "collect": "collect",
    "record": "_assessing.extractor.record_reader.read",
    "extract": "_assessing.extractor.extract",
    "derive": "_assessing.assessor.derive",
    "assess": "_assessing.assessor.assess",
    "compose": "compose",
    "response": "_response",
}
OTHER = "other"
RULES_AND_CARDS = ("derive", "assess", "compose", "response")

Clock = Callable[[], int]


def costs(
    engine: Engine, bodies: list[bytes], clock: Clock = time.process_time_ns
) -> list[dict[str, float]]:
    """Of each body the microseconds of every stage. Raises RuntimeError if one gets no card."""
    with counted(engine, clock) as spent:
        return [_costs(engine, body, spent, clock) for body in bodies]


def _costs(engine: Engine, body: bytes, spent: Counter[str], clock: Clock) -> dict[str, float]:
    spent.clear()
    began = clock()
    answer = engine.answer(SERVICE, body, Caller("bench"))
    total = clock() - began
    fault = fault_of(b"HTTP/1.1 200\r\n" + answer)
    if fault:
        raise RuntimeError(fault)
    known = {stage: spent[stage] / 1000 for stage in STAGES}
    return {**known, OTHER: total / 1000 - sum(known.values())}


@contextmanager
def counted(engine: Engine, clock: Clock) -> Iterator[Counter[str]]:
    """The nanoseconds of each stage, as long as the context lasts."""
    spent = Counter[str]()
    with ExitStack() as replaced:
        for stage, path in STAGES.items():
            holder, name = _holder(engine, path)
            counting = _counting(getattr(holder, name), stage, spent, clock)
            replaced.enter_context(patch.object(holder, name, counting))
        yield spent


def _holder(engine: Engine, path: str) -> tuple[Any, str]:
    """Where a function is found: our values have slots, so a method is that of its class."""
    *way, name = path.split(".")
    if not way:
        return cdshooks.engine, name
    holder: Any = engine
    for part in way:
        holder = getattr(holder, part)
    return type(holder), name


def _counting(
    function: Callable[..., Any], stage: str, spent: Counter[str], clock: Clock
) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        began = clock()
        try:
            return function(*given, **named)
        finally:
            spent[stage] += clock() - began

    return call
