"""The tables of a run as plain columns, for a terminal of 80 columns and for a page alike."""

import statistics
from collections.abc import Iterable, Sequence

from tests.bench.figures import cpu, p50, p99, rate, sound
from tests.bench.goals import Verdict
from tests.bench.load import Outcome
from tests.bench.measure import Results
from tests.bench.plan import CELLS, COLD, HOT, SIZES, Cell
from tests.bench.stages import OTHER, STAGES

Row = Sequence[str]


def goals(verdicts: Iterable[Verdict]) -> list[Row]:
    rows: list[Row] = [("goal", "figure", "limit", "bare", "aim", "unit", "")]
    for one in verdicts:
        goal, sign = one.goal, ">=" if one.goal.more else "<="
        aim = "" if goal.aim is None else number(goal.aim)
        rows.append(
            (
                goal.words,
                number(one.value),
                f"{sign} {number(goal.limit)}",
                "" if one.bare is None else number(one.bare),
                aim,
                goal.unit,
                one.words,
            )
        )
    return rows


def calls(results: Results) -> list[Row]:
    """Every cell: medians of the rounds, or what came that was no card."""
    rows: list[Row] = [("server", "size", "conn.", "calls/s", "p50 ms", "p99 ms", "CPU ms")]
    for cell in CELLS:
        rounds = results.cells.get(cell, [])
        where = "open" if cell.open else str(cell.connections)
        if rounds:
            rows.append((cell.server, f"{cell.observations:,}", where, *_values(rounds)))
    return rows


def _values(rounds: Sequence[Outcome]) -> Row:
    if not sound(rounds):
        mistakes = {name for one in rounds for name in one.mistakes} or {"no answer"}
        return (", ".join(sorted(mistakes)), "", "", "")
    return tuple(number(statistics.median(map(value, rounds))) for value in (rate, p50, p99, cpu))


def stages(results: Results) -> list[Row]:
    """Microseconds of each stage; with hits in brackets."""
    rows: list[Row] = [("stage", *(f"{size:,}" for size in SIZES))]
    rows += [
        (stage, *(_stage(results, stage, size) for size in SIZES)) for stage in (*STAGES, OTHER)
    ]
    totals = (f"{_total(results, COLD, n)} ({_total(results, HOT, n)})" for n in SIZES)
    rows.append(("all", *totals))
    return rows


def _stage(results: Results, stage: str, size: int) -> str:
    cold, hot = (stage_cost(results, memory, size, stage) for memory in (COLD, HOT))
    return f"{number(cold)} ({number(hot)})"


def stage_cost(results: Results, memory: str, size: int, stage: str) -> float:
    return statistics.median(one[stage] for one in results.stages[memory, size])


def _total(results: Results, memory: str, size: int) -> str:
    return number(total_cost(results, memory, size))


def total_cost(results: Results, memory: str, size: int) -> float:
    return statistics.median(sum(one.values()) for one in results.stages[memory, size])


def slowest(results: Results, size: int = 100) -> list[Row]:
    """The three slowest stages without hits, with their share."""
    whole = total_cost(results, COLD, size)
    found = {stage: stage_cost(results, COLD, size, stage) for stage in (*STAGES, OTHER)}
    first = sorted(found, key=lambda stage: -found[stage])[:3]
    return [
        ("slowest stages", "us", "of all"),
        *((stage, number(found[stage]), f"{found[stage] / whole:.0%}") for stage in first),
    ]


def readers(results: Results) -> list[Row]:
    """Milliseconds of other readers beside the whole of ours."""
    rows: list[Row] = [("reader", *(f"{size:,}" for size in SIZES))]
    for name in dict.fromkeys(name for name, _ in results.readers):
        found = (results.readers.get((name, size)) for size in SIZES)
        rows.append(
            (name, *(number(statistics.median(one) / 1000) if one else "-" for one in found))
        )
    for memory in (COLD, HOT):
        mine = (number(total_cost(results, memory, size) / 1000) for size in SIZES)
        rows.append((f"this service, {memory}", *mine))
    return rows


def workers(results: Results) -> list[Row]:
    rows: list[Row] = [("workers", "MiB", "for the last one")]
    before: float | None = 0.0
    for count, held in sorted(results.memory.items()):
        more = None if held is None or before is None else held - before
        rows.append((str(count), number(held), number(more)))
        before = held
    return rows


def profile(results: Results) -> list[Row]:
    """The rooms by the Python functions that are called for a patient, and their share of time."""
    rows: list[Row] = [("room", "calls", "of the time")]
    found = results.profile
    if found is None:
        return rows
    dearest_first = sorted(found.shares, key=lambda room: -found.shares[room])
    rows += [
        (room, number(found.calls.get(room, 0.0)), f"{found.shares[room]:.0%}")
        for room in dearest_first
    ]
    rows.append(("all", number(sum(found.calls.values())), ""))
    return rows


def cell_cpu(results: Results, cell: Cell) -> float | None:
    rounds = sound(results.cells.get(cell, ()))
    return statistics.median(map(cpu, rounds)) if rounds else None


def number(value: float | None) -> str:
    """Three digits that count, and thousands set off; "?" of what is not known.

    >>> [number(one) for one in (0.0683, 1.5, 12.34, 18, 1630.4, 0)]
    ['0.0683', '1.5', '12.3', '18', '1,630', '0']
    """
    if value is None:
        return "?"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def columns(rows: Sequence[Row]) -> str:
    """The first column to the left, the others to the right, two blanks between."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [one.rjust(width) for one, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
