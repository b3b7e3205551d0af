"""Lists of pilots: every filter says what it says, and none looks at all pilots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import State
from hosted_ce.store import filters
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries, Which
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.filters import Filter, Order
from hosted_ce.store.queries import Listing, PilotQueries
from tests.fakes.postgresql import ON_SQLITE

STATES = [state.value for state in State]
NUMBER = 600
LARGE = 100_000
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number)
INSERT INTO pilots (id, version, state, stage, goal, reason, spec, door, owner, idempotency_key,
  request_digest, attempt, route, cluster, created_at, changed_at, finished_at, next_attempt_at, account,
  factory_job, vo, entry, factory, outcome_class, purpose)
SELECT i, 1, CASE WHEN i % 7 < 5 THEN 'completed' WHEN i % 97 = 0 THEN 'held' WHEN i % 5 = 0 THEN 'running'
    ELSE 'removed' END,
  CASE WHEN i % 7 >= 5 AND i % 97 <> 0 AND i % 5 = 0 THEN 'running' ELSE 'done' END, 'run',
  CASE WHEN i % 50 = 0 THEN 'QOSMaxJobs 100%_\\' ELSE 'other' END, '{"attributes": {}}', 'rest', 'o',
  'k' || i, 'd', 1, 'r' || (i % 3), 'c' || (i % 2), 1000 + i - (i % 4) * 2, 1000 + i,
  CASE WHEN i % 7 < 5 THEN 2000 + i % 100 END, 0,
  'a' || (i % 2), 'g' || i, 'v' || (i % 3), CASE WHEN i % 11 > 0 THEN 'E' || (i % 2) END, 
  'F' || CASE WHEN i % 5 = 0 THEN 1 ELSE 0 END,
  CASE WHEN i % 7 >= 5 THEN NULL WHEN i % 13 = 0 THEN 'no_cvmfs' ELSE 'normal' END,
  CASE WHEN i % 17 = 0 THEN 'test' ELSE 'pilot' END
FROM n
"""
ATTEMPTS = """
INSERT INTO attempts (pilot_id, number, stamp, route, cluster, request, created_at, batch_id)
SELECT id, 1, 's' || id, route, cluster, '{}', created_at, 'b' || (id / 2) FROM pilots
"""
TALLIES = """
INSERT INTO tallies
SELECT coalesce(entry, ''), factory, route, cluster, vo, account, purpose, state, count(*), 0
FROM pilots GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
EVENTS = """
INSERT INTO events (pilot_id, at, what, actor, state, data) SELECT id, 0, 'x', 't', state, '{}' FROM pilots
"""
SAID = {
    "states": [State.HELD], "route": "r1", "cluster": "c0", "owner": "o", "batch_id": "b7",
    "factory_job": "g14", "entry": "E1", "factory": "F1", "vo": "v2", "account": "a1", "stamp": "s14",
    "door_key": "k14", "created_after": 1300.0, "created_before": 1400.0, "finished_after": 2050.0,
    "reason": "qosmax", "purpose": Purpose.TEST, "outcome_classes": [EndClass.NORMAL],
}  # fmt: skip


async def fill(database: Database, number: int) -> None:
    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text(FILL), {"number": number})
        for statement in (ATTEMPTS, TALLIES, EVENTS):
            connection.execute(sa.text(statement))
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ANALYZE"))  # which it does by itself, in a minute

    await database.write(work)


async def whole(queries: PilotQueries, wanted: Filter, order: Order, limit: int) -> tuple[list[int], Listing]:
    """The ids of all pages, and the first page."""
    after, ids, first = None, list[int](), None
    for _ in range(1000):
        page = await queries.listing(wanted, order=order, after=after, limit=limit)
        first = first or page
        ids += [pilot.id for pilot in page.pilots]
        if page.after is None:
            return ids, first
        after = page.after
    raise AssertionError("the pages have no end")


def expected(rows: list[Any], wanted: Filter, order: Order) -> list[int]:
    """What a person would pick."""

    def picked(row: Any) -> bool:
        same = all(
            getattr(wanted, name) in (None, getattr(row, column))
            for name, column in (
                ("route", "route"), ("cluster", "cluster"), ("owner", "owner"), ("entry", "entry"),
                ("factory", "factory"), ("vo", "vo"), ("account", "account"), ("batch_id", "batch_id"),
                ("stamp", "stamp"), ("factory_job", "factory_job"), ("door_key", "idempotency_key"),
                ("purpose", "purpose"),
            )
        )  # fmt: skip
        return (
            same
            and (not wanted.states or row.state in wanted.states)
            and (not wanted.outcome_classes or row.outcome_class in wanted.outcome_classes)
            and (wanted.created_after is None or row.created_at >= wanted.created_after)
            and (wanted.created_before is None or row.created_at <= wanted.created_before)
            and (wanted.finished_after is None or (row.finished_at or 0) >= wanted.finished_after)
            and (wanted.reason is None or wanted.reason.lower() in row.reason.lower())
            and (order is Order.CREATED or row.finished_at is not None)
        )

    found = [row for row in rows if picked(row)]
    found.sort(key=lambda row: row.id if order is Order.CREATED else (row.finished_at, row.id), reverse=True)
    return [row.id for row in found]


def questions() -> Iterator[Filter]:
    """No filter, each alone, and each two together."""
    yield Filter()
    names = [field.name for field in fields(Filter)]
    for name in names:
        yield replace(Filter(), **{name: SAID[name]})
    for two in itertools.combinations(names, 2):
        yield replace(Filter(), **{name: SAID[name] for name in two})
    yield Filter([State.HELD, State.RUNNING], entry="E0")
    yield Filter([], entry="E0", vo="v1")
    yield Filter(outcome_classes=[EndClass.NO_CVMFS], entry="E0")
    yield Filter(outcome_classes=[EndClass.NO_CVMFS, EndClass.NO_COLLECTOR])
    yield Filter(reason="100%_\\")
    yield Filter(reason="10_%")


@pytest.mark.parametrize("order", Order)
async def test_filters_pick_what_a_person_would_pick(
    database: Database, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.store.queries.LOOKED_AT", 150)  # some short pages
    await fill(database, NUMBER)
    select = "SELECT p.*, a.batch_id, a.stamp FROM pilots p JOIN attempts a ON a.pilot_id = p.id"
    rows = await database.read(lambda connection: list(connection.exec_driver_sql(select)))
    queries = PilotQueries(database)
    for wanted in questions():
        ids, first = await whole(queries, wanted, order, 40)
        assert ids == expected(rows, wanted, order), wanted
        if first.matching is not None and order is Order.CREATED:
            assert sum(first.matching.values()) == len(ids), wanted


async def test_what_pilots_are_counted_by_is_offered_in_order_and_bounded(database: Database) -> None:
    await fill(database, NUMBER)
    queries = PilotQueries(database)
    assert await queries.kinds(10) == {
        "entry": ["E0", "E1"], "factory": ["F0", "F1"], "route": ["r0", "r1", "r2"],
        "cluster": ["c0", "c1"], "vo": ["v0", "v1", "v2"], "account": ["a0", "a1"],
        "purpose": ["pilot", "test"],
    }  # fmt: skip
    assert {name: len(found) for name, found in (await queries.kinds(1)).items()} == dict.fromkeys(
        ("entry", "factory", "route", "cluster", "vo", "account", "purpose"), 1
    )


@ON_SQLITE
async def test_no_question_looks_at_all_pilots(database: Database) -> None:
    await fill(database, LARGE)
    seen: list[tuple[str, Any]] = []
    engine = database._reading

    @sa.event.listens_for(engine, "before_cursor_execute")
    def remember(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    queries, entries = PilotQueries(database), EntryQueries(database)
    for wanted in questions():
        for order in Order:
            await queries.listing(wanted, order=order, limit=100)
    await queries.counts()
    await queries.kinds(100)
    before = len(seen)
    for which in (Which(), Which("E1"), Which("E1", "F1", "r1")):
        await entries.entries(which, 5000.0)
        await entries.waiting(which)
        await entries.pending(which)
    about_entries = seen[before:]
    await EventLog(database).behind(LARGE - 10, 100)
    await EventLog(database).newest()
    await queries.attempts(5)
    await queries.history(5)

    def explain(connection: sa.Connection, which: list[tuple[str, Any]] = seen) -> list[str]:
        found = []
        for statement, parameters in which:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [f"{row[-1]}: {statement}" for row in plan]
        return found

    steps = await database.read(explain)
    assert len(seen) > 300
    assert [step for step in steps if step.startswith(("SCAN pilots", "SCAN attempts", "SCAN events"))] == []
    steps = await database.read(lambda connection: explain(connection, about_entries))
    assert [step for step in steps if "ix_pilots_entry" in step or "ix_pilots_route_id" in step] == []


@ON_SQLITE
async def test_a_question_looks_at_a_bounded_number(database: Database) -> None:
    await fill(database, LARGE)
    page = await PilotQueries(database).listing(Filter(reason="nowhere"), limit=10)
    assert (page.pilots, page.matching) == ([], None)
    assert page.after == (LARGE - filters.LOOKED_AT + 1,)
