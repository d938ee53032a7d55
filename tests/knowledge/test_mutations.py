"""A broken knowledge file is refused when the service starts, with file, line and cure.

Every field of every file of mappings/ is broken in turn (tests/knowledge/mutations.py). On a push a
fixed sample is asked; with SOAK=1 all of them.
"""

import os
from functools import partial

import pytest

from cdshooks.engine import Engine
from cdshooks.errors import KnowledgeInvalid
from cdshooks.knowledge import source
from cdshooks.knowledge.load import default_root, load
from tests.knowledge.mutations import Broken, every_fault, read_broken, tree_of

STRIDE = 1 if os.environ.get("SOAK") == "1" else 641
PARTS = 8
FAULTS = list(every_fault())[::STRIDE]


@pytest.fixture
def broken(monkeypatch):
    """The problems of the shipped knowledge with one fault in it; none if it is accepted."""

    def problems(fault: Broken):
        with monkeypatch.context() as patched:
            patched.setattr(source, "compose", partial(read_broken, fault))
            try:
                load()
            except KnowledgeInvalid as error:
                return error.problems
        return ()

    return problems


@pytest.mark.parametrize("part", range(PARTS))
def test_a_broken_field_is_refused_where_it_stands(part, broken):
    """What is legal text is accepted; what other files rely on may be refused in those."""
    wrong = []
    for fault in FAULTS[part::PARTS]:
        problems = broken(fault)
        here = [
            one
            for one in problems
            if one.file == source.as_seen(default_root() / fault.file)
            and fault.first <= one.line <= fault.last
        ]
        told = bool(here) and all(one.problem and one.accepted for one in problems)
        if not (fault.relied_on or (not problems if fault.legal else told)):
            wrong.append((str(fault), [str(one) for one in problems[:3]]))
    assert wrong == []


def test_the_service_does_not_start_with_a_broken_file(monkeypatch):
    """Nothing is half loaded: there is no engine at all, and every problem is told."""
    fault = next(one for one in FAULTS if not (one.legal or one.relied_on))
    monkeypatch.setattr(source, "compose", partial(read_broken, fault))
    with pytest.raises(KnowledgeInvalid) as refused:
        Engine.load()
    assert refused.value.problems


def test_the_harness_changes_nothing_by_itself(monkeypatch):
    monkeypatch.setattr(source, "compose", tree_of)
    assert load().edition.digest == load(default_root()).edition.digest
