"""What a CE costs as pilots grow: `python -m tests.bench.growth`. All is real but the site, in memory.

`--database postgresql`: on a real PostgreSQL, which waits for the same disk.

Half of the pilots run, the others wait in the site's queue; nothing changes meanwhile. For each number a
process of its own measures, with CPU seconds of the process: one round of the observer, of the router, one
count for metrics and health, one page of the API's list; submissions; and memory. Then so many rounds as an
hour has, and what memory grew by meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bosco.batch.model import Observation, Phase
from hosted_ce.metric_groups.pending import AGES
from hosted_ce.store.filters import Filter
from hosted_ce.store.gauges import GaugeStore
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.tables import attempts, pilots
from hosted_ce.store.vitals import Vitals
from tests.bench.databases import KINDS, databases
from tests.fakes.batch import GRANTED, NODE, Job
from tests.fakes.bench import NAME, POLL, Bench, bench, spec_of

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "100 1000 10000 50000").split()]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
HOUR = int(os.environ.get("BENCH_HOUR", "120"))
"""Rounds that make the hour: one each 30 seconds. Sizes above 10,000 have none."""
SUBMITTED = 100
NEXT = """
SELECT setval(pg_get_serial_sequence('pilots', 'id'), max(id)),
  setval(pg_get_serial_sequence('attempts', 'id'), max(id)) FROM attempts
"""


def main(argv: Sequence[str]) -> int:
    """Runs it for every number; prints, and writes build/growth.json. Of one number, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default=KINDS[0], help="%(choices)s (%(default)s)")
    parser.add_argument("size", type=int, nargs="?", help="one number of pilots, in this process")
    given = parser.parse_args(argv)
    if given.size:
        print(json.dumps(asyncio.run(measured(given.size, given.database))))
        return 0
    rows = [_alone(size, given.database) for size in SIZES]
    Path("build").mkdir(exist_ok=True)
    Path("build/growth.json").write_text(json.dumps(rows, indent=2) + "\n")
    print("| " + " | ".join(rows[-1]) + " |")
    print("|" + "---:|" * len(rows[-1]))
    for row in rows:
        print("| " + " | ".join("" if value is None else f"{value:,.6g}" for value in row.values()) + " |")
    return 0


def _alone(size: int, database: str) -> dict[str, float | None]:
    command = [sys.executable, "-m", "tests.bench.growth", str(size), "--database", database]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    row: dict[str, float | None] = json.loads(done.stdout.splitlines()[-1])
    return row


async def measured(size: int, database: str) -> dict[str, float | None]:
    """One row of the table. Times are CPU milliseconds of this process, memory is MB."""
    with _database(database) as url:
        await upgrade(url)
        async with bench(url) as ce:
            before = memory_mb()
            await ce.open()
            await _fill(ce, size)
            await ce.observe()  # writes down what the listing says of each
            row: dict[str, float | None] = {"pilots": size}
            row["observe ms"] = await _cpu_ms(ce.observe)
            row["route ms"] = await _cpu_ms(ce.router.tick)
            row["count ms"] = await _cpu_ms(lambda: _count(ce))
            row["list ms"] = await _cpu_ms(lambda: ce.queries.listing(Filter(), limit=100))
            row["submit ms"] = await _submit(ce)
            row["commits a submit"] = await _commits(ce)
            row["memory MB"] = memory_mb() - before
            row["growth in an hour MB"] = await _hour(ce) if size <= 10_000 else None
            return row


@contextmanager
def _database(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, databases(kind) as new:
        yield new() or f"sqlite:///{folder}/ce.sqlite"


async def _count(ce: Bench) -> None:
    await GaugeStore(ce.database).look(ce.clock(), AGES)
    await Vitals(ce.database).pilots(ce.clock())


async def _cpu_ms(work: Callable[[], Awaitable[object]]) -> float:
    """The median of some runs, after one that warms up."""
    await work()
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await work()
        found.append(1000 * (time.process_time() - began))
    return round(statistics.median(found), 2)


async def _submit(ce: Bench) -> float:
    """CPU of one pilot from its arrival until the site took it: written down, routed, sent, written down."""
    began = time.process_time()
    for _ in range(SUBMITTED):
        await ce.add()
    await ce.router.tick()
    await ce.submit()
    return round(1000 * (time.process_time() - began) / SUBMITTED, 2)


async def _commits(ce: Bench) -> float:
    before = ce.database.commits
    await _submit(ce)
    return round((ce.database.commits - before) / SUBMITTED, 2)


async def _hour(ce: Bench) -> float:
    """Memory that is not given back after as many rounds as an hour has."""
    await ce.observe()
    gc.collect()
    before = memory_mb()
    for _ in range(HOUR):
        await ce.observe(after=POLL)
        await ce.router.tick()
        await _count(ce)
    gc.collect()
    return round(memory_mb() - before, 2)


async def _fill(ce: Bench, size: int) -> None:
    numbers, now = range(1, size + 1), ce.clock()

    def write(connection: sa.Connection) -> None:
        connection.execute(sa.insert(pilots), [_pilot(number, now) for number in numbers])
        connection.execute(sa.insert(attempts), [_attempt(number, now) for number in numbers])
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(NEXT))
        connection.execute(sa.text("ANALYZE"))

    await ce.database.write(write)
    ce.site.batch.jobs += [Job([(ce.clock(), _job(number, ce.clock()))]) for number in range(1, size + 1)]


def _pilot(number: int, now: float) -> dict[str, Any]:
    """Its row."""
    waits = number % 2
    return {
        "id": number, "version": 3, "state": "idle" if waits else "running", "goal": "run",
        "stage": "queued" if waits else "running", "reason": "in the queue", "spec": spec_of(),
        "door": "test", "owner": "o", "request_digest": "d", "attempt": 1, "route": "default",
        "cluster": NAME, "created_at": now, "changed_at": now, "next_attempt_at": 0, "vo": "osg",
        "entry": f"E{number % 20}", "factory": "F", "cores": 1,
    }  # fmt: skip


def _attempt(number: int, now: float) -> dict[str, Any]:
    waits = number % 2
    return {
        "pilot_id": number, "number": 1, "stamp": f"s{number}", "route": "default", "cluster": NAME,
        "request": {"cpus": 1}, "created_at": now, "submitted_at": now, "started_at": None if waits else now,
        "batch_id": f"b{number}", "site_state": "PENDING" if waits else "RUNNING",
        "site_reason": "Priority" if waits else None,
    }  # fmt: skip


def _job(number: int, now: float) -> Observation:
    if number % 2:
        return Observation(f"s{number}", f"b{number}", Phase.PENDING, "PENDING", "Priority", submitted_at=now)
    return Observation(
        f"s{number}", f"b{number}", Phase.RUNNING, "RUNNING", None, submitted_at=now, started_at=now,
        node=NODE, granted=GRANTED,
    )  # fmt: skip


def memory_mb() -> float:
    """Memory of this process that no other one shares."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this kernel tells no Pss_Anon")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
