"""The whole service, as far as one process has it: the real engine behind the real HTTP face."""

import json

import pytest

from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.faces.http import create_app
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.example import example_request
from cdshooks.settings import Settings
from tests.shipped import ENGINE

CASES = {case.name: case for case in load_cases(default_root())}


@pytest.fixture(scope="session")
def client():
    app = create_app(ENGINE, Settings(sandbox=True), lambda *_: sandbox_caller())
    return app.test_client()


@pytest.fixture
def good():
    """A call with whole prefetch of a patient whom options fit."""
    case = CASES["pancreas-g2-progressive-many-options"]
    service = ENGINE.services["net-patient-view"]
    return example_request(case.bundle(), service, case.as_of, case.jurisdiction)


@pytest.fixture
def post(client):
    def send(body, path="/cds-services/net-patient-view", **how):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(path, data=data, **{"content_type": "application/json", **how})

    return send
