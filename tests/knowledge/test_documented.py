"""docs/knowledge.md names every key that a file of mappings/ may have."""

import re

from cdshooks.knowledge.load import default_root, load
from cdshooks.knowledge.source import Node

PAGE = (default_root().parent / "docs" / "knowledge.md").read_text(encoding="utf-8")


def accepted_keys(monkeypatch):
    """Every key that some place of some file accepts, as the loader asks for it."""
    keys, fields = set(), Node.fields

    def noted(node, required, optional):
        keys.update(required, optional)
        return fields(node, required, optional)

    monkeypatch.setattr(Node, "fields", noted)
    load()
    return keys


def test_every_key_that_is_accepted_is_on_the_page(monkeypatch):
    keys = accepted_keys(monkeypatch)
    assert {"consider_when_all", "warn_if", "never_words"} <= keys
    assert [key for key in sorted(keys) if not re.search(rf"(?<![\w-]){key}[:`]", PAGE)] == []
