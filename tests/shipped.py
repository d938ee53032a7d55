"""The shipped knowledge, read once for all the tests that only look at it."""

from cdshooks.engine import Engine
from cdshooks.knowledge.load import load

KNOWLEDGE = load()
ENGINE = Engine(KNOWLEDGE)
