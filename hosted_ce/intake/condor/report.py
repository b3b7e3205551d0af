"""What the queue is told of a pilot, as edits of its job. Pure.

The status is changed under a guard that the schedd checks at that moment, so that a hold or a removal that
the factory has just asked for is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.intake.condor.attributes import EXTERNAL, HOLDS_DEALT_WITH, SCHEDD_DONE, STATUS_DEALT_WITH
from hosted_ce.intake.condor.edits import UNDEFINED, Edit, Order, Value
from hosted_ce.intake.condor.facts import ending, first_start, shown, starting
from hosted_ce.intake.condor.holds import SubCode, code_of_hold, held, hold_reason, sub_code
from hosted_ce.intake.condor.job import ALIVE, JobStatus, QueuedJob
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import FINAL, Goal, State


def reported(job: QueuedJob, pilot: Pilot, site: str, now: float) -> Iterator[Edit]:
    """The edits that bring the job in step with its pilot. Both outputs are in its folder when it ended."""
    if job.status is JobStatus.REMOVED:
        yield from _given_back(job, pilot)
    elif job.status is JobStatus.COMPLETED and job.managed == EXTERNAL and pilot.state in FINAL:
        yield from _finished(job, now)
    elif job.status is JobStatus.HELD and job.hold_code is None:
        yield from code_of_hold(job)
    elif job.status in ALIVE and job.holds == pilot.door_holds:
        yield from _moved(job, pilot, site, now)
    if job.status in {*ALIVE, JobStatus.COMPLETED} and wanted_status(pilot) is not JobStatus.HELD:
        yield from _held_no_more(job)
    yield from (Edit(job.id, name, value) for name, value in shown(pilot).items())
    yield from _dealt_with(job, pilot)


def _dealt_with(job: QueuedJob, pilot: Pilot) -> Iterator[Edit]:
    """Says in the queue that the job need not be looked at again until somebody changes it."""
    in_step = job.status not in ALIVE or job.holds != pilot.door_holds
    status = job.status if in_step else wanted_status(pilot)
    marks = ((STATUS_DEALT_WITH, int(status)), (HOLDS_DEALT_WITH, pilot.door_holds))
    for (name, value), before in zip(marks, job.dealt_with, strict=True):
        if value != before:
            yield Edit(job.id, name, value, Order.DEALT_WITH)


def has_ended(pilot: Pilot) -> bool:
    """Whether the job is to be told completed: its batch job ran, and has ended for good."""
    if pilot.state is not State.REMOVED:
        return pilot.state is State.COMPLETED
    # Cancelled by the site before it began, it has ended as well: a hold would tell the factory to slow down.
    ran = pilot.attempt is not None and pilot.attempt.started_at is not None
    return ran or pilot.goal is Goal.RUN


def wanted_status(pilot: Pilot) -> JobStatus:
    """What the job's status is to be. Lost pilots are held: they are not called completed."""
    if has_ended(pilot):
        return JobStatus.COMPLETED
    if pilot.state in {State.HELD, State.LOST, State.REMOVED}:
        return JobStatus.HELD
    if pilot.state is State.RUNNING and pilot.goal is not Goal.RESTART:
        return JobStatus.RUNNING
    return JobStatus.IDLE


def _moved(job: QueuedJob, pilot: Pilot, site: str, now: float) -> Iterator[Edit]:
    status = wanted_status(pilot)
    if status is job.status:
        return
    if status is JobStatus.HELD:
        yield from held(job, *_why_held(pilot, site), now)
        return
    facts: dict[str, Value] = {}
    if status is JobStatus.RUNNING:
        facts = starting(pilot)
    elif status is JobStatus.COMPLETED:
        facts = ending(pilot, now)
    facts["EnteredCurrentStatus"] = int(now)
    yield from (Edit(job.id, name, value) for name, value in facts.items())
    if began := first_start(pilot):
        yield Edit(job.id, "JobStartDate", began, guard="JobStartDate =?= undefined")
    yield Edit(job.id, "JobStatus", status.value, Order.STATUS, job.unchanged)
    if status is JobStatus.COMPLETED:
        yield from _finished(job, now)


def _finished(job: QueuedJob, now: float) -> Iterator[Edit]:
    """The factory fetches outputs once the first is there; the second lets the job leave the queue."""
    completed = f"JobStatus == {JobStatus.COMPLETED.value}"
    yield Edit(job.id, "JobFinishedHookDone", int(now), Order.FINISHED, completed)
    yield Edit(job.id, "Managed", SCHEDD_DONE, Order.GIVEN_BACK, completed)


def _held_no_more(job: QueuedJob) -> Iterator[Edit]:
    """A schedd that was restarted gives jobs the reason back that they were held for while they were spooled.

    A gridmanager that has just sent the files asks for the job again and again for as long as it has this
    reason, whatever its status: the pilot would stay idle at the factory for ever. The code is left as it is:
    each change of it counts as a hold.
    """
    if job.reason:
        yield Edit(job.id, "HoldReason", UNDEFINED, guard=job.unchanged)


def _given_back(job: QueuedJob, pilot: Pilot) -> Iterator[Edit]:
    """A removed job leaves the queue when its batch job is gone, and not before."""
    if pilot.state in FINAL and job.managed == EXTERNAL:
        yield Edit(job.id, "Managed", SCHEDD_DONE, Order.GIVEN_BACK)


def _why_held(pilot: Pilot, site: str) -> tuple[SubCode, str]:
    code = {State.LOST: SubCode.LOST, State.REMOVED: SubCode.REMOVED}.get(pilot.state) or sub_code(
        pilot.hold_cause
    )
    return code, hold_reason(site, code, pilot.reason)
