"""What roll-ups and contributions cost: python -m tests.bench.rollups

A tick with 10,000 pilots that run and 100,000 in all, what the end of a pilot costs more than before, and how
large the database is after a month, written bucket by bucket (BENCH_DAYS=366: a year, which takes minutes).
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Outcome
from hosted_ce.pilots.states import Stage, State
from hosted_ce.rollups.buckets import DAY_S
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.contributions import By, Contributions, count_contributions
from hosted_ce.store.database import Database
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.rollups import Rollups, count_happenings
from hosted_ce.store.tables import rollups
from hosted_ce.store.tallies import count_changes
from tests.bench.history import bucket, fill_contributions, let_run, live_through
from tests.unit.store.test_store_listing import fill

ALL, LIVE, TIMES, ENDS = 100_000, 10_000, 50, 2000
DAYS = int(os.environ.get("BENCH_DAYS", "30"))


async def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ce.sqlite"
        await upgrade(url)
        database = Database(url)
        try:
            await fill(database, ALL)
            await database.write(lambda connection: let_run(connection, LIVE, time.time()))
            await ticks(database)
            await ends(database)
            await year(database, Path(folder))
        finally:
            await database.close()


async def ticks(database: Database) -> None:
    """A look, a write of one bucket, and the question what still runs."""
    kept, given, now = Rollups(database), Contributions(database), time.time()
    points, today = bucket(int(now) // 300 * 300, random.Random(1)), int(now // DAY_S)
    told("look at the numbers", await several(kept.sample))
    told(f"write a bucket, {len(points)} sums", await several(lambda: kept.add(points, now)))
    told("contributions, 10,000 running", await several(lambda: given.between(today - 30, today, By.VO, now)))


async def ends(database: Database) -> None:
    """CPU of the writer for the end of a pilot: what was counted before, and what is now."""
    now = time.time()
    change = over(await running(PilotStore(database, now=time.time), now), now)

    def work(connection: sa.Connection) -> None:
        for count in (count_changes, count_happenings, count_contributions):
            began = time.thread_time()
            for _ in range(ENDS):
                count(connection, [change], now + 3)
            print(f"{count.__name__:36} {1e6 * (time.thread_time() - began) / ENDS:8.0f} us of CPU an end")

    await database.write(work)


async def running(store: PilotStore, now: float) -> Any:
    pilot, _ = await store.add(NewPilot({"attributes": {"GlideinEntryName": "E1"}}, "bench", "o", "d"))
    new = NewAttempt(f"bench{pilot.id}", "r0", "c0", {"cpus": 8, "walltime_s": 3600})
    await store.apply([Change(pilot, {"vo": "v1"}, event=Event("routed", "bench"), begin=new)])
    found = await store.get(pilot.id)
    assert found
    facts = AttemptUpdate(submitted_at=now, started_at=now + 1, granted={"cpus": 8})
    await store.apply([Change(found, {"state": State.RUNNING}, facts, Event("running", "bench"))])
    return await store.get(pilot.id)


def over(pilot: Any, now: float) -> Change:
    facts = AttemptUpdate(
        ended_at=now + 2,
        closed_at=now + 3,
        outcome=Outcome.EXITED,
        outcome_class=EndClass.NORMAL,
        user_cpu_s=1.0,
    )
    update: Any = {"state": State.COMPLETED, "stage": Stage.DONE, "finished_at": now + 3}
    return Change(pilot, update, facts, Event("completed", "bench"))


async def year(database: Database, folder: Path) -> None:
    """How large it becomes, and how long the first and the last days took to write."""
    await database.write(lambda connection: connection.execute(sa.delete(rollups)).rowcount)
    before, now = size(folder, database.url), time.time()
    for day in range(DAYS):
        begin = now - (DAYS - day) * DAY_S
        began = time.perf_counter()
        number = await database.write(lambda connection, at=begin: live_through(connection, at, at + DAY_S))
        if day in (0, 1, 20, DAYS - 1):
            print(f"day {day:4}: {1000 * (time.perf_counter() - began) / number:6.2f} ms a bucket")
    count = sa.select(sa.func.count()).select_from(rollups)
    rows = await database.read(lambda connection: connection.scalar(count))
    after = size(folder, database.url)
    print(f"charts after {DAYS} days: {rows} rows, {(after - before) / 1e6:.1f} MB")
    kinds = await database.write(lambda connection: fill_contributions(connection, now, DAYS))
    print(f"contributions of {DAYS} days: {kinds} rows, {(size(folder, database.url) - after) / 1e6:.1f} MB")
    given, today = Contributions(database), int(now // DAY_S)
    told("contributions of a year", await several(lambda: given.between(today - 365, today, By.ENTRY, now)))


def size(folder: Path, url: str) -> int:
    """Bytes of the database file that are in use."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            pages, free, each = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "freelist_count", "page_size")
            )
    finally:
        engine.dispose()
    return int((pages - free) * each)


async def several(work: Callable[[], Any]) -> list[float]:
    """Milliseconds of each time."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await work()
        times.append(1000 * (time.perf_counter() - began))
    return times


def told(name: str, times: list[float]) -> None:
    last = statistics.quantiles(times, n=100)[98]
    print(f"{name:36} p50 {statistics.median(times):8.2f} ms, p99 {last:8.2f} ms")


if __name__ == "__main__":
    asyncio.run(main())
