"""The real engine behind the real application, with the patients of fixtures/ to ask about."""

import json
import os
from functools import cache
from pathlib import Path

from cdshooks.engine import Engine
from cdshooks.faces.fixtures import load_cases, request_of
from cdshooks.faces.web.http import create_app
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.settings import Settings

FIXTURES = Path(__file__).parents[2] / "fixtures"
SERVICE = "/cds-services/net-patient-view"
SOAK = os.environ.get("SOAK") == "1"


@cache
def engine():
    return Engine.load()


@cache
def app():
    caller = sandbox_caller()
    return create_app(engine(), Settings(sandbox=True), lambda *_: caller)


@cache
def bodies():
    """The hook request about each patient of fixtures/, by name."""
    service = engine().services["net-patient-view"]
    return {case.name: request_of(case, service) for case in load_cases(FIXTURES)}


def request(name="ileum-g1-progressive-after-ssa"):
    """One of them to change: a new one each time."""
    return json.loads(bodies()[name])


def post(body, **headers):
    """The status and the JSON that come back; `body` is sent as it is."""
    client = app().test_client()
    answer = client.post(
        SERVICE, data=body, headers={"Content-Type": "application/json", **headers}
    )
    return answer.status_code, json.loads(answer.data)


def corpus(*parts):
    """A folder of the corpora, where the variable CORPORA names them; else None."""
    folder = Path(os.environ.get("CORPORA", "")).joinpath(*parts)
    return folder if "CORPORA" in os.environ and folder.is_dir() else None
