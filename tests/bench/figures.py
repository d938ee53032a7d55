"""The named figures of a run, which the goals are about. A ratio is of two sides of one round."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.bench.inside import TWO_STEPS, VALIDATED
from tests.bench.load import Outcome
from tests.bench.measure import Results
from tests.bench.percentile import percentile
from tests.bench.plan import BARE, COLD, FLOOR, HOT, RAW, TRUSTED, TYPED, Cell
from tests.bench.stages import RULES_AND_CARDS

Figures = Mapping[str, float]


def figures(results: Results) -> Figures:
    """Those that could be measured: a cell with one mistake in any round gives none."""
    return {name: value for name, value in _figures(results) if value is not None}


def of_bare_reader(results: Results) -> Figures:
    """The same figures of a service that reads and decides nothing, as far as it has them."""
    found = dict(_of_reading(_Cells(results), BARE))
    found["validated-1000"] = _ratio(
        results.readers[VALIDATED, 1_000], results.readers[TWO_STEPS, 1_000]
    )
    return {name: value for name, value in found.items() if value is not None}


def _figures(results: Results) -> Iterator[tuple[str, float | None]]:
    cell = _Cells(results)
    yield from _of_reading(cell, COLD)
    for size in (100, 1_000):
        yield f"hot-{size}-to-floor", cell.ratio(Cell(HOT, size, 8), Cell(FLOOR, size, 1), cpu)
    yield "tail-100", cell.median(Cell(COLD, 100, 4), lambda one: p99(one) / p50(one))
    yield "trust", cell.ratio(Cell(TRUSTED, 100, 4), Cell(COLD, 100, 4), cpu)
    yield (
        "rules-and-cards",
        statistics.median(
            sum(stages[name] for name in RULES_AND_CARDS) for stages in results.stages[COLD, 100]
        ),
    )
    ours = [sum(stages.values()) for stages in results.stages[COLD, 1_000]]
    yield "validated-1000", _ratio(results.readers[VALIDATED, 1_000], ours)
    yield "start", statistics.median(results.starts)
    first, last = results.memory[1], results.memory[3]
    yield "worker", None if first is None or last is None else (last - first) / 2
    yield "peak", _median(results.peaks)


def _of_reading(cell: "_Cells", server: str) -> Iterator[tuple[str, float | None]]:
    """What a server takes for charts that it never saw."""
    for size in (100, 1_000):
        ratio = cell.ratio(Cell(server, size, 8), Cell(FLOOR, size, 1), cpu)
        yield f"cold-{size}-to-floor", ratio
        yield f"raw-{size}", cell.ratio(Cell(server, size, 8), Cell(RAW, size, 8), rate)
    yield "typed-100", cell.ratio(Cell(server, 100, 8), Cell(TYPED, 100, 8), rate)
    costs = {size: cell.median(Cell(server, size, 1), cpu) for size in (100, 1_000, 10_000)}
    yield from _slope(costs)
    yield "p99-1000", cell.median(Cell(server, 1_000, 8), p99)
    yield "p99-10000", cell.median(Cell(server, 10_000, 1), p99)


def _ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """The median over rounds of the ratio within each."""
    return statistics.median(one / other for one, other in zip(ones, others, strict=True))


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if len(known) == len(values) else None


def _slope(costs: Mapping[int, float | None]) -> Iterator[tuple[str, float | None]]:
    """Milliseconds for a thousand more, and by how much the next nine differ from the first."""
    small, middle, large = costs[100], costs[1_000], costs[10_000]
    if small is None or middle is None or large is None:
        return
    each = (large - middle) / 9
    yield "thousand-more", each
    yield "linear", abs(each / ((middle - small) / 0.9) - 1) * 100


class _Cells:
    def __init__(self, results: Results):
        self._cells = results.cells

    def rounds(self, cell: Cell) -> Sequence[Outcome] | None:
        return sound(self._cells.get(cell, ()))

    def median(self, cell: Cell, value: Callable[[Outcome], float]) -> float | None:
        found = self.rounds(cell)
        return statistics.median(map(value, found)) if found else None

    def ratio(self, one: Cell, other: Cell, value: Callable[[Outcome], float]) -> float | None:
        """None unless both sides are sound."""
        ours, theirs = self.rounds(one), self.rounds(other)
        if not ours or not theirs:
            return None
        return _ratio([*map(value, ours)], [*map(value, theirs)])


def sound(rounds: Sequence[Outcome]) -> Sequence[Outcome] | None:
    """The rounds, if nothing but cards came in any of them."""
    return rounds if rounds and all(one.times and not one.mistakes for one in rounds) else None


def cpu(outcome: Outcome) -> float:
    return outcome.cpu_ms


def rate(outcome: Outcome) -> float:
    return outcome.rate


def p50(outcome: Outcome) -> float:
    return percentile(outcome.times, 50)


def p99(outcome: Outcome) -> float:
    return percentile(outcome.times, 99)
