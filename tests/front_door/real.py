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
def names():
    """The patients of fixtures/."""
    return sorted(case.name for case in load_cases(FIXTURES))


@cache
def body(name="ileum-g1-progressive-after-ssa"):
    """The hook request about one of them."""
    (case,) = (one for one in load_cases(FIXTURES) if one.name == name)
    return request_of(case, engine().services["net-patient-view"])


def request(name="ileum-g1-progressive-after-ssa"):
    """The same, to change: a new one each time."""
    return json.loads(body(name))


@cache
def lean():
    """A hook request about somebody of whom hardly anything is on file: 200, and soon."""
    sent = request()
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    patient = {"resourceType": "Patient", "id": sent["context"]["patientId"]}
    keys = [template.key for template in engine().services["net-patient-view"].prefetch]
    sent["prefetch"] = {key: patient if key == "patient" else empty for key in keys}
    del sent["extension"]
    return json.dumps(sent).encode()


def post(sent, **headers):
    """The status and the JSON that come back; `sent` is sent as it is."""
    client = app().test_client()
    answer = client.post(
        SERVICE, data=sent, headers={"Content-Type": "application/json", **headers}
    )
    return answer.status_code, json.loads(answer.data)


def corpus(*parts):
    """A folder of the corpora, where the variable CORPORA names them; else None."""
    folder = Path(os.environ.get("CORPORA", "")).joinpath(*parts)
    return folder if "CORPORA" in os.environ and folder.is_dir() else None
