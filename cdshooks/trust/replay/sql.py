"""Used tokens in one table of SQLite or PostgreSQL.

The table is made at open, and there are no migrations: it holds nothing that is of use after an
hour, so while the service is stopped for that long it may be dropped at any time.
"""

import itertools
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from cdshooks.errors import SettingsInvalid
from cdshooks.trust.replay.limits import QUESTIONS_AT_ONCE
from cdshooks.trust.replay.store import SPARE_SECONDS, StoreFailed, missing_extra

SWEEP_EVERY = 16
SWEEP_ROWS = 48
"""With every 16th token at most 48 that are over are deleted: that keeps up with any rate, and no
single call pays for a large number of them."""

USED = Table(
    "cdshooks_used_tokens",
    MetaData(),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),  # seconds of the Unix epoch
    sqlite_with_rowid=False,
)


class SqlStore:
    """A row for each token. The primary key decides who was first."""

    def __init__(self, url: str, seconds: float):
        self._engine = _engine(_parsed(url), seconds)
        self._made, self._making = False, threading.Lock()
        self._calls = itertools.count(1)

    def add(self, digest: bytes, until: int, now: float) -> bool:
        try:
            self._make()
            with self._engine.begin() as connection:
                if next(self._calls) % SWEEP_EVERY == 0:
                    _sweep(connection, now)
                connection.execute(insert(USED).values(digest=digest, until=until))
        except IntegrityError:
            return False
        except SQLAlchemyError as error:
            raise _failed(error) from None
        return True

    def usable(self) -> bool:
        """A row is written and taken back: a disk that is full or a standby would not do."""
        try:
            self._make()
            with self._engine.connect() as connection:
                connection.execute(insert(USED).values(digest=os.urandom(32), until=0))
                connection.rollback()
        except SQLAlchemyError as error:
            raise _failed(error) from None
        return True

    def close(self) -> None:
        self._engine.dispose()

    def _make(self) -> None:
        with self._making:
            if not self._made:
                try:
                    USED.metadata.create_all(self._engine)
                except DBAPIError:  # another process was making it at the same moment
                    USED.metadata.create_all(self._engine)
                self._made = True


def _sweep(connection: Connection, now: float) -> None:
    over = select(USED.c.digest).where(USED.c.until < int(now) - SPARE_SECONDS).limit(SWEEP_ROWS)
    # Rows that another node is deleting are skipped, not waited for. SQLite has one writer anyway.
    over = over.with_for_update(skip_locked=True)
    connection.execute(delete(USED).where(USED.c.digest.in_(over)))


def _failed(error: SQLAlchemyError) -> StoreFailed:
    """The kind of the error, with the code that the database gives it: its text may hold a row."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return StoreFailed(f"{type(cause).__name__} {code or ''}".rstrip())


# ---- the two databases --------------------------------------------------------------------------


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsInvalid("replay_store: this is not the URL of a database") from None


def _engine(url: URL, seconds: float) -> Engine:
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": QUESTIONS_AT_ONCE,
        "max_overflow": 0,
        "pool_timeout": seconds,
    }
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, seconds, options)
    return _postgresql(url, options)


def _sqlite(url: URL, seconds: float, options: dict[str, Any]) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsInvalid("replay_store: SQLite needs a file, as in sqlite:////path/to/file")
    _private_file(Path(url.database), seconds)
    # SQLite has one writer at a time. Those of one process queue for one connection, in order,
    # rather than each look again and again whether the file is free.
    options |= {"pool_size": 1, "connect_args": {"timeout": seconds}}
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), **options)

    # NORMAL writes without waiting for the disk (0.02 ms instead of 4 ms), and is safe when the
    # process dies. When the machine loses its power, the uses of its last seconds can be lost:
    # docs/replay.md says so, and PostgreSQL is there for those who cannot accept it.
    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine


def _private_file(path: Path, seconds: float) -> None:
    """Make the file in WAL mode, for its owner alone; SQLite gives its companions the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        _write_ahead(path, seconds)
    except (OSError, sqlite3.DatabaseError) as error:
        raise SettingsInvalid(
            f"replay_store: {path} cannot be a SQLite file of ours ({type(error).__name__})"
        ) from None


def _write_ahead(path: Path, seconds: float) -> None:
    """Readers and the writer do not wait for each other. The mode stays with the file."""
    connection = sqlite3.connect(path, timeout=seconds)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _postgresql(url: URL, options: dict[str, Any]) -> Engine:
    # Ends what a dead host left behind; the deadline of an answer is kept elsewhere.
    network = {
        "connect_timeout": 2,  # seconds; libpq takes no less
        "tcp_user_timeout": 2_000,  # milliseconds
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "application_name": "cdshooks",
    }
    given = {name: value for name, value in network.items() if name not in url.query}
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=given,
            pool_pre_ping=True,  # after a restart of the server no token pays for a dead connection
            **options,
        )
    except ModuleNotFoundError:
        raise missing_extra("postgresql") from None
