"""How long `first_use` takes in each store: `python -m tests.bench.replay [COUNT]`.

A process of 4 threads, as the service has by default, and alone. PostgreSQL and Redis write each
token to the disk before they answer, as docs/replay.md asks.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from cdshooks.trust.replay import open_store
from tests.peers.stores import postgresql_server, redis_server

HOUR = 3600


def main(count: int) -> None:
    with ExitStack() as ending:
        folder = Path(ending.enter_context(TemporaryDirectory()))
        stores = {
            "SQLite": f"sqlite:///{folder}/used.db",
            "PostgreSQL": ending.enter_context(postgresql_server("-c", "fsync=on")).url,
            "Redis": ending.enter_context(redis_server(folder)).url,
        }
        print("store       threads  p50 ms  p99 ms  max ms  tokens/s")
        for name, url in stores.items():
            for threads in (1, 4):
                print(f"{name:10}  {threads:7}  {measured(url, threads, count)}", flush=True)


def measured(url: str, threads: int, count: int) -> str:
    tokens = open_store(url, seconds=30, tokens_an_hour=2 * count)

    def use(_: int) -> float:
        began = time.perf_counter()
        assert tokens.first_use("https://ehr.example", str(uuid4()), time.time() + HOUR)
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        took = sorted(1000 * seconds for seconds in pool.map(use, range(count)))
    rate = count / (time.perf_counter() - began)
    tokens.close()
    p50, p99 = took[count // 2], took[count * 99 // 100]
    return f"{p50:6.2f}  {p99:6.2f}  {took[-1]:6.1f}  {rate:8.0f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
