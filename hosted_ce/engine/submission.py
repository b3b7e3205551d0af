"""What to believe of a submission: turns the site's answer, or the lack of one, into changes. Pure."""

from __future__ import annotations

from bosco.batch.model import JobRecord
from bosco.errors import Failed, Refusal
from bosco.gateway import Evidence
from hosted_ce.engine.closing import backoff, ended_for, without_job
from hosted_ce.engine.judge import ABSENCES, ENGINE, SITE, Policy, attempt_of, ended
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, Pilot, PilotUpdate
from hosted_ce.pilots.queue_words import IN_QUEUE
from hosted_ce.pilots.states import Goal, Stage, State


def submitted(pilot: Pilot, batch_id: str, now: float) -> Change:
    """The site took it."""
    return Change(
        pilot,
        {"stage": Stage.QUEUED, "state": State.IDLE, "reason": IN_QUEUE},
        {"batch_id": batch_id, "submitted_at": now, "doubt_since": None, "absences": 0, "absent_since": None},
        Event("submitted", ENGINE, data={"batch_id": batch_id, "stamp": attempt_of(pilot).stamp}),
    )


def doubted(pilot: Pilot, why: str, now: float) -> Change:
    """The answer was lost, or is no clear no."""
    return Change(
        pilot,
        {"stage": Stage.DOUBTFUL, "state": State.UNKNOWN, "reason": f"looking for evidence: {why}"},
        {"doubt_since": now, "overdue_since": None, "absences": 0, "absent_since": None},
        Event("doubtful", ENGINE, why),
    )


def refused(pilot: Pilot, error: Failed, now: float) -> Change:
    """The site said no. Held only for what can never run there; anything else waits for a new attempt.

    Nodes that it was not to run on may be the reason: the next attempt tells.
    """
    left_out = attempt_of(pilot).request.get("left_out")
    if error.refusal is Refusal.PERMANENT and pilot.goal is Goal.RUN and not left_out:
        reason = f"the site refused it: {error}"
        update: PilotUpdate = {
            "stage": Stage.DONE, "state": State.HELD, "reason": reason, "hold_cause": HoldCause.REFUSED,
        }  # fmt: skip
        return Change(pilot, update, {"closed_at": now, "failed": True}, Event("held", SITE, reason))
    on = f" on other nodes than {', '.join(left_out)}" if left_out else ""
    return again(pilot, f"the site did not take it{on}: {error}", now)


def unusable(pilot: Pilot, error: ContentUnusable, now: float) -> Change:
    """An input file cannot be had, and the site never got the request: it is held."""
    reason = f"it cannot be submitted: {error}"
    update: PilotUpdate = {
        "stage": Stage.DONE, "state": State.HELD, "reason": reason, "hold_cause": HoldCause.INPUTS,
    }  # fmt: skip
    return Change(pilot, update, {"closed_at": now}, Event("held", ENGINE, reason))


def again(pilot: Pilot, why: str, now: float) -> Change:
    """There is no batch job of this attempt and there will be none: the pilot waits for its next one."""
    if pilot.goal.ends_attempt:
        return gone(pilot, now)
    pause = backoff(attempt_of(pilot))
    update: PilotUpdate = {
        "stage": Stage.WAITING, "state": State.IDLE, "reason": f"{why}; next try in {pause:.0f} s",
        "next_attempt_at": now + pause,
    }  # fmt: skip
    return Change(
        pilot,
        update,
        {"closed_at": now, "doubt_since": None, "failed": True},
        Event("attempt_failed", ENGINE, why),
    )


def gone(pilot: Pilot, now: float) -> Change:
    """A pilot that is not to run on has no batch job: it is what was wanted of it."""
    update = without_job(pilot.goal, now)
    what = "restarted" if update["state"] is State.IDLE else update["state"].value
    asked = ended_for(pilot, update["state"]) or "as asked"
    update["reason"] = f"{asked}, before it ran"
    return Change(pilot, update, {"closed_at": now}, Event(what, ENGINE, update["reason"]))


def settled(pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, absent: bool) -> Change | None:
    """Settles a doubtful submission that no listing and no accounting shows.

    `absent` says that a complete listing, begun after the doubt, does not have it and that accounting
    answered. None: nothing new.
    """
    if change := _settled_by_spool(pilot, evidence, now):
        return change
    if not absent:
        return None
    attempt = attempt_of(pilot)
    absences, needed = attempt.absences + 1, 1 if evidence.refused else ABSENCES
    grace = 0.0 if evidence.refused else policy.answer_grace
    if absences >= needed and now - (attempt.doubt_since or now) >= grace:
        why = f"the site did not take it: {evidence.refused}" if evidence.refused else "no trace of it there"
        return again(pilot, why, now)
    return Change(pilot, attempt={"absences": absences, "absent_since": attempt.absent_since or now})


def _settled_by_spool(pilot: Pilot, evidence: Evidence, now: float) -> Change | None:
    if evidence.batch_id:
        return submitted(pilot, evidence.batch_id, now)
    if evidence.job.started_at is not None:
        return _started(pilot, evidence.job, now)
    if evidence.refused and evidence.refused.refusal is not Refusal.TRANSIENT:
        return refused(pilot, evidence.refused, now)
    return None if evidence.claimed else _not_begun(pilot)


def _started(pilot: Pilot, record: JobRecord, now: float) -> Change:
    if record.ended:
        return ended(pilot, None, record, now)
    facts: AttemptUpdate = {
        "batch_id": record.batch_id, "submitted_at": record.started_at, "started_at": record.started_at,
        "node": record.node, "doubt_since": None, "absences": 0, "absent_since": None,
    }  # fmt: skip
    update: PilotUpdate = {"stage": Stage.RUNNING, "state": State.RUNNING, "reason": f"runs on {record.node}"}
    return Change(pilot, update, facts, Event("adopted", ENGINE, "the job recorded its start"))


def _not_begun(pilot: Pilot) -> Change:
    why = "the site never got the request"
    update: PilotUpdate = {
        "stage": Stage.SUBMITTING,
        "state": State.IDLE,
        "reason": f"{why}; it is sent again",
    }
    return Change(pilot, update, {"doubt_since": None}, Event("not_begun", ENGINE, why))
