"""Copies a whole database on SQLite into an empty one on PostgreSQL: everything, or nothing.

All of it is read as of one moment and written in one transaction, counted, compared row by row, and only
then committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from hosted_ce.store.backend import backend_of
from hosted_ce.store.tables import metadata
from hosted_ce.store.urls import with_driver

AT_ONCE = 1000
_REVISION = "alembic_version"
Tell = Callable[[str, int], None]


class CannotMove(Exception):
    """The copy was not made; the target is as it was before. Its text says why."""


def copy_all(source: str, target: str, tell: Tell, *, prepare: Callable[[], None]) -> dict[str, int]:
    """Copies every table, and tells each one's name and number of rows; returns those numbers.

    `prepare` brings the target to the current schema, which the source must have. It is called when the
    target is locked and known to be empty: what is another's is not touched. The source is the caller's to
    hold. Raises CannotMove, DatabaseTaken.
    """
    reading = backend_of(source).engine(with_driver(source), writer=False, sole=False)
    writing = backend_of(target).engine(with_driver(target), writer=True, sole=True)
    try:
        with reading.connect() as old, writing.connect() as new:
            with new.begin():
                _must_be_empty(new)
            prepare()
            counts = _copy_whole(old, new, tell)
    finally:
        reading.dispose()
        writing.dispose()
    return counts


def _copy_whole(old: sa.Connection, new: sa.Connection, tell: Tell) -> dict[str, int]:
    with new.begin():
        counts = {table.name: _copy(old, new, table, tell) for table in metadata.sorted_tables}
        _number_on(old, new)
        for table in metadata.sorted_tables:
            if _digest(old, table) != _digest(new, table):
                raise CannotMove(f"table {table.name} is not the same in the copy; nothing was kept")
    return counts


def _must_be_empty(new: sa.Connection) -> None:
    """Also of tables that are not ours, or of another version."""
    for name in sorted(set(sa.inspect(new).get_table_names()) - {_REVISION}):
        if new.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first():
            raise CannotMove(f"the target has something in its table {name}: give an empty database")


def _copy(old: sa.Connection, new: sa.Connection, table: sa.Table, tell: Tell) -> int:
    number = 0
    for rows in _pages(old, table):
        new.execute(sa.insert(table), [dict(row._mapping) for row in rows])
        number += len(rows)
    tell(table.name, number)
    return number


def _pages(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[sa.Row[Any]]]:
    """All rows, so many at a time."""
    select = sa.select(table).execution_options(stream_results=True, yield_per=AT_ONCE)
    yield from connection.execute(select).partitions()


def _digest(connection: sa.Connection, table: sa.Table) -> tuple[int, int]:
    """How many rows, and a sum over what is in each: in whatever order a database gives them."""
    number = total = 0
    for rows in _pages(connection, table):
        for row in rows:
            found = hashlib.sha256(repr([_same(value) for value in row]).encode("utf-8", "surrogatepass"))
            total = (total + int.from_bytes(found.digest()[:16], "big")) % 2**128
        number += len(rows)
    return number, total


def _same(value: Any) -> Any:
    """Whole numbers of a column of floats are integers in some answers of SQLite's."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number_on(old: sa.Connection, new: sa.Connection) -> None:
    """An id is never given again, also not one whose row is gone: the numbers go on where they were."""
    given = {name: seq for name, seq in old.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))}
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            highest = max(new.scalar(sa.select(sa.func.max(column))) or 0, given.get(table.name, 0))
            sequence = "SELECT setval(pg_get_serial_sequence(%s, %s)::regclass, %s, %s)"
            new.exec_driver_sql(sequence, (table.name, column.name, highest or 1, highest > 0))
