"""Real counterparts as processes of their own: a FHIR server, a CDS client, a browser, our service.

`install.sh` puts them into .peers/. One that is missing skips its tests with a line that says how
to get it; with CI=true it fails them. Every process has a port of its own and is ended by its pid,
so several sessions (pytest-xdist) run side by side.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest
import requests

from cdshooks.engine import ASSESSMENT, Engine
from tests.peers.charts import Case, Chart, cases, chart_of

collect_ignore = ["healthchain_client.py"]  # runs in the environment of HealthChain

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PEERS = ROOT / ".peers"
CHROMIUM = Path("/usr/bin/chromium")
SERVICE = "net-patient-view"

INSTALLED = {
    "SEKMET": PEERS / "sekmet/bin/sekmet",
    "the Medplum client": PEERS / "node_modules/@medplum/core/dist/esm/index.mjs",
    "Medplum's FHIR router": PEERS / "node_modules/@medplum/fhir-router/dist/esm/index.mjs",
    "HealthChain": PEERS / "healthchain/bin/python",
    "the mCODE package": PEERS / "mcode/example",
    "the R4 examples": PEERS / "r4-examples",
    "oidc-provider": PEERS / "oidc-provider/node_modules/oidc-provider",
}

DEBIAN = {
    "Chromium": "chromium",
    "haproxy": "haproxy",
    "PostgreSQL": "postgresql",
    "Redis": "redis-server",
}

# What a developer has set for a service of their own is not for the services of tests.
SURROUNDINGS = {name: told for name, told in os.environ.items() if not name.startswith("CDSHOOKS_")}

HTTP = requests.Session()
HTTP.trust_env = False  # loopback goes through no proxy


def require(name: str, place: Path | None) -> Path:
    """Where a counterpart is installed; without it the test is skipped, with CI=true it fails."""
    if place is not None and place.exists():
        return place
    cure = f"install Debian's {DEBIAN[name]}" if name in DEBIAN else "run `make peers`"
    line = f"{name} is not installed: {cure}"
    if os.environ.get("CI") == "true":
        pytest.fail(line, pytrace=False)
    pytest.skip(line)


# ---- processes ----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Running:
    """A process that listens on `port` of loopback and writes what it has to say into `log`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(
    command: Callable[[int], list[str]],
    ready: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Running]:
    """A started process that answers `ready`. A port that was snatched away is replaced, twice."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    for attempt in range(3):
        chosen = port or free_port()
        with log.open("ab") as out, ExitStack() as ending:
            process = subprocess.Popen(
                command(chosen),
                cwd=folder,
                env=SURROUNDINGS | {"PYTHONPATH": str(ROOT)} | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            ending.callback(end, process)
            if answers(process, f"http://127.0.0.1:{chosen}{ready}"):
                yield Running(process, chosen, log)
                return
        if port or attempt == 2:
            pytest.fail(
                f"{command(chosen)[0]} did not start:\n{log.read_text()[-2000:]}", pytrace=False
            )


def answers(process: subprocess.Popen[bytes], url: str, seconds: float = 180) -> bool:
    """Whether `url` answers 200 before the process ends."""
    late = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < late:
        try:
            if HTTP.get(url, timeout=5).status_code == 200:
                return process.poll() is None
        except requests.RequestException:
            time.sleep(0.05)
    return False


def end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# ---- a FHIR server ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sekmet:
    """SEKMET with what `put` stored in it."""

    base: str
    running: Running
    headers: dict[str, str] = field(default_factory=dict)

    def put(self, *charts: Chart) -> None:
        for chart in charts:
            entries = [
                {
                    "resource": resource,
                    "request": {
                        "method": "PUT",
                        "url": f"{resource['resourceType']}/{resource['id']}",
                    },
                }
                for resource in chart.resources
            ]
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            answer = HTTP.post(self.base, json=bundle, headers=self.headers, timeout=60)
            assert answer.status_code == 200, answer.text

    def search(self, query: str) -> dict[str, Any]:
        """All that it has, on one page."""
        joint = "&_count=1000" if "?" in query else ""
        answer = HTTP.get(f"{self.base}/{query}{joint}", headers=self.headers, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def sekmet_server(folder: Path, *, port: int | None = None, **settings: Any) -> Iterator[Sekmet]:
    """SEKMET on a port of its own. It stores what it is given, and plays no hospital."""
    program = require("SEKMET", INSTALLED["SEKMET"])

    def command(port: int) -> list[str]:
        chosen = {
            "base_url": f"http://127.0.0.1:{port}/fhir",  # it builds its `next` links from this
            "host": "127.0.0.1",
            "port": port,
            "simulator": {"enabled": False},
            "validation": {"inbound": "off"},
            "log_inbound": False,
        }
        (folder / "settings.yaml").write_text(json.dumps(chosen | settings))
        return [str(program), "serve", "--config", "settings.yaml"]

    folder.mkdir(parents=True, exist_ok=True)
    environment = {"SEKMET_CONFIG": "settings.yaml", "SEKMET_BASE_URL": ""}
    with running(command, "/fhir/metadata", folder, environment, port) as started:
        yield Sekmet(f"{started.root}/fhir", started)


@pytest.fixture(scope="session")
def charts() -> dict[str, Chart]:
    """Each fixture patient as an EHR would store it, by the name of the case."""
    return {case.name: chart_of(case) for case in cases()}


@pytest.fixture(scope="session")
def sekmet(charts: dict[str, Chart], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sekmet]:
    """A FHIR server that holds the fixture patients."""
    with sekmet_server(tmp_path_factory.mktemp("sekmet")) as server:
        server.put(*charts.values())
        yield server


# ---- our service --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cds:
    """Our service."""

    running: Running

    @property
    def root(self) -> str:
        return self.running.root

    def services(self) -> dict[str, Any]:
        """What discovery announces, by id."""
        answer = HTTP.get(f"{self.root}/cds-services", timeout=30)
        return {service["id"]: service for service in answer.json()["services"]}

    def post(self, body: Mapping[str, Any], service: str = SERVICE) -> requests.Response:
        return HTTP.post(f"{self.root}/cds-services/{service}", json=body, timeout=30)


def request(patient_id: str, server: str, case: Case, **members: Any) -> dict[str, Any]:
    """A hook request that leaves everything to be fetched."""
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "fhirServer": server,
        "context": {"userId": "Practitioner/oncologist", "patientId": patient_id},
        "extension": case.circumstances,
    } | members


def assert_asks_for_data(answer: requests.Response, *secrets: str) -> None:
    """412 with an OperationOutcome that repeats nothing of what the caller sent."""
    assert answer.status_code == 412, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert [secret for secret in secrets if secret in answer.text] == []


@contextmanager
def cds_service(folder: Path, *fhir_servers: str, **settings: object) -> Iterator[Cds]:
    """`cdshooks serve --sandbox` that may call `fhir_servers`."""
    arguments = [part for server in fhir_servers for part in ("--fhir-server", server)]
    program = [sys.executable, "-c", "from cdshooks.faces.terminal.cli import app; app()"]

    def command(port: int) -> list[str]:
        return [*program, "serve", "--sandbox", "--port", str(port), *arguments]

    chosen = {"drain_seconds": 0} | settings  # nobody else calls it when its tests are over
    environment = {f"CDSHOOKS_{name.upper()}": str(value) for name, value in chosen.items()}
    with running(command, "/readyz", folder, environment) as started:
        yield Cds(started)


@pytest.fixture(scope="session")
def cds(sekmet: Sekmet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cds]:
    """Our service, which may call SEKMET; with time enough for a busy machine."""
    folder = tmp_path_factory.mktemp("cds")
    with cds_service(folder, sekmet.base, fetch_budget_ms=20_000) as service:
        yield service


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of `cdshooks assess`, in this process."""
    return Engine.load()


