"""What this service answers, for programs: an OpenAPI 3.1 document, made for each who asks.

`openapi.json` is all that does not depend on the knowledge: there, `/cds-services/{service}` stands
for each service. The schemas are of what we read and answer, so they are stricter than CDS Hooks
where we are, and open for members that we do not know.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from cdshooks import __version__
from cdshooks.hooks.discovery import Service

_ANY_SERVICE = "/cds-services/{service}"


def openapi(services: Iterable[Service], public_base: str | None) -> bytes:
    """The document for a caller who may use `services`, called under `public_base` if known."""
    document: dict[str, Any] = orjson.loads(Path(__file__).with_suffix(".json").read_bytes())
    document["info"]["version"] = __version__
    if public_base is not None:
        document["servers"] = [{"url": public_base}]
    call = document["paths"].pop(_ANY_SERVICE)["post"]
    for service in services:
        document["paths"][f"/cds-services/{service.id}"] = {"post": _call_of(call, service)}
    return orjson.dumps(document)


def _call_of(call: dict[str, Any], service: Service) -> dict[str, Any]:
    """The operation of one service: its words, and a request of its own hook."""
    of_hook = {
        "type": "object",
        "properties": {
            "hook": {"const": service.hook},
            "prefetch": {"properties": {one.key: True for one in service.prefetch}},
        },
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/HookRequest"}, of_hook]}
    return {
        **call,
        "operationId": f"call-{service.id}",
        "summary": service.title,
        "description": service.description,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
    }
