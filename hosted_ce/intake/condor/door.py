"""Keeps pilots and the schedd's queue in step.

Level-triggered: each tick asks the queue one question, whose answer is empty while nobody wants anything, and
looks at the pilots that have changed. Every so often, and after any trouble, all of both is compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from hosted_ce.engine.hints import Hint
from hosted_ce.engine.ports import Clock
from hosted_ce.intake.condor.attributes import ATTENTION, EXTERNAL, OURS, SHOWN, STATUS
from hosted_ce.intake.condor.edits import Edit
from hosted_ce.intake.condor.follow import followed
from hosted_ce.intake.condor.job import ALIVE, JobStatus, QueuedJob, StrangeAd, queued_job
from hosted_ce.intake.condor.keeping import Keeping
from hosted_ce.intake.condor.known import Jobs, Known, slim
from hosted_ce.intake.condor.process import QueueRefused, QueueUnavailable
from hosted_ce.intake.condor.queue import Queue
from hosted_ce.intake.condor.report import reported, wanted_status
from hosted_ce.intake.condor.sandbox import write_outputs
from hosted_ce.intake.condor.status import DoorStatus
from hosted_ce.intake.condor.taking import DOOR, Taking
from hosted_ce.pilots.pilot import Change, Pilot

log = structlog.get_logger(__name__)
COMPARE_S = 60.0
"""Between two comparisons of everything."""
PAUSE_S = 0.2
"""Between two ticks, however much there is to tell."""
OUTPUTS = ("stdout", "stderr")


class Store(Protocol):
    """Pilots as they are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""

    async def get_many(self, pilot_ids: Collection[int]) -> list[Pilot]:
        """Those of these pilots that there are."""

    async def at_door(self, door: str) -> list[Pilot]:
        """All pilots that this front door has in its queue, as far as is written down."""


class Outputs(Protocol):
    """Fetched outputs; hosted_ce.store.outputs.OutputStore is the one in use."""

    async def get(self, pilot_id: int, attempt: int, name: str) -> bytes | None:
        """One output; None when it was not fetched."""


