"""What a change of a pilot adds to the buckets: ends by class, and how long things took."""

from __future__ import annotations

from hosted_ce.pilots.pilot import Attempt, Change
from hosted_ce.rollups.buckets import FINE, start_of
from hosted_ce.rollups.points import Amount, Key, Points, Series
from hosted_ce.rollups.runs import queue_wait


def happened(change: Change, now: float) -> Points:
    """What is to be added, in buckets of the finest width; nothing for most changes."""
    attempt = change.pilot.attempt
    if attempt is None or change.begin:
        return {}
    start, found = start_of(now, FINE.width_s), Points()
    if (took := _submit(change, attempt)) is not None:
        found[Key(start, Series.SUBMIT, attempt.route)] = Amount(took, 1)
    if (waited := _wait(change, attempt)) is not None:
        found[Key(start, Series.WAIT, attempt.route)] = Amount(waited, 1)
    if attempt.outcome_class is None and (end := change.attempt.get("outcome_class")):
        found[Key(start, Series.ENDED, attempt.route, end.value)] = Amount(1, 1)
    return found


def _submit(change: Change, attempt: Attempt) -> float | None:
    at = change.attempt.get("submitted_at")
    if at is None or change.event is None or change.event.what != "submitted":
        return None  # seen in a listing or a record: when the answer would have come is not known
    return max(0.0, at - attempt.created_at)


def _wait(change: Change, attempt: Attempt) -> float | None:
    if attempt.started_at is not None:
        return None
    return queue_wait(
        change.attempt.get("submitted_at", attempt.submitted_at), change.attempt.get("started_at")
    )
