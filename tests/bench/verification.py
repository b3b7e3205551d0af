"""What a verification of 100,000 runs costs: python -m tests.bench.verification"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time

import sqlalchemy as sa

from hosted_ce.store.database import Database
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.tables import attempts, pilots
from hosted_ce.store.verification import Verification
from hosted_ce.verification.facts import Inventory
from hosted_ce.verification.report import report

ALL, TIMES, WEEK_S = 100_000, 5, 7 * 86400.0


async def main() -> None:
    """Measures and prints."""
    now = time.time()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ce.sqlite"
        await upgrade(url)
        database = Database(url)
        try:
            await database.write(lambda connection: fill(connection, now))
            took = []
            for _ in range(TIMES):
                began = time.perf_counter()
                found = await Verification(database).between(now - WEEK_S, now)
                judged = [report(facts, Inventory(None)) for facts in found]
                took.append(time.perf_counter() - began)
            runs = sum(one.runs for one in judged)
            print(f"{runs:,} runs of {len(judged)} routes: {statistics.median(took):.2f} s (median)")
        finally:
            await database.close()


def fill(connection: sa.Connection, now: float) -> None:
    """Five routes, 300 nodes, runs of any length."""
    chance = random.Random(1)
    pilot = {
        "version": 1, "state": "completed", "stage": "done", "goal": "run", "spec": {}, "door": "rest",
        "owner": "o", "request_digest": "d", "attempt": 1, "created_at": now, "changed_at": now,
        "next_attempt_at": 0.0,
    }  # fmt: skip
    connection.execute(sa.insert(pilots), [pilot for _ in range(ALL)])
    connection.execute(sa.insert(attempts), [attempt(number, now, chance) for number in range(1, ALL + 1)])


def attempt(number: int, now: float, chance: random.Random) -> dict[str, object]:
    """One run."""
    seconds, cpus = chance.uniform(600, 250_000), chance.choice([1, 4, 8])
    asked = {"cpus": cpus, "memory_mb": 2000 * cpus, "walltime_s": 259_200, "queue": "osg"}
    over = now - WEEK_S * chance.random()
    return {
        "pilot_id": number, "number": 1, "stamp": f"h{number}", "route": f"r{number % 5}", "cluster": "c",
        "request": asked | {"environment": {"A": "x" * 300}, "extra": []},
        "granted": asked | {"nodes": 1, "account": "osg", "qos": "normal"},
        "created_at": over - seconds - 600, "started_at": over - seconds, "ended_at": over,
        "closed_at": over, "node": f"n{number % 300}", "peak_memory_mb": chance.randint(500, 16_000),
        "outcome_class": chance.choice(8 * ["normal"] + ["walltime", "preempted"]),
        "user_cpu_s": seconds * cpus * chance.random(), "system_cpu_s": 1.0,
    }  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
