"""A service with an engine of a few lines, as a process of its own: `served.py '{"port": 1}'`."""

import gc
import json
import sys
import time

from cdshooks.errors import SettingsInvalid
from cdshooks.faces.web.policy import Admission
from cdshooks.faces.web.server import serve
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.discovery import PrefetchTemplate, Service, discovery
from cdshooks.settings import load_settings


class Engine:
    def __init__(self):
        template = PrefetchTemplate("patient", "Patient/{{context.patientId}}", True, "Patient", "")
        service = Service("net", "patient-view", "NET", "NET", "", "2.0.1", (template,))
        self.services, self.calls = {service.id: service}, []

    def discovery(self, _caller):
        return json.dumps(discovery(self.services.values())).encode()

    def answer(self, _service_id, body, _caller, _began=None, _tell=None):
        """No cards, and in their place what a test wants to know of this process.

        To count what is frozen holds all threads up for 6 ms, so only who asks is told.
        """
        self.calls.append(body[:100].decode())
        if body == b"sleep":
            time.sleep(1)
        if body == b"break":
            raise ValueError("SECRET-4711")
        told = {"cards": [], "first": self.calls[0]}
        if body == b"collector":
            told["gc"] = {"frozen": gc.get_freeze_count(), "threshold": gc.get_threshold()}
        return json.dumps(told).encode()


if __name__ == "__main__":
    try:
        settings = load_settings({}, **json.loads(sys.argv[1]))
        serve(settings, Engine, lambda: Admission(lambda *_: sandbox_caller()))
    except SettingsInvalid as error:
        sys.exit(str(error))
