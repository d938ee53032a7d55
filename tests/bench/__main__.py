"""`python -m tests.bench`: measure everything, print each goal with its figure, the worst first."""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.bench import tables
from tests.bench.figures import figures, of_bare_reader
from tests.bench.goals import FILE, read_goals, verdicts
from tests.bench.measure import measured
from tests.bench.page import page, surroundings
from tests.bench.plan import FULL, QUICK
from tests.bench.plot import lines, svg

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few calls, to see that it works")
    parser.add_argument("--rounds", type=int, help=f"{FULL.rounds}, or {QUICK.rounds}")
    parser.add_argument("--write", action="store_true", help="write docs/performance.* anew")
    given = parser.parse_args()
    plan = QUICK if given.quick else FULL
    plan = replace(plan, rounds=given.rounds or plan.rounds)
    results = measured(plan, _say)
    found = verdicts(
        read_goals(FILE.read_text(encoding="utf-8")), figures(results), of_bare_reader(results)
    )
    print(surroundings(results))
    for rows in (
        tables.calls(results),
        tables.stages(results),
        tables.slowest(results),
        tables.profile(results),
        tables.readers(results),
        tables.workers(results),
        tables.goals(found),
    ):
        print("\n" + tables.columns(rows))
    print(f"\n{sum(one.words == 'met' for one in found)} of {len(found)} goals are met")
    if given.write:
        (DOCS / "performance.md").write_text(page(results, found), encoding="utf-8")
        (DOCS / "performance.svg").write_bytes(svg(lines(results)))


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
