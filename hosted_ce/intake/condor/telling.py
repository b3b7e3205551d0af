"""One step for some jobs: what the queue asks of their pilots is done, and they are told how those are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from hosted_ce.engine.ports import Clock
from hosted_ce.intake.condor.complaints import Complaints
from hosted_ce.intake.condor.delivery import Delivery
from hosted_ce.intake.condor.edits import Edit
from hosted_ce.intake.condor.follow import followed
from hosted_ce.intake.condor.known import Jobs, Known, slim
from hosted_ce.intake.condor.process import QueueRefused
from hosted_ce.intake.condor.queue import Queue
from hosted_ce.intake.condor.report import reported
from hosted_ce.pilots.pilot import Change, Pilot


class Store(Protocol):
    """Pilots as they are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""

    async def get_many(self, pilot_ids: Collection[int]) -> list[Pilot]:
        """Those of these pilots that there are."""


class Telling:
    """Works on the jobs that the door knows. `site` begins the reasons of holds."""

    def __init__(
        self, queue: Queue, store: Store, delivery: Delivery, complaints: Complaints, jobs: Jobs, *,
        site: str, now: Clock,
    ):  # fmt: skip
        self._queue, self._store = queue, store
        self._delivery, self._complaints, self._jobs = delivery, complaints, jobs
        self._site, self._now = site, now

    async def reload(self, pilot_ids: Collection[int]) -> None:
        """Reads these pilots again, those that have a job."""
        for pilot in await self._store.get_many([i for i in pilot_ids if self._jobs.of_pilot(i)]):
            if known := self._jobs.of_pilot(pilot.id):
                known.pilot = slim(pilot)

    async def step(self, several: Collection[Known]) -> set[int]:
        """Does what the queue asks for, then tells it what there is to tell.

        Returns the pilots that have to be looked at again: somebody else changed them at that moment.
        """
        changes = [change for known in several if (change := self._followed(known))]
        if changes:
            await self._store.apply(changes)
            await self.reload([change.pilot.id for change in changes])
        again = set()
        told: list[tuple[Known, list[Edit]]] = []
        for known in several:
            if self._followed(known):
                again.add(known.pilot.id)
            elif await self._delivery.done(known):
                told.append((known, self._news(known)))
        await self._edit(told)
        return again

    def _followed(self, known: Known) -> Change | None:
        return followed(known.job, known.pilot, self._now())

    def _news(self, known: Known) -> list[Edit]:
        return list(known.news(reported(known.job, known.pilot, self._site, self._now())))

    async def _edit(self, told: Iterable[tuple[Known, list[Edit]]]) -> None:
        told = [(known, edits) for known, edits in told if edits]
        if not told:
            return
        try:
            await self._queue.edit([edit for _, edits in told for edit in edits])
        except QueueRefused as error:
            await self._edit_apart(told, str(error))
            return
        for known, edits in told:
            known.was_told(edits)

    async def _edit_apart(self, told: Sequence[tuple[Known, list[Edit]]], why: str) -> None:
        """One job that the schedd refuses to edit must not keep the others from being told."""
        if len(told) > 1:
            for one in told:
                await self._edit([one])
        else:
            job = told[0][0].job.id
            self._complaints.left_alone(job, f"job {job} cannot be edited: {why}")
