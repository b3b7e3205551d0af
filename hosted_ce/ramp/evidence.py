"""What became of a level's pilots, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import State

CLOCKS_DIFFER_S = 60.0
"""What is later than now by more was written down by another clock, or by ours before it was set back."""


class Seen(NamedTuple):
    """An attempt of the route as it is written down; None: not yet. Times in seconds since the epoch.

    One that is closed and has no class never had a batch job.
    """

    id: int
    begun_at: float
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    closed_at: float | None = None
    what: EndClass | None = None
    never: bool = False
    """It waits, and the batch system says that it never starts as it is."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pilots of a route. Those of the level are the ones whose attempts began in it.

    What ended too long ago is left out (`Rules.window_s`).
    """

    newest: int = 0
    """The id of the newest attempt of all: those of the next level are above it."""
    at_site: int = 0
    settled: int = 0
    """Those at the site, of whatever level, that have run for `ran_for_s`."""
    begun: int = 0
    """All of the level."""
    over: int = 0
    """Those that ended."""
    queued: int = 0
    """Those that wait in the site's queue."""
    late: int = 0
    """Those that wait for longer than they should and may start, or started of late after they did."""
    never: int = 0
    """Those that wait and never start as they are: their wait says nothing of the queue."""
    started: int = 0
    tried: int = 0
    """Those that started, or are over without: any of them might have failed by now."""
    proven: int = 0
    """Those that ran for long enough, or ended well."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """By class."""
    wait_s: float | None = None
    """How long those that started had waited, on average."""
    refused: str | None = None
    """What the site says, or said of late, instead of taking pilots of the route."""
    blind: str | None = None
    """Why it is not known how they are."""

    @property
    def failures(self) -> int:
        """How many failed."""
        return sum(self.failed.values())

    @property
    def judged(self) -> int:
        """How many are known to be good or bad."""
        return self.proven + self.failures

    def numbers(self) -> dict[str, Any]:
        """What a step is written down with."""
        return {
            "at_site": self.at_site, "begun": self.begun, "started": self.started, "proven": self.proven,
            "tried": self.tried, "failed": dict(self.failed), "late": self.late,
            "wait_s": None if self.wait_s is None else round(self.wait_s, 1),
        }  # fmt: skip


def evidence_of(
    attempts: Sequence[Seen], rules: Rules, level: State | None, now: float, *,
    looked_at: float | None = None, newest: int = 0, refused: str | None = None, blind: str | None = None,
) -> Evidence:  # fmt: skip
    """Counts the attempts of a route: all that are open, and those that ended within the window.

    `level` is the one that they are to speak for; None: none yet. `looked_at`: when the site showed them
    last; nobody knows that they ran on since. None: now.
    """
    after, since = (level.after, min(level.since, now)) if level else (newest, now)
    times = _Times(now, now if looked_at is None else min(now, looked_at), since)
    open_ = [one for one in attempts if one.closed_at is None and one.ended_at is None]
    fresh = [one for one in attempts if one.id > after and _counts(one, rules, now)]
    waits = [wait for one in fresh if (wait := _wait(one)) is not None]
    return Evidence(
        newest=newest,
        at_site=len(open_),
        settled=sum(_ran(one, times) >= rules.ran_for_s for one in open_),
        begun=len(fresh),
        over=sum(one.closed_at is not None or one.ended_at is not None for one in fresh),
        queued=sum(_queued(one) for one in fresh),
        late=sum(_late(one, rules.queue_wait_s, now) for one in fresh),
        never=sum(one.never and _queued(one) for one in fresh),
        started=sum(one.started_at is not None for one in fresh),
        tried=sum(one.started_at is not None or one.what is not None for one in fresh),
        proven=sum(_proven(one, rules, times) for one in fresh),
        failed=dict(Counter(one.what.value for one in fresh if one.what and _failed(one, rules, times))),
        wait_s=sum(waits) / len(waits) if waits else None,
        refused=refused,
        blind=blind,
    )


class _Times(NamedTuple):
    """Now, when the site was looked at last, and since when the level is what it is."""

    now: float
    looked_at: float
    since: float


def _counts(one: Seen, rules: Rules, now: float) -> bool:
    """Whether it is evidence; what the site did not take at all is push-back, and no pilot that failed."""
    if one.closed_at is None:
        return True
    return one.what is not None and now - rules.window_s < one.closed_at <= now + CLOCKS_DIFFER_S


def _ran(one: Seen, times: _Times) -> float:
    """For how long, in seconds.

    A start that is yet to come is by a wrong clock. Then the latest of what was before it has to do, or the
    beginning of the level, which are earlier than it.
    """
    if one.started_at is None:
        return 0.0
    if one.ended_at is not None:
        return max(0.0, one.ended_at - one.started_at)
    before = (at for at in (one.begun_at, one.submitted_at, one.started_at) if at is not None)
    known = [at for at in before if at <= times.now + CLOCKS_DIFFER_S]
    return max(0.0, times.looked_at - max(known, default=times.since))


def _failed(one: Seen, rules: Rules, times: _Times) -> bool:
    if one.what not in rules.classes:
        return False
    return one.what is not EndClass.UNKNOWN or _ran(one, times) < rules.ran_for_s


def _proven(one: Seen, rules: Rules, times: _Times) -> bool:
    if _failed(one, rules, times):
        return False
    over_and_not_told = one.ended_at is not None and one.what is None
    return one.what is EndClass.NORMAL or (not over_and_not_told and _ran(one, times) >= rules.ran_for_s)


def _queued(one: Seen) -> bool:
    return one.submitted_at is not None and one.started_at is None and one.what is None


def _wait(one: Seen) -> float | None:
    if one.submitted_at is None or one.started_at is None:
        return None
    return max(0.0, one.started_at - one.submitted_at)


def _late(one: Seen, most: float, now: float) -> bool:
    """What was long ago says nothing of the queue of now."""
    if one.submitted_at is None:
        return False
    if one.started_at is None:
        return _queued(one) and not one.never and now - one.submitted_at > most
    return (_wait(one) or 0.0) > most and 0 <= now - one.started_at <= most
