"""What the database counts of runs is what one would count of each of them."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, pilots
from hosted_ce.store.verification import Verification
from hosted_ce.verification.facts import CUT_S, Ended, Measure, Pair, Resource, RouteFacts, Shape

NOW = 1_770_000_000.0
ASKED: dict[str, Any] = {
    "cpus": 8, "memory_mb": 16_000, "walltime_s": 7200, "gpus": 0, "queue": "osg", "account": None,
    "qos": None, "whole_node": False,
}  # fmt: skip
GOT: dict[str, Any] = {"cpus": 8, "memory_mb": 16_000, "walltime_s": 7200, "nodes": 1, "queue": "osg"}


class Runs:
    """Writes runs down as they are when the CE is done with them."""

    def __init__(self, database: Database):
        self._database, self._number = database, 0

    async def add(self, *, route: str = "r", purpose: Purpose = Purpose.PILOT, **changes: Any) -> None:
        """A run of an hour that ended well a minute ago, with these changes."""
        self._number += 1
        number = self._number
        pilot = {
            "id": number, "version": 1, "state": "completed", "stage": "done", "goal": "run", "spec": {},
            "door": "rest", "owner": "o", "request_digest": "d", "attempt": 1, "created_at": NOW,
            "changed_at": NOW, "next_attempt_at": 0.0, "purpose": purpose.value,
        }  # fmt: skip
        attempt = {
            "pilot_id": number, "number": 1, "stamp": f"h{number}", "route": route, "cluster": "c",
            "request": ASKED, "granted": GOT, "created_at": NOW - 9000, "started_at": NOW - 3660,
            "ended_at": NOW - 60, "closed_at": NOW - 60, "node": "n1", "outcome_class": EndClass.NORMAL.value,
            "user_cpu_s": 14_000.0, "system_cpu_s": 400.0, "peak_memory_mb": 4000,
        } | changes  # fmt: skip

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.insert(pilots), pilot)
            connection.execute(sa.insert(attempts), attempt)

        await self._database.write(work)


@pytest.fixture
def runs(database: Database) -> Runs:
    """What is written down."""
    return Runs(database)


async def found(database: Database, seconds: float = 3600.0) -> list[RouteFacts]:
    return await Verification(database).between(NOW - seconds, NOW)


async def test_a_run_is_counted_in_all_that_it_says(database: Database, runs: Runs) -> None:
    await runs.add()
    await runs.add()
    [facts] = await found(database)
    core_s = 2 * 8 * 3600.0
    assert (facts.route, facts.cluster, facts.runs, facts.core_s, facts.never_ran) == ("r", "c", 2, core_s, 0)
    assert facts.pairs == {
        Resource.CORES: [Pair(8, 8, 2, core_s)], Resource.MEMORY: [Pair(16_000, 16_000, 2, core_s)],
        Resource.WALLTIME: [Pair(7200, 7200, 2, core_s)], Resource.GPUS: [Pair(0, None, 2, core_s)],
        Resource.NODES: [Pair(1, 1, 2, core_s)], Resource.QUEUE: [Pair("osg", "osg", 2, core_s)],
        Resource.ACCOUNT: [Pair(None, None, 2, core_s)], Resource.QOS: [Pair(None, None, 2, core_s)],
    }  # fmt: skip
    assert facts.shares == {Measure.CORES: {50: 2}, Measure.MEMORY: {25: 2}, Measure.WALLTIME: {50: 2}}
    assert facts.shapes == [Shape(8, 16_000, 0, 2, core_s)]
    assert facts.ends == [Ended(EndClass.NORMAL, None, 2, core_s)]
    assert facts.cuts == []


async def test_tests_and_checks_of_the_site_are_no_contribution(database: Database, runs: Runs) -> None:
    for purpose in (Purpose.TEST, Purpose.CHECK):
        await runs.add(purpose=purpose)
        await runs.add(purpose=purpose, started_at=None)
    assert await found(database) == []


async def test_runs_of_before_and_runs_that_go_on_are_not_in_it(database: Database, runs: Runs) -> None:
    await runs.add(closed_at=NOW - 3601)
    await runs.add(closed_at=None, ended_at=None)
    assert await found(database) == []


async def test_what_is_not_told_is_null_and_what_was_never_measured_is_in_no_share(
    database: Database, runs: Runs
) -> None:
    await runs.add(granted=None, user_cpu_s=None, system_cpu_s=None, peak_memory_mb=None)
    [facts] = await found(database)
    assert facts.pairs[Resource.CORES] == [Pair(8, None, 1, 8 * 3600.0)], "those asked, where it is not told"
    assert (facts.shares[Measure.CORES], facts.shares[Measure.MEMORY]) == ({}, {})
    assert facts.shares[Measure.WALLTIME] == {50: 1}


async def test_a_whole_node_was_not_asked_for_by_its_cores(database: Database, runs: Runs) -> None:
    await runs.add(request={**ASKED, "whole_node": True}, granted={**GOT, "cpus": 64})
    [facts] = await found(database)
    assert facts.pairs[Resource.CORES] == [Pair(None, 64, 1, 64 * 3600.0)]
    assert facts.pairs[Resource.MEMORY][0].asked is None


async def test_ends_are_by_node_and_by_how_long_the_run_was(database: Database, runs: Runs) -> None:
    for node in ("n1", "n1", "n2"):
        await runs.add(outcome_class=EndClass.PREEMPTED.value, node=node)
    await runs.add(outcome_class=None)
    [facts] = await found(database)
    assert {(end.what, end.node): end.runs for end in facts.ends} == {
        (EndClass.PREEMPTED, "n1"): 2, (EndClass.PREEMPTED, "n2"): 1, (EndClass.UNKNOWN, "n1"): 1,
    }  # fmt: skip
    assert {(cut.what, cut.band): cut.runs for cut in facts.cuts} == {
        (EndClass.PREEMPTED, 3600 // CUT_S): 3, (EndClass.UNKNOWN, 3600 // CUT_S): 1,
    }  # fmt: skip


async def test_attempts_that_never_ran_are_counted_unless_the_factory_took_them_back(
    database: Database, runs: Runs
) -> None:
    await runs.add()
    await runs.add(started_at=None, outcome_class=EndClass.NOT_STARTED.value)
    await runs.add(started_at=None, outcome_class=EndClass.REMOVED_BY_FACTORY.value)
    [facts] = await found(database)
    assert (facts.runs, facts.never_ran) == (1, 1)


async def test_many_different_runs_are_counted_as_one_by_one(database: Database, runs: Runs) -> None:
    chance, expected = random.Random(8), Counter[tuple[str, int, int]]()
    shares = Counter[tuple[str, int]]()
    for _ in range(60):
        route, asked, got = chance.choice("ab"), chance.choice([4, 8]), chance.choice([4, 8])
        cpu_s = chance.uniform(0, 40_000)
        expected[route, asked, got] += 1
        shares[route, int(100 * cpu_s / (got * 3600))] += 1
        await runs.add(
            route=route, request={**ASKED, "cpus": asked}, granted={**GOT, "cpus": got}, user_cpu_s=cpu_s,
            system_cpu_s=None,
        )  # fmt: skip
    both = await found(database)
    counted = {(f.route, p.asked, p.granted): p.runs for f in both for p in f.pairs[Resource.CORES]}
    assert counted == expected
    assert {(f.route, p): n for f in both for p, n in f.shares[Measure.CORES].items()} == shares


async def test_no_granted_cores_are_cores_that_were_not_said(database: Database, runs: Runs) -> None:
    await runs.add(granted=GOT | {"cpus": 0})
    [facts] = await found(database)
    assert [(shape.cpus, shape.core_s) for shape in facts.shapes] == [(8, 8 * 3600.0)]
    assert [(pair.asked, pair.granted) for pair in facts.pairs[Resource.CORES]] == [(8, None)]
