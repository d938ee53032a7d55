"""A copy of the shipped knowledge, to be changed by one test."""

import pytest

from tests.knowledge.editions import copied


@pytest.fixture
def mappings(tmp_path):
    return copied(tmp_path)
