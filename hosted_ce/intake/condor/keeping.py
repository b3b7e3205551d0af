"""Keeps the queue in order: pilots that nobody looks after, jobs that are gone from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog

from hosted_ce.engine.holding import hold
from hosted_ce.engine.removal import removal
from hosted_ce.intake.condor.attributes import ARRIVING, STATUS
from hosted_ce.intake.condor.edits import Edit, Order, jobs_constraint
from hosted_ce.intake.condor.job import JobStatus, QueuedJob, queued_jobs
from hosted_ce.intake.condor.known import Jobs
from hosted_ce.intake.condor.policy import Rules, overdue, unroutable
from hosted_ce.intake.condor.queue import Queue
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import FINAL

log = structlog.get_logger(__name__)
POLICY = "policy"
MANY = 10
"""So many jobs gone at the same time, and more than are left, look like a queue that was lost."""
LOST_QUEUE_FACTOR = 12
"""How much longer jobs may be gone then, before their batch jobs are ended."""


class Store(Protocol):
    """Where changes are written."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""


class Keeping:
    """The CE's own policies. Each is told in words, in the pilot's history and in its job."""

    def __init__(self, queue: Queue, store: Store, rules: Rules):
        self._queue, self._store, self._rules = queue, store, rules
        self._gone_since: dict[int, float] = {}
        self.problem: str | None = None

    async def overdue(self, jobs: Iterable[QueuedJob], known: Jobs, now: float) -> None:
        """Holds what no route takes, removes what is too old."""
        changes, removals = [], dict[QueuedJob, str]()
        for job in jobs:
            found = known.of_key(job.key)
            pilot = found.pilot if found else None
            if pilot and (why := unroutable(pilot, self._rules, now)):
                change = hold(pilot, POLICY, why, HoldCause.NO_ROUTE)
                changes += [change] if change else []
            elif too_old := overdue(job, pilot, self._rules, now):
                log.warning("a job is removed from the queue", job=job.key, reason=too_old.reason)
                removals[job] = f"removed by the CE: {too_old.reason}"
        await self._store.apply(changes)
        await self._remove(removals)

    async def stuck(self, now: float) -> None:
        """Removes jobs whose files will never come: a schedd that died in a transfer does not go on with it.

        Their factory asks for them again and again, and counts them as idle; when they are gone it holds
        them, and can send them anew.
        """
        age = self._rules.stage_in_remove
        ads = await self._queue.select(f"{ARRIVING} && QDate < {now - age:.0f}", STATUS)
        why = f"removed by the CE: its files did not arrive within {age} s"
        await self._remove(dict.fromkeys(queued_jobs(ads), why))

    async def gone(self, pilots: Sequence[Pilot], present: int, now: float) -> None:
        """Pilots whose jobs are not in the queue any more.

        A job leaves the queue when its factory has its outputs, or when somebody removed it by force: then
        its batch job is ended, after a time of grace.
        """
        ids = {pilot.id for pilot in pilots}
        self._gone_since = {i: since for i, since in self._gone_since.items() if i in ids}
        over = [pilot for pilot in pilots if pilot.state in FINAL]
        left = [pilot for pilot in pilots if pilot.state not in FINAL]
        changes = [Change(pilot, {"door_open": False}) for pilot in over]
        grace = self._grace(len(left), present)
        for pilot in left:
            if now - self._gone_since.setdefault(pilot.id, now) >= grace:
                change = removal(pilot, POLICY, "its job is gone from the front door's queue", now)
                changes += [change] if change else []
        await self._store.apply(changes)

    def _grace(self, gone: int, present: int) -> float:
        grace = float(self._rules.vanished_grace)
        lost = gone >= MANY and gone > present
        self.problem = None
        if lost:
            grace *= LOST_QUEUE_FACTOR
            self.problem = (
                f"{gone} jobs are gone from the front door's queue at the same time: was its spool lost, "
                f"or is this another schedd? Their batch jobs are ended after {grace:.0f} s"
            )
            log.error("the front door's queue looks lost", gone=gone, left=present, grace_s=grace)
        return grace

    async def _remove(self, removals: dict[QueuedJob, str]) -> None:
        """Each under a guard: what its factory has just released is no longer too old."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for job in removals:
            alike[job.lasting].append(job.id)
        for guard, jobs in alike.items():
            await self._queue.remove(f"({jobs_constraint(jobs)}) && {guard}")
        removed = f"JobStatus == {JobStatus.REMOVED.value}"
        await self._queue.edit(
            Edit(job.id, "RemoveReason", reason, Order.FACTS, removed) for job, reason in removals.items()
        )
