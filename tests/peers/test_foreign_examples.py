"""Charts that others wrote, none of a NET patient: each is read, and none gets advice.

The examples of mCODE (real oncology shapes) and of FHIR R4 itself (every shape there is).
"""

import json
import subprocess
import sys
from datetime import date

import orjson
import pytest

from cdshooks.errors import InputUnreadable
from tests.peers.charts import resources_of
from tests.peers.conftest import ROOT

pytestmark = pytest.mark.peer

AS_OF = date(2026, 11, 15)
SLICES = 8  # of the 5,300 R4 examples, for as many workers
ADVICE = ("offer", "offer-check", "hold", "blocked")


def shortcomings(engine, body):
    """What is wrong with the answer: that there is none, or advice where there is no NET."""
    try:
        documents = engine.assess_body(body, AS_OF)
    except InputUnreadable as error:
        return [] if is_no_resource(body) else [f"InputUnreadable: {error}"]
    except Exception as error:  # noqa: BLE001 - any other is the crash that is looked for
        return [f"{type(error).__name__}: {error}"]
    treated = [
        f"{one['id']}: {one['outcome']}"
        for document in documents
        for one in document["treatments"]
        if one["outcome"] in ADVICE
    ]
    return treated + ["cards" for document in documents if document.get("cards")]


def is_no_resource(body):
    """The packages also hold their own manifest."""
    return "resourceType" not in orjson.loads(body)


def failures(engine, bodies):
    found = {name: shortcomings(engine, body) for name, body in bodies}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_every_mcode_example_is_read_and_gets_no_advice(mcode, engine):
    files = sorted(mcode.glob("*.json"))
    assert len(files) == 179
    assert failures(engine, ((file.name, file.read_bytes()) for file in files)) == {}


def test_every_mcode_patient_is_read_whole_and_gets_no_advice(mcode, engine):
    """All examples of one patient as a Bundle."""
    resources = [orjson.loads(file.read_bytes()) for file in sorted(mcode.glob("*.json"))]
    loose = [one for one in resources if one["resourceType"] != "Bundle"]
    patients = [one for one in loose if one["resourceType"] == "Patient"]
    charts = [(patient["id"], chart(patient, loose)) for patient in patients]
    assert len(charts) == 7
    assert failures(engine, charts) == {}


def test_a_net_in_such_a_chart_would_be_seen(mcode, engine):
    """So that the silence above is about the tumours and not about the charts."""
    body = orjson.loads((mcode / "Bundle-mcode-patient-bundle-jenny-m.json").read_bytes())
    breast = next(one for one in resources_of(body) if one["resourceType"] == "Condition")
    code = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C7A.012"}
    net = breast | {"id": "net", "code": {"coding": [code]}}
    body["entry"].append({"resource": net})
    assert shortcomings(engine, orjson.dumps(body)) != []


def chart(patient, resources):
    """A collection with a patient and all that is said of it."""
    reference = f"Patient/{patient['id']}"
    own = [
        one
        for one in resources
        if reference in (subject.get("reference") for subject in subjects(one))
    ]
    entries = [{"resource": one} for one in (patient, *own)]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def subjects(resource):
    return [
        resource[name] for name in ("subject", "patient") if isinstance(resource.get(name), dict)
    ]


@pytest.mark.parametrize("part", range(SLICES))
def test_every_r4_example_is_read_and_gets_no_advice(part, r4_examples, engine):
    files = sorted(r4_examples.glob("*.json"))
    assert len(files) > 5000
    bodies = ((file.name, file.read_bytes()) for file in files[part::SLICES])
    assert failures(engine, bodies) == {}


def test_the_command_line_reads_them_too(mcode, r4_examples):
    """One document a patient, in order; a file that is no FHIR gets one with `problems` alone."""
    manifest = r4_examples / "package.json"
    bundles = sorted(mcode.glob("Bundle-*.json"))
    loose = sorted(r4_examples.glob("Observation-*.json"))[:40]
    files = [*bundles, *loose, manifest]
    program = [sys.executable, "-c", "from cdshooks.faces.terminal.cli import app; app()"]
    options = ["--as-of", AS_OF.isoformat(), "--format", "json"]
    done = subprocess.run(
        [*program, "assess", *map(str, files), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(documents) == sum(patients_in(file) for file in files)
    assert done.returncode == 1
    assert [name for document in documents for name in document if name == "cards"] == []
    assert list(documents[-1]) == ["problems"]


def patients_in(file):
    """For how many patients there is a document: one at least."""
    body = orjson.loads(file.read_bytes())
    if body.get("resourceType") != "Bundle":
        return 1
    return max(
        1, len({one["id"] for one in resources_of(body) if one["resourceType"] == "Patient"})
    )
