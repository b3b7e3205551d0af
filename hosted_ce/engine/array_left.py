"""A task of a job array that was cancelled while it waited: its array is there without it. Pure.

Slurm takes such a task out of the array's record, and nothing tells of it afterwards: neither squeue nor
accounting has a row for it, as if it had never been. What it was part of is there, and says that it is gone.
"""

from __future__ import annotations

from enum import Enum, auto

from bosco.batch.arrays import array_of
from bosco.batch.model import Cause, JobRecord, Listing, Observation, Phase
from hosted_ce.pilots.pilot import Attempt, Pilot
from hosted_ce.pilots.queue_words import ARRAY_WITHOUT_IT
from hosted_ce.pilots.states import Stage

STATE = "cancelled in its array"


class Array(Enum):
    """Where a pilot's array is, while its own job is neither listed nor on record."""

    LISTED = auto()
    """In the listing, where a task that has begun has a row of its own for a while."""
    RECORDED = auto()
    """In accounting alone, which may have the row of one task earlier than that of another."""
    NOWHERE = auto()
    """Nobody knows it, the job is no task, or it has begun, or may have: then only its own end counts."""


def array_of_waiting(pilot: Pilot, record: JobRecord, listing: Listing, records: Listing) -> Array:
    """Where the array of its latest attempt is. Both answers are complete, and do not have its job.

    `record` is of the spool that the attempt was sent to: in another one, the lack of a start proves nothing.
    """
    attempt = pilot.attempt
    array = array_of(attempt.batch_id or "") if attempt else None
    if attempt is None or array is None or pilot.stage is not Stage.QUEUED or record.started_at is not None:
        return Array.NOWHERE
    if array in listing.arrays:
        return Array.LISTED
    # Slurm forgets ended jobs within minutes: what was said during this absence still holds.
    known = array in records.arrays or attempt.site_reason == ARRAY_WITHOUT_IT
    return Array.RECORDED if known else Array.NOWHERE


def cancelled(attempt: Attempt) -> Observation:
    """What there is to say of such a job."""
    batch_id = attempt.batch_id or ""
    return Observation(attempt.stamp, batch_id, Phase.ENDED, STATE, ARRAY_WITHOUT_IT, cause=Cause.CANCELLED)
