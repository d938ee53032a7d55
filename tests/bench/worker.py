"""The start and the memory of the service in production form: a config file, and signed calls."""

import http.client
import sys
import time
from pathlib import Path

import psutil

from tests.bench.connection import CARD
from tests.bench.payload import bodies
from tests.bench.servers import PATH, Loader, Server, Site, running, service

MIB = 1 << 20
SIZE = 100  # Observations of the calls that warm a worker up
PATIENTS = 100


def start(site: Site) -> float:
    """Seconds from the command to the first answer with a card."""
    program = [sys.executable, "-m", "cdshooks", "serve", "--config", str(site.config)]
    (body,) = bodies(1, SIZE)
    token = site.tokens(1).read_text().strip()
    began = time.perf_counter()
    with running(lambda port: [*program, "--port", str(port)], wait=lambda _: None) as server:
        answer = _first_answer(server, body, token)
        took = time.perf_counter() - began
    if CARD not in answer:
        raise RuntimeError("the first answer has no card")
    return took


def _first_answer(server: Server, body: bytes, token: str) -> bytes:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    while server.process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.005)
            continue
        connection.request("POST", PATH, body, headers)
        with connection.getresponse() as response:
            return response.read()
    raise RuntimeError("the service did not start")


def memory(site: Site, load: Loader, workers: int, calls: int) -> float | None:
    """MiB that the processes of the service hold together, once each worker has answered.

    A page that n processes share counts as 1/n for each of them (proportional set size).
    """
    settings = {"config": str(site.config), "workers": workers}
    with running(service(settings, trust=True)) as server:
        if not _warm(load, server, 4 * workers, calls, site.tokens(calls)):
            return None
        return sum(one.memory_full_info().pss for one in server.family()) / MIB


def peak(load: Loader, observations: int) -> float | None:
    """Bytes of memory that one large call adds at its peak, for each byte of its body."""
    (body,) = bodies(1, observations)
    with running(service({})) as server:
        if not _warm(load, server, 1, PATIENTS):
            return None
        family = server.family()
        for one in family:
            Path(f"/proc/{one.pid}/clear_refs").write_text("5")  # forget the peak so far
        before = sum(one.memory_info().rss for one in family)
        large = load(
            server, observations=observations, patients=1, connections=1, seconds=60, calls=1
        )
        if large.mistakes:
            return None
        return (sum(_peak(one) for one in family) - before) / len(body)


def _warm(
    load: Loader, server: Server, connections: int, calls: int, tokens: Path | None = None
) -> bool:
    """Whether every call got a card: there is no figure of a service that refused some."""
    outcome = load(
        server,
        observations=SIZE,
        patients=PATIENTS,
        connections=connections,
        seconds=60,
        calls=calls,
        tokens=str(tokens) if tokens else None,
    )
    return not outcome.mistakes


def _peak(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
