"""The buckets as they are kept: each sum at every width, the oldest gone, whatever the clock does."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.daemon.watcher import INTERVAL_S, Watcher
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt
from hosted_ce.pilots.states import Stage, State
from hosted_ce.rollups.buckets import DAILY, DAY_S, FINE, HOURLY, start_of
from hosted_ce.rollups.chart import PERIODS
from hosted_ce.rollups.points import Amount, Key, Points, Series, coarser
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.errors import DatabaseAway
from hosted_ce.store.patience import hurried
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.rollups import ChartBy, Rollups
from hosted_ce.store.tables import rollups
from tests.fakes.clock import Clock

DAY = PERIODS["24h"]


@pytest.fixture
def kept(database: Database) -> Rollups:
    """The buckets."""
    return Rollups(database)


@pytest.fixture
def watcher(kept: Rollups, clock: Clock) -> Watcher:
    """Who looks."""
    return Watcher(kept, clock)


async def points(database: Database, width_s: int) -> Points:
    """All that is kept at this width."""
    wanted = sa.select(rollups).where(rollups.c.width_s == width_s)
    rows = await database.read(lambda connection: connection.execute(wanted).all())
    return {Key(r.start, Series(r.series), r.route, r.kind): Amount(r.amount, r.weight) for r in rows}


async def add(store: PilotStore) -> int:
    pilot, _ = await store.add(NewPilot({"attributes": {}}, "test", "o", "d"))
    return pilot.id


async def change(
    store: PilotStore, pilot_id: int, event: Event, attempt: AttemptUpdate | None = None, **more: Any
) -> None:
    pilot = await store.get(pilot_id)
    assert pilot
    update = {name: value for name, value in more.items() if name != "begin"}
    begin = more.get("begin")
    made = Change(pilot, update, attempt or AttemptUpdate(), event, begin)  # type: ignore[arg-type]
    assert await store.apply([made])


async def run(store: PilotStore, clock: Clock) -> int:
    """A pilot of route r that runs on four cores: submitted in 5 s, and 60 s in the queue."""
    pilot_id = await add(store)
    new = NewAttempt(f"h{pilot_id}", "r", "c", {"cpus": 4})
    await change(store, pilot_id, Event("routed", "t"), begin=new, stage=Stage.SUBMITTING, cores=4)
    clock.advance(5)
    facts = AttemptUpdate(batch_id="1", submitted_at=clock())
    await change(store, pilot_id, Event("submitted", "t"), facts, stage=Stage.QUEUED)
    clock.advance(60)
    runs: dict[str, Any] = {"stage": Stage.RUNNING, "state": State.RUNNING}
    await change(store, pilot_id, Event("running", "t"), AttemptUpdate(started_at=clock()), **runs)
    return pilot_id


async def watch_for(watcher: Watcher, clock: Clock, seconds: float) -> None:
    """Time passes, and somebody looks."""
    for _ in range(int(seconds / INTERVAL_S)):
        await watcher.tick()
        clock.advance(INTERVAL_S)
    await watcher.tick()


async def test_what_happens_is_in_every_width_once(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    pilot_id = await run(store, clock)
    normal = AttemptUpdate(outcome_class=EndClass.NORMAL)
    await change(store, pilot_id, Event("completed", "t"), normal, state=State.COMPLETED)
    for level in (FINE, HOURLY, DAILY):
        found = await points(database, level.width_s)
        start = start_of(clock(), level.width_s)
        assert sum(each.amount for key, each in found.items() if key.series is Series.SUBMIT) == 5
        assert sum(each.amount for key, each in found.items() if key.series is Series.WAIT) == 60
        assert found[Key(start, Series.ENDED, "r", "normal")] == (1, 1)


async def test_a_change_that_is_outdated_is_not_counted(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    pilot_id = await run(store, clock)
    pilot = await store.get(pilot_id)
    assert pilot
    facts = AttemptUpdate(outcome_class=EndClass.NORMAL)
    ended = Change(pilot, {"state": State.COMPLETED}, facts, Event("completed", "t"))
    assert len(await store.apply([ended, ended])) == 1
    found = await points(database, DAILY.width_s)
    assert [each for key, each in found.items() if key.series is Series.ENDED] == [(1, 1)]


async def test_what_lasts_is_written_once_a_bucket(
    store: PilotStore, database: Database, kept: Rollups, watcher: Watcher, clock: Clock
) -> None:
    await run(store, clock)
    await add(store)
    commits = database.commits
    await watch_for(watcher, clock, 3600)
    assert database.commits - commits <= 3600 / FINE.width_s
    running = await kept.chart(Series.PILOTS, DAY, ChartBy.ROUTE, clock() + 60, kind="running")
    seen = [value for value in running.lines["r"] if value is not None]
    assert len(seen) >= 11
    assert seen == pytest.approx([1.0] * len(seen))
    cores = await kept.chart(Series.CORES, DAY, ChartBy.TOTAL, clock() + 60)
    assert {value for value in cores.lines[""] if value is not None} == {4.0}
    idle = await kept.chart(Series.PILOTS, DAY, ChartBy.KIND, clock() + 60)
    assert {name for name in idle.lines} == {"idle", "running"}
    fine = await points(database, FINE.width_s)
    assert coarser(fine, HOURLY.width_s) == await points(database, HOURLY.width_s)
    assert coarser(fine, DAILY.width_s) == await points(database, DAILY.width_s)


async def test_a_time_at_which_nobody_looked_is_a_gap_and_a_quiet_one_is_zero(
    kept: Rollups, watcher: Watcher, store: PilotStore, clock: Clock
) -> None:
    await watch_for(watcher, clock, 1800)
    clock.advance(1800)  # it was down, and killed
    after = Watcher(kept, clock)
    await watch_for(after, clock, 1800)
    await run(store, clock)
    await watch_for(after, clock, 900)
    found = await kept.chart(Series.PILOTS, DAY, ChartBy.TOTAL, clock(), kind="running")
    told = ["gap" if value is None else "zero" if value == 0 else "some" for value in found.lines[""]]
    runs = [told[0]] + [word for last, word in pairwise(told) if word != last]
    assert runs in (["gap", "zero", "gap", "zero", "some"], ["gap", "zero", "gap", "zero", "some", "gap"])
    assert [bool(part) for part in found.watched] == [word != "gap" for word in told]


@pytest.mark.parametrize("error", [OSError("the disk is full"), DatabaseAway("no connection")], ids=repr)
async def test_what_cannot_be_written_at_the_end_keeps_nobody_waiting(
    kept: Rollups, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await watcher.tick()
    clock.advance(20)
    hurried_then = []

    async def refuse(points: Points, now: float) -> None:
        hurried_then.append(hurried())
        raise error

    ending = asyncio.create_task(watcher.run())
    while not watcher._watch._points:
        await asyncio.sleep(0)
    monkeypatch.setattr(kept, "add", refuse)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert hurried_then == [True]


async def test_what_is_not_over_is_written_when_it_is_told_to_end(
    database: Database, watcher: Watcher, clock: Clock
) -> None:
    await watcher.tick()
    clock.advance(20)
    task = asyncio.create_task(watcher.run())
    while not watcher._watch._points:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = await points(database, DAILY.width_s)
    assert sum(each.amount for each in found.values()) == pytest.approx(20)


async def test_a_write_of_which_nobody_knows_is_not_repeated(
    database: Database, kept: Rollups, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = kept.add

    async def written_and_lost(found: Points, now: float) -> None:
        await add(found, now)
        monkeypatch.setattr(kept, "add", add)
        raise OSError("the connection ended at the commit")

    monkeypatch.setattr(kept, "add", written_and_lost)
    with pytest.raises(OSError, match="at the commit"):
        await watch_for(watcher, clock, 600)
    clock.advance(INTERVAL_S)
    await watch_for(watcher, clock, 600)
    found = await points(database, FINE.width_s)
    assert len(found) >= 3
    assert {each.amount for each in found.values()} <= {300.0}


async def test_the_oldest_go_and_a_clock_that_runs_off_takes_little_with_it(
    database: Database, kept: Rollups, clock: Clock
) -> None:
    now = start_of(clock(), DAY_S)
    old = [now - DAILY.kept_s - day * DAY_S for day in range(1, 7)]
    for start in (*old, now):
        await kept.add({Key(start, Series.WATCHED): Amount(300, 300)}, now)
    assert [key.start for key in await points(database, DAILY.width_s)] == [now]
    for day in range(10):
        await kept.add({Key(now + day * DAY_S, Series.WATCHED): Amount(300, 300)}, now + day * DAY_S)
    await kept.add({}, now + 100 * DAILY.kept_s)
    assert len(await points(database, DAILY.width_s)) == 10 - 2
    assert len(await points(database, FINE.width_s)) <= 10 - 2
