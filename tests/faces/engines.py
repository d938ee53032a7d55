"""An engine of a few lines, in place of the real one."""

import json

from cdshooks.errors import ServiceUnknown
from cdshooks.hooks.discovery import Service, discovery, for_caller


class FakeEngine:
    """Answers with no cards, or raises what a test puts into `error`."""

    def __init__(self, service_id="net"):
        service = Service(service_id, "patient-view", "NET", "NET options", "", "2.0.1", ())
        self.services, self.error = {service.id: service}, None
        self.bodies, self.callers, self.began = [], [], []

    def discovery(self, caller):
        self.callers.append(caller.name)
        return json.dumps(discovery(for_caller(s, caller) for s in self.services.values())).encode()

    def answer(self, service_id, body, caller, began=None, _tell=None):
        self.bodies.append(body)
        self.callers.append(caller.name)
        self.began.append(began)
        if service_id not in self.services:
            raise ServiceUnknown("there is no such service")
        if self.error is not None:
            raise self.error
        return b'{"cards":[]}'
