"""Real databases with the current schema: made on SQLite in a millisecond, on a PostgreSQL in thirty."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
from alembic import command

from hosted_ce.store.database import Database
from hosted_ce.store.migrate import alembic_config
from tests.fakes.postgresql import Server

WITHIN_S = 20


@contextlib.contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: each commit waits for the disk, which takes 10 ms on some."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@cache
def _migrated() -> bytes:
    with quick_folder() as folder:
        path = folder / "template.sqlite"
        command.upgrade(alembic_config(f"sqlite:///{path}"), "head")
        return path.read_bytes()


def new_database(folder: Path) -> str:
    """A new database in this folder; its URL. The migrations run once for all."""
    path = folder / "hosted-ce.sqlite"
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@contextlib.contextmanager
def fresh_database(server: Server | None) -> Iterator[str]:
    """The URL of a new database of this server, or of SQLite, which is there while the block runs."""
    if server is None:
        with quick_folder() as folder:
            yield new_database(folder)
        return
    made = server.new_database()
    try:
        yield made
    finally:
        server.drop(made)


@contextlib.contextmanager
def writer_held(database: Database) -> Iterator[Callable[[], int]]:
    """Nothing is written while the block runs; it is told how many works are queued."""
    began, gate = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        began.set()
        assert gate.wait(WITHIN_S)

    writer = database._writer
    writer.put(hold, hurried=False)
    assert began.wait(WITHIN_S)
    try:
        yield writer._queue.qsize
    finally:
        gate.set()


class Reader(Protocol):
    """A connection on which `BEGIN` and `COMMIT` enclose what is read as of one moment."""

    def execute(self, statement: str, /) -> Iterable[tuple[Any, ...]]:
        """The rows of a statement."""

    def close(self) -> None:
        """Reads no more."""


def reader_of(url: str) -> Reader:
    """Reads a database without anything of ours in between."""
    if url.startswith("sqlite:///"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return connection
