"""One process that uses tokens: `python -m tests.trust.race URL THREADS`, a `jti` a line.

It says "ready" when the store is open, and for each line how many of its threads were first.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from cdshooks.trust.replay import open_store

ISSUER = "https://ehr.example"
UNTIL = 4_000_000_000.0


def main(url: str, threads: int) -> None:
    tokens = open_store(url, seconds=30, now=lambda: UNTIL - 300)
    print("ready" if tokens.ready() else "not ready", flush=True)
    start = threading.Barrier(threads)

    def use(jti: str) -> bool:
        start.wait()
        return tokens.first_use(ISSUER, jti, UNTIL)

    with ThreadPoolExecutor(threads) as pool:
        for line in sys.stdin:
            print(sum(pool.map(use, [line.rstrip("\n")] * threads)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
