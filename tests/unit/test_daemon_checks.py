"""Runs of checks in the daemon: one at a time, kept through everything that can happen to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from bosco.errors import Interrupted
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.streams.bell import Bell
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.runs import SCHEDULE, Progress, SiteChecks
from hosted_ce.metrics import Metrics
from hosted_ce.site import SiteFile
from hosted_ce.store.checks import STOPPED, CheckStore
from hosted_ce.store.database import Database
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder

PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL
WELL, HALF, BAD = (Result("OS-4", verdict, "so it was") for verdict in (PASS, WARN, FAIL))
CLUSTER = {"batch": "slurm", "transport": "local", "account": "osg01"}


def site(**more: object) -> SiteFile:
    clusters = {"main": CLUSTER, "other": CLUSTER}
    return SiteFile.model_validate(
        {
            "site": "X",
            "resource": "Y",
            "clusters": clusters,
            "routes": [{"name": "osg", "cluster": "main"}],
            **more,
        }
    )


@dataclass
class Script:
    """Gives one result after another, and then does what it is told to."""

    results: list[Result] = field(default_factory=lambda: [WELL])
    end: BaseException | None = None
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Run] = field(default_factory=list)

    async def of(self, run: Run) -> AsyncGenerator[Progress, None]:
        self.asked.append(run)
        yield self.results, "the login node"
        await self.go_on.wait()
        if self.end:
            raise self.end
        yield self.results, "the report"


@dataclass
class Bench:
    checks: SiteChecks
    store: CheckStore
    script: Script
    metrics: Metrics
    bell: Bell
    clock: Clock

    def verdict(self, check: str = "OS-4") -> float | None:
        labels = {"cluster": "main", "check": check}
        return self.metrics.registry.get_sample_value("hosted_ce_check_verdict", labels)


@asynccontextmanager
async def bench(database: Database, file: SiteFile | None = None) -> AsyncIterator[Bench]:
    store, script, metrics, bell, clock = CheckStore(database), Script(), Metrics(dict), Bell(), Clock()
    served = file or site()
    checks = SiteChecks(store, lambda: served, script, bell=bell, metrics=metrics, now=clock)
    await checks.load()
    worker = asyncio.create_task(checks.run())
    try:
        yield Bench(checks, store, script, metrics, bell, clock)
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    with quick_folder() as folder:
        opened = Database(new_database(folder))
        yield opened
        await opened.close()


async def ended(bench: Bench, run: Run) -> Run:
    async def over() -> bool:
        found = await bench.checks.get(run.id)
        return found is not None and found.state is not RunState.RUNNING

    await until(over)
    found = await bench.checks.get(run.id)
    assert found is not None
    return found


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0)


async def test_a_run_goes_its_way_and_is_kept(database: Database) -> None:
    async with bench(database) as at:
        run, new = await at.checks.begin("main", Asked(sample=2), actor="rest:operator")
        again, second = await at.checks.begin("main", Asked(), actor="rest:other")
        assert (new, second, again.id) == (True, False, run.id)

        async def known() -> bool:
            found = await at.checks.get(run.id)
            return found is not None and found.results == (WELL,)

        await until(known)
        [going] = await at.checks.latest(5)
        assert (going.state, going.doing, going.results) == (RunState.RUNNING, "the login node", None)
        rung = at.bell.checks
        at.script.go_on.set()
        done = await ended(at, run)
        assert (done.state, done.results, done.problem) == (RunState.DONE, (WELL,), None)
        assert await at.store.get(run.id) == done
        assert at.bell.checks > rung
        assert at.verdict() == 0.0


async def test_two_clusters_are_checked_at_the_same_time(database: Database) -> None:
    async with bench(database) as at:
        for name in ("main", "other"):
            await at.checks.begin(name, Asked(), actor="a")

        async def both() -> bool:
            return len(at.script.asked) == 2

        await until(both)


async def test_what_is_worse_than_before_is_told(database: Database) -> None:
    async with bench(database) as at:
        at.script.go_on.set()
        await ended(at, (await at.checks.begin("main", Asked(), actor="a"))[0])
        at.script.results = [BAD]
        worse = await ended(at, (await at.checks.begin("main", Asked(), actor="a"))[0])
        assert [(each.check, each.before, each.after) for each in worse.worse] == [("OS-4", PASS, FAIL)]
        sample = at.metrics.registry.get_sample_value
        assert (sample("hosted_ce_checks_worse", {"cluster": "main"}), at.verdict()) == (1.0, 2.0)
    async with bench(database) as later:
        assert later.verdict() == 2.0, "metrics are there again after a restart"
        assert (await later.checks.latest(1))[0].worse == worse.worse


@pytest.mark.parametrize("error", [Interrupted("the connection was lost"), RuntimeError("a mistake of ours")])
async def test_a_run_that_fails_is_interrupted_and_the_next_one_goes(
    database: Database, error: Exception
) -> None:
    async with bench(database) as at:
        at.script.end = error
        at.script.go_on.set()
        cut = await ended(at, (await at.checks.begin("main", Asked(), actor="a"))[0])
        assert (cut.state, cut.results) == (RunState.INTERRUPTED, (WELL,))
        assert str(error) in str(cut.problem)
        assert at.verdict() is None
        at.script.end = None
        done = await ended(at, (await at.checks.begin("main", Asked(), actor="a"))[0])
        assert done.state is RunState.DONE


async def test_a_stop_interrupts_what_goes_on(database: Database) -> None:
    async with bench(database) as at:
        run, _ = await at.checks.begin("main", Asked(), actor="a")

        async def begun() -> bool:
            return bool(at.script.asked)

        await until(begun)
    found = await CheckStore(database).get(run.id)
    assert found is not None
    assert (found.state, found.problem) == (RunState.INTERRUPTED, STOPPED)


async def test_a_run_that_a_crash_cut_off_is_interrupted_at_the_next_start(database: Database) -> None:
    run = await CheckStore(database).begin("main", Asked(), "a", 5.0)
    async with bench(database) as at:
        found = await at.checks.get(run.id)
        assert found is not None
        assert found.state is RunState.INTERRUPTED


async def test_a_cluster_that_there_is_not(database: Database) -> None:
    async with bench(database) as at:
        with pytest.raises(UnknownCluster, match="main, other"):
            await at.checks.begin("mian", Asked(), actor="a")


async def test_the_site_file_says_how_often(database: Database) -> None:
    async with bench(database, site(checks={"every": "1d", "nodes": 2})) as at:
        at.script.go_on.set()
        await at.checks.tick()
        runs = await at.checks.latest(10)
        assert {(run.cluster, run.actor, run.asked) for run in runs} == {
            ("main", SCHEDULE, Asked(sample=2)), ("other", SCHEDULE, Asked(sample=2))
        }  # fmt: skip
        for run in runs:
            await ended(at, run)
        await at.checks.tick()
        assert len(await at.checks.latest(10)) == 2
        at.clock.advance(86_400)
        await at.checks.tick()
        assert len(await at.checks.latest(10)) == 4


async def test_without_that_nothing_is_checked_unasked(database: Database) -> None:
    async with bench(database) as at:
        await at.checks.tick()
        assert await at.checks.latest(10) == []
