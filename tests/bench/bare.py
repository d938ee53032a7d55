"""A service that reads and decides nothing: what is left for whoever is to read faster than ours.

`python -m tests.bench.bare PORT` is granian before one plain function. It peeks at the code of each
Observation, decodes those that are read, validates none of them, and sends 4 KB that do not depend
on it.
"""

import gc
import sys
from collections.abc import Callable, Iterable
from typing import Any

from granian.constants import Interfaces
from granian.server.mp import MPServer

from cdshooks.faces.web.allocator import keep_freed_memory
from tests.bench.floor import ANSWER
from tests.bench.readers import two_steps

Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    two_steps(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start("200 OK", [("Content-Length", str(len(ANSWER)))])
    return (ANSWER,)


def main(port: int) -> None:
    # The worker that is forked has both, as ours: else large bodies take half as long again.
    gc.disable()  # two_steps leaves no cycle
    keep_freed_memory()
    MPServer("tests.bench.bare:application", port=port, interface=Interfaces.WSGI).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
