"""A job as the site knows it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

WAIT_STATUS_NO_OUTPUT = 4021
"""What Slurm notes when it cannot open a job's output: shown as exit code 0:53."""


class State(StrEnum):
    """Slurm's states, as far as they happen here. COMPLETING is shown, never kept: see Job.shown_state."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETING = "COMPLETING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"
    NODE_FAIL = "NODE_FAIL"

    @property
    def compact(self) -> str:
        """Slurm's abbreviation."""
        return _COMPACT[self]


_COMPACT = {
    State.PENDING: "PD",
    State.RUNNING: "R",
    State.COMPLETING: "CG",
    State.COMPLETED: "CD",
    State.FAILED: "F",
    State.CANCELLED: "CA",
    State.TIMEOUT: "TO",
    State.NODE_FAIL: "NF",
}


class Job(NamedTuple):
    """One row of the table of jobs, in the order of its columns. Times are seconds since the epoch."""

    id: int
    name: str
    owner: str
    partition: str
    cpus: int
    limit_minutes: int
    limit_s: float
    """The time limit as it is held, however long a minute is here."""
    account: str
    comment: str | None
    submitted: float
    state: str
    reason: str
    started: float | None
    ended: float | None
    """When it was told to end or ended, whichever came first."""
    node: str
    wait_status: int
    """As wait(2) gives it."""
    killed_by: int | None
    """uid of who cancelled it."""
    live: int
    """1 until the site is done with it: a cancelled job's processes may take a while to go."""

    @property
    def completing(self) -> bool:
        """Whether its end is decided and its processes are still there."""
        return bool(self.live) and self.state not in (State.PENDING, State.RUNNING)

    @property
    def shown_state(self) -> State:
        """The state that squeue shows."""
        return State.COMPLETING if self.completing else State(self.state)

    @property
    def deadline(self) -> float | None:
        """When its time is up; None while it has not started."""
        return None if self.started is None else self.started + self.limit_s


def outcome(wait_status: int) -> tuple[State, str]:
    """State and reason of a job whose script ended by itself."""
    if not wait_status:
        return State.COMPLETED, "None"
    by_signal = wait_status & 0x7F
    return State.FAILED, "JobLaunchFailure" if by_signal else "NonZeroExitCode"
