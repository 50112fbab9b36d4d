"""Dagster's event log in SQLite, with one engine and connection for each of its files.

Dagster makes an engine, connects and compiles its SQL anew for each of some thousand events, which
took a third of a run's time. Not here: what the events say, and any other of Dagster's storages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, inspect


class History(SqliteEventLogStorage):
    """As its parent, whose files it reads and writes; for dagster.yaml."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Dagster's way to make one."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked while the lock is held, too."""
        with _engine(self.conn_string_for_shard(INDEX_SHARD_NAME)).connect() as connection:
            return inspect(connection).has_table(table_name)


@lru_cache(maxsize=32)
def _engine(address: str) -> Engine:
    """The engine of a file, which keeps its connection."""
    return create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
