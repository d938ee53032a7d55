"""The files of mappings/treatments/."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from cdshooks.clinical.treatment import Indicator, Treatment
from cdshooks.clinical.vocabulary import DATA_PREFIX, NEEDS_PREFIX
from cdshooks.clinical.weigh import asks_outcomes
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.rules.criteria import Rules
from cdshooks.knowledge.rules.heads import (
    covers,
    expect_known,
    one_of,
    rank,
    shared_name,
    summary,
)
from cdshooks.knowledge.source import Node, expect_stem, read_folder

_REQUIRED = ("id", "title", "covers", "version", "status", "summary", "consider_when_all")
_OPTIONAL = (
    *("indicator", "place", "when_undecided", "family", "rank", "reviewed"),
    *("block_when_any", "hold_when_any", "caution_when_any", "say", "orders"),
)


def read_treatments(
    root: Path, rules: Rules, problems: list[KnowledgeProblem]
) -> tuple[Treatment, ...]:
    """mappings/treatments/, ordered by rank."""
    treatments, places = [], {}
    for path, node in read_folder(root, "treatments", problems):
        fields = node.fields(_REQUIRED, _OPTIONAL)
        if not set(_REQUIRED) <= fields.keys():
            continue
        expect_stem(path, fields["id"])
        treatment = _treatment(fields, rules)
        expect_known(node, treatment.criteria, (NEEDS_PREFIX, DATA_PREFIX))
        treatments.append(treatment)
        places[treatment.id] = node
    _one_after_another(treatments, places)
    return tuple(sorted(treatments, key=lambda treatment: (treatment.rank, treatment.id)))


def _one_after_another(treatments: Iterable[Treatment], places: Mapping[str, Node]) -> None:
    """There are two passes: an outcome that is asked for must not wait for another one."""
    asking = {one.id: asks_outcomes(one) for one in treatments}
    for name, asked in asking.items():
        for other in sorted(one for one in asked if asking.get(one)):
            problem = f"it asks for the outcome of {other}, which asks for outcomes itself"
            places[name].problem(problem, "a treatment that asks for no outcome")


def _treatment(fields: Mapping[str, Node], rules: Rules) -> Treatment:
    undecided = one_of(fields, "when_undecided", ("ask", "silent"))
    standing = rules.stand("treatments", fields["id"].text(), fields)
    return Treatment(
        id=fields["id"].text(),
        title=fields["title"].text(),
        covers=covers(fields["covers"]),
        version=standing.version,
        status=standing.status,
        summary=summary(fields["summary"]),
        indicator=cast(Indicator, one_of(fields, "indicator", ("info", "warning"))),
        place=cast(Any, one_of(fields, "place", ("option", "board", "note"))),
        silent=undecided == "silent",
        family=shared_name(fields, "family"),
        rank=rank(fields.get("rank")),
        consider=rules.criteria(fields["consider_when_all"]),
        block=rules.criteria(fields.get("block_when_any")),
        hold=rules.criteria(fields.get("hold_when_any")),
        caution=rules.criteria(fields.get("caution_when_any")),
        sayings=rules.sayings(fields.get("say")),
        orders=rules.orders(fields.get("orders")),
    )
