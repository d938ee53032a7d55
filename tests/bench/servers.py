"""The processes that are measured: started with a port of their own, ended by their pid."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from cdshooks.trust.signing import new_key, public_set, sign
from tests.bench.load import Job, Outcome

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HEALTHCHAIN = ROOT / ".peers/healthchain/bin/python"

PATH = "/cds-services/net-patient-view"
PATH_OF_HEALTHCHAIN = "/cds/cds-services/net"
ISSUER, BASE = "https://ehr.example.org", "http://127.0.0.1"

# What a developer has set for a service of their own is not for this one, and an installed package
# is compiled.
SURROUNDINGS = {
    name: told
    for name, told in os.environ.items()
    if not name.startswith("CDSHOOKS_") and name != "PYTHONDONTWRITEBYTECODE"
}


Command = Callable[[int], list[str]]  # of a program that listens on a port


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    port: int
    path: str

    @property
    def pid(self) -> int:
        return self.process.pid

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def running(
    command: Command,
    path: str = PATH,
    wait: Callable[[Server], None] | None = None,
) -> Iterator[Server]:
    """A process that listens on the port it is given, once it does."""
    port = free_port()
    environment = SURROUNDINGS | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command(port), env=environment, stdout=log, stderr=log)
        server = Server(process, port, path)
        try:
            (wait or wait_for)(server)
            yield server
        except RuntimeError:
            log.seek(0)
            sys.stderr.write(log.read()[-2_000:].decode(errors="replace"))
            raise
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """One below those that the system gives to whoever asks: a service takes seconds to bind it."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(server: Server) -> None:
    """Until the process itself listens; whoever else has the port does not count."""
    while server.process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(_listens(one, server.port) for one in server.family()):
                return
        time.sleep(0.01)
    raise RuntimeError(f"{server.process.args!r} did not start")


def _listens(process: psutil.Process, port: int) -> bool:
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr.port == port
        for one in process.net_connections("tcp")
    )


def service(settings: Mapping[str, Any], *, trust: bool = False) -> Command:
    """Ours. Without trust no client is registered, and anybody may call."""

    def command(port: int) -> list[str]:
        given = {"drain_seconds": 0, **settings, "port": port, "trust": trust}
        return [sys.executable, "-m", "tests.bench.served", json.dumps(given)]

    return command


def floor(port: int) -> list[str]:
    return [sys.executable, "-m", "tests.bench.floor", str(port)]


def bare(port: int) -> list[str]:
    return [sys.executable, "-m", "tests.bench.bare", str(port)]


def healthchain(handler: str) -> Command:
    """`raw` or `typed`."""
    script = str(HERE / "healthchain_service.py")
    return lambda port: [str(HEALTHCHAIN), script, str(port), handler]


# ---- who calls, and with what -------------------------------------------------------------------


class Site:
    """A folder with the config file of one client, and the tokens that it signs."""

    def __init__(self, folder: Path):
        self._folder, self._key = folder, new_key("ES384")
        (folder / "jwks.json").write_text(json.dumps(public_set(self._key)))
        self.config = folder / "clients.toml"
        self.config.write_text(
            f'[service]\npublic_base = "{BASE}"\nstate_dir = "state"\ndrain_seconds = 0\n'
            f'[clients.bench]\nissuer = "{ISSUER}"\njwks_file = "jwks.json"\n'
        )
        (folder / "state").mkdir()

    def tokens(self, count: int) -> Path:
        """A file of so many unused tokens, one a line."""
        key, now = json.dumps(self._key).encode(), int(time.time())
        signed = (sign(key, ISSUER, BASE + PATH, now, 3_600) for _ in range(count))
        file = self._folder / "tokens.txt"
        file.write_text("".join(f"{one}\n" for one in signed))
        return file


class Loader:
    """The process that calls the servers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load"],
            env=SURROUNDINGS | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, server: Server, **job: Any) -> Outcome:
        asked = Job(port=server.port, path=server.path, pid=server.pid, **job)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(asdict(asked)) + "\n")
        stdin.flush()
        return Outcome(**json.loads(stdout.readline()))

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
