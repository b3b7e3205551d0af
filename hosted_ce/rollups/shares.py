"""What the site gave to pilots, day by day: sums of core seconds that add up.

A run counts in the days in which it ran; a pilot, and what was asked for it, in the day in which it ended.
"""

from __future__ import annotations

from operator import add
from typing import NamedTuple, Self

from hosted_ce.pilots.pilot import Attempt, Change
from hosted_ce.rollups.buckets import DAY_S, pieces, start_of
from hosted_ce.rollups.runs import NoRun, Run, Verdict, closed, queue_wait, requeued, run_of, verdict_of


class Share(NamedTuple):
    """Sums. `_s` is in core seconds but for `wait_s`, which is in seconds."""

    ended: int = 0
    """Attempts that ran and ended."""
    never_ran: int = 0
    not_known: int = 0
    """Attempts that ended and of whose run nobody knows how long it was."""
    asked_s: float = 0.0
    """Cores asked, times the walltime asked, of those that ran and ended."""
    granted_s: float = 0.0
    assumed_s: float = 0.0
    """The part of granted that goes by the cores asked, since the site did not say."""
    used_s: float = 0.0
    used_of_s: float = 0.0
    """The part of granted of which it is known how much was used."""
    failed_s: float = 0.0
    early_s: float = 0.0
    unknown_s: float = 0.0
    """The parts of granted by what they were good for; the rest did its work."""
    wait_s: float = 0.0
    waits: int = 0

    def plus(self, other: Share) -> Self:
        """Both together."""
        return type(self)._make(map(add, self, other))


Days = dict[int, Share]
"""By day since the epoch, UTC."""


def day_of(at: float) -> int:
    """The day of a moment, since the epoch."""
    return start_of(at, DAY_S) // DAY_S


def shares_of(change: Change, now: float) -> Days:
    """What a change adds: the end of an attempt, or of a run before the job was queued again."""
    if (run := requeued(change, now)) is not None:
        return spread(run)
    if (attempt := closed(change)) is None:
        return {}
    found = run_of(attempt, now, verdict_of(attempt))
    if found is NoRun.NEVER_RAN:
        return {day_of(now): Share(never_ran=1)}
    if isinstance(found, NoRun):
        return {day_of(now): Share(not_known=1)}
    return added(spread(found), {day_of(found.over_at): _end(attempt)})


def _end(attempt: Attempt) -> Share:
    wait = queue_wait(attempt.submitted_at, attempt.started_at)
    asked = (attempt.request.get("cpus") or 0) * (attempt.request.get("walltime_s") or 0)
    return Share(ended=1, asked_s=asked, wait_s=wait or 0.0, waits=int(wait is not None))


def spread(run: Run) -> Days:
    """A run over its days; its CPU time evenly, since nobody knows better."""
    whole = run.over_at - run.begun_at
    return {
        start // DAY_S: _part(run, seconds, seconds / whole)
        for start, seconds in pieces(run.begun_at, run.over_at, DAY_S)
    }


def _part(run: Run, seconds: float, part: float) -> Share:
    core_s, known = run.cores * seconds, run.cpu_s is not None
    return Share(
        granted_s=core_s,
        assumed_s=core_s if run.assumed else 0.0,
        used_s=(run.cpu_s or 0.0) * part,
        used_of_s=core_s if known else 0.0,
        failed_s=core_s if run.verdict is Verdict.FAILED else 0.0,
        early_s=core_s if run.verdict is Verdict.EARLY else 0.0,
        unknown_s=core_s if run.verdict is Verdict.UNKNOWN else 0.0,
    )


def added(days: Days, more: Days) -> Days:
    """Both together."""
    return days | {day: days.get(day, Share()).plus(share) for day, share in more.items()}
