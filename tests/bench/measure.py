"""One run: rounds in which the sides alternate, after one that warms everything up."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.bench import worker
from tests.bench.inside import InProcess
from tests.bench.load import Outcome
from tests.bench.plan import BARE, CELLS, COLD, FLOOR, HOT, RAW, TRUSTED, TYPED, Cell, Plan
from tests.bench.profiling import Profile
from tests.bench.served import MEMORY_OFF
from tests.bench.servers import (
    HEALTHCHAIN,
    PATH_OF_HEALTHCHAIN,
    Command,
    Loader,
    Server,
    Site,
    bare,
    floor,
    healthchain,
    running,
    service,
)


@dataclass
class Results:
    """What one run found, a value for each round. Times in microseconds where not said."""

    plan: Plan
    cells: dict[Cell, list[Outcome]] = field(default_factory=dict)
    stages: dict[tuple[str, int], list[dict[str, float]]] = field(default_factory=dict)
    readers: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)  # seconds
    memory: dict[int, float | None] = field(default_factory=dict)  # MiB by workers
    peaks: list[float | None] = field(default_factory=list)  # bytes for each byte of the body
    profile: Profile | None = None
    seconds: float = 0.0  # that the run took
    load_before: float = 0.0  # load average of the machine


Outcomes = dict[Cell, Outcome]
Say = Callable[[str], None]


def measured(plan: Plan, say: Say) -> Results:
    results, began = Results(plan, load_before=psutil.getloadavg()[0]), time.perf_counter()
    with ExitStack() as ending:
        site = Site(Path(ending.enter_context(TemporaryDirectory())))
        load = Loader()
        ending.callback(load.close)
        say("start and memory of the service")
        _starts(results, site, load)
        servers = {name: ending.enter_context(running(*how)) for name, how in _servers(site)}
        if RAW not in servers:
            say("HealthChain is not installed: run `make peers`")
        inside = InProcess(plan)
        outcomes: Outcomes = {}
        for number in range(plan.rounds + 1):
            say(f"round {number} of {plan.rounds}" if number else "a round to warm up")
            stages, readers = inside.round(number)
            outcomes = _round(plan, number, servers, outcomes, site, load)
            if number:
                _add(results.stages, stages)
                _add(results.readers, readers)
                _add(results.cells, outcomes)
        results.profile = inside.profile()
    results.seconds = time.perf_counter() - began
    return results


def _add(all_rounds: dict[Any, list[Any]], one: Mapping[Any, Any]) -> None:
    for key, value in one.items():
        all_rounds.setdefault(key, []).append(value)


def _servers(site: Site) -> Iterator[tuple[str, tuple[Command] | tuple[Command, str]]]:
    yield FLOOR, (floor,)
    yield BARE, (bare,)
    yield COLD, (service(MEMORY_OFF),)
    yield HOT, (service({}),)
    yield TRUSTED, (service(MEMORY_OFF | {"config": str(site.config)}, trust=True),)
    if HEALTHCHAIN.exists():
        yield RAW, (healthchain("raw"), PATH_OF_HEALTHCHAIN)
        yield TYPED, (healthchain("typed"), PATH_OF_HEALTHCHAIN)


def _starts(results: Results, site: Site, load: Loader) -> None:
    worker.start(site)  # the first one compiles
    results.starts = [worker.start(site) for _ in range(results.plan.starts)]
    for workers in (1, 2, 3):
        results.memory[workers] = worker.memory(site, load, workers, 60 * workers)
    results.peaks = [worker.peak(load, 10_000) for _ in range(results.plan.starts)]


def _patients(plan: Plan, cell: Cell) -> int:
    return (plan.reopened if cell.server == HOT else plan.patients)[cell.observations]


def _round(
    plan: Plan,
    number: int,
    servers: Mapping[str, Server],
    before: Outcomes,
    site: Site,
    load: Loader,
) -> Outcomes:
    """Every cell once; in each second round the other way round."""
    cells = [cell for cell in CELLS if cell.server in servers]
    outcomes: Outcomes = {}
    for cell in reversed(cells) if number % 2 else cells:
        closed = before.get(replace(cell, connections=8, open=False))
        if cell.open and (closed is None or not closed.times):
            continue
        signed = plan.signed + cell.connections
        tokens = site.tokens(signed) if cell.server == TRUSTED else None
        outcomes[cell] = load(
            servers[cell.server],
            observations=cell.observations,
            patients=_patients(plan, cell),
            connections=cell.connections,
            seconds=plan.seconds if number else plan.seconds / 4,
            calls=plan.signed if tokens else None,
            rate=closed.rate / 2 if cell.open and closed else None,
            warm_up=cell.connections,
            strangers=cell.server != HOT,
            tokens=str(tokens) if tokens else None,
        )
    return outcomes
