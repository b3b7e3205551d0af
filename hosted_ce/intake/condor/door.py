"""Keeps pilots and the schedd's queue in step.

Level-triggered: each tick asks the queue one question, whose answer is empty while nobody wants anything, and
looks at the pilots that have changed. The question is left out while the schedd's log says that the answer is
still empty. Every so often, and after any trouble, all of both is compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from hosted_ce.engine.hints import Hint
from hosted_ce.engine.ports import Clock
from hosted_ce.intake.condor import telling
from hosted_ce.intake.condor.attributes import ATTENTION, OURS, SHOWN, STATUS
from hosted_ce.intake.condor.complaints import Complaints
from hosted_ce.intake.condor.delivery import Delivery, Outputs
from hosted_ce.intake.condor.job import ALIVE, QueuedJob, StrangeAd, queued_job
from hosted_ce.intake.condor.keeping import Keeping
from hosted_ce.intake.condor.known import Jobs, Known
from hosted_ce.intake.condor.process import QueueUnavailable
from hosted_ce.intake.condor.queue import Queue
from hosted_ce.intake.condor.quiet import Mark, Quiet
from hosted_ce.intake.condor.status import DoorStatus
from hosted_ce.intake.condor.taking import DOOR, Taking
from hosted_ce.pilots.pilot import Change, Pilot

log = structlog.get_logger(__name__)
COMPARE_S = 60.0
"""Between two comparisons of everything."""
PAUSE_S = 0.2
"""Between two ticks, however much there is to tell."""


class Store(telling.Store, Protocol):
    """Pilots as they are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def at_door(self, door: str) -> list[Pilot]:
        """All pilots that this front door has in its queue, as far as is written down."""


