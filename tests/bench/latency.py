"""How long a chart takes: `net-patient-view` over HTTP beside `fhir.resources` on the same body.

    python -m tests.bench.latency [--rounds 5]

Posts the charts of many patients, one after another, to `cdshooks serve` (granian, one worker) on a
kept-alive loopback connection, and validates each chart as a whole with `fhir.resources`, in turns,
so that both see the same machine, and with the garbage collector set as the service sets it. A
figure is the median of the rounds. A ratio is within one run and means more than milliseconds.
"""

import argparse
import gc
import http.client
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from fhir.resources.R4B.bundle import Bundle

from cdshooks.engine import Engine
from cdshooks.hooks.caller import sandbox_caller
from tests.bench.payload import AS_OF, bodies, bundle

PATH = "/cds-services/net-patient-view"
PATIENTS = {100: 60, 1000: 20}  # different charts for each size
VALIDATED = {100: 20, 1000: 4}  # of them for each round by the slow reader

Series = Callable[[list[bytes]], list[float]]  # how long each body takes, in milliseconds


@dataclass(frozen=True)
class Figures:
    """Of one way at one size, in milliseconds: the medians over the rounds."""

    median: float
    p99: float

    @classmethod
    def of(cls, rounds: Sequence[Sequence[float]]) -> "Figures":
        return cls(
            statistics.median(statistics.median(one) for one in rounds),
            statistics.median(p99(one) for one in rounds),
        )


def p99(times: Sequence[float]) -> float:
    """The time that 99 of 100 do not pass; of fewer than 100, the longest."""
    return sorted(times)[-1 - len(times) // 100]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200, help="for each round")
    given = parser.parse_args()
    engine, caller = Engine.load(today=lambda: AS_OF), sandbox_caller()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with served() as connection:
        ways: dict[str, Series] = {
            "net-patient-view over HTTP": lambda series: called(connection, series),
            "the engine alone": lambda series: [
                timed(lambda body=body: engine.answer("net-patient-view", body, caller))
                for body in series
            ],
            "Bundle.model_validate": lambda series: [validated(body) for body in series],
        }
        print(f"Python {platform.python_version()}, {given.rounds} rounds, milliseconds")
        for observations in PATIENTS:
            table(observations, measure(ways, observations, given.rounds, given.calls))


def measure(
    ways: dict[str, Series], observations: int, rounds: int, calls: int
) -> dict[str, Figures]:
    """Each way over the charts in turns. A first round warms everything up and is not counted."""
    charts = bodies(PATIENTS[observations], observations)
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, times_of in ways.items():
            often = VALIDATED[observations] if name == "Bundle.model_validate" else calls
            times = times_of([charts[turn % len(charts)] for turn in range(often)])
            if number:
                taken[name].append(times)
    return {name: Figures.of(times) for name, times in taken.items()}


def table(observations: int, figures: dict[str, Figures]) -> None:
    """At most 80 columns wide."""
    size = len(bodies(1, observations)[0]) / 1024
    slow = figures["Bundle.model_validate"]
    print(
        f"\n{f'{observations} Observations, {size:.0f} KiB':42}{'median':>9}{'p99':>9}{'ratio':>9}"
    )
    for name, one in figures.items():
        ratio = one.median / slow.median
        print(f"  {name:40}{one.median:9.2f}{one.p99:9.2f}{ratio:9.3f}")


# ---- the ways -----------------------------------------------------------------------------------


def timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


def validated(body: bytes) -> float:
    """The whole chart read and validated: what a service does that does not pick first."""
    whole = orjson.dumps(bundle(orjson.loads(body)))
    return timed(lambda: Bundle.model_validate(orjson.loads(whole)))


def called(connection: http.client.HTTPConnection, series: list[bytes]) -> list[float]:
    """Calls one after another, each to the last byte of its answer, on one connection."""
    connection.close()  # the service has ended it meanwhile
    call(connection, series[0])
    return [timed(lambda body=body: call(connection, body)) for body in series]


def call(connection: http.client.HTTPConnection, body: bytes) -> None:
    connection.request("POST", PATH, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200 or b'"cards":[{' not in answer:
        raise RuntimeError(f"no cards: status {response.status}")


@contextmanager
def served() -> Iterator[http.client.HTTPConnection]:
    """A kept-alive connection to a service of one worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [sys.executable, "-c", "from cdshooks.faces.terminal.cli import app; app()"]
    process = subprocess.Popen(
        [*program, "serve", "--sandbox", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"CDSHOOKS_LOG_LEVEL": "warning"},
    )
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        wait_for(connection, process)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()


def wait_for(connection: http.client.HTTPConnection, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            connection.request("GET", "/readyz")
            connection.getresponse().read()
        except OSError:
            connection.close()
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the service did not start")


if __name__ == "__main__":
    main()
