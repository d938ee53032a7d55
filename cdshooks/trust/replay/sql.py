"""Used tokens in one table of PostgreSQL.

The table is made at open, and there are no migrations: it holds nothing that is of use after an
hour, so while the service is stopped for that long it may be dropped at any time.
"""

import itertools
import os
import threading

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
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from cdshooks.errors import SettingsInvalid
from cdshooks.trust.replay.limits import QUESTIONS_AT_ONCE
from cdshooks.trust.replay.store import (
    SPARE_SECONDS,
    SWEEP_EVERY,
    SWEEP_ROWS,
    StoreFailed,
    failed,
    missing_extra,
)

USED = Table(
    "cdshooks_used_tokens",
    MetaData(),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),  # seconds of the Unix epoch
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
    # Rows that another node is deleting are skipped, not waited for.
    over = over.with_for_update(skip_locked=True)
    connection.execute(delete(USED).where(USED.c.digest.in_(over)))


def _failed(error: SQLAlchemyError) -> StoreFailed:
    return failed(getattr(error, "orig", None) or error)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsInvalid("replay_store: this is not the URL of a database") from None


def _engine(url: URL, seconds: float) -> Engine:
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
            hide_parameters=True,
            pool_size=QUESTIONS_AT_ONCE,
            max_overflow=0,
            pool_timeout=seconds,
        )
    except ModuleNotFoundError:
        raise missing_extra("postgresql") from None
