"""The three stores of used tokens, each as its own server or file."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis

from tests.peers.stores import Server, postgresql_server, redis_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis_at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


_databases = count(1)


def new_database(server: Server) -> str:
    """The URL of an empty database."""
    name = f"tokens{next(_databases)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url.replace("/postgres", f"/{name}")


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind in turn."""
    return empty_store(request.param, request.getfixturevalue, tmp_path)


def empty_store(kind: str, fixture: Callable[[str], Server], folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/used.db"
    if kind == "postgresql":
        return new_database(fixture("postgresql"))
    server = fixture("redis_at_work")
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
    return server.url
