"""What is counted every two seconds costs so many queries, and none of them looks at pilots that are over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from hosted_ce.metric_groups.pending import AGES
from hosted_ce.store.database import Database
from hosted_ce.store.gauges import GaugeStore, gauges_of
from hosted_ce.store.occupancy import clusters_in_use, occupancy_of
from hosted_ce.store.urls import with_driver
from tests.fakes.postgresql import ON_SQLITE
from tests.unit.store.test_store_listing import fill

QUERIES = 7
NOW = 1_800_000_000.0


@pytest.fixture
def connection(database: Database) -> Iterator[sa.Connection]:
    engine = sa.create_engine(with_driver(database.url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def looked(connection: sa.Connection) -> None:
    gauges_of(connection, NOW, AGES)


def counted(connection: sa.Connection) -> None:
    occupancy_of(connection, NOW)


def queries(
    connection: sa.Connection, work: Callable[[sa.Connection], object] = looked
) -> list[tuple[str, object]]:
    """Those of one look, or of other work."""
    asked: list[tuple[str, object]] = []

    @sa.event.listens_for(connection, "before_cursor_execute")
    def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    work(connection)
    sa.event.remove(connection, "before_cursor_execute", note)
    return asked


async def test_one_look_is_so_many_queries_whatever_the_number_of_pilots(
    database: Database, connection: sa.Connection
) -> None:
    assert len(queries(connection)) == QUERIES
    await fill(database, 600)
    assert len(queries(connection)) == QUERIES


@ON_SQLITE
async def test_none_of_them_looks_at_every_pilot_or_attempt(
    database: Database, connection: sa.Connection
) -> None:
    await fill(database, 600)
    await database.write(lambda writing: writing.execute(sa.text("ANALYZE")))
    for statement, parameters in queries(connection):
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
        scans = [row.detail for row in plan if row.detail.startswith(("SCAN pilots", "SCAN attempts"))]
        assert scans == [], (statement, plan)


@ON_SQLITE
@pytest.mark.parametrize("work", [counted, clusters_in_use])
async def test_who_is_at_the_site_is_counted_along_an_index(
    database: Database, connection: sa.Connection, work: Callable[[sa.Connection], object]
) -> None:
    await fill(database, 600)
    await database.write(lambda writing: writing.execute(sa.text("ANALYZE")))
    statement, parameters = queries(connection, work)[0]

    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]

    [step] = [row.detail for row in plan]  # hence nothing is sorted
    assert re.fullmatch(r"SEARCH pilots USING COVERING INDEX \w+ \(stage=\?\)", step)


async def test_commits_tell_that_something_was_written(database: Database) -> None:
    gauges = GaugeStore(database)
    before = gauges.commits
    await gauges.look(NOW, AGES)
    assert gauges.commits == before
    await fill(database, 10)
    assert gauges.commits > before
