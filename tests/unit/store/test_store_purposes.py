"""Test pilots and checks: all that is counted and learnt of pilots is the same with them and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Outcome, PilotUpdate
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.rollups.buckets import DAY_S
from hosted_ce.rollups.chart import PERIODS
from hosted_ce.rollups.points import Series
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.contributions import By, Contributions
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries, Which
from hosted_ce.store.filters import Filter, Question
from hosted_ce.store.gauges import GaugeStore
from hosted_ce.store.nodes import NodeStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.rollups import ChartBy, Rollups
from hosted_ce.store.vitals import Vitals
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder
from tests.fakes.postgresql import ON_SQLITE

AGES = (60.0, 3600.0)
ENDS: tuple[tuple[State, Outcome, EndClass, bool], ...] = (
    (State.COMPLETED, Outcome.EXITED, EndClass.NORMAL, False),
    (State.COMPLETED, Outcome.NODE_FAILURE, EndClass.NODE_FAILURE, True),
)


class Ce:
    """A store in which pilots of each purpose may be at every stage."""

    def __init__(self, database: Database):
        self.clock, self.database = Clock(), database
        self.store = PilotStore(database, now=self.clock)

    async def _change(
        self, pilot_id: int, update: PilotUpdate, attempt: AttemptUpdate, what: str, begin: NewAttempt | None
    ) -> None:
        pilot = await self.store.get(pilot_id)
        assert pilot
        changes = [Change(pilot, update, attempt, Event(what, "test"), begin)]
        assert await self.store.apply(changes), what

    async def put(self, purpose: Purpose, name: str, *, until: int = 3, end: int = 0) -> None:
        """A pilot that is idle here (0), in the queue (1), running (2), or over (3); or held (9)."""
        now = self.clock()
        spec = {"attributes": {"GlideinEntryName": "E", "GlideinFactory": "F"}}
        pilot, _ = await self.store.add(NewPilot(spec, "rest", "me", "d", purpose=purpose))
        if until == 0:
            return None
        if until == 9:
            update: PilotUpdate = {"state": State.HELD, "stage": Stage.DONE, "reason": "why"}
            return await self._change(pilot.id, update, {}, "held", None)
        begin = NewAttempt(name, "osg", "main", {"cpus": 4})
        begun: PilotUpdate = {"stage": Stage.SUBMITTING, "cores": 4, "vo": "osg"}
        await self._change(pilot.id, begun, {}, "routed", begin)
        queued: AttemptUpdate = {"batch_id": name, "submitted_at": now + 1, "site_reason": "Priority"}
        await self._change(pilot.id, {"stage": Stage.QUEUED}, queued, "submitted", None)
        if until == 1:
            return None
        running: PilotUpdate = {"stage": Stage.RUNNING, "state": State.RUNNING}
        await self._change(pilot.id, running, {"started_at": now + 10, "node": "n1"}, "running", None)
        if until == 2:
            return None
        state, outcome, what, failed = ENDS[end]
        ended: AttemptUpdate = {
            "ended_at": now + 100, "closed_at": now + 101, "outcome": outcome, "outcome_class": what,
            "failed": failed, "exit_code": end,
        }  # fmt: skip
        await self._change(pilot.id, {"stage": Stage.DONE, "state": state}, ended, "ended", None)
        return None

    async def figures(self) -> dict[str, Any]:
        """Everything that is counted or learnt."""
        now, today = self.clock() + 200, int(self.clock() // DAY_S)
        entries, vitals, rollups = EntryQueries(self.database), Vitals(self.database), Rollups(self.database)
        gauges = await GaugeStore(self.database).look(now, AGES)
        return {
            "entries": await entries.entries(Which(), now), "waiting": await entries.waiting(Which()),
            "pending": await entries.pending(), "vitals": await vitals.pilots(now),
            "ages": gauges.ages, "open": (gauges.open, gauges.oldest), "counts": gauges.counts,
            "sample": await rollups.sample(),
            "given": await Contributions(self.database).between(today, today, By.ROUTE, now),
            "recent": gauges.occupancy.recent, "nodes": await NodeStore(self.database).ends(now),
            "charts": [
                await rollups.chart(each, PERIODS["24h"], ChartBy.TOTAL, now + 900)
                for each in (Series.ENDED, Series.WAIT, Series.SUBMIT)
            ],
        }  # fmt: skip


async def put_all(ce: Ce, purpose: Purpose) -> None:
    """One at each stage, one of each end."""
    for until in (0, 1, 2, 9):
        await ce.put(purpose, f"{purpose.value}-{until}", until=until)
    for end in range(len(ENDS)):
        await ce.put(purpose, f"{purpose.value}-end-{end}", end=end)


async def test_what_is_counted_and_learnt_is_the_same_with_them_and_without() -> None:
    found = []
    for more in ((), (Purpose.TEST, Purpose.CHECK)):
        with quick_folder() as folder:
            database = Database(new_database(Path(folder)))
            try:
                ce = Ce(database)
                for purpose in (*more, Purpose.PILOT):
                    await put_all(ce, purpose)
                found.append(await ce.figures())
            finally:
                await database.close()
    without, all_of_them = found
    assert all(without.values())
    assert all_of_them == without


async def test_limits_hold_for_all_of_them(database: Database) -> None:
    ce = Ce(database)
    for purpose in Purpose:
        await put_all(ce, purpose)
    occupancy = await ce.store.occupancy()
    used = occupancy.of_route("osg")
    assert (used.pilots, used.idle, used.cores, used.submits) == (6, 3, 24, 12)


@pytest.mark.parametrize("purpose", Purpose)
async def test_they_are_listed_as_what_they_are(database: Database, purpose: Purpose) -> None:
    ce = Ce(database)
    for each in Purpose:
        await put_all(ce, each)
    queries = PilotQueries(database)
    found = await queries.listing(Filter(purpose=purpose), limit=100)
    assert [one.purpose for one in found.pilots] == [purpose] * 6
    assert found.matching
    assert sum(found.matching.values()) == 6
    everything = await queries.listing(Filter(), limit=100)
    assert len(everything.pilots) == 18
    assert sum(everything.counts.values()) == 6


def test_only_work_counts() -> None:
    assert [purpose for purpose in Purpose if purpose.counts] == [Purpose.PILOT]


@ON_SQLITE
async def test_no_question_about_pilots_is_answered_by_looking_at_all_that_are_none(
    database: Database,
) -> None:
    """Nearly all pilots have the same purpose: whoever goes by it looks at the whole history."""
    ce, seen = Ce(database), list[tuple[str, Any]]()

    def remember(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    sa.event.listen(database._reading, "before_cursor_execute", remember)
    try:
        await ce.figures()
        await ce.store.at_stage({Stage.WAITING}, tests=False, limit=200)
        await PilotQueries(database).listing(Filter(purpose=Purpose.PILOT, route="osg"), limit=10)
    finally:
        sa.event.remove(database._reading, "before_cursor_execute", remember)
    assert len(seen) > 10
    plans = await database.read(lambda connection: [_plan(connection, *each) for each in seen])
    assert [plan for plan in plans if "ix_pilots_purpose_id" in plan] == []


@ON_SQLITE
async def test_tests_are_found_by_their_own_index(database: Database) -> None:
    def plan(connection: sa.Connection) -> str:
        question = Question(connection, Filter(purpose=Purpose.TEST))
        statement = question.candidates(None, 10).compile(connection.engine)
        return _plan(
            connection, str(statement), tuple(statement.params[name] for name in statement.positiontup or ())
        )

    assert "ix_pilots_purpose_id" in await database.read(plan)


def _plan(connection: sa.Connection, statement: str, parameters: Any) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return " ".join(str(row[-1]) for row in rows)
