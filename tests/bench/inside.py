"""The rounds in this process: the stages of the engine, and other readers beside it."""

import gc
import statistics
import time
from collections.abc import Iterable, Mapping

from cdshooks.settings import Settings
from tests.bench.payload import bodies
from tests.bench.plan import COLD, HOT, SIZES, Plan
from tests.bench.profiling import Profile, profiled
from tests.bench.readers import READERS, Reader, whole
from tests.bench.served import engine
from tests.bench.stages import costs

Costs = Mapping[str, float]  # microseconds by stage

IN_MEMORY = Settings().memory_bytes

VALIDATED, TWO_STEPS = "Bundle.model_validate", "msgspec, two steps"
NEVER_REACHED = 1_000  # a round that no run has


class InProcess:
    """Engines without and with a memory, and the collector set as the service sets it."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self._engines = {COLD: engine(0), HOT: engine(IN_MEMORY)}
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)

    def round(
        self, number: int
    ) -> tuple[dict[tuple[str, int], Costs], dict[tuple[str, int], float]]:
        """Stages by memory and size, and microseconds by reader and size: medians over charts.

        No chart of an earlier round comes again; those for the engine with a memory are read twice,
        and the second time counts.
        """
        stages, readers = {}, {}
        for size in SIZES:
            count = self._plan.charts[size]
            charts = bodies(count, size, first=number * count)
            stages[COLD, size] = medians(costs(self._engines[COLD], charts))
            costs(self._engines[HOT], charts)
            stages[HOT, size] = medians(costs(self._engines[HOT], charts))
            for name, read in READERS.items():
                some: Iterable[bytes] = charts
                if name == VALIDATED:
                    some = [whole(body) for body in charts[: self._plan.validated[size]]]
                if some:
                    readers[name, size] = _cpu(read, some)
        return stages, readers

    def profile(self) -> Profile:
        """Of patients with 100 Observations who never came before."""
        count = self._plan.charts[100]
        return profiled(self._engines[COLD], bodies(count, 100, first=count * NEVER_REACHED))


def medians(found: list[dict[str, float]]) -> Costs:
    return {stage: statistics.median(one[stage] for one in found) for stage in found[0]}


def _cpu(read: Reader, charts: Iterable[bytes]) -> float:
    """The median over charts, in microseconds."""
    times = []
    for body in charts:
        began = time.process_time_ns()
        read(body)
        times.append((time.process_time_ns() - began) / 1000)
    return statistics.median(times)