@dataclass(frozen=True)
class Advice:
    """What two answers must share: the outcomes, and the cards as a clinician reads them."""

    outcomes: dict[str, str]
    cards: list[tuple[str, str, list[str]]]

    @classmethod
    def of(cls, document: Mapping[str, Any], cards: Iterable[Mapping[str, Any]]) -> "Advice":
        return cls(
            {one["id"]: one["outcome"] for one in document["treatments"]},
            [
                (
                    card["indicator"],
                    card["summary"],
                    [suggestion["label"] for suggestion in card.get("suggestions", [])],
                )
                for card in cards
            ],
        )

    @classmethod
    def of_answer(cls, answer: Mapping[str, Any]) -> "Advice":
        return cls.of(answer["extension"][ASSESSMENT], answer["cards"])


@pytest.fixture(scope="session")
def assessed(engine: Engine) -> Callable[[Chart], Advice]:
    """What `cdshooks assess` says of a chart, which is also what it says of the bundle it is from.

    Only a stray entry of another patient, which a server keeps apart, is named for the bundle.
    """

    def advice(chart: Chart) -> Advice:
        case = chart.case
        of_bundle, of_chart = (
            engine.assess_body(body, case.as_of, case.jurisdiction)[0]
            for body in (case.body, chart.body)
        )
        said = Advice.of(of_chart, of_chart.get("cards", []))
        assert said.outcomes == Advice.of(of_bundle, ()).outcomes
        return said

    return advice


# ---- a CDS client -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Medplum:
    """Medplum's CDS client: one job a line in, one answer a line out."""

    lines_in: IO[str]
    lines_out: IO[str]

    def view(self, patient_id: str, **members: Any) -> dict[str, Any]:
        """Open a chart; `members` are added to the request that the client has built."""
        job = {"service": SERVICE, "patientId": patient_id, "members": members}
        self.lines_in.write(json.dumps(job) + "\n")
        self.lines_in.flush()
        answer: dict[str, Any] = json.loads(self.lines_out.readline())
        assert "error" not in answer, answer
        return answer


@pytest.fixture(scope="session")
def medplum(
    sekmet: Sekmet, cds: Cds, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Medplum]:
    require("the Medplum client", INSTALLED["the Medplum client"])
    node = require("Node.js", node_program())
    script = str(HERE / "medplum_client.mjs")
    # Node 20 has WebSocket, which this client asks for on loading, behind a flag.
    command = [str(node), "--experimental-websocket", script, sekmet.running.root, cds.root]
    with (
        (tmp_path_factory.mktemp("medplum") / "log.txt").open("w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        yield Medplum(process.stdin, process.stdout)
        process.stdin.close()
        end(process)


def node_program() -> Path | None:
    """The one that install.sh had to bring, else the one of the system."""
    own, found = PEERS / "node/bin/node", shutil.which("node")
    return own if own.exists() else Path(found) if found else None


# ---- packages of examples, and a browser --------------------------------------------------------


@pytest.fixture(scope="session")
def mcode() -> Path:
    return require("the mCODE package", INSTALLED["the mCODE package"])


@pytest.fixture(scope="session")
def r4_examples() -> Path:
    return require("the R4 examples", INSTALLED["the R4 examples"])


@pytest.fixture(scope="session")
def chromium() -> Path:
    return require("Chromium", CHROMIUM)
