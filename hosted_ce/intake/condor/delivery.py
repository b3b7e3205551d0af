"""Hands outputs of ended pilots over, into the folder of the schedd's spool that the factory fetches."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from hosted_ce.intake.condor.attributes import EXTERNAL
from hosted_ce.intake.condor.job import ALIVE, JobStatus, QueuedJob
from hosted_ce.intake.condor.known import Known
from hosted_ce.intake.condor.report import wanted_status
from hosted_ce.intake.condor.sandbox import write_outputs
from hosted_ce.pilots.pilot import Pilot

log = structlog.get_logger(__name__)
OUTPUTS = ("stdout", "stderr")


class Outputs(Protocol):
    """Fetched outputs; hosted_ce.store.outputs.OutputStore is the one in use."""

    async def get(self, pilot_id: int, attempt: int, name: str) -> bytes | None:
        """One output; None when it was not fetched."""


class Delivery:
    """Writes outputs before their job is called completed; what it could not write is tried again."""

    def __init__(self, outputs: Outputs):
        self._outputs = outputs
        self._failed: dict[int, str] = {}

    @property
    def problem(self) -> str | None:
        """What keeps one of the pilots from being told as completed."""
        return next(iter(self._failed.values()), None)

    async def done(self, known: Known) -> bool:
        """Whether the job may be told how its pilot is: its outputs are there, or it has none to fetch."""
        ends = wanted_status(known.pilot) is JobStatus.COMPLETED and known.job.managed == EXTERNAL
        if not ends or known.job.status not in {*ALIVE, JobStatus.COMPLETED}:
            return True
        try:
            await self._write(known.job, known.pilot)
        except OSError as error:
            self._not_done(known.pilot, f"{known.job.folder}: {error.strerror or error}")
            return False
        self.forget(known.pilot.id)
        return True

    def forget(self, pilot_id: int) -> None:
        """Its job is complete, or gone from the queue."""
        self._failed.pop(pilot_id, None)

    async def _write(self, job: QueuedJob, pilot: Pilot) -> None:
        if job.folder is None:
            raise FileNotFoundError(f"job {job.id}: its Iwd is not its folder in the schedd's spool")
        number = pilot.attempt.number if pilot.attempt else 0
        files = {
            name: await self._outputs.get(pilot.id, number, which) or b""
            for which, name in zip(OUTPUTS, job.outputs, strict=True)
            if name
        }
        await asyncio.to_thread(write_outputs, job.folder, files)

    def _not_done(self, pilot: Pilot, why: str) -> None:
        problem = f"the outputs of pilot {pilot.id} cannot be handed over: {why}"
        if self._failed.get(pilot.id) != problem:
            log.error("outputs cannot be handed over; tried again", pilot=pilot.id, problem=why)
        self._failed[pilot.id] = problem
