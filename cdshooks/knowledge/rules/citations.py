"""The file mappings/sources.yaml: every citation, with what of it was read."""

import re
from collections.abc import Mapping
from pathlib import Path

from cdshooks.clinical.treatment import Citation
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.source import Node, read_file


def read_citations(root: Path, problems: list[KnowledgeProblem]) -> Mapping[str, Citation]:
    """mappings/sources.yaml."""
    node = read_file(root / "sources.yaml", problems)
    citations = {}
    for name, entry in node.pairs() if node else ():
        fields = entry.fields(("label", "url", "read"), ())
        if {"label", "url", "read"} <= fields.keys():
            read = fields["read"].one_of(("figures", "partly", "not read", "link"))
            url = _address(name, fields["url"])
            citations[name] = Citation(name, fields["label"].text(), url, read)
    return citations


def _address(name: str, node: Node) -> str:
    """The address of a source; policy is the one that has none."""
    if name == "policy" and node.blank:
        return ""
    url = node.text()
    if name == "policy" or not re.fullmatch(r"https://[^\s/]+/\S*", url):
        node.problem("a source needs its address", 'https://..., or "" for policy alone')
    return url
