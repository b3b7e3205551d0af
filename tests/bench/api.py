"""How fast the API answers with 1,000, 10,000 and 100,000 pilots in the database: python -m tests.bench.api

The real server runs in a process of its own, without an engine. Meanwhile 200 pilots a minute come, run and
end in its database. Figures: median and 99th percentile of one client, requests a second of eight.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import sqlalchemy as sa

from hosted_ce.metrics import Metrics
from hosted_ce.pilots.pilot import Change, Event, NewAttempt
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from tests.api import serve
from tests.api.world import TOKEN
from tests.bench.history import fill_contributions, fill_rollups, let_run
from tests.unit.store.test_store_listing import fill

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000 10000 100000").split()]
A_MINUTE = 200
NAMED = os.environ.get("BENCH_NAMED", "")
"""Only requests with this in their name."""
MOST_LIVE = 10_000
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "300"))
CLIENTS = 8
SECONDS = 3.0
PATHS = {
    "list": "/api/v1/pilots",
    "list by entry": "/api/v1/pilots?entry=E1&state=completed",
    "list by reason": "/api/v1/pilots?reason=nowhere",
    "list older than": "/api/v1/pilots?older_than=1h&entry=E1",
    "list finished": "/api/v1/pilots?order=finished",
    "show": "/api/v1/pilots/500",
    "entries": "/api/v1/entries",
    "one entry": "/api/v1/entries/E1",
    "site": "/api/v1/site",
    "chart 24h": "/api/v1/charts/running?range=24h&by=route",
    "chart 7d": "/api/v1/charts/pilots?range=7d&by=kind",
    "chart 1y": "/api/v1/charts/ended?range=1y&by=kind",
    "contributions 30d": "/api/v1/contributions",
    "contributions 1y": "/api/v1/contributions?since=365d&by=entry",
    "metrics": "/metrics",
    "page: overview": "/",
    "page: charts": "/charts",
    "page: pilots": "/pilots",
    "page: by reason": "/pilots?q=nowhere",
    "page: by entry": "/pilots?entry=E1&state=completed",
    "page: pilot": "/pilots/500",
    "page: site": "/site",
    "page: contributions": "/contributions",
}


async def main() -> int:
    """Measures and prints; returns the exit code."""
    figures = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            async with serving(Path(folder)) as address:
                figures[str(size)] = await measured(Path(folder), address, size)
    Path("build").mkdir(exist_ok=True)
    Path("build/bench-api.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(f"{'pilots':>8} {'request':<22} {'p50 ms':>8} {'p99 ms':>8} {'per s':>8}")
    for size, by_name in figures.items():
        for name, (median, last, rate) in by_name.items():
            print(f"{size:>8} {name:<22} {median:8.1f} {last:8.1f} {rate:8.0f}")
    return 0


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[str]:
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.api", "serve", str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield (await asyncio.to_thread(process.stdout.readline)).strip()
        process.stdin.close()
        await asyncio.to_thread(process.stdout.read)


async def measured(folder: Path, address: str, size: int) -> dict[str, tuple[float, float, float]]:
    """For each path: median and 99th percentile in ms, requests a second."""
    database = Database(f"sqlite:///{folder / 'ce.sqlite'}")
    await fill(database, size)
    await database.write(partial(lived_for_a_year, live=min(MOST_LIVE, size // 10)))
    flow = asyncio.create_task(flowing(PilotStore(database, now=time.time)))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            return {name: await one(client, name) for name in PATHS if NAMED in name}
    finally:
        flow.cancel()
        await database.close()


def lived_for_a_year(connection: sa.Connection, live: int) -> None:
    """So many pilots run now; charts and contributions have a year behind them."""
    now = time.time()
    let_run(connection, live, now)
    fill_rollups(connection, now)
    fill_contributions(connection, now, 366)


async def one(client: httpx.AsyncClient, name: str) -> tuple[float, float, float]:
    """One request's figures."""
    path = PATHS[name]
    times = [await timed(client, path) for _ in range(REQUESTS)]
    end, done = time.monotonic() + SECONDS, 0

    async def ask() -> None:
        nonlocal done
        while time.monotonic() < end:
            await timed(client, path)
            done += 1

    await asyncio.gather(*(ask() for _ in range(CLIENTS)))
    return statistics.median(times), statistics.quantiles(times, n=100)[98], done / SECONDS


async def timed(client: httpx.AsyncClient, path: str) -> float:
    """How long one request took, in ms."""
    began = time.perf_counter()
    (await client.get(path)).raise_for_status()
    return 1000 * (time.perf_counter() - began)


async def flowing(store: PilotStore) -> None:
    """Pilots come, run and end, for ever."""
    number = 0
    while True:
        number += 1
        attributes = {"GlideinEntryName": f"E{number % 2}", "GlideinFactory": "F0"}
        pilot, _ = await store.add(NewPilot({"attributes": attributes}, "bench", "o", "d"))
        begin = NewAttempt(f"bench{number}", "r0", "c0", {"cpus": 1})
        await store.apply(
            [Change(pilot, {"stage": Stage.SUBMITTING}, event=Event("routed", "bench"), begin=begin)]
        )
        for state, stage in ((State.RUNNING, Stage.RUNNING), (State.COMPLETED, Stage.DONE)):
            found = await store.get(pilot.id)
            assert found
            over = {"finished_at": time.time()} if stage is Stage.DONE else {}
            change = Change(found, {"state": state, "stage": stage, **over}, event=Event(state, "bench"))  # type: ignore[typeddict-item]
            await store.apply([change])
        await asyncio.sleep(60 / A_MINUTE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve.quiet()
        asyncio.run(serve.main(Path(sys.argv[2]), registry=Metrics(dict).registry))
        sys.exit(0)
    sys.exit(asyncio.run(main()))
