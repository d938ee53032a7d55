"""The service as production runs it, on the day of the payload: `served.py '{"trust": true, ...}'`.

One worker by default, answers without the assessment document. With `trust` each call has to be
signed by a registered client; without, anybody is let in as if it were that client. Everything else
of the argument is a setting.
"""

import json
import sys
from functools import partial
from typing import Any

from cdshooks.engine import Engine
from cdshooks.faces.web.admission import admission
from cdshooks.faces.web.policy import Admission
from cdshooks.faces.web.server import serve
from cdshooks.hooks.caller import Caller
from cdshooks.settings import load_settings
from tests.bench.resources import AS_OF

MEMORY_OFF: dict[str, Any] = {"memory_bytes": 0}


def main(trust: bool, **given: Any) -> None:
    settings = load_settings({}, log_level="warning", **given)
    let_in = partial(admission, settings) if trust else anybody
    serve(settings, partial(engine, settings.memory_bytes), let_in)


def engine(memory_bytes: int) -> Engine:
    return Engine.load(today=lambda: AS_OF, memory_bytes=memory_bytes)


def anybody() -> Admission:
    caller = Caller("bench")
    return Admission(lambda _authorization, _path: caller)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