class CondorDoor:
    """One schedd's queue. `site` begins the reasons of holds. Subscribe `heard` to the store."""

    def __init__(
        self, queue: Queue, store: Store, outputs: Outputs, taking: Taking, keeping: Keeping, *,
        site: str, now: Clock, interval: float = 1.0, compare: float = COMPARE_S,
        observe: Callable[[float], None] = lambda seconds: None,
        told: Callable[[float], None] = lambda seconds: None,
        mark: Callable[[], Mark | None] = lambda: None,
    ):  # fmt: skip
        """`observe` hears how long each look took, `told` how long each change waited, in seconds.

        `mark` is the queue's log's, as `hosted_ce.intake.condor.quiet` has it.
        """
        self._queue, self._store, self._taking, self._keeping = queue, store, taking, keeping
        self._now, self._interval, self._observe, self._compare = now, interval, observe, compare
        self._hint, self._told = Hint(), told
        self._dirty: set[int] = set()
        self._heard_at: dict[int, float] = {}
        self._synced_at: float | None = None
        self._told_is_known = False
        self._delivery, self._complaints = Delivery(outputs), Complaints()
        self._quiet = Quiet(mark, now)
        self.jobs = Jobs()
        self.status = DoorStatus()
        self._telling = telling.Telling(
            queue, store, self._delivery, self._complaints, self.jobs, site=site, now=now
        )

    def heard(self, changes: Sequence[Change]) -> None:
        """A listener for the store: pilots of this door that have changed are looked at in the next tick."""
        ours = {change.pilot.id for change in changes if change.pilot.door == DOOR}
        if ours:
            self._dirty |= ours
            self._heard_at = dict.fromkeys(ours, self._now()) | self._heard_at
            self._hint.wake()

    async def run(self) -> None:
        """Runs for ever."""
        time = asyncio.get_running_loop().time
        while True:
            began = time()
            await self.tick()
            ended = time()
            self._observe(ended - began)
            if await self._hint.wait(PAUSE_S + self._interval):
                await asyncio.sleep(PAUSE_S - (time() - ended))  # what comes meanwhile is seen with it
                self._hint.forget()

    async def tick(self) -> None:
        """Looks once. Whatever cuts it short, nothing is lost: everything is compared anew afterwards."""
        try:
            await self._look()
        except QueueUnavailable as error:
            self._trouble(str(error))
        except BaseException:
            self._start_over()
            raise

    async def _look(self) -> None:
        if self._synced_at is None or self._now() - self._synced_at >= self._compare:
            await self._compare_all()
        asking = await self._attention()
        await self._without_pilot([job for job in asking if self.jobs.of_key(job.key) is None])
        dirty, self._dirty = self._dirty, set()
        try:
            await self._step_of(asking, dirty)
        except BaseException:
            self._dirty |= dirty
            raise
        for pilot_id in self._heard_at.keys() - self._dirty:
            self._told(self._now() - self._heard_at.pop(pilot_id))
        self.status.well(self._now(), self._problem())

    async def _step_of(self, asking: Iterable[QueuedJob], dirty: Collection[int]) -> None:
        """For the jobs that somebody wants something of, and those whose pilots have changed."""
        asked = [known for job in asking if (known := self.jobs.of_key(job.key))]
        await self._telling.reload({*dirty, *(known.pilot.id for known in asked)})
        changed = [known for pilot_id in dirty if (known := self.jobs.of_pilot(pilot_id))]
        await self._step({known.job.key: known for known in [*changed, *asked]}.values())

    async def _step(self, several: Collection[Known]) -> None:
        again = await self._telling.step(several)
        self._dirty |= again

    def _problem(self) -> str | None:
        """What keeps some jobs waiting while the schedd answers."""
        others = self._taking.problem or self._keeping.problem or self._delivery.problem
        return self._complaints.first or others

    async def _attention(self) -> list[QueuedJob]:
        """The jobs that somebody wants something of; unclaimed ones are ours then."""
        if self._quiet.lasts():
            return []
        asking = await self._asking()
        self._quiet.answered(len(asking))
        if unclaimed := {job.key for job in asking if job.managed is None}:
            await self._taking.claim()
            asking = await self._asking()
            unclaimed &= {job.key for job in asking if job.managed is None}
        self._complaints.unclaimed(len(unclaimed))
        for job in asking:
            if known := self.jobs.of_key(job.key):
                known.looked_at(job)
        return [job for job in asking if job.managed is not None]

    async def _asking(self) -> list[QueuedJob]:
        found = self._all_of(await self._queue.select(ATTENTION, STATUS))
        return [job for job, _ in found.values()]

    async def _without_pilot(self, jobs: Sequence[QueuedJob]) -> None:
        for job, pilot in await self._taking.take([job for job in jobs if job.status in ALIVE]):
            self.jobs.put(job, pilot)
            self._dirty.add(pilot.id)
        await self._taking.without_pilot([job for job in jobs if job.status not in ALIVE])

    async def _compare_all(self) -> None:
        """Everything in the queue against everything that is written down."""
        now = self._now()
        self._complaints.none_left_alone()
        self._quiet.forget()  # what is still wrong with some is to be said again at once
        attributes = STATUS if self._told_is_known else (*STATUS, *SHOWN)
        found = self._all_of(await self._queue.select(OURS, attributes))
        pilots = {p.door_key: p for p in await self._store.at_door(DOOR) if p.door_key is not None}
        for gone in [known for known in self.jobs if known.job.key not in found]:
            self._forget(gone)  # its number may be another job's by now
        for key, (job, ad) in found.items():
            if pilot := pilots.get(key):
                self.jobs.put(job, pilot, None if self._told_is_known else ad)
        self._told_is_known = True
        without = [job for key, (job, _) in found.items() if key not in pilots]
        self._complaints.orphaned(
            sum(job.status in ALIVE and job.dealt_with[0] == job.status for job in without)
        )
        await self._step([known for key in found if (known := self.jobs.of_key(key))])
        await self._keeping.gone([p for key, p in pilots.items() if key not in found], len(found), now)
        await self._keeping.overdue([job for job, _ in found.values()], self.jobs, now)
        await self._keeping.stuck(now)
        self.status.jobs = len(found)
        self._synced_at = now

    def _all_of(self, ads: Iterable[Mapping[str, Any]]) -> dict[str, tuple[QueuedJob, Mapping[str, Any]]]:
        found = {}
        for ad in ads:
            try:
                job = queued_job(ad)
            except StrangeAd as error:
                self._complaints.left_alone(str(ad.get("ClusterId")), str(error))
            else:
                found[job.key] = (job, ad)
        return found

    def _forget(self, known: Known) -> None:
        self.jobs.forget(known)
        self._delivery.forget(known.pilot.id)

    def _trouble(self, problem: str) -> None:
        if self.status.problem != problem:
            log.warning("the front door's queue cannot be worked on", problem=problem)
        self.status.ill(self._now(), problem)
        self._start_over()

    def _start_over(self) -> None:
        """A schedd that comes back may have lost what it was told last, so its ads are read whole."""
        self._synced_at, self._told_is_known = None, False
        self._quiet.forget()
