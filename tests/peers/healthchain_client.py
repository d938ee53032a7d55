"""HealthChain's CDS client as a filter: one job a line on stdin, one answer a line on stdout.

    .peers/healthchain/bin/python healthchain_client.py SERVICE_URL

A job is {"prefetch": FILE, "patientId": id or null}: the client reads the file, builds a request
about a patient and from a user that it makes up, and posts it; with a `patientId` that patient is
asked about instead. The answer is {"request", "response", "complaints", "invalid"}: `response` is
empty where it was no 200, which the client logs as a complaint; `invalid` is where the response
breaks the client's own models, as [kind of error, element, element, ...].
"""

import json
import logging
import sys

from healthchain.models import CDSResponse
from healthchain.sandbox.sandboxclient import SandboxClient
from pydantic import ValidationError

complaints = []
log = logging.getLogger("healthchain")
log.handlers = [logging.Handler(logging.ERROR)]
log.handlers[0].emit = lambda record: complaints.append(record.getMessage())


def answer(url, job):
    complaints.clear()
    client = SandboxClient(url=url, workflow="patient-view", timeout=60)
    client.load_from_path(job["prefetch"])
    if job["patientId"]:
        client.requests[0].context.patientId = job["patientId"]
    (response,) = client.send_requests()
    return {
        "request": client.get_request_data()[0],
        "response": response,
        "complaints": complaints,
        "invalid": invalid(response),
    }


def invalid(response):
    try:
        CDSResponse.model_validate(response)
    except ValidationError as error:
        return [[one["type"], *map(str, one["loc"])] for one in error.errors()]
    return []


for line in sys.stdin:
    print(json.dumps(answer(sys.argv[1], json.loads(line))), flush=True)
