"""A service with registered clients and their real tokens: no network, one file of used tokens."""

import json
import time
from functools import cache

from cdshooks.clients.client import Client
from cdshooks.faces.web.admission import admission
from cdshooks.faces.web.http import create_app
from cdshooks.settings import Settings
from cdshooks.trust.signing import new_key, public_set, sign

BASE = "https://cds.example.org/net"
DISCOVERY, SERVICE = "/cds-services", "/cds-services/net-patient-view"
FEEDBACK = f"{SERVICE}/feedback"


@cache
def key(name):
    """The private JWK of a client; the key of `name` is made once."""
    return json.dumps(new_key("ES384")).encode()


def issuer(name):
    return f"https://{name}.example"


def client(folder, name, **parts):
    """A client whose key set is a file in `folder`."""
    file = folder / f"{name}.jwks.json"
    file.write_text(json.dumps(public_set(json.loads(key(name)))))
    return Client(name, issuer(name), jwks_file=file, **parts)


def token(name, path, *, base=BASE, signer=None, age=0, lifetime=300):
    """The value of an Authorization header: a new token each time."""
    now = int(time.time()) - age
    return "Bearer " + sign(key(signer or name), issuer(name), base + path, now, lifetime)


class Served:
    """The application of one worker, called as a client does."""

    def __init__(self, engine, clients, folder, **given):
        self.engine = engine
        store = f"sqlite:///{folder}/replay.sqlite3"
        self.settings = Settings(clients=clients, public_base=BASE, replay_store=store, **given)
        self.now = time.monotonic()
        self.admission = admission(self.settings, lambda: self.now)
        app = create_app(engine, self.settings, self.admission.admit, ready=self.admission.ready)
        self.http = app.test_client()

    def call(self, path=SERVICE, authorization=None, method="POST", **how):
        headers = dict(how.pop("headers", {}))
        if authorization is not None:
            headers["Authorization"] = authorization
        if method == "POST":
            how = {"data": b"{}", "content_type": "application/json", **how}
        return self.http.open(path, method=method, headers=headers, **how)

    def close(self):
        self.admission.close()
