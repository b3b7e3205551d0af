"""The database: one writer thread with group commit, and readers beside it.

SQLite's default transactions lose updates (a deferred BEGIN reads before it locks), so writers say BEGIN
IMMEDIATE. One commit for all that waits is an order of magnitude faster than one for each.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
GROUP_MAX = 256
BUSY_TIMEOUT_MS = 10_000


class DatabaseClosed(Exception):
    """The database is closed: nothing more can be written by this process."""


@dataclass(slots=True)
class _Item:
    work: Work[Any]
    done: Future[Any]


class Database:
    """Opens `url`. `write` and `read` take functions of a connection; close it when done."""

    def __init__(self, url: str):
        self.url = url
        self._writing = _engine(url, writer=True)
        self._reading = _engine(url, writer=False)
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._closed = False
        self.commits = 0
        self.observe: Callable[[str, float], None] = lambda operation, seconds: None
        """Is told how many seconds each "read" and "write" took."""
        self._thread = threading.Thread(target=self._write_all, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T]) -> T:
        """Runs `work` in a transaction; returns when it is committed. It may run again after a roll-back.

        What `work` raises rolls back `work` alone. It is carried out even if the caller is cancelled: an
        outcome that was learnt is not lost.
        """
        if self._closed:
            raise DatabaseClosed
        done: Future[T] = Future()
        began = time.monotonic()
        self._queue.put(_Item(work, done))
        answer = await asyncio.shield(asyncio.wrap_future(done))
        self.observe("write", time.monotonic() - began)
        return answer

    async def read(self, work: Work[T]) -> T:
        """Runs `work` on a read-only connection in a thread."""
        began = time.monotonic()
        answer = await asyncio.to_thread(self._read, work)
        self.observe("read", time.monotonic() - began)
        return answer

    async def close(self) -> None:
        """Writes what is queued, then closes."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._writing.dispose()
        self._reading.dispose()

    def _read(self, work: Work[T]) -> T:
        with self._reading.connect() as connection:
            return work(connection)

    def _write_all(self) -> None:
        while (first := self._queue.get()) is not None:
            group, more = self._group(first)
            self._commit(group)
            if not more:
                return

    def _group(self, first: _Item) -> tuple[list[_Item], bool]:
        group = [first]
        with contextlib.suppress(queue.Empty):
            while len(group) < GROUP_MAX:
                item = self._queue.get_nowait()
                if item is None:
                    return group, False
                group.append(item)
        return group, True

    def _commit(self, group: list[_Item]) -> None:
        """All in one transaction. If one of them fails, each again in a savepoint, so that it fails alone."""
        try:
            try:
                answers = self._together(group, _plain)
            except _WorkFailed:
                answers = self._together(group, _in_savepoint)
        except BaseException as error:
            for item in group:
                item.done.set_exception(error)
            return
        for item, (value, problem) in zip(group, answers, strict=True):
            if problem is None:
                item.done.set_result(value)
            else:
                item.done.set_exception(problem)

    def _together(
        self, group: list[_Item], run: Callable[[sa.Connection, Work[Any]], _Answer]
    ) -> list[_Answer]:
        with self._writing.begin() as connection:
            answers = [run(connection, item.work) for item in group]
        self.commits += 1
        return answers


_Answer = tuple[Any, BaseException | None]


class _WorkFailed(Exception):
    """A work of the group failed, so that nothing was committed.

    Told apart from a commit that failed: after that nobody knows, and no work may run again.
    """


def _plain(connection: sa.Connection, work: Work[Any]) -> _Answer:
    try:
        return work(connection), None
    except Exception as error:
        raise _WorkFailed from error


def _in_savepoint(connection: sa.Connection, work: Work[Any]) -> _Answer:
    """Raises what ended the whole transaction; what ended this work alone is returned."""
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
    except Exception as error:
        try:
            savepoint.rollback()
        except sa.exc.DBAPIError:
            # With its disk full, SQLite has given up the transaction: nobody's work is written.
            raise error from None
        return None, error
    savepoint.commit()
    return value, None


def _engine(url: str, *, writer: bool) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=1 if writer else 5)
    engine = sa.create_engine(url, pool_size=1 if writer else 5)

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
        for setting in settings if writer else [*settings, "query_only=ON"]:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine
