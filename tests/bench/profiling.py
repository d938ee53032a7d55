"""Where the calls of Python functions go for a patient never seen: by room, not by function.

A profiler makes every call dearer, so its times are told as shares; the number of calls is exact.
"""

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cdshooks
from cdshooks.engine import Engine
from cdshooks.hooks.caller import Caller
from tests.bench.stages import SERVICE

PACKAGE = Path(cdshooks.__file__).parent
LIBRARIES = "libraries"
BUILT_IN = "~"  # the file that pstats names of what is written in C

Function = tuple[str, int, str]  # file, line, name


@dataclass(frozen=True)
class Profile:
    """`calls` of Python functions a patient and `shares` of the time, by room; both by name."""

    calls: Mapping[str, float]
    shares: Mapping[str, float]
    empty_call: float  # microseconds of a Python function that does nothing


def profiled(engine: Engine, bodies: list[bytes]) -> Profile:
    """What the engine calls to answer each of the bodies once."""
    profiler = cProfile.Profile()
    profiler.enable()
    for body in bodies:
        engine.answer(SERVICE, body, Caller("bench"))
    profiler.disable()
    calls, times = _by_room(pstats.Stats(profiler).stats)  # type: ignore[attr-defined]
    whole = sum(times.values())
    return Profile(
        {room: count / len(bodies) for room, count in calls.items()},
        {room: spent / whole for room, spent in times.items()},
        _empty_call(),
    )


def _by_room(stats: Mapping[Function, tuple[Any, ...]]) -> tuple[Counter[str], Counter[str]]:
    """Calls and own time of each room. What is written in C counts for the room that called it."""
    calls, times = Counter[str](), Counter[str]()
    for (file, _, _), (_, count, own, _, callers) in stats.items():
        if file == BUILT_IN:
            for (caller, _, _), (_, _, spent, _) in callers.items():
                times[room_of(caller)] += spent
        else:
            calls[room_of(file)] += count
            times[room_of(file)] += own
    return calls, times


def room_of(file: str) -> str:
    """The folder of a module of ours, such as "fhir/text"; else that it is of a library.

    >>> room_of(str(PACKAGE / "fhir" / "text" / "phrases.py"))
    'fhir/text'
    """
    path = Path(file)
    if not path.is_relative_to(PACKAGE):
        return LIBRARIES
    return "/".join(path.relative_to(PACKAGE).parts[:-1][:2]) or path.stem


def _empty_call(times: Iterable[int] = range(100_000)) -> float:
    """The best of five, in microseconds, the loop around it included."""

    def nothing(_: int) -> None:
        return None

    found = []
    for _ in range(5):
        began = time.process_time_ns()
        for one in times:
            nothing(one)
        found.append((time.process_time_ns() - began) / 1000 / 100_000)
    return min(found)
