"""What the statements of one day amount to."""

from collections.abc import Iterable, Sequence
from datetime import date

from cdshooks.fhir.readers.receptor.statements import Statement

_RANK = {"negative": 0, "borderline": 1, "positive": 2, "heterogeneous": 3}
_UPTAKE = frozenset({"affirmed", "most", "weak"})
# The words of one report, the first that is said.
_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("most", frozenset({"positive", "heterogeneous"})),
    ("affirmed", frozenset({"positive"})),
    ("below", frozenset({"negative"})),
    ("weak", frozenset({"borderline"})),
    ("not-strong", frozenset({"negative", "borderline"})),
    ("lesion-denied", frozenset({"negative"})),
    ("part-denied", frozenset({"negative"})),
    ("denied", frozenset({"negative"})),
)
_OPEN = frozenset({"positive", "heterogeneous", "negative"})
_HETEROGENEOUS = frozenset({"heterogeneous"})


def newest_day(said: Sequence[Statement]) -> list[Statement]:
    """The statements of the newest day; a partial date counts as its end, none as the oldest."""
    if len(said) == 1:
        return list(said)
    last = max((_day(statement) for statement in said), default=date.min)
    return [statement for statement in said if _day(statement) == last]


def _day(statement: Statement) -> date:
    return statement.date.last if statement.date else date.min


def receptor_status(said: Sequence[Statement]) -> frozenset[str]:
    """The SSTR statuses that are possible: lesion-wise exceptions, then Krenning, then words."""
    if len(said) == 1 and said[0].kind == "score":  # as of most scans
        return said[0].scores
    kinds = {statement.kind for statement in said}
    scores = [statement.scores for statement in said if statement.kind == "score"]
    uptake = bool(kinds & _UPTAKE) or any("negative" not in possible for possible in scores)
    if "exception" in kinds or ("lesion-denied" in kinds and uptake):
        return _HETEROGENEOUS
    results = _by_result(said)
    if any(map(_contradicts_itself, results)):
        return _OPEN  # uptake, and none anywhere: nothing is sure
    if scores:
        return _joined(scores)
    return _joined([_worded({one.kind for one in result}) for result in results])


def _contradicts_itself(result: Sequence[Statement]) -> bool:
    """Does one report say that there is uptake, and that there is none at all?"""
    kinds = {statement.kind for statement in result}
    scored = any("positive" in one.scores for one in result if one.kind == "score")
    return "denied" in kinds and bool(kinds & {"affirmed", "most"} or scored)


def _joined(statuses: Sequence[frozenset[str]]) -> frozenset[str]:
    """The highest of several; heterogeneous if one says uptake and another none."""
    if len(statuses) == 1:
        return statuses[0]
    ranked = sorted(statuses, key=lambda possible: max(_RANK[status] for status in possible))
    lowest, highest = ranked[0], ranked[-1]
    differ = lowest == {"negative"} and "negative" not in highest
    return _HETEROGENEOUS if differ else highest


def _by_result(said: Iterable[Statement]) -> list[list[Statement]]:
    """The statements of each report, result or component."""
    found: dict[tuple[str, str], list[Statement]] = {}
    for statement in said:
        found.setdefault((statement.entry.reference, statement.part), []).append(statement)
    return list(found.values())


def _worded(kinds: set[str]) -> frozenset[str]:
    return next(possible for kind, possible in _WORDS if kind in kinds)


def any_positive(said: Sequence[Statement]) -> frozenset[str]:
    """For FDG and mIBG: positive if any lesion is; weak uptake leaves both possible."""
    kinds = {statement.kind for statement in said}
    if kinds & {"affirmed", "most", "exception"}:
        return frozenset({"positive"})
    if kinds & {"weak", "not-strong"}:
        return frozenset({"positive", "negative"})
    return frozenset({"negative"})


def some_without(said: Sequence[Statement]) -> bool:
    """Is uptake affirmed of some lesions and denied of others?"""
    kinds = {statement.kind for statement in said}
    return "exception" in kinds or ("lesion-denied" in kinds and "affirmed" in kinds)
