"""Fuzzing that follows the coverage: `target.py body|evaluator SEEDS [options of libFuzzer]`.

`body` gives bytes to the front door, as a hook request. `evaluator` gives a record to the engine,
whose bytes atheris changes within JSON's grammar as long as they are JSON. What comes out is an
answer or an error with a name, and soon; anything else ends the run.
"""

import contextlib
import sys
import time

import atheris

with atheris.instrument_imports(include=["cdshooks"], enable_loader_override=False):
    from cdshooks.engine import Engine
    from cdshooks.errors import InputUnreadable, RequestRefused
    from cdshooks.hooks.caller import sandbox_caller

ENGINE, CALLER = Engine.load(), sandbox_caller()


SECONDS = 5  # of the processor for one input, instrumented: what takes longer hangs


def body(data):
    with contextlib.suppress(RequestRefused):
        assert ENGINE.answer("net-patient-view", data, CALLER).startswith(b'{"cards":')


def evaluator(data):
    with contextlib.suppress(InputUnreadable):
        assert all("asOf" in document for document in ENGINE.assess_body(data))


def in_time(target):
    def timed(data):
        began = time.process_time()
        target(data)
        assert time.process_time() - began < SECONDS

    return timed


if __name__ == "__main__":
    target, *rest = sys.argv[1:]
    atheris.Setup([sys.argv[0], *rest], in_time({"body": body, "evaluator": evaluator}[target]))
    atheris.Fuzz()
