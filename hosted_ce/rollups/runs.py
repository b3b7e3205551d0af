"""A run: the time that a pilot's batch job had on a node, and what is known of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Change, Outcome
from hosted_ce.rollups.buckets import DAY_S

CLOCKS_DIFFER_S = 60.0
"""A job may begin by the site's clock so long before it was submitted by ours."""
LONGEST_S = 100 * DAY_S
"""No job runs longer: a clock was wrong."""


class Verdict(StrEnum):
    """What a run was good for."""

    WORKED = "worked"
    """It did its work, and ended by itself."""
    FAILED = "failed"
    """It ran nobody's job."""
    EARLY = "early"
    """Something else ended it: what it was doing is lost. How much that was is not known."""
    UNKNOWN = "unknown"


VERDICTS = {
    EndClass.NORMAL: Verdict.WORKED,
    EndClass.NEVER_CLAIMED: Verdict.FAILED, EndClass.VALIDATION_FAILED: Verdict.FAILED,
    EndClass.NO_CVMFS: Verdict.FAILED, EndClass.NO_COLLECTOR: Verdict.FAILED,
    EndClass.NOT_STARTED: Verdict.FAILED, EndClass.PROLOGUE_FAILED: Verdict.FAILED,
    EndClass.WALLTIME: Verdict.EARLY, EndClass.MEMORY: Verdict.EARLY, EndClass.PREEMPTED: Verdict.EARLY,
    EndClass.NODE_FAILURE: Verdict.EARLY, EndClass.VANISHED: Verdict.EARLY,
    EndClass.REMOVED_BY_FACTORY: Verdict.EARLY, EndClass.REMOVED_AT_SITE: Verdict.EARLY,
    EndClass.UNKNOWN: Verdict.UNKNOWN,
}  # fmt: skip
_NEVER_RAN = frozenset({None, Outcome.CANCELLED, Outcome.NOT_STARTED})
"""Outcomes of which a job that recorded no start did not run."""


@dataclass(frozen=True, slots=True)
class Run:
    """From `begun_at` to `over_at` on `cores` cores; `assumed`: as asked, since the site did not say.

    `cpu_s` is the CPU time of all its processes, None where nobody knows.
    """

    begun_at: float
    over_at: float
    cores: int
    assumed: bool
    verdict: Verdict
    cpu_s: float | None = None


class NoRun(StrEnum):
    """Why there is no run to count."""

    NEVER_RAN = "never_ran"
    NOT_KNOWN = "not_known"
    """It ran, or may have, and nobody knows for how long."""


def closed(change: Change) -> Attempt | None:
    """The attempt as it is when the CE is done with it, if this change says so; it does so once."""
    attempt = change.pilot.attempt
    if attempt is None or change.begin or attempt.closed_at or not change.attempt.get("closed_at"):
        return None
    return dataclasses.replace(attempt, **change.attempt)


def requeued(change: Change, now: float) -> Run | None:
    """The run that ended because the site put the job back into its queue, if this change says so."""
    attempt = change.pilot.attempt
    if attempt is None or change.event is None or change.event.what != "requeued":
        return None
    found = run_of(attempt, now, Verdict.EARLY)
    return found if isinstance(found, Run) else None


def run_of(attempt: Attempt, now: float, verdict: Verdict) -> Run | NoRun:
    """The attempt's last run, until now if it has not ended.

    Nothing counts from before the attempt began here, nor after it was missed for the first time.
    """
    if attempt.started_at is None:
        return NoRun.NEVER_RAN if attempt.outcome in _NEVER_RAN else NoRun.NOT_KNOWN
    begun, over = max(attempt.started_at, attempt.created_at), min(attempt.ended_at or now, now)
    if attempt.outcome is Outcome.VANISHED:
        over = min(over, attempt.absent_since or over)
    if over - begun > LONGEST_S or begun > now + DAY_S:  # a job's own record may say anything
        return NoRun.NOT_KNOWN
    granted = (attempt.granted or {}).get("cpus")
    cores = granted or attempt.request.get("cpus")
    if cores is None:
        return NoRun.NOT_KNOWN
    return Run(begun, max(begun, over), cores, not granted, verdict, cpu_time(attempt))


def cpu_time(attempt: Attempt) -> float | None:
    """Seconds of CPU that it used, of all its cores; None where nobody knows."""
    if attempt.user_cpu_s is None:
        return None
    return attempt.user_cpu_s + (attempt.system_cpu_s or 0.0)


def verdict_of(attempt: Attempt) -> Verdict:
    """What the last run of an attempt that is over was good for."""
    return VERDICTS[attempt.outcome_class or EndClass.UNKNOWN]


def queue_wait(submitted_at: float | None, started_at: float | None) -> float | None:
    """Seconds in the site's queue; None where one of the times is not known, or made up."""
    if submitted_at is None or started_at is None or submitted_at == started_at:
        return None
    waited = started_at - submitted_at
    return max(0.0, waited) if waited >= -CLOCKS_DIFFER_S else None
