"""The files of mappings/requests/."""

from collections.abc import Mapping
from pathlib import Path

from cdshooks.clinical.treatment import Request
from cdshooks.clinical.vocabulary import DATA_PREFIX
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.rules.criteria import Rules
from cdshooks.knowledge.rules.heads import (
    covers,
    expect_known,
    fact_names,
    rank,
    shared_name,
    summary,
)
from cdshooks.knowledge.source import Node, expect_stem, read_folder
from cdshooks.knowledge.standing import STANDING

_REQUIRED = ("id", "title", "covers", "summary", "facts")
_OPTIONAL = ("ask_when_all", "never_when_any", "group", "say", "orders", "rank", *STANDING)


def read_requests(
    root: Path, rules: Rules, problems: list[KnowledgeProblem]
) -> tuple[Request, ...]:
    """mappings/requests/, ordered by rank."""
    requests = []
    for path, node in read_folder(root, "requests", problems):
        fields = node.fields(_REQUIRED, _OPTIONAL)
        if set(_REQUIRED) <= fields.keys():
            expect_stem(path, fields["id"])
            request = _request(fields, rules)
            expect_known(node, (*request.ask_when, *request.never_when), (DATA_PREFIX,))
            requests.append(request)
    return tuple(sorted(requests, key=lambda request: (request.rank, request.id)))


def _request(fields: Mapping[str, Node], rules: Rules) -> Request:
    rules.stand("requests", fields["id"].text(), fields)
    return Request(
        id=fields["id"].text(),
        title=fields["title"].text(),
        covers=covers(fields["covers"]),
        summary=summary(fields["summary"]),
        facts=fact_names(fields["facts"], rules.vocabulary),
        ask_when=rules.criteria(fields.get("ask_when_all")),
        never_when=rules.criteria(fields.get("never_when_any")),
        sayings=rules.sayings(fields.get("say")),
        orders=rules.orders(fields.get("orders")),
        group=shared_name(fields, "group"),
        rank=rank(fields.get("rank")),
    )
