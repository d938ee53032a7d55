"""What a service has loaded once all is found well, just before its workers fork."""

import json
import subprocess
import sys

import pytest

from tests.faces.web.test_server import free_port
from tests.faces.web.trusted import BASE, client

# The service as it is started, with a server that tells what there is and serves nobody.
PROGRAM = """
import gc, json, sys
import cdshooks.faces.web.server as server
from cdshooks.__main__ import main
from pydantic.plugin import _loader

_loader._plugins = {"spy": "a plugin of another package"}

class Told:
    def serve(self, **_):
        modules = sorted({name.partition(".")[0] for name in sys.modules})
        told = {"collects": gc.isenabled(), "kept": gc.get_freeze_count()}
        print(json.dumps(told | {"modules": modules, "plugins": list(_loader.get_plugins())}))

server._granian = lambda settings: Told()
main()
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """What is told of a service with one client, by what its table says beside its keys."""

    def start(more=""):
        folder = tmp_path_factory.mktemp("start")
        ehr, config = client(folder, "ehr"), folder / "config.toml"
        config.write_text(
            f"""
            [service]
            port = {free_port()}
            public_base = "{BASE}"
            replay_store = "sqlite:///{folder}/replay.sqlite3"

            [clients.ehr]
            issuer = "{ehr.issuer}"
            {more or f'jwks_file = "{ehr.jwks_file}"'}
            """
        )
        command = [sys.executable, "-c", PROGRAM, "serve", "--config", config]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(ended.stdout.splitlines()[-1])

    return start


@pytest.fixture(scope="module")
def modules(started):
    return set(started()["modules"])


UNUSED = ["requests", "urllib3", "rich", "structlog", "sqlalchemy", "psycopg", "redis"]


@pytest.mark.parametrize("package", UNUSED)
def test_a_service_does_not_wait_for_a_package_that_it_does_not_use(modules, package):
    assert package not in modules


USED = ["cdshooks", "cryptography", "fhir", "flask", "joserfc", "orjson"]


@pytest.mark.parametrize("package", USED)
def test_what_a_call_needs_is_loaded_before_the_first_one(modules, package):
    assert package in modules


@pytest.mark.parametrize(
    "more",
    [
        'jku = "https://ehr.example/keys"',
        'jku = "https://ehr.example/keys"\nfhir_servers = ["https://ehr.example/fhir"]',
    ],
)
def test_what_opens_connections_is_loaded_before_the_first_call_that_needs_it(started, more):
    assert "requests" in started(more)["modules"]


def test_the_collector_is_off_only_while_all_is_loaded_and_then_leaves_that_alone(started):
    told = started()
    assert told["collects"]
    assert told["kept"] > 100_000


def test_no_plugin_of_another_package_sees_what_is_validated(started):
    assert started()["plugins"] == []
