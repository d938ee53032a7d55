"""HealthChain's service with a handler as its documentation shows one: `PORT raw|typed`.

Runs in .peers/healthchain. `raw` scans the dicts of the prefetch for four codes, `typed` validates
the observations with fhir.resources first. Neither knows anything about tumours.
"""

import logging
import sys

import uvicorn
from fhir.resources.R4B.bundle import Bundle
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.responses.cdsresponse import CDSResponse

CODES = {"29593-1", "22637-3", "97509-4", "89247-1"}


def raw(request):
    entries = request.prefetch["observations"].get("entry", [])
    found = [entry["resource"]["id"] for entry in entries if known(entry["resource"])]
    return cards(found)


def known(observation):
    return any(coding.get("code") in CODES for coding in observation["code"]["coding"])


def typed(request):
    bundle = Bundle.model_validate(request.prefetch["observations"])
    found = [
        entry.resource.id
        for entry in bundle.entry or []
        if any(coding.code in CODES for coding in entry.resource.code.coding)
    ]
    return cards(found)


def cards(found):
    """One card of about 4 KB."""
    detail = " ".join(found) + " " * 3_500
    card = {"summary": f"{len(found)} of the tumour", "indicator": "info", "detail": detail}
    return CDSResponse(cards=[card | {"source": {"label": "HealthChain"}}])


def main(port, handler):
    logging.disable(logging.INFO)
    service = CDSHooksService()
    service.hook("patient-view", id="net")({"raw": raw, "typed": typed}[handler])
    app = HealthChainAPI()
    app.register_service(service)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
