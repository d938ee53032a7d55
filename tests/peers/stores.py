"""PostgreSQL and Redis as processes that a test can kill, freeze and start again.

PostgreSQL does not run as root, so there it runs as the user that Debian's package makes.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import redis

from tests.peers.conftest import free_port, require


@dataclass
class Server:
    """A store at `url`. Its port stays the same when it is started again."""

    url: str
    command: list[str]
    answers: Callable[[str], bool]
    folder: Path
    user: str | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, seconds: float = 30) -> None:
        log = self.folder / "log.txt"
        as_user: dict[str, Any] = {}
        if self.user is not None:
            group = pwd.getpwnam(self.user).pw_gid
            as_user = {"user": self.user, "group": group, "extra_groups": []}
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=out, stderr=out, **as_user
            )
        late = time.monotonic() + seconds
        while not self.answers(self.url):
            assert self.process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < late, log.read_text()[-2000:]
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash would: nothing is written that was not written before."""
        assert self.process is not None
        # SIGQUIT is how PostgreSQL is told to abandon everything, its children included.
        self.process.send_signal(signal.SIGQUIT if self.is_postgresql else signal.SIGKILL)
        self.process.wait(10)

    @property
    def is_postgresql(self) -> bool:
        return self.url.startswith("postgresql:")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Alive, with open connections, and silent."""
        assert self.process is not None
        everyone = [self.process.pid, *_children(self.process.pid)]
        _signal(everyone, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(everyone, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:  # a child that has ended meanwhile
            continue


# ---- PostgreSQL ---------------------------------------------------------------------------------


@contextmanager
def postgresql_server(*options: str) -> Iterator[Server]:
    """A new cluster with one database; every local user is trusted."""
    programs = require("PostgreSQL", _postgresql_programs())
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(mkdtemp(prefix="cdshooks-postgresql-"))  # pytest's folders are root's alone
    if user is not None:
        shutil.chown(folder, user, user)
    port = free_port()
    command = [str(programs / "initdb"), "-D", "data", "-U", "cdshooks", "-A", "trust", "--no-sync"]
    command += ["--no-locale", "-E", "UTF8"]
    subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)
    server = Server(
        f"postgresql://cdshooks@127.0.0.1:{port}/postgres",
        [str(programs / "postgres"), "-D", "data", "-p", str(port), *_OPTIONS, *options],
        _postgresql_answers,
        folder,
        user,
    )
    yield from _served(server)


_OPTIONS = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
# Tests end the server and never the machine: what it has written is there without a sync.
_OPTIONS += ["-c", "fsync=off"]


def _postgresql_programs() -> Path | None:
    """The folder of the newest server that is installed; Debian keeps it from PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    found = shutil.which("postgres")
    return debian[-1] if debian else Path(found).parent if found else None


def _postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


# ---- Redis --------------------------------------------------------------------------------------


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[Server]:
    """A Redis that writes each change to its disk before it answers, as docs/replay.md asks."""
    found = shutil.which("redis-server")
    program = require("Redis", Path(found) if found else None)
    port = free_port()
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", *options]
    yield from _served(Server(f"redis://127.0.0.1:{port}/0", command, _redis_answers, folder))


def _redis_answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _served(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        if server.process is not None:
            server.kill()
        if server.is_postgresql:
            shutil.rmtree(server.folder)
