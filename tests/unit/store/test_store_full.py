"""A full disk is known as such, whoever was told of it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store.database import Database
from hosted_ce.store.full import why_full
from hosted_ce.store.tables import clusters
from tests.fakes.database import new_database


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "Disk quota exceeded"),
        (OSError(errno.EIO, "Input/output error"), None),
        (ValueError("No space left on device"), None),
    ],
)
def test_what_the_system_says(error: Exception, why: str | None) -> None:
    assert why_full(error) == why


@pytest.fixture
def small(tmp_path: Path) -> Iterator[sa.Connection]:
    """A database that has room for three pages."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'small.sqlite'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=3")
        connection.exec_driver_sql("CREATE TABLE things (thing)")
        yield connection
    engine.dispose()


def test_what_sqlite_says(small: sa.Connection) -> None:
    with pytest.raises(sa.exc.OperationalError) as full:
        small.exec_driver_sql("INSERT INTO things VALUES (zeroblob(100000))")
    assert why_full(full.value) == "database or disk is full"
    with pytest.raises(sa.exc.OperationalError) as absent:
        small.exec_driver_sql("INSERT INTO nothing VALUES (1)")
    assert why_full(absent.value) is None


async def test_what_shares_a_commit_with_one_that_found_the_disk_full_is_never_called_written(
    tmp_path: Path,
) -> None:
    """SQLite then gives up the whole transaction, whatever was done in it before."""
    database = Database(new_database(tmp_path))

    def no_room(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # of those that there are

    def small(connection: sa.Connection) -> None:
        connection.execute(sa.insert(clusters), {"name": "small"})

    def large(connection: sa.Connection) -> None:
        connection.execute(sa.insert(clusters), {"name": "large", "pause_reason": "x" * 10_000_000})

    try:
        await database.write(no_room)
        told = await asyncio.gather(*map(database.write, (small, large)), return_exceptions=True)
        kept = await database.read(lambda connection: list(connection.scalars(sa.select(clusters.c.name))))
        assert isinstance(told[1], sa.exc.OperationalError)
        assert kept == ([] if told[0] else ["small"])
    finally:
        await database.close()
