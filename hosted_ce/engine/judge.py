"""What to believe of a batch job: turns observations and evidence into changes. Pure.

A pilot has ended only on positive evidence: the batch system's own terminal state, or the record that the
job wrote of its end. Absence counts only in complete listings that began after the submission, three in a
row, with accounting silent and a time of grace; then the pilot is lost, which is not completed. A task whose
array is there without it was cancelled by then, if nothing says that it may have begun; and by the first such
listing that has the array, if we have asked for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bosco.batch.model import Granted, JobRecord, Observation, Phase, Used
from bosco.batch.wrapper import WRAPPER_FAILED
from bosco.gateway import Evidence
from hosted_ce.engine.array_left import Array, cancelled
from hosted_ce.engine.closing import ended_for, with_ended_job
from hosted_ce.pilots.ends import End
from hosted_ce.pilots.pilot import (
    SITES_FAULT,
    Attempt,
    AttemptUpdate,
    Change,
    Event,
    Outcome,
    Pilot,
    PilotUpdate,
)
from hosted_ce.pilots.queue_words import ARRAY_WITHOUT_IT, HELD_AT_SITE, IN_QUEUE
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.written import written

ABSENCES = 3
"""Complete listings in a row without a job before it may count as gone."""
LAUNCH_FAILED = 53
"""Slurm's "signal" of a job whose output file or folder could not be opened on the node."""
WAITING = {Phase.PENDING, Phase.HELD}
_GRANTED = tuple(field.name for field in fields(Granted))
NOT_SEEN = "the batch system did not see how it ended, and the job wrote no record of it"
ENGINE = "engine"
SITE = "site"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait before absence counts, in seconds."""

    missing_grace: float = 120.0
    answer_grace: float = 240.0
    """For a submission whose answer is on no record: somebody may still be at it."""
    doubt_deadline: float = 3600.0
    """After that an operator is told of a doubt."""


def seen(
    pilot: Pilot, job: Observation, record: JobRecord, now: float, *, record_grace: float = 0.0
) -> Change | None:
    """The batch system lists the job, or has it in its records. None: nothing new.

    `record_grace`: for so long the record of an end that is only assumed is waited for, in seconds.
    """
    attempt = attempt_of(pilot)
    if _is_assumed(job, record) and now - (attempt.absent_since or now) < record_grace:
        return None if attempt.absent_since else Change(pilot, attempt={"absent_since": now})
    if job.phase is Phase.ENDED:
        return ended(pilot, job, record, now)
    facts: AttemptUpdate = {
        "batch_id": attempt.batch_id or job.batch_id,
        "submitted_at": attempt.submitted_at or job.submitted_at or now,
        "started_at": job.started_at,
        "node": job.node,
        "site_state": job.site_state,
        "site_reason": job.reason,
        "granted": None if job.phase in WAITING else _granted(attempt, job),
        "absences": 0,
        "absent_since": None,
        "doubt_since": None,
    }
    new = _differing(attempt, facts)
    if job.phase is Phase.UNKNOWN:
        keep: AttemptUpdate = {
            "site_state": job.site_state, "site_reason": job.reason, "absences": 0, "absent_since": None,
        }  # fmt: skip
        new = _differing(attempt, keep)
        return Change(pilot, attempt=new) if new else None
    stage = Stage.RUNNING if job.phase is Phase.RUNNING else Stage.QUEUED
    if stage is pilot.stage:
        reason = _queue_reason(job)
        changed = stage is Stage.QUEUED and pilot.goal is Goal.RUN and written(reason) != pilot.reason
        return Change(pilot, {"reason": reason} if changed else {}, new) if new or changed else None
    return Change(pilot, _listed_as(stage, job), new, _listed_event(pilot, stage, job))


def unseen(
    pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, array: Array | None
) -> Change | None:
    """A complete listing, begun after the submission, does not have the job, nor do the records.

    `array` is where that of a task is; None: accounting did not answer.
    """
    if evidence.job.ended:
        return ended(pilot, None, evidence.job, now)
    if array is None:
        return None
    attempt = attempt_of(pilot)
    absences, since = attempt.absences + 1, attempt.absent_since or now
    gone = absences >= ABSENCES and now - since >= policy.missing_grace
    if array is not Array.NOWHERE and (gone or _was_cancelled_by_us(attempt, array)):
        return ended(pilot, cancelled(attempt), evidence.job, now)
    if gone:
        return _vanished(pilot, now)
    noted: AttemptUpdate = {} if array is Array.NOWHERE else {"site_reason": ARRAY_WITHOUT_IT}
    return Change(pilot, attempt={"absences": absences, "absent_since": since, **noted})


def _was_cancelled_by_us(attempt: Attempt, array: Array) -> bool:
    """What we asked for is believed at once; of others' doing, the job's own records may be late."""
    return array is Array.LISTED and attempt.cancel_asked_at is not None


def finished(
    pilot: Pilot, sizes: dict[str, int | None], note: str | None, now: float, end: End | None = None
) -> Change:
    """The outputs are here: the pilot gets its final state."""
    attempt = attempt_of(pilot)
    reason = "; ".join(part for part in (_outcome_text(attempt), note) if part)
    update = with_ended_job(pilot.goal, attempt, now)
    asked = ended_for(pilot, update["state"])
    update["reason"] = f"{asked}: {reason}" if asked else reason
    facts: AttemptUpdate = {
        "stdout_bytes": sizes.get("stdout"), "stderr_bytes": sizes.get("stderr"), "closed_at": now,
        "failed": attempt.outcome in SITES_FAULT and pilot.goal is Goal.RUN,
    }  # fmt: skip
    data: dict[str, Any] = {"exit_code": attempt.exit_code}
    if end:
        facts |= {"outcome_class": end.what, "outcome_evidence": end.evidence}
        data |= {"class": end.what.value, "evidence": end.evidence}
    return Change(pilot, update, facts, Event(_what(update, attempt), ENGINE, reason, data))


def _what(update: PilotUpdate, attempt: Attempt) -> str:
    if update["state"] is not State.IDLE:
        return update["state"].value
    return "attempt_failed" if attempt.outcome is Outcome.NOT_STARTED else "restarted"


def ended(pilot: Pilot, job: Observation | None, record: JobRecord, now: float) -> Change:
    """The batch job has ended, says the batch system (`job`), the job's own record, or both."""
    attempt = attempt_of(pilot)
    outcome = _outcome(job, record)
    code, signal = record.exit_code, None
    if code is None and job:
        code, signal = _site_code(job, outcome), job.exit_signal
    facts: AttemptUpdate = {
        "batch_id": attempt.batch_id or (job.batch_id if job else record.batch_id),
        "submitted_at": attempt.submitted_at or (job.submitted_at if job else None) or now,
        "started_at": (job.started_at if job else None) or record.started_at or attempt.started_at,
        "ended_at": (job.ended_at if job else None) or record.ended_at or now,
        # The batch system's name for it, in which it can be avoided; the job itself only knows the host's.
        "node": (job.node if job else None) or attempt.node or record.node,
        "site_state": job.site_state if job else attempt.site_state,
        "site_reason": record.error or _site_reason(job, record),
        "outcome": outcome,
        "exit_code": code,
        "exit_signal": signal,
        **_usage(job, record),
        "granted": _granted(attempt, job),
        "absences": 0,
        "absent_since": None,
        "doubt_since": None,
    }
    said = job.site_state if job else "the job's own record"
    update: PilotUpdate = {"stage": Stage.ENDED, "reason": "ended at the site; its outputs are being fetched"}
    data = {"exit_code": code, "exit_signal": signal, "outcome": outcome.value}
    return Change(pilot, update, facts, Event("ended", SITE, f"according to {said}", data))


