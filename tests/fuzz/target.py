"""Fuzzing that follows the coverage: `target.py body|evaluator SEEDS [options of libFuzzer]`.

`body` gives bytes to the front door, as a hook request; `evaluator` gives them to the engine, as a
record. What comes out is an answer or an error with a name, and soon; anything else ends the run.
"""

import contextlib
import sys
import time

SECONDS = 5  # of the processor for one input, instrumented: what takes longer hangs


def targets():
    """The two functions. What they import is instrumented, so it is imported here alone."""
    import atheris  # noqa: PLC0415

    with atheris.instrument_imports(include=["cdshooks"], enable_loader_override=False):
        from cdshooks.engine import Engine  # noqa: PLC0415
        from cdshooks.errors import InputUnreadable, RequestRefused  # noqa: PLC0415
        from cdshooks.hooks.caller import sandbox_caller  # noqa: PLC0415

    engine, caller = Engine.load(), sandbox_caller()

    def body(data):
        with contextlib.suppress(RequestRefused):
            assert engine.answer("net-patient-view", data, caller).startswith(b'{"cards":')

    def evaluator(data):
        with contextlib.suppress(InputUnreadable):
            assert all("asOf" in document for document in engine.assess_body(data))

    return atheris, {"body": body, "evaluator": evaluator}


def main(name, *options):
    atheris, known = targets()

    def in_time(data):
        began = time.process_time()
        known[name](data)
        assert time.process_time() - began < SECONDS

    atheris.Setup([sys.argv[0], *options], in_time)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
