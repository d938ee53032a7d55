"""The arithmetic of a latency."""

import math
from collections.abc import Iterable


def percentile(times: Iterable[float], percent: float) -> float:
    """The smallest time that so many percent of them do not pass (nearest rank).

    >>> percentile([4, 1, 3, 2], 50), percentile(range(1, 201), 99), percentile([7], 99)
    (2, 198, 7)
    """
    ordered = sorted(times)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]
