"""What connections to SQLite keep in memory is bounded, and few of them fill it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import sqlalchemy as sa

from hosted_ce.store.database import Database
from hosted_ce.store.sqlite import PAGES_KB, STATEMENTS
from tests.fakes.postgresql import ON_SQLITE

pytestmark = ON_SQLITE
PATIENCE_S = 60


async def test_who_reads_one_after_the_other_uses_one_connection_of_several(database: Database) -> None:
    together = threading.Barrier(3)
    await asyncio.gather(*(database.read(lambda _: together.wait(PATIENCE_S)) for _ in range(3)))
    used = set[int]()
    for _ in range(10):
        used.add(await database.read(lambda connection: id(connection.connection.driver_connection)))
    assert len(used) == 1


async def test_statements_and_pages_of_a_connection_are_bounded(database: Database) -> None:
    def kept(connection: sa.Connection) -> tuple[Any, Any]:
        for number in range(2 * STATEMENTS):
            connection.exec_driver_sql(f"SELECT {number}").all()
        [statements] = connection.exec_driver_sql("SELECT count(*) FROM sqlite_stmt").one()
        [pages] = connection.exec_driver_sql("PRAGMA cache_size").one()
        return statements, pages

    statements, pages = await database.read(kept)
    assert statements <= STATEMENTS + 1  # and the one that counts
    assert pages == -PAGES_KB