class CondorDoor:
    """One schedd's queue. `site` begins the reasons of holds. Subscribe `heard` to the store."""

    def __init__(
        self, queue: Queue, store: Store, outputs: Outputs, taking: Taking, keeping: Keeping, *,
        site: str, now: Clock, interval: float = 1.0, compare: float = COMPARE_S,
        observe: Callable[[float], None] = lambda seconds: None,
    ):  # fmt: skip
        self._queue, self._store, self._outputs = queue, store, outputs
        self._taking, self._keeping = taking, keeping
        self._site, self._now, self._interval, self._observe = site, now, interval, observe
        self._compare = compare
        self._hint = Hint()
        self._dirty: set[int] = set()
        self._undelivered: dict[int, str] = {}
        self._strange: dict[str, str] = {}
        self._logged: set[str] = set()
        self._synced_at: float | None = None
        self._told_is_known = False
        self._unclaimed: str | None = None
        self._orphans: str | None = None
        self.jobs = Jobs()
        self.status = DoorStatus()

    def heard(self, changes: Sequence[Change]) -> None:
        """A listener for the store: pilots of this door that have changed are looked at in the next tick."""
        ours = {change.pilot.id for change in changes if change.pilot.door == DOOR}
        if ours:
            self._dirty |= ours
            self._hint.wake()

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            began = asyncio.get_running_loop().time()
            await self.tick()
            self._observe(asyncio.get_running_loop().time() - began)
            await asyncio.sleep(PAUSE_S)
            await self._hint.wait(self._interval)

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
            await self._reload(
                dirty | {known.pilot.id for job in asking if (known := self.jobs.of_key(job.key))}
            )
            wanted = [known for pilot_id in dirty if (known := self.jobs.of_pilot(pilot_id))]
            asked = [known for job in asking if (known := self.jobs.of_key(job.key))]
            await self._step({known.job.key: known for known in [*wanted, *asked]}.values())
        except BaseException:
            self._dirty |= dirty
            raise
        self.status.well(self._now(), self._problem())

    def _problem(self) -> str | None:
        told = (
            self._unclaimed,
            self._orphans,
            self._taking.problem,
            self._keeping.problem,
            *self._undelivered.values(),
            *self._strange.values(),
        )
        return next((problem for problem in told if problem), None)

    async def _attention(self) -> list[QueuedJob]:
        """The jobs that somebody wants something of; unclaimed ones are ours then."""
        asking = await self._asking()
        if unclaimed := {job.key for job in asking if job.managed is None}:
            await self._taking.claim()
            asking = await self._asking()
            unclaimed &= {job.key for job in asking if job.managed is None}
        self._not_claimed(len(unclaimed))
        for job in asking:
            if known := self.jobs.of_key(job.key):
                known.job = job
        return [job for job in asking if job.managed is not None]

    def _not_claimed(self, number: int) -> None:
        """A schedd answers an edit that it denies as it answers one that nothing matches."""
        if number and not self._unclaimed:
            log.error("jobs of the queue cannot be claimed", jobs=number)
        todo = "is the CE's account a queue super user? `hosted-ce front-door check` tells"
        self._unclaimed = f"{number} jobs cannot be claimed: {todo}" if number else None

    async def _asking(self) -> list[QueuedJob]:
        found = self._all_of(await self._queue.select(ATTENTION, STATUS))
        return [job for job, _ in found.values()]

    async def _without_pilot(self, jobs: Sequence[QueuedJob]) -> None:
        for job, pilot in await self._taking.take([job for job in jobs if job.status in ALIVE]):
            self.jobs.put(job, pilot)
            self._dirty.add(pilot.id)
        await self._taking.without_pilot([job for job in jobs if job.status not in ALIVE])

    async def _reload(self, pilot_ids: Collection[int]) -> None:
        for pilot in await self._store.get_many([i for i in pilot_ids if self.jobs.of_pilot(i)]):
            if known := self.jobs.of_pilot(pilot.id):
                known.pilot = slim(pilot)

    async def _step(self, several: Iterable[Known]) -> None:
        """Does what the queue asks for, then tells it what there is to tell."""
        several = list(several)
        changes = [change for known in several if (change := self._followed(known))]
        if changes:
            await self._store.apply(changes)
            await self._reload([change.pilot.id for change in changes])
        told: list[tuple[Known, list[Edit]]] = []
        for known in several:
            if self._followed(known):  # somebody else changed the pilot at that moment
                self._dirty.add(known.pilot.id)
            elif await self._outputs_are_there(known):
                edits = reported(known.job, known.pilot, self._site, self._now())
                told.append((known, list(known.news(edits))))
        await self._edit(told)

    def _followed(self, known: Known) -> Change | None:
        return followed(known.job, known.pilot, self._now())

    async def _edit(self, told: Sequence[tuple[Known, list[Edit]]]) -> None:
        edits = [edit for _, some in told for edit in some]
        if not edits:
            return
        try:
            await self._queue.edit(edits)
        except QueueRefused as error:
            await self._edit_apart(told, str(error))
            return
        for known, some in told:
            known.was_told(some)

    async def _edit_apart(self, told: Sequence[tuple[Known, list[Edit]]], why: str) -> None:
        """One job that the schedd refuses to edit must not keep the others from being told."""
        if len(told) > 1:
            for one in told:
                await self._edit([one])
        else:
            self._leave_alone(told[0][0].job.id, f"job {told[0][0].job.id} cannot be edited: {why}")

    async def _outputs_are_there(self, known: Known) -> bool:
        """Puts the outputs where the factory fetches them, before the job is called completed."""
        ends = wanted_status(known.pilot) is JobStatus.COMPLETED and known.job.managed == EXTERNAL
        if not ends or known.job.status not in {*ALIVE, JobStatus.COMPLETED}:
            return True
        try:
            await self._write_outputs(known)
        except OSError as error:
            self._not_delivered(known, f"{known.job.folder}: {error.strerror or error}")
            return False
        self._undelivered.pop(known.pilot.id, None)
        return True

    async def _write_outputs(self, known: Known) -> None:
        job, pilot = known.job, known.pilot
        if job.folder is None:
            raise FileNotFoundError(f"job {job.id}: its Iwd is not its folder in the schedd's spool")
        number = pilot.attempt.number if pilot.attempt else 0
        files = {
            name: await self._outputs.get(pilot.id, number, which) or b""
            for which, name in zip(OUTPUTS, job.outputs, strict=True)
            if name
        }
        await asyncio.to_thread(write_outputs, job.folder, files)

    def _not_delivered(self, known: Known, why: str) -> None:
        """It is tried again with the next comparison of everything."""
        problem = f"the outputs of pilot {known.pilot.id} cannot be handed over: {why}"
        if self._undelivered.get(known.pilot.id) != problem:
            log.error("outputs cannot be handed over; tried again", pilot=known.pilot.id, problem=why)
        self._undelivered[known.pilot.id] = problem

    async def _compare_all(self) -> None:
        """Everything in the queue against everything that is written down."""
        now = self._now()
        self._strange.clear()
        attributes = STATUS if self._told_is_known else (*STATUS, *SHOWN)
        found = self._all_of(await self._queue.select(OURS, attributes))
        pilots = {p.door_key: p for p in await self._store.at_door(DOOR) if p.door_key is not None}
        for gone in [known for known in self.jobs if known.job.key not in found]:
            self._forget(gone)  # its number may be another job's by now
        for key, (job, ad) in found.items():
            if pilot := pilots.get(key):
                self.jobs.put(job, pilot, None if self._told_is_known else ad)
        self._told_is_known = True
        self._orphaned([job for key, (job, _) in found.items() if key not in pilots])
        await self._step([known for key in found if (known := self.jobs.of_key(key))])
        await self._keeping.gone([p for key, p in pilots.items() if key not in found], len(found), now)
        await self._keeping.overdue([job for job, _ in found.values()], self.jobs, now)
        await self._keeping.stuck(now)
        self.status.jobs = len(found)
        self._synced_at = now

    def _orphaned(self, without_pilot: Iterable[QueuedJob]) -> None:
        """What was dealt with and has no pilot here was another state folder's: its batch job may run."""
        number = sum(job.status in ALIVE and job.dealt_with[0] == job.status for job in without_pilot)
        if number and not self._orphans:
            log.error("jobs of the queue were taken in by another state folder", jobs=number)
        told = f"{number} jobs have pilots that are not in this state folder: an old one, or two CEs?"
        self._orphans = told if number else None

    def _all_of(self, ads: Iterable[Mapping[str, Any]]) -> dict[str, tuple[QueuedJob, Mapping[str, Any]]]:
        found = {}
        for ad in ads:
            try:
                job = queued_job(ad)
            except StrangeAd as error:
                self._leave_alone(str(ad.get("ClusterId")), str(error))
            else:
                found[job.key] = (job, ad)
        return found

    def _leave_alone(self, cluster: str, why: str) -> None:
        """Logged once: nobody but an operator can do something about it."""
        if why not in self._logged:
            log.error("a job of the queue is left alone", cluster=cluster, problem=why)
            self._logged.add(why)
        self._strange[cluster] = why

    def _forget(self, known: Known) -> None:
        self.jobs.forget(known)
        self._undelivered.pop(known.pilot.id, None)

    def _trouble(self, problem: str) -> None:
        if self.status.problem != problem:
            log.warning("the front door's queue cannot be worked on", problem=problem)
        self.status.ill(self._now(), problem)
        self._start_over()

    def _start_over(self) -> None:
        """A schedd that comes back may have lost what it was told last, so its ads are read whole."""
        self._synced_at, self._told_is_known = None, False