def _outcome(job: Observation | None, record: JobRecord) -> Outcome:
    """The job records its start before it begins the pilot: without that, its failure is not the pilot's."""
    if _is_assumed(job, record):
        return Outcome.NODE_FAILURE
    cause = Outcome(job.cause.value) if job and job.cause else Outcome.EXITED
    if cause not in {Outcome.EXITED, Outcome.NOT_STARTED}:
        return cause
    failed = job is not None and (
        cause is Outcome.NOT_STARTED or job.exit_code == WRAPPER_FAILED or job.exit_signal == LAUNCH_FAILED
    )
    never_began = failed and record.started_at is None and not record.ended
    return Outcome.NOT_STARTED if never_began or record.error else Outcome.EXITED


def _is_assumed(job: Observation | None, record: JobRecord) -> bool:
    """A job that ends by itself writes its record first: one without was ended with its node, or by it."""
    return job is not None and job.assumed and not record.ended


def _site_reason(job: Observation | None, record: JobRecord) -> str | None:
    if _is_assumed(job, record):
        return NOT_SEEN
    return job.reason if job else None


def _site_code(job: Observation, outcome: Outcome) -> int | None:
    """The exit code that the batch system has. It says 0 also of a job that it, or a signal, ended."""
    by_itself = outcome is Outcome.EXITED and not job.exit_signal
    return job.exit_code if by_itself else job.exit_code or None


