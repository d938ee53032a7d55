"""Editions of the knowledge that differ from the shipped one."""

import shutil

import pytest

from cdshooks.knowledge.load import default_root


def copied(folder):
    """A copy of the shipped mappings/ in a folder."""
    return shutil.copytree(default_root(), folder / "mappings")


def replaced(mappings, file, old, new):
    """Writes one file with a text replaced where it first stands; gives the line of it."""
    path = mappings / file
    text = path.read_text(encoding="utf-8")
    if old not in text:
        pytest.fail(f"{old!r} is not in {file}")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
