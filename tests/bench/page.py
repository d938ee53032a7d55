"""docs/performance.md: what was measured, how, on which machine, and what came of it."""

import platform
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.bench import tables
from tests.bench.goals import Verdict
from tests.bench.measure import Results

TEXT = Path(__file__).parent / "page.md"
PACKAGES = ("granian", "flask", "fhir.resources", "msgspec", "orjson", "pysimdjson")
QUIET = 1.0  # load average before a run that may be quoted
BUSY = (
    "**The machine was busy with other things (load average {load:.1f} before the run): these\n"
    "figures only show that the measuring works.**"
)
OF_HEALTHCHAIN = "HealthChain 0.16.1 with uvicorn 0.54.0"


def page(results: Results, verdicts: Sequence[Verdict]) -> str:
    plan = results.plan
    return TEXT.read_text(encoding="utf-8").format(
        met=sum(one.words == "met" for one in verdicts),
        all=len(verdicts),
        surroundings=surroundings(results),
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
        profile=markdown(tables.profile(results)),
        bound=_bound(results),
        out_of_reach=out_of_reach(verdicts),
        readers=markdown(tables.readers(results)),
        workers=markdown(tables.workers(results)),
    )


def _bound(results: Results) -> str:
    """What the calls of Python functions would cost if not one of them did anything."""
    found = results.profile
    if found is None:
        return "?"
    return tables.number(sum(found.calls.values()) * found.empty_call)


def out_of_reach(verdicts: Sequence[Verdict]) -> str:
    """The goals that reading alone does not reach."""
    found = (replace(one, value=one.bare) for one in verdicts if one.bare is not None)
    missed = [f"{one.goal.words} ({tables.number(one.value)})" for one in found if one.used > 1]
    return textwrap.fill("; ".join(missed) or "none", 118, break_on_hyphens=False)


def _listed(charts: Mapping[int, int]) -> str:
    *first, last = (f"{count:,} with {size:,}" for size, count in charts.items())
    return f"{', '.join(first)} and {last}"


def markdown(rows: Sequence[tables.Row]) -> str:
    """The first column to the left, the others to the right."""
    head, *body = rows
    lines = [head, ["---", *("---:" for _ in head[1:])], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def surroundings(results: Results) -> str:
    """Machine, versions and date, in lines of a page; and a warning if the machine was busy."""
    told = textwrap.fill(_surroundings(), 118, break_long_words=False)
    if results.load_before <= QUIET:
        return told
    return f"{told}\n\n{BUSY.format(load=results.load_before)}"


def _surroundings() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {time.strftime('%Y-%m-%d')}: {machine()}, Python "
        f"{platform.python_version()} ({Path(sys.executable).resolve()}), {packages}, "
        f"{OF_HEALTHCHAIN}."
    )


def machine() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in told if "model name" in line), "?")
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}"
