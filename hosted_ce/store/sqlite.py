"""SQLite: a file. Its default transactions lose updates (a deferred BEGIN reads before it locks)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_MS = 10_000
READERS = 5
STATEMENTS = 64
"""Kept ready by a connection: a busy CE has some 40 to 65. Each takes 20 kB where it is about pilots."""
PAGES_KB = 512
"""Kept by a connection that reads; the kernel has the others."""


class SQLite:
    """A backend. Two writers on one file are kept apart by the lock of the state folder."""

    def engine(self, url: sa.URL, *, writer: bool, sole: bool) -> sa.Engine:
        """As Backend has it."""
        engine = sa.create_engine(
            url, connect_args={"cached_statements": STATEMENTS}, pool_size=1 if writer else READERS,
            pool_use_lifo=True,  # in turn each of them would fill its memory
        )  # fmt: skip

        @sa.event.listens_for(engine, "connect")
        def _configure(connection: Any, record: Any) -> None:
            connection.isolation_level = None  # no implicit BEGIN: we say it ourselves
            cursor = connection.cursor()
            settings = [
                "journal_mode=WAL",
                f"busy_timeout={BUSY_TIMEOUT_MS}",
                "foreign_keys=ON",
                "synchronous=FULL",
            ]
            for setting in settings if writer else [*settings, "query_only=ON", f"cache_size=-{PAGES_KB}"]:
                cursor.execute(f"PRAGMA {setting}")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

        return engine

    def mark(self, connection: sa.Connection) -> str | None:
        """None: there is no connection that could be lost."""
        return None

    def committed(self, connection: sa.Connection, mark: str) -> bool | None:
        """Never asked."""
        raise NotImplementedError

    def confirmed(self, mark: str) -> None:
        """Never told."""
        raise NotImplementedError

    def lost(self, error: BaseException, *, connecting: bool = False) -> bool:
        """Never."""
        return False
