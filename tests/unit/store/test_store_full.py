"""A full disk is known as such, whoever was told of it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store.full import why_full


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
