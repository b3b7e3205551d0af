"""What the database costs on SQLite and on PostgreSQL, beside each other: python -m tests.bench.store

Both on the disk of the temporary folder, both waiting for it at each commit; PostgreSQL by a socket on the
same machine. Each figure is taken on one, then on the other, `ROUNDS` times; the median counts.
CPU seconds are those of our own process.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Event
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.filters import Filter, Order
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.tables import attempts, events, pilots
from hosted_ce.store.vitals import Vitals
from tests.bench.history import let_run
from tests.fakes.database import _migrated
from tests.fakes.postgresql import running_server
from tests.unit.store.test_store_listing import fill

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000 100000").split()]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
BURST, ALONE, CHANGES = 500, 20, 500
Figure = Callable[[Database], Awaitable[None]]
Taken = dict[str, tuple[float, float, float]]


def _new() -> NewPilot:
    return NewPilot({"attributes": {"GLIDEIN_Entry": "E1"}}, "rest", "bench", "d")


async def burst(database: Database) -> None:
    """So many pilots come at once."""
    store = PilotStore(database, now=time.time)
    await asyncio.gather(*(store.add(_new()) for _ in range(BURST)))


async def one_by_one(database: Database) -> None:
    """Each pilot waits for the one before."""
    store = PilotStore(database, now=time.time)
    for _ in range(ALONE):
        await store.add(_new())


async def tick(database: Database) -> None:
    """The engine reads who runs and who is at the site, and changes so many pilots."""
    store = PilotStore(database, now=time.time)
    found = await store.at_stage([Stage.RUNNING], limit=CHANGES)
    await store.occupancy()
    update = {"reason": "bench", "state": State.RUNNING}
    await store.apply([Change(pilot, update, event=Event("seen", "bench")) for pilot in found])  # type: ignore[arg-type]


async def _listed(database: Database, wanted: Filter, order: Order = Order.CREATED) -> None:
    await PilotQueries(database).listing(wanted, order=order, limit=100)


async def _vitals(database: Database) -> None:
    await Vitals(database).pilots(time.time())


FIGURES: dict[str, tuple[Figure, int]] = {
    f"intake, {BURST} at once": (burst, BURST),
    f"intake, {ALONE} one by one": (one_by_one, ALONE),
    f"engine tick, {CHANGES} changes": (tick, 1),
    "list": (partial(_listed, wanted=Filter()), 1),
    "list by entry and state": (partial(_listed, wanted=Filter(entry="E1", states=[State.COMPLETED])), 1),
    "list by reason": (partial(_listed, wanted=Filter(reason="nowhere")), 1),
    "list, finished last": (partial(_listed, wanted=Filter(), order=Order.FINISHED), 1),
    "health": (_vitals, 1),
}


async def measured(databases: dict[str, Database], figure: Figure) -> Taken:
    """For each: median and spread (half the distance of the quartiles) in ms, and CPU ms."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in databases}
    for number in range(ROUNDS + 1):
        for name, database in databases.items():
            wall, cpu = time.perf_counter(), time.process_time()
            await figure(database)
            if number:  # the first one warms up
                times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {name: _summary(taken) for name, taken in times.items()}


def _summary(taken: list[tuple[float, float]]) -> tuple[float, float, float]:
    walls = sorted(1000 * wall for wall, _ in taken)
    low, _, high = statistics.quantiles(walls, n=4)
    return statistics.median(walls), (high - low) / 2, 1000 * statistics.median(cpu for _, cpu in taken)


def _as_if_grown(connection: sa.Connection) -> None:
    for table in (pilots, attempts, events):
        statement = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
        connection.exec_driver_sql(statement)
    connection.execute(sa.text("ANALYZE"))


async def size_of(databases: dict[str, Database], size: int) -> dict[str, Taken]:
    """All figures with so many pilots."""
    for database in databases.values():
        await fill(database, size)
        await database.write(partial(let_run, live=size // 10, now=time.time()))
        if database.url.startswith("postgresql"):
            await database.write(_as_if_grown)
    found = {}
    for name, (figure, per) in FIGURES.items():
        taken = await measured(databases, figure)
        found[name] = {kind: (a / per, b / per, c / per) for kind, (a, b, c) in taken.items()}
    return found


async def main() -> None:
    """Measures and prints, with what the machine did besides."""
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        where.chmod(0o755)
        with running_server(where, fsync="on", autovacuum="on") as server:
            for size in SIZES:
                path = where / f"{size}.sqlite"
                path.write_bytes(_migrated())
                urls = {"sqlite": f"sqlite:///{path}", "postgresql": server.new_database()}
                databases = {name: Database(url, sole=True) for name, url in urls.items()}
                try:
                    figures[size] = await size_of(databases, size)
                finally:
                    for database in databases.values():
                        await database.close()
    Path("build").mkdir(exist_ok=True)
    written = {"load": os.getloadavg(), "cpus": os.cpu_count(), "ms": figures}
    Path("build/bench-store.json").write_text(json.dumps(written, indent=2) + "\n")
    head = f"{'SQLite':>16} {'CPU':>6} {'PostgreSQL':>16} {'CPU':>6} {'ratio':>6}"
    print(f"{'pilots':>7}  {'figure, ms each':<28} {head}")
    for size, by_name in figures.items():
        for name, by_kind in by_name.items():
            (a, da, ca), (b, db, cb) = by_kind["sqlite"], by_kind["postgresql"]
            both = f"{a:9.2f} ±{da:5.2f} {ca:6.2f} {b:9.2f} ±{db:5.2f} {cb:6.2f} {b / a:6.2f}"
            print(f"{size:>7}  {name:<28} {both}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    asyncio.run(main())
