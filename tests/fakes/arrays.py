"""A cluster in memory that takes several jobs with one request, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from bosco.batch.arrays import array_of
from bosco.batch.model import BatchRequest, Phase
from bosco.batch.stamps import family_of, index_of
from bosco.errors import BoscoError, Failed, Interrupted
from bosco.together import Outcome, said_to_many
from tests.fakes.batch import Batch
from tests.fakes.bench import Bench
from tests.fakes.cluster import Contents, FakeCluster, Late
from tests.fakes.faults import LOST, Fault, after
from tests.fakes.spool import Folder, answer_of


class ArrayBatch(Batch):
    """Jobs that are submitted within `array` are tasks of one, whose ids begin with its id."""

    _array: str | None = None

    @contextmanager
    def array(self) -> Iterator[None]:
        """A new one."""
        self._array = self.next_id()
        try:
            yield
        finally:
            self._array = None

    def submit(self, stamp: str, batch_id: str | None = None) -> str:
        """A new job; its id."""
        return super().submit(stamp, batch_id or (self._array and f"{self._array}_{index_of(stamp)}"))

    def cancel(self, batch_id: str) -> None:
        """A task that waits is taken out of its array without a trace, as Slurm does it."""
        for job in self.jobs:
            waits = job.alive and job.now.phase in {Phase.PENDING, Phase.HELD}
            if waits and array_of(batch_id) and job.now.batch_id == batch_id and not self.stubborn:
                job.gone_at = self.clock()
        super().cancel(batch_id)


class ArrayCluster(FakeCluster):
    """One fault is that of all jobs of a request; who was claimed before has its own answer."""

    def __init__(self, clock: Callable[[], float]):
        super().__init__(clock)
        self.batch: ArrayBatch = ArrayBatch(clock)
        self.arrays: list[list[str]] = []
        """The stamps of each request, as they were sent."""

    def alike(self, request: BatchRequest) -> Hashable | None:
        """By family and queue."""
        return None if index_of(request.stamp) is None else (family_of(request.stamp), request.queue)

    async def submit_together(
        self, requests: Sequence[BatchRequest], contents: Contents, *, mark: str | None = None
    ) -> Mapping[str, Outcome]:
        """By stamp, what `submit` would return or raise."""
        assert len({self.alike(request) for request in requests}) == 1, "they are not alike"
        assert len({request.stamp for request in requests}) == len(requests), "one of them is there twice"
        fault = self.faults.next("submit")
        first, *others = sent = [Late(one.stamp, mark or self.expected, self.clock()) for one in requests]
        self.arrays.append([request.stamp for request in requests])
        await self.check_spool()
        for sha256 in dict.fromkeys(file.sha256 for request in requests for file in request.inputs):
            if sha256 not in self.files:
                self.files[sha256] = await contents(sha256)
        self.requests += requests
        try:
            fault = await self._arrive(first, fault)
        finally:
            if first in self.late:  # all of them are on their way
                self.late += [replace(first, stamp=other.stamp) for other in others]
        with self.batch.array():
            folders = {one.stamp: self._take_of_many(one, fault) for one in sent}
        fault = await self.faults.stop("submit", replying=True, fault=fault)
        if fault in LOST:
            raise Interrupted("the answer was lost")
        after(fault)
        return {stamp: _outcome(folder) for stamp, folder in folders.items()}

    def _take_of_many(self, sent: Late, fault: Fault | None) -> Folder:
        known = sent.stamp in self.folders
        folder = self._take(sent, fault)
        if not known and isinstance(folder.answer, Failed):
            folder.answer = said_to_many(folder.answer)
            self.refused_for_good.discard(sent.stamp)
        return folder


def _outcome(folder: Folder) -> Outcome:
    try:
        return answer_of(folder)
    except BoscoError as error:
        return error


class ArrayBench(Bench):
    """A CE at such a cluster."""

    site_type = ArrayCluster
    site: ArrayCluster

    def __init__(self, url: str, **options: Any):
        super().__init__(url, **{"together": 4, **options})


class WarmBench(ArrayBench):
    """The same, and the site has taken so many already that four of this route may go together at once."""

    warm: ClassVar[str] = "default"

    def _start(self) -> None:
        super()._start()
        for _ in range(2):
            self.submitter.pace.sizes.accepted(self.warm)