def _usage(job: Observation | None, record: JobRecord) -> AttemptUpdate:
    """What the job itself measured, or else what the batch system says."""
    used = (job.used if job else None) or Used()
    cpu = record if record.user_cpu_s is not None else used
    peak = used.peak_memory_mb if record.peak_memory_mb is None else record.peak_memory_mb
    return {"user_cpu_s": cpu.user_cpu_s, "system_cpu_s": cpu.system_cpu_s, "peak_memory_mb": peak}


def _vanished(pilot: Pilot, now: float) -> Change:
    why = f"gone from {ABSENCES} complete listings, and neither accounting nor the job itself recorded an end"
    update: PilotUpdate = {"stage": Stage.ENDED, "reason": why}
    return Change(
        pilot, update, {"ended_at": now, "outcome": Outcome.VANISHED}, Event("vanished", ENGINE, why)
    )


def _granted(attempt: Attempt, job: Observation | None) -> Mapping[str, int | str] | None:
    """In the words of the request; what the batch system does not say is left out."""
    if job is None or job.granted is None:
        return attempt.granted
    told = ((name, getattr(job.granted, name)) for name in _GRANTED)
    return {name: value for name, value in told if value is not None}


def _listed_as(stage: Stage, job: Observation) -> PilotUpdate:
    if stage is Stage.RUNNING:
        return {"stage": stage, "state": State.RUNNING, "reason": f"runs on {job.node or 'a node'}"}
    return {"stage": stage, "state": State.IDLE, "reason": _queue_reason(job)}


def _listed_event(pilot: Pilot, stage: Stage, job: Observation) -> Event:
    if stage is Stage.RUNNING:
        return Event("running", SITE, f"on {job.node}" if job.node else None, {"batch_id": job.batch_id})
    what = "requeued" if pilot.stage is Stage.RUNNING else "adopted"
    return Event(what, SITE, _queue_reason(job), {"batch_id": job.batch_id})


def _queue_reason(job: Observation) -> str:
    where = HELD_AT_SITE if job.phase is Phase.HELD else IN_QUEUE
    return f"{where}: {job.reason}" if job.reason else where


def _outcome_text(attempt: Attempt) -> str:
    match attempt.outcome:
        case Outcome.VANISHED:
            return "vanished at the site without a trace of its end"
        case Outcome.NOT_STARTED:
            return f"the job could not begin at the site ({attempt.site_reason or attempt.site_state})"
        case Outcome.EXITED if attempt.exit_signal:
            return f"ended by signal {attempt.exit_signal}"
        case Outcome.EXITED:
            return f"exit code {attempt.exit_code}"
        case None:
            return "no outcome on record"
        case outcome:
            words = outcome.value.replace("_", " ")
            code = "" if attempt.exit_code is None else f", exit code {attempt.exit_code}"
            return f"ended by the site: {words} ({attempt.site_state}){code}"


def _differing(attempt: Attempt, facts: AttemptUpdate) -> AttemptUpdate:
    new = AttemptUpdate()
    for name, value in facts.items():
        known = getattr(attempt, name)
        if known != value and (not isinstance(value, str) or known != written(value)):
            new[name] = value  # type: ignore[literal-required]
    return new


def attempt_of(pilot: Pilot) -> Attempt:
    """The latest attempt of a pilot that has one."""
    if pilot.attempt is None:
        raise ValueError(f"pilot {pilot.id} has no attempt")
    return pilot.attempt
