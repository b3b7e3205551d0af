"""The cluster in memory that the engine is tested against: what it shows is what real ones show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bosco.batch.model import BatchRequest, Cause, Phase
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.fakes.batch import Job
from tests.fakes.clock import Clock
from tests.fakes.cluster import FakeCluster

STEP_S = 5.0


class MemoryBench:
    """It runs nothing: what a pilot would do is read from its arguments."""

    system = "memory"
    abilities: Collection[Ability] = (
        Ability.WALLTIME, Ability.MEMORY, Ability.ACCOUNTING, Ability.GENTLE, Ability.HOLD,
        Ability.RECORDS, Ability.CROWD,
    )  # fmt: skip
    cpus = 8
    crowd = 500
    other_node = "node-02"
    least_walltime_s = 60
    lists_ended_s = 300.0
    queue: str | None = None
    scratch: str | None = None

    def __init__(self) -> None:
        self.clock = Clock()
        self.site = FakeCluster(self.clock)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Site]:
        yield self.site

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """There is no link."""
        return self._connect()

    async def pause(self) -> float:
        """What runs does what it was told; what waits begins, if there is room."""
        self.clock.advance(STEP_S)
        for request in self._requests():
            job = self.site.job(request.stamp)
            if job.now.phase is Phase.RUNNING:
                self._go_on(request, job)
        for request in self._requests():
            job = self.site.job(request.stamp)
            if job.now.phase is Phase.PENDING and request.cpus <= self._free():
                self.site.start(request.stamp)
                if request.arguments[0] == "heed":
                    self.site.at_term[request.stamp] = (7, b"heeded\n")
        return STEP_S

    def hold(self, batch_id: str) -> None:
        """A job that waits."""
        self.site.batch.hold(batch_id)

    def release(self, batch_id: str) -> None:
        """A held one."""
        self.site.batch.release(batch_id)

    def stop(self) -> None:
        """Its outages are the engine's tests' own."""
        raise NotImplementedError

    def start(self) -> None:
        """See `stop`."""
        raise NotImplementedError

    def _go_on(self, request: BatchRequest, job: Job) -> None:
        what, *more = request.arguments
        ran = self.clock() - (job.now.started_at or 0)
        if what == "exit":
            self.site.finish(request.stamp, int(more[0]), stdout=b"said\n")
            self.site.folders[request.stamp].outputs["stderr"] = b"whispered\n"
        elif what == "hog" and int(more[0]) > request.memory_mb:
            self.site.kill(request.stamp, Cause.MEMORY)
        elif ran >= request.walltime_s:
            self.site.kill(request.stamp, Cause.WALLTIME)

    def _requests(self) -> list[BatchRequest]:
        return list({request.stamp: request for request in self.site.requests}.values())

    def _free(self) -> int:
        running = [r for r in self._requests() if self.site.job(r.stamp).now.phase is Phase.RUNNING]
        return self.cpus - sum(request.cpus for request in running)
