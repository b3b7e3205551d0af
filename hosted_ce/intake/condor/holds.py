"""Holds as the factory sees them: one code, a stable number for each cause, one short line. Pure.

A factory may list codes that are worth a release in its `recoverable_exitcodes`, as in "9619 1". The page
for factory operators says which are.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from hosted_ce.intake.condor.attributes import SPOOLING
from hosted_ce.intake.condor.edits import Edit, Order
from hosted_ce.intake.condor.job import JobStatus, QueuedJob
from hosted_ce.pilots.holds import HoldCause

HOLD_CODE = 9619
"""HoldReasonCode of every hold by this CE. HTCondor's own codes are below 1000."""
LONGEST_REASON = 200


class SubCode(IntEnum):
    """HoldReasonSubCode: which step, and whose turn it is. Numbers are never used for anything else."""

    REQUESTED = 1
    """An operator of the CE held it."""
    NO_ROUTE = 2
    """No route of the CE matches what it asks for."""
    REFUSED = 3
    """The site's batch system said that it can never run there."""
    BAD_REQUEST = 4
    """What it asks for cannot be understood."""
    INPUTS = 5
    """Its input files are not in the CE's spool."""
    LOST = 6
    """It vanished at the site without a trace of its end."""
    REMOVED = 7
    """An operator of the CE removed it before it ran."""


_STEPS = {
    SubCode.REQUESTED: "hold",
    SubCode.NO_ROUTE: "route",
    SubCode.REFUSED: "submit",
    SubCode.BAD_REQUEST: "request",
    SubCode.INPUTS: "input files",
    SubCode.LOST: "lost",
    SubCode.REMOVED: "removed",
}
_OF_CAUSE = {
    HoldCause.REQUESTED: SubCode.REQUESTED,
    HoldCause.NO_ROUTE: SubCode.NO_ROUTE,
    HoldCause.REFUSED: SubCode.REFUSED,
    HoldCause.BAD_REQUEST: SubCode.BAD_REQUEST,
    HoldCause.INPUTS: SubCode.INPUTS,
}


def sub_code(cause: HoldCause | None) -> SubCode:
    """The number of a cause."""
    return _OF_CAUSE[cause or HoldCause.REQUESTED]


def hold_reason(site: str, code: SubCode, text: str | None) -> str:
    """One line that begins with the site and the step, at most 200 characters."""
    flat = " ".join((text or "").split()) or "no reason was given"
    line = f"HostedCE[{site}] {_STEPS[code]}: {flat}"
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def held(job: QueuedJob, code: SubCode, reason: str, now: float) -> Iterator[Edit]:
    """Holds the job, unless somebody else changed it meanwhile: then the reason stays theirs as well."""
    guard = job.unchanged
    yield Edit(job.id, "HoldReason", reason, Order.FACTS, guard)
    yield Edit(job.id, "HoldReasonSubCode", code.value, Order.FACTS, guard)
    yield Edit(job.id, "EnteredCurrentStatus", int(now), Order.FACTS, guard)
    yield Edit(job.id, "JobStatus", JobStatus.HELD.value, Order.STATUS, guard)
    yield from code_of_hold(job)


def code_of_hold(job: QueuedJob) -> Iterator[Edit]:
    """The end of a hold. Every hold by the schedd itself has a code: one without is ours, cut short."""
    without = f"JobStatus == {JobStatus.HELD.value} && (HoldReasonCode ?: {SPOOLING}) == {SPOOLING}"
    yield Edit(job.id, "HoldReasonCode", HOLD_CODE, Order.HOLD_CODE, without)
