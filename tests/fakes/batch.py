"""A batch system in memory: jobs, what it lists of them, what its records say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bosco.batch.facts import Records
from bosco.batch.model import Cause, Granted, Observation, Phase

NODE = "node-7"
GRANTED = Granted(cpus=2, memory_mb=4000, walltime_s=3600)
STATES = {
    Cause.EXITED: "COMPLETED",
    Cause.WALLTIME: "TIMEOUT",
    Cause.MEMORY: "OUT_OF_MEMORY",
    Cause.CANCELLED: "CANCELLED by 1001",
    Cause.NODE_FAILURE: "NODE_FAIL",
    Cause.PREEMPTED: "PREEMPTED",
    Cause.NOT_STARTED: "LAUNCH_FAILED",
}


class Accounting(StrEnum):
    """How the batch system's records do."""

    UP = "up"
    DOWN = "down"
    DISABLED = "disabled"


RECORDS = {
    Accounting.UP: Records.ON, Accounting.DOWN: Records.AWAY, Accounting.DISABLED: Records.OFF,
}  # fmt: skip


@dataclass(slots=True)
class Job:
    """One batch job: all that was ever true of it, with the time of each change."""

    past: list[tuple[float, Observation]]
    gone_at: float | None = None
    """When the batch system lost every memory of it."""

    @property
    def now(self) -> Observation:
        """How it is."""
        return self.past[-1][1]

    @property
    def alive(self) -> bool:
        """Whether it waits or runs."""
        return self.gone_at is None and self.now.phase is not Phase.ENDED

    def at(self, moment: float) -> Observation | None:
        """How it was then; None before it was submitted, and from when it was gone."""
        if self.gone_at is not None and moment >= self.gone_at:
            return None
        known = [seen for since, seen in self.past if since <= moment]
        return known[-1] if known else None


@dataclass(slots=True)
class Batch:
    """`min_job_age`: how long ended jobs are listed. `lag`: how late the records are. Both in seconds."""

    clock: Callable[[], float]
    min_job_age: float = 300.0
    lag: float = 0.0
    first_id: int = 100
    stubborn: bool = False
    """Whether cancelled jobs run on."""
    deaf: bool = False
    """Whether pilots run on after SIGTERM."""
    jobs: list[Job] = field(default_factory=list)

    def next_id(self) -> str:
        """Of the next job, or the next array."""
        return str(self.first_id + len(self.jobs))

    def submit(self, stamp: str, batch_id: str | None = None) -> str:
        """A new job, with an id of its own unless it is given one; its id."""
        now, batch_id = self.clock(), batch_id or self.next_id()
        waiting = Observation(stamp, batch_id, Phase.PENDING, "PENDING", "Priority", submitted_at=now)
        self.jobs.append(Job([(now, waiting)]))
        return batch_id

    def of(self, stamp: str) -> list[Job]:
        """All jobs that ever had this stamp."""
        return [job for job in self.jobs if job.now.stamp == stamp]

    def change(self, job: Job, **facts: Any) -> None:
        """Something became true of it now."""
        job.past.append((self.clock(), replace(job.now, **facts)))

    def start(self, job: Job) -> None:
        """It begins to run."""
        self.change(
            job, phase=Phase.RUNNING, site_state="RUNNING", reason=None, node=NODE, granted=GRANTED,
            started_at=self.clock(),
        )  # fmt: skip

    def requeue(self, job: Job) -> None:
        """It waits again, under the same id."""
        self.change(
            job, phase=Phase.PENDING, site_state="PENDING", reason="BeginTime", node=None, started_at=None,
            ended_at=None, exit_code=None, exit_signal=None, cause=None, granted=None,
        )  # fmt: skip

    def hold(self, batch_id: str) -> None:
        """The administrator holds a job that waits."""
        self._waiting(batch_id, Phase.PENDING, Phase.HELD, "JobHeldAdmin")

    def release(self, batch_id: str) -> None:
        """The administrator releases it."""
        self._waiting(batch_id, Phase.HELD, Phase.PENDING, "Priority")

    def _waiting(self, batch_id: str, was: Phase, phase: Phase, reason: str) -> None:
        for job in self.jobs:
            if job.now.batch_id == batch_id and job.now.phase is was:
                self.change(job, phase=phase, reason=reason)

    def end(self, job: Job, cause: Cause, *, code: int | None = 0, signal: int | None = None) -> None:
        """It has ended, and the batch system knows how."""
        state = "FAILED" if cause is Cause.EXITED and code else STATES[cause]
        self.change(
            job, phase=Phase.ENDED, site_state=state, reason=None, ended_at=self.clock(), exit_code=code,
            exit_signal=signal, cause=cause,
        )  # fmt: skip

    def cancel(self, batch_id: str) -> None:
        """As scancel: jobs that it does not know, or that have ended, are no trouble."""
        for job in self.jobs:
            if job.now.batch_id == batch_id and job.alive and not self.stubborn:
                running = job.now.phase is Phase.RUNNING
                self.end(job, Cause.CANCELLED, signal=15 if running else None)

    def heeding(self, batch_id: str) -> str | None:
        """The stamp of this job, if it runs and ends by SIGTERM."""
        for job in self.jobs:
            if job.now.batch_id == batch_id and job.alive and job.now.phase is Phase.RUNNING:
                return None if self.stubborn or self.deaf else job.now.stamp
        return None

    def listed(self, moment: float) -> list[Observation]:
        """What a listing shows that was made then."""
        seen = [observation for job in self.jobs if (observation := job.at(moment))]
        return [one for one in seen if one.ended_at is None or moment < one.ended_at + self.min_job_age]

    def recorded(self) -> list[Observation]:
        """What the records have, all jobs."""
        return [seen for job in self.jobs if (seen := job.at(self.clock() - self.lag))]
