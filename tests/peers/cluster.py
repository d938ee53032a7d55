"""Nodes of the service behind haproxy, and a record system that signs a token for each call."""

import json
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.peers.conftest import SERVICE, Running, end, free_port, require, running

ISSUER = "https://ehr.example.org"
DRAIN_SECONDS = 3  # a proxy that asks five times a second has long heard that it is not ready


@dataclass(frozen=True)
class Ehr:
    """The client that the nodes know. Its tokens are for the service behind `base`."""

    base: str
    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key(
            "P-384", parameters={"use": "sig", "alg": "ES384"}, auto_kid=True
        ),
        repr=False,
    )

    @property
    def jwks(self) -> str:
        return json.dumps({"keys": [self.key.as_dict(private=False)]})

    def token(self) -> str:
        now = int(time.time())
        header = {"alg": "ES384", "typ": "JWT", "kid": self.key.kid}
        claims = {
            "iss": ISSUER,
            "aud": f"{self.base}/cds-services/{SERVICE}",
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(header, claims, self.key, algorithms=["ES384"])


def post(root: str, token: str, body: bytes) -> requests.Response:
    """One call on a connection of its own; `root` is a proxy or a node."""
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            f"{root}/cds-services/{SERVICE}",
            data=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=60,
        )


@dataclass
class Node:
    """`cdshooks serve --config` on a port that stays the same when it is started again."""

    folder: Path
    port: int
    workers: int
    running: Running | None = None
    _ending: ExitStack = field(default_factory=ExitStack)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = [sys.executable, "-c", "from cdshooks.faces.terminal.cli import app; app()"]
        self.running = self._ending.enter_context(
            running(
                lambda port: [*program, "serve", "--config", "../cds.toml", "--port", str(port)],
                "/readyz",
                self.folder,
                {"CDSHOOKS_WORKERS": str(self.workers)},
                self.port,
            )
        )

    def terminate(self) -> None:
        """Tell it to stop, and go on at once."""
        if self.running is not None:
            self.running.process.terminate()

    def stop(self) -> None:
        """Stop it, and wait until it has ended."""
        if self.running is not None:
            end(self.running.process)
        self._ending.close()
        self.running = None


def write_config(
    folder: Path, ehr: Ehr, client: Mapping[str, Any] | None = None, **service: Any
) -> None:
    """The one file that every node reads; `client` are more keys of the client's table."""
    (folder / "jwks.json").write_text(ehr.jwks)
    tables = {
        "service": {"public_base": ehr.base, "drain_seconds": DRAIN_SECONDS} | service,
        "clients.ehr": {"issuer": ISSUER, "jwks_file": "jwks.json"} | dict(client or {}),
    }
    lines = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    (folder / "cds.toml").write_text("\n".join(lines))


@contextmanager
def nodes(folder: Path, ports: list[int], workers: int) -> Iterator[list[Node]]:
    """A started node on each port, all with the config file in `folder`."""
    made = [Node(folder / f"node{number}", port, workers) for number, port in enumerate(ports)]
    with ExitStack() as ending, ThreadPoolExecutor() as pool:
        for node in made:
            ending.callback(node.stop)
        list(pool.map(Node.start, made))
        yield made
        for node in made:  # all at once, for each goes on for a while
            node.terminate()


# ---- haproxy ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proxy:
    """haproxy: round robin over the nodes that are ready, and it never tries a call twice.

    X-Node is the node that a call went to, and NOBODY where none was ready. It is there also in an
    error that haproxy gives because it could not reach that node, or lost it.
    """

    root: str
    ready_root: str

    def ready(self) -> list[bool]:
        """Whether it would send a call to each of the nodes now."""
        return [digit == "1" for digit in requests.get(self.ready_root, timeout=10).text]

    def wait_until(self, wanted: Callable[[list[bool]], bool], seconds: float = 60) -> None:
        late = time.monotonic() + seconds
        while not wanted(self.ready()):
            assert time.monotonic() < late, f"the nodes that are ready: {self.ready()}"
            time.sleep(0.02)


NOBODY = "<NOSRV>"

CONFIGURATION = """
defaults
    mode http
    retries 0
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout check 5s

listen cds
    bind 127.0.0.1:{port}
    balance roundrobin
    option httpchk GET /readyz
    http-check expect status 200
    http-after-response set-header X-Node %s
    default-server check inter 200ms fall 3 rise 1
{servers}

frontend ready
    bind 127.0.0.1:{ready_port}
    http-request return status 200 content-type text/plain lf-string "{ready}"
"""


@contextmanager
def haproxy(folder: Path, port: int, node_ports: list[int]) -> Iterator[Proxy]:
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    program = require("haproxy", Path(found) if found else None)
    ready_port = free_port()
    names = [f"node{number}" for number in range(len(node_ports))]
    servers = [
        f"    server {name} 127.0.0.1:{node_port}"
        for name, node_port in zip(names, node_ports, strict=True)
    ]
    configuration = CONFIGURATION.format(
        port=port,
        servers="\n".join(servers),
        ready_port=ready_port,
        ready="".join(f"%[srv_is_up(cds/{name})]" for name in names),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "haproxy.cfg").write_text(configuration)
    command = [str(program), "-f", "haproxy.cfg", "-db"]
    with running(lambda _: command, "/", folder, port=ready_port):
        yield Proxy(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{ready_port}/")
