"""docs/performance.md: what was measured, how, on which machine, and what came of it."""

import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.bench import tables
from tests.bench.goals import Verdict
from tests.bench.measure import Results

TEXT = Path(__file__).parent / "page.md"
PACKAGES = ("granian", "flask", "fhir.resources", "msgspec", "orjson", "pysimdjson")
OF_HEALTHCHAIN = "HealthChain 0.16.1 with uvicorn 0.54.0"


def page(results: Results, verdicts: Sequence[Verdict]) -> str:
    plan = results.plan
    return TEXT.read_text(encoding="utf-8").format(
        met=sum(one.words == "met" for one in verdicts),
        all=len(verdicts),
        surroundings=surroundings(),
        minutes=max(round(results.seconds / 60), 1),
        goals=markdown(tables.goals(verdicts)),
        rounds=plan.rounds,
        patients=_listed(plan.patients),
        reopened=_listed(plan.reopened),
        signed=plan.signed,
        seconds=plan.seconds,
        calls=markdown(tables.calls(results)),
        stages=markdown(tables.stages(results)),
        slowest=markdown(tables.slowest(results)),
        readers=markdown(tables.readers(results)),
        workers=markdown(tables.workers(results)),
    )


def _listed(charts: Mapping[int, int]) -> str:
    *first, last = (f"{count:,} with {size:,}" for size, count in charts.items())
    return f"{', '.join(first)} and {last}"


def markdown(rows: Sequence[tables.Row]) -> str:
    """The first column to the left, the others to the right."""
    head, *body = rows
    lines = [head, ["---", *("---:" for _ in head[1:])], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def surroundings() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {time.strftime('%Y-%m-%d')}: {machine()}, Python "
        f"{platform.python_version()}, {packages}, {OF_HEALTHCHAIN}. "
        f"The load average at the end was {psutil.getloadavg()[0]:.1f}."
    )


def machine() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in told if "model name" in line), "?")
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}"
