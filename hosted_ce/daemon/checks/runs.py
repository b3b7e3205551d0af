"""Runs of checks in the daemon: one at a time for each cluster, written down as they go, and by schedule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

import structlog

from bosco.errors import BoscoError
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.streams.bell import Bell
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, counted, worsened
from hosted_ce.engine.ports import Clock
from hosted_ce.metrics import Metrics
from hosted_ce.site import SiteFile
from hosted_ce.store.checks import STOPPED, CheckStore
from hosted_ce.store.patience import in_a_hurry

log = structlog.get_logger(__name__)
LOOK_S = 60.0
"""Between two looks at the schedule."""
LONGEST_S = 2 * 3600.0
"""A run that takes longer is given up: a job on a worker node may wait for ever."""
SCHEDULE = "schedule"

Progress = tuple[Sequence[Result], str]
"""All results so far, in order; and what it is at."""


class Steps(Protocol):
    """What a run does; hosted_ce.daemon.checks.steps.CheckSteps is the one in use."""

    def of(self, run: Run) -> AsyncGenerator[Progress, None]:
        """What is known after each step. Raises BoscoError when the site is lost in the middle."""


class SiteChecks:
    """See hosted_ce.api.ports.checks.SiteChecks. `load` it before anything else. Times in epoch seconds."""

    def __init__(
        self, store: CheckStore, site: Callable[[], SiteFile], steps: Steps, *, bell: Bell,
        metrics: Metrics, now: Clock,
    ):  # fmt: skip
        self._store, self._site, self._steps = store, site, steps
        self._bell, self._metrics, self._now = bell, metrics, now
        self._live: dict[str, Run] = {}
        self._begun: asyncio.Queue[Run] = asyncio.Queue()
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """What is written down: runs that were cut off, and what the last ones said."""
        await self._store.interrupt(self._now())
        for cluster in self._site().clusters:
            done = [run for run in await self._store.latest(20, cluster) if run.state is RunState.DONE]
            if done and (run := await self._store.get(done[0].id)):
                self._metrics.checks.set(run)

    async def begin(self, cluster: str, asked: Asked, *, actor: str) -> tuple[Run, bool]:
        """Begins a run, and says whether it is new: one that goes on there already is given instead."""
        async with self._turn:
            if cluster not in self._site().clusters:
                raise UnknownCluster(cluster, sorted(self._site().clusters))
            if going := self._live.get(cluster):
                return going, False
            run = await self._store.begin(cluster, asked, actor, self._now())
            self._live[cluster] = run = replace(run, doing="it begins", results=())
            self._begun.put_nowait(run)
        log.info("a run of checks begins", cluster=cluster, run=run.id, actor=actor)
        return run, True

    async def get(self, run_id: int) -> Run | None:
        """One with its results."""
        going = next((run for run in self._live.values() if run.id == run_id), None)
        return going or await self._store.get(run_id)

    async def latest(self, limit: int, cluster: str | None = None) -> Sequence[Run]:
        """The newest ones, without their results."""
        going = {run.id: replace(run, results=None) for run in self._live.values()}
        return [going.get(run.id, run) for run in await self._store.latest(limit, cluster)]

    async def run(self) -> None:
        """Carries out what was begun, and begins what is due. Runs for ever."""
        async with asyncio.TaskGroup() as going:
            while True:
                try:
                    async with asyncio.timeout(LOOK_S):
                        begun = await self._begun.get()
                except TimeoutError:
                    await self.tick()
                else:
                    going.create_task(self._carry_out(begun), name=f"checks {begun.cluster}")

    async def tick(self) -> None:
        """Begins the runs that are due by the site file."""
        wanted = self._site().checks
        for cluster in self._site().clusters if wanted else ():
            last = await self._store.latest(1, cluster)
            if wanted and (not last or self._now() - last[0].begun_at >= wanted.every):
                asked = Asked(login_only=wanted.nodes == 0, sample=wanted.nodes)
                await self.begin(cluster, asked, actor=SCHEDULE)

    async def _carry_out(self, run: Run) -> None:
        state, problem = RunState.INTERRUPTED, STOPPED
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._follow(run)
            state, problem = RunState.DONE, ""
        except (BoscoError, TimeoutError) as error:
            problem = str(error) or f"it took longer than {LONGEST_S / 3600:g} h"
        except asyncio.CancelledError:
            with in_a_hurry():  # whoever stops the CE does not wait for a database that is away
                await self._end(self._live[run.cluster], state, problem)
            raise
        except Exception as error:  # a run of its own: whatever it was, the others go on
            log.exception("a run of checks failed", cluster=run.cluster, run=run.id)
            problem = f"{type(error).__name__}: {error}; the log says more"
        await self._end(self._live[run.cluster], state, problem or None)

    async def _follow(self, run: Run) -> None:
        async with aclosing(self._steps.of(run)) as steps:
            async for results, doing in steps:
                found = tuple(results)
                self._live[run.cluster] = replace(run, results=found, counts=counted(found), doing=doing)
                self._bell.check()
                await self._store.save(run.id, found)

    async def _end(self, run: Run, state: RunState, problem: str | None) -> None:
        results = run.results or ()
        try:
            worse = worsened(await self._store.known(run.cluster, run.id), results)
            ended = replace(
                run, state=state, problem=problem, ended_at=self._now(), worse=worse, doing=None,
                counts=counted(results),
            )  # fmt: skip
            await self._store.end(ended)
        finally:  # also when it cannot be written down: the next run must be able to begin
            self._live.pop(run.cluster, None)
            self._bell.check()
        if state is RunState.DONE:
            self._metrics.checks.set(ended)
        self._tell(ended)

    def _tell(self, run: Run) -> None:
        log.info(
            "a run of checks has ended", cluster=run.cluster, run=run.id, state=run.state.value,
            problem=run.problem, **run.counts,
        )  # fmt: skip
        for each in run.worse:
            log.warning(
                "a check is worse than it was", cluster=run.cluster, run=run.id, check=each.check,
                where=each.where, before=each.before.value, after=each.after.value, seen=each.seen,
            )  # fmt: skip
