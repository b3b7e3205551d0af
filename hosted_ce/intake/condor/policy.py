"""What the CE does by itself with jobs that nobody looks after. Pure.

While a job is managed from outside, its schedd evaluates none of its policy expressions, so these are all
that there are. A factory that removes a job by force never tells the CE: age is the only sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hosted_ce.intake.condor.job import JobStatus, QueuedJob
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import FINAL, Goal, Stage, State

HOUR = 3600.0
DAY = 24 * HOUR


class Rules(Protocol):
    """Times in seconds; hosted_ce.site.Policy is the one in use, and says what each is for."""

    @property
    def no_route_hold(self) -> int: ...
    @property
    def held_remove(self) -> int: ...
    @property
    def overrun_remove(self) -> int: ...
    @property
    def idle_remove(self) -> int: ...
    @property
    def completed_expire(self) -> int: ...
    @property
    def stage_in_remove(self) -> int: ...
    @property
    def vanished_grace(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Removal:
    """The job is to be removed from the queue, for this reason."""

    reason: str


def unroutable(pilot: Pilot, rules: Rules, now: float) -> str | None:
    """Why the pilot is to be held since no route takes it; None when it is not (yet)."""
    if pilot.stage is not Stage.WAITING or pilot.goal is not Goal.RUN or pilot.unroutable_since is None:
        return None
    if now - pilot.unroutable_since < rules.no_route_hold:
        return None
    # Factories see some 200 characters: what matters is in the reason, so nothing comes before it.
    return f"{pilot.reason} (for {_spoken(rules.no_route_hold)})"


def overdue(job: QueuedJob, pilot: Pilot | None, rules: Rules, now: float) -> Removal | None:
    """Whether the job has been in the queue for too long, as it is."""
    match job.status:
        case JobStatus.HELD if _past(job.status_since, rules.held_remove, now):
            return Removal(f"it was held for {_spoken(rules.held_remove)}, and nobody released or removed it")
        case JobStatus.COMPLETED if _past(job.status_since, rules.completed_expire, now):
            since = _spoken(rules.completed_expire)
            return Removal(f"it completed {since} ago, and nobody fetched its outputs")
        case JobStatus.IDLE if _past(job.queued_at, rules.idle_remove, now) and _never_ran(pilot):
            return Removal(f"it did not start within {_spoken(rules.idle_remove)}")
        case JobStatus.RUNNING:
            return _overrun(pilot, rules, now)
    return None


def _overrun(pilot: Pilot | None, rules: Rules, now: float) -> Removal | None:
    if pilot is None or pilot.state is not State.RUNNING or pilot.attempt is None:
        return None
    walltime = float(pilot.attempt.request["walltime_s"])
    if not _past(pilot.attempt.started_at, walltime + rules.overrun_remove, now):
        return None
    return Removal(f"it still runs {_spoken(rules.overrun_remove)} after its walltime of {_spoken(walltime)}")


def _never_ran(pilot: Pilot | None) -> bool:
    return pilot is None or (pilot.state not in FINAL and pilot.state is not State.RUNNING)


def _past(since: float | None, allowed: float, now: float) -> bool:
    return bool(since) and now - (since or 0) >= allowed


def _spoken(seconds: float) -> str:
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.4g} days"
    number, unit = (seconds / HOUR, "hour") if seconds >= HOUR else (seconds / 60, "minute")
    return f"{number:.3g} {unit}" + ("" if number == 1 else "s")
