"""What is read of PostgreSQL by a cursor of the server's, since its client keeps every row of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from hosted_ce.pilots.states import AT_SITE, Stage
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from tests.fakes.postgresql import needs_postgresql
from tests.unit.store.test_store_listing import fill

pytestmark = [needs_postgresql, pytest.mark.parametrize("url", ["postgresql"], indirect=True)]
OVER = "UPDATE pilots SET stage = 'done', state = 'completed' WHERE id > 20"
LIVE = "UPDATE pilots SET stage = 'running', state = 'running', cluster = 'main' WHERE id <= 20"


@contextmanager
def seen() -> Iterator[list[tuple[Any, str, Any]]]:
    """The cursors, statements and parameters of the block."""
    found: list[tuple[Any, str, Any]] = []

    def note(_: sa.Connection, cursor: object, statement: str, parameters: object, *__: object) -> None:
        found.append((type(cursor), statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_thousands_are_read_by_one_and_a_few_are_not(store: PilotStore, database: Database) -> None:
    await fill(database, 50)
    with seen() as reads:
        await store.at_stage(set(Stage))
        await store.at_stage(set(Stage), limit=5)
    assert [issubclass(kind, psycopg.ServerCursor) for kind, *_ in reads] == [True, False]


async def test_it_does_not_go_past_all_pilots_that_ever_were(store: PilotStore, database: Database) -> None:
    """As it would in the order of ids, for the sake of the first rows."""
    await fill(database, 20_000)

    def let_end(connection: sa.Connection) -> None:
        for statement in (OVER, LIVE, "ANALYZE"):
            connection.exec_driver_sql(statement)

    await database.write(let_end)
    with seen() as reads:
        assert len(await store.at_stage(AT_SITE, cluster="main", spec=False)) == 20
    [(_, statement, parameters)] = reads

    def planned(connection: sa.Connection, fraction: float | None) -> str:
        if fraction is not None:
            connection.exec_driver_sql(f"SET LOCAL cursor_tuple_fraction = {fraction}")
        asked = f"EXPLAIN DECLARE probe CURSOR FOR {statement}"
        return "\n".join(connection.exec_driver_sql(asked, parameters).scalars())

    usual = 0.1
    assert "ix_pilots_stage_cluster" in await database.read(lambda connection: planned(connection, None))
    assert "ix_pilots_stage_cluster" not in await database.read(lambda each: planned(each, usual))
