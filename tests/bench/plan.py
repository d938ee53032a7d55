"""What one run measures: how often, how long, with how many different patients, at which load."""

from collections.abc import Mapping
from dataclasses import dataclass

SIZES = (10, 100, 1_000, 10_000)


@dataclass(frozen=True)
class Plan:
    """How much is measured. Counts by the number of Observations."""

    rounds: int
    seconds: float  # of each cell in each round
    patients: Mapping[int, int]  # different charts that the servers are called with
    reopened: Mapping[int, int]  # those where hits are measured: as many as its memory holds
    charts: Mapping[int, int]  # in process, in each round; others in each
    validated: Mapping[int, int]  # of them by fhir.resources
    signed: int  # calls in each round with a token of their own
    starts: int


FULL = Plan(
    rounds=5,
    seconds=1.5,
    patients={10: 1_000, 100: 400, 1_000: 60, 10_000: 5},
    reopened={10: 40, 100: 40, 1_000: 20, 10_000: 2},
    charts={10: 30, 100: 30, 1_000: 8, 10_000: 1},
    validated={10: 5, 100: 3, 1_000: 1, 10_000: 0},
    signed=250,
    starts=5,
)
QUICK = Plan(
    rounds=2,
    seconds=0.4,
    patients={10: 200, 100: 100, 1_000: 15, 10_000: 2},
    reopened={10: 40, 100: 40, 1_000: 10, 10_000: 1},
    charts={10: 10, 100: 10, 1_000: 3, 10_000: 1},
    validated={10: 2, 100: 1, 1_000: 1, 10_000: 0},
    signed=60,
    starts=1,
)


@dataclass(frozen=True)
class Cell:
    """One server with charts of one size on so many connections.

    `open`: calls come at half of the rate that 8 connections reached, on as many as are needed.
    """

    server: str
    observations: int
    connections: int
    open: bool = False


COLD, HOT, TRUSTED, FLOOR, BARE, RAW, TYPED = (
    "without hits",
    "with hits",
    "signed calls",
    "floor",
    "bare reader",
    "HealthChain raw",
    "HealthChain typed",
)
OPEN_AT_MOST = 32  # connections of an open loop

CELLS = (
    *(Cell(FLOOR, size, 1) for size in SIZES),
    *(Cell(BARE, size, count) for size in (100, 1_000) for count in (1, 8)),
    Cell(BARE, 10_000, 1),
    *(Cell(COLD, 10, count) for count in (1, 8)),
    *(Cell(COLD, size, count) for size in (100, 1_000) for count in (1, 4, 8, 32)),
    Cell(COLD, 10_000, 1),
    *(Cell(COLD, size, OPEN_AT_MOST, open=True) for size in (100, 1_000)),
    *(Cell(HOT, size, 8) for size in (10, 100, 1_000)),
    Cell(HOT, 10_000, 1),
    Cell(TRUSTED, 100, 4),
    *(Cell(RAW, size, 8) for size in (10, 100, 1_000)),
    *(Cell(TYPED, size, 8) for size in (10, 100)),
)
