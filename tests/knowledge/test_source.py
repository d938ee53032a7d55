"""YAML as text with its lines: libyaml and PyYAML itself, whichever is there, read the same."""

import pytest
import yaml

from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge import source
from cdshooks.knowledge.load import default_root

LOADERS = [yaml.BaseLoader, yaml.CBaseLoader]
ONE_OF_EACH_KIND = sorted(
    {path.parent: path for path in sorted(default_root().rglob("*.yaml"))}.values()
)


def told(node):
    """A tree as plain values: tag, line and content of every node."""
    if node is None:
        return None
    content = node.value
    if isinstance(node, yaml.MappingNode):
        content = [(told(key), told(value)) for key, value in content]
    elif isinstance(node, yaml.SequenceNode):
        content = [told(item) for item in content]
    return node.tag, node.start_mark.line, content


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def loader(request, monkeypatch):
    monkeypatch.setattr(source, "_LOADER", request.param)


@pytest.mark.parametrize("path", ONE_OF_EACH_KIND, ids=lambda path: path.name)
def test_both_loaders_make_the_same_tree_with_the_same_lines(path):
    text = path.read_text(encoding="utf-8")
    slow, fast = (told(yaml.compose(text, Loader=loader)) for loader in LOADERS)
    assert slow == fast


def problems_of(tmp_path, text):
    """The problems of a file of texts by name, and the texts."""
    path = tmp_path / "mappings" / "one.yaml"
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    problems: list[KnowledgeProblem] = []
    node = source.read_file(path, problems)
    read = {name: value.text() for name, value in node.pairs()} if node else {}
    return problems, read


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: c: d\n", 2),
        ("a: 1\n\tb: 1\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: *unknown\n", 1),
        ("a: \x01\n", 1),
        ("[" * 5_000, 1),
        (b"a: \xff\n", 1),
        ("# nothing\n", 1),
    ],
    ids=["colon", "tab", "two-documents", "alias", "control", "deep", "not-utf-8", "empty"],
)
@pytest.mark.usefixtures("loader")
def test_what_is_not_one_yaml_document_is_a_problem_with_its_line(tmp_path, text, line):
    problems, read = problems_of(tmp_path, text)
    assert [one.line for one in problems] == [line]
    assert read == {}


@pytest.mark.usefixtures("loader")
def test_every_scalar_is_text_and_a_repeated_key_is_named_with_its_line(tmp_path):
    problems, read = problems_of(tmp_path, "a: no\nb: 012\nc: 2026-01-01\nd: null\na: yes\n")
    assert read == {"a": "yes", "b": "012", "c": "2026-01-01", "d": "null"}
    assert [(one.line, one.problem) for one in problems] == [(5, "'a' is given twice")]
