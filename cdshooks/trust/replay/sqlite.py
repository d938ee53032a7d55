"""Used tokens in one table of a SQLite file, with the driver that Python brings.

SQLAlchemy would do the same, and take as long to load as everything that reads charts.
"""

import itertools
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cdshooks.errors import SettingsInvalid
from cdshooks.trust.replay.store import (
    SPARE_SECONDS,
    SWEEP_EVERY,
    SWEEP_ROWS,
    StoreFailed,
    failed,
)

_AGAIN_AFTER = 0.01  # seconds
_TABLE = (
    "CREATE TABLE IF NOT EXISTS cdshooks_used_tokens"
    " (digest BLOB NOT NULL PRIMARY KEY, until BIGINT NOT NULL) WITHOUT ROWID"
)
_INDEX = "CREATE INDEX IF NOT EXISTS ix_cdshooks_used_tokens_until ON cdshooks_used_tokens (until)"
_INSERT = "INSERT INTO cdshooks_used_tokens (digest, until) VALUES (?, ?)"
_SWEEP = (
    "DELETE FROM cdshooks_used_tokens WHERE digest IN"
    " (SELECT digest FROM cdshooks_used_tokens WHERE until < ? LIMIT ?)"
)


class SqliteStore:
    """A row for each token. The primary key decides who was first.

    SQLite has one writer at a time. Those of one process wait for one connection, rather than each
    look again and again whether the file is free. They wait `seconds` at most for either.
    """

    def __init__(self, url: str, seconds: float):
        self._path, self._seconds = _path(url), seconds
        _private_file(self._path, seconds)
        self._mine = threading.Lock()  # whose thread has the connection
        self._opened: sqlite3.Connection | None = None
        self._calls = itertools.count(1)

    def add(self, digest: bytes, until: int, now: float) -> bool:
        with self._connection() as connection:
            try:
                with connection:  # what is in it is one transaction
                    if next(self._calls) % SWEEP_EVERY == 0:
                        connection.execute(_SWEEP, (int(now) - SPARE_SECONDS, SWEEP_ROWS))
                    connection.execute(_INSERT, (digest, until))
            except sqlite3.IntegrityError:
                return False
        return True

    def usable(self) -> bool:
        """A row is written and taken back: a disk that is full would not do."""
        with self._connection() as connection:
            try:
                connection.execute(_INSERT, (os.urandom(32), 0))
            finally:
                connection.rollback()
        return True

    def close(self) -> None:
        if self._mine.acquire(timeout=self._seconds):
            try:
                if self._opened is not None:
                    self._opened.close()
                self._opened = None
            finally:
                self._mine.release()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time. Raises StoreFailed."""
        if not self._mine.acquire(timeout=self._seconds):
            raise StoreFailed("its connection is not free")
        try:
            self._opened = self._opened or _open(self._path, self._seconds)
            yield self._opened
        except sqlite3.Error as error:
            raise failed(error) from None
        finally:
            self._mine.release()


def _path(url: str) -> Path:
    """The file of `sqlite:///relative` or `sqlite:////absolute`."""
    place = url.partition("://")[2]
    if place in ("", "/", "/:memory:"):
        raise SettingsInvalid("replay_store: SQLite needs a file, as in sqlite:////path/to/file")
    if not place.startswith("/") or "?" in place:
        raise SettingsInvalid(
            "replay_store: of SQLite only a file is named: sqlite:////path/to/file"
        )
    return Path(place[1:])


def _open(path: Path, seconds: float) -> sqlite3.Connection:
    """A connection to a file in which there is a table."""
    connection = sqlite3.connect(path, timeout=seconds, check_same_thread=False)
    try:
        # NORMAL writes without waiting for the disk (0.02 ms instead of 4 ms), and is safe when the
        # process dies. When the machine loses its power, the uses of its last seconds can be lost:
        # docs/replay.md says so, and PostgreSQL is there for those who cannot accept it.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
        connection.execute(_INDEX)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


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
    """Readers and the writer do not wait for each other. The mode stays with the file.

    Of processes that make one file together SQLite refuses some at once, so they try again.
    """
    given_up = time.monotonic() + seconds
    while not _has_write_ahead(path, seconds, is_last=time.monotonic() >= given_up):
        time.sleep(_AGAIN_AFTER)


def _has_write_ahead(path: Path, seconds: float, is_last: bool) -> bool:
    with closing(sqlite3.connect(path, timeout=seconds)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if is_last or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True
