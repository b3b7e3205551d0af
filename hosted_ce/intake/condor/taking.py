"""Takes claimed jobs in: their files into our store, then the pilot into the database, once for each job."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import structlog

from hosted_ce.engine.ports import Clock
from hosted_ce.intake.condor.attributes import (
    EXTERNAL,
    MANAGER,
    OURS,
    SCHEDD_DONE,
    STATUS_DEALT_WITH,
    UNCLAIMED,
)
from hosted_ce.intake.condor.edits import Edit, Order, jobs_constraint, literal
from hosted_ce.intake.condor.holds import SubCode, held, hold_reason
from hosted_ce.intake.condor.job import ALIVE, JobStatus, QueuedJob, queued_jobs
from hosted_ce.intake.condor.queue import Queue
from hosted_ce.intake.condor.request import BadRequest, pilot_spec, wanted_files
from hosted_ce.intake.condor.sandbox import InputsMissing, read_input
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.store.arrivals import NewPilot

log = structlog.get_logger(__name__)
DOOR = "condor"
AT_ONCE = 50
"""Jobs of which one file each is in memory at the same time."""


class Contents(Protocol):
    """Where input files are kept; hosted_ce.store.contents.ContentStore is the one in use."""

    async def put(self, data: bytes) -> str:
        """Keeps `data`; returns its SHA-256."""


class Pilots(Protocol):
    """Where pilots are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def add(self, new: NewPilot) -> tuple[Pilot, bool]:
        """Writes a pilot down, once for each key of its owner."""


class Taking:
    """The way in. `site` begins the reasons of holds; `largest` is the largest input file in bytes."""

    def __init__(
        self, queue: Queue, pilots: Pilots, contents: Contents, *, site: str, largest: int, now: Clock,
        observe: Callable[[float], None] = lambda seconds: None,
    ):  # fmt: skip
        """`observe` hears after how many seconds each pilot came in."""
        self._queue, self._pilots, self._contents = queue, pilots, contents
        self._site, self._largest, self._now, self._observe = site, largest, now, observe
        self.problem: str | None = None
        """Why jobs wait to be taken in although they could be."""

    async def claim(self) -> None:
        """Makes us the manager of what nobody manages. The schedd does each step as one, against removals."""
        if await self._queue.set_all(UNCLAIMED, "ManagedManager", literal(MANAGER)):
            await self._queue.set_all(f"{OURS} && {UNCLAIMED}", "Managed", literal(EXTERNAL))

    async def take(self, jobs: Sequence[QueuedJob]) -> list[tuple[QueuedJob, Pilot]]:
        """Takes in those of the jobs that wait for it; returns them with their pilots, old or new.

        What cannot be a pilot is held with the reason. What cannot be read now is left for the next time.
        """
        taken, edits = [], []
        before, self.problem = self.problem, None
        for at in range(0, len(jobs), AT_ONCE):
            ads = await self._queue.select(jobs_constraint([job.id for job in jobs[at : at + AT_ONCE]]))
            some = [(job, ad) for ad in ads for job in queued_jobs([ad]) if job.status in ALIVE]
            found = await asyncio.gather(*(self._one(job, ad, before) for job, ad in some))
            for (job, _), pilot in zip(some, found, strict=True):
                if isinstance(pilot, Pilot):
                    taken.append((job, pilot))
                elif pilot is not None:
                    edits += list(self._hold(job, *pilot))
        await self._queue.edit(edits)
        return taken

    async def without_pilot(self, jobs: Collection[QueuedJob]) -> None:
        """Jobs that are ours and never became pilots: removed ones are given back, held ones stay held."""
        await self._queue.edit(edit for job in jobs for edit in _as_it_is(job))

    async def _one(
        self, job: QueuedJob, ad: Mapping[str, Any], problem: str | None
    ) -> Pilot | tuple[SubCode, str] | None:
        try:
            pilot, new = await self._pilots.add(await self._new_pilot(job, ad))
        except BadRequest as error:
            return SubCode.BAD_REQUEST, str(error)
        except InputsMissing as error:
            return SubCode.INPUTS, str(error)
        except OSError as error:
            self.problem = f"jobs cannot be taken in: {error}; the CE must be able to read the schedd's spool"
            if problem is None:
                log.error("a job cannot be taken in; it is tried again", job=job.key, problem=str(error))
            return None
        if new:
            if isinstance(ready_at := ad.get("StageInFinish"), int | float):
                self._observe(self._now() - ready_at)
            log.info("a pilot came in", pilot=pilot.id, job=job.key, factory_job=pilot.factory_job)
        return pilot

    async def _new_pilot(self, job: QueuedJob, ad: Mapping[str, Any]) -> NewPilot:
        wanted = wanted_files(ad)
        if job.folder is None:
            raise InputsMissing("the job's Iwd is not its folder in the CE's spool: spool its input files")
        checksums = {}
        for name in wanted.inputs:
            data = await asyncio.to_thread(read_input, job.folder, name, self._largest)
            checksums[name] = await self._contents.put(data)
        spec = pilot_spec(ad, wanted, checksums).model_dump(mode="json")
        user = str(ad.get("User") or ad.get("Owner") or "unknown")
        issuer, subject = ad.get("AuthTokenIssuer"), ad.get("AuthTokenSubject")
        return NewPilot(
            spec,
            DOOR,
            owner=f"{issuer},{subject}" if issuer and subject else user,
            digest=hashlib.sha256(job.key.encode()).hexdigest(),
            idempotency_key=job.key,
            account=user.partition("@")[0],
            factory_job=_text(ad.get("SubmitterGlobalJobId")),
            door_open=True,
            door_holds=job.holds,
        )

    def _hold(self, job: QueuedJob, code: SubCode, why: str) -> Iterator[Edit]:
        reason = hold_reason(self._site, code, why)
        log.warning("a job cannot be a pilot", job=job.key, problem=reason)
        yield from held(job, code, reason, self._now())
        yield Edit(job.id, STATUS_DEALT_WITH, JobStatus.HELD.value, Order.DEALT_WITH)


def _as_it_is(job: QueuedJob) -> Iterable[Edit]:
    if job.status in {JobStatus.REMOVED, JobStatus.COMPLETED}:
        return [Edit(job.id, "Managed", SCHEDD_DONE, Order.GIVEN_BACK)]
    return [Edit(job.id, STATUS_DEALT_WITH, job.status.value, Order.DEALT_WITH)]


def _text(value: object) -> str | None:
    return value[:256] if isinstance(value, str) and value else None
