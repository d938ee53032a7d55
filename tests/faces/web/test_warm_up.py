"""The call that a service makes to itself before it is ready."""

import orjson

from cdshooks.engine import ASSESSMENT, Engine
from cdshooks.faces.web.warm_up import first_call
from cdshooks.hooks.caller import sandbox_caller


def test_the_first_call_reads_a_resource_of_each_type_and_makes_cards():
    """Otherwise the first caller would wait for a validator, or for the making of a card."""
    engine = Engine.load()
    for service in engine.services.values():
        body = first_call(service)
        sent = orjson.loads(body)["prefetch"]
        assert [
            key for key, one in sent.items() if one["resourceType"] == "Bundle" and not one["entry"]
        ] == []
        answer = orjson.loads(engine.answer(service.id, body, sandbox_caller()))
        assert answer["cards"] != []
        assessed = answer["extension"][ASSESSMENT]
        assert "problems" not in assessed
        used = orjson.dumps(assessed["facts"]).decode()
        for resource_type in ("Condition", "Observation", "DiagnosticReport", "MedicationRequest"):
            assert f"{resource_type}/nobody" in used
