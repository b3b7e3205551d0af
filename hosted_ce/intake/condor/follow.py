"""What the queue asks of a pilot: the factory removes, holds and releases jobs there. Pure."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.engine.holding import hold, release
from hosted_ce.engine.removal import removal
from hosted_ce.intake.condor.job import ALIVE, JobStatus, QueuedJob
from hosted_ce.pilots.pilot import Change, Event, Pilot, PilotUpdate
from hosted_ce.pilots.states import FINAL, Goal, Stage, State

FACTORY = "factory"


def followed(job: QueuedJob, pilot: Pilot, now: float) -> Change | None:
    """The change of the pilot that its job asks for; None when they agree.

    A hold is known by the schedd's own count: the job is alive and was held once more than was dealt with, so
    it was held and released, even if nobody looked in between. The count is written down with the change.
    """
    if job.status is JobStatus.REMOVED:
        return removal(pilot, FACTORY, job.reason or "removed from the queue", now)
    if job.status is JobStatus.HELD:
        return hold(pilot, FACTORY, job.reason or "held in the queue")
    if job.status is JobStatus.COMPLETED:  # unless it was we who said so
        return removal(pilot, FACTORY, "somebody called its job completed", now)
    if job.status in ALIVE and job.holds != pilot.door_holds:
        return _released(job, pilot)
    return None


def _released(job: QueuedJob, pilot: Pilot) -> Change:
    dealt_with: PilotUpdate = {"door_holds": job.holds}
    if pilot.state in FINAL or pilot.goal is Goal.REMOVE or job.holds < pilot.door_holds:
        return Change(pilot, dealt_with)
    if pilot.state is State.HELD or pilot.goal is Goal.HOLD:
        change = release(pilot, FACTORY, None)
    else:
        change = _restarted(pilot)
    return replace(change, update={**change.update, **dealt_with}) if change else Change(pilot, dealt_with)


def _restarted(pilot: Pilot) -> Change | None:
    """It was held and released before anybody looked: its attempt ends, a new one begins."""
    if pilot.stage is Stage.WAITING or pilot.goal is Goal.RESTART:
        return None  # nothing was begun, or it is ending already
    reason = "held and released; a new attempt begins when the last one has ended"
    return Change(
        pilot,
        {"goal": Goal.RESTART, "reason": reason},
        event=Event("release_asked", FACTORY, reason),
    )
