"""Step: observe. One listing for all jobs of a cluster, then the evidence for those that it does not have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from bosco.batch.model import JobRecord, Listing, Observation, Phase
from bosco.errors import BoscoError
from bosco.gateway import Evidence
from hosted_ce.capabilities.queue_findings import InQueue
from hosted_ce.engine.array_left import Array, array_of_waiting
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.in_queue import in_queue
from hosted_ce.engine.judge import attempt_of, seen, unseen
from hosted_ce.engine.late import LateJobs, OnLate
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.submission import settled
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import AT_SITE, Stage

log = structlog.get_logger(__name__)
APPLY_AT_ONCE = 500
SLOW_FACTOR = 4.0
"""A round that takes long is followed by a pause of so many times its own: the site is busy."""
IDLE_INTERVAL_S = 600.0
"""Between two listings while no pilot is at the site: jobs of attempts that are over may still appear."""
ACCOUNTING_MARGIN_S = 86400.0
"""How far before our own submission time accounting is asked: its clock may be another than the
login node's, of which we know how far it is behind."""
SIGNALLED = 128
"""An exit code above this is a signal's, plus this."""


OnDuplicate = Callable[[str, str], None]


def _ignore(stamp: str, batch_id: str) -> None:
    """Nobody listens."""


class Observer:
    """Keeps the pilots of one cluster in step with its batch system.

    `on_duplicate` is told of a stamp with two live batch jobs and the younger one's id: it must never be.
    """

    def __init__(
        self, cluster: Cluster, store: Store, hint: Hint, now: Clock, *, spool: SpoolGuard,
        on_duplicate: OnDuplicate = _ignore, on_late: OnLate = _ignore,
    ):  # fmt: skip
        self._cluster, self._store, self._spool = cluster, store, spool
        self._hint, self._now = hint, now
        self._on_duplicate = on_duplicate
        self.quarantine = Quarantine("observe", store, now)
        self._late = LateJobs(cluster, store, now, on_late)
        self.listed_at: float | None = None
        self.problem: str | None = None
        self.in_queue = InQueue()
        """What the last complete listing says of our pilots' jobs."""
        self._remark: str | None = None

    async def run(self) -> None:
        """Runs for ever. Hints shorten the wait; a slow site makes it longer."""
        while True:
            began = self._now()
            try:
                await self.tick()
            except BoscoError as error:
                self._trouble(str(error))
            took = self._now() - began
            interval = self._cluster.known.interval(self._cluster.interval)
            await self._hint.wait(max(interval, SLOW_FACTOR * took))

    async def tick(self) -> None:
        """Lists once and writes down what follows. Raises what the site raises."""
        closings = self._cluster.gate.closings
        await self._spool.check()
        pilots = await self._store.at_stage(AT_SITE, cluster=self._cluster.name, spec=False)
        asked_at = self._now()
        if not pilots and self._listed_lately(asked_at):
            self.problem, self.in_queue = None, in_queue((), {})
            self._cluster.gate.open(closings)
            return
        listing = await self._cluster.site.listing()
        by_stamp = await self._unique(listing)
        unsettled = await self._apply_seen(pilots, by_stamp)
        await self._settle(unsettled, by_stamp, listing, asked_at)
        await self._late.end(listing, {attempt_of(pilot).stamp for pilot in pilots})
        if listing.complete:
            self.listed_at, self.problem = asked_at, None
            self.in_queue = in_queue(pilots, by_stamp)
            self._cluster.gate.open(closings)
            self._note(listing.problem)
        else:
            self._trouble(listing.problem or "the listing is not complete")

    def _listed_lately(self, now: float) -> bool:
        return self.listed_at is not None and now - self.listed_at < IDLE_INTERVAL_S

    def _note(self, remark: str | None) -> None:
        """What a listing that is complete has to say beside its jobs."""
        if remark and remark != self._remark:
            log.warning("the site has trouble, and can be listed", cluster=self._cluster.name, problem=remark)
        self._remark = remark

    def _trouble(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("the site cannot be listed", cluster=self._cluster.name, problem=problem)
        self.problem = problem
        self._cluster.gate.close(problem)

    async def _unique(self, listing: Listing) -> dict[str, Observation]:
        """By stamp. Of two live jobs with one stamp the younger is cancelled: the last safety net."""
        jobs: defaultdict[str, list[Observation]] = defaultdict(list)
        for job in listing.observations:
            jobs[job.stamp].append(job)
        for stamp, same in jobs.items():
            same.sort(key=_oldest_alive)
            for extra in (job for job in same[1:] if job.phase is not Phase.ENDED):
                log.error(
                    "two batch jobs have one stamp", stamp=stamp, kept=same[0].batch_id, extra=extra.batch_id
                )
                self._on_duplicate(stamp, extra.batch_id)
                await self._cluster.site.cancel([extra.batch_id])
        return {stamp: same[0] for stamp, same in jobs.items()}

    async def _apply_seen(self, pilots: Sequence[Pilot], jobs: Mapping[str, Observation]) -> list[Pilot]:
        """Applies what live jobs say; returns the pilots that need more evidence."""
        alive = {stamp: job for stamp, job in jobs.items() if job.phase is not Phase.ENDED}
        listed = [pilot for pilot in pilots if attempt_of(pilot).stamp in alive]

        def judge(pilot: Pilot) -> Change | None:
            return seen(pilot, alive[attempt_of(pilot).stamp], JobRecord(), self._now())

        await self._apply(await self.quarantine.each(listed, judge))
        return [pilot for pilot in pilots if attempt_of(pilot).stamp not in alive]

    async def _settle(
        self, pilots: Sequence[Pilot], jobs: Mapping[str, Observation], listing: Listing, asked_at: float
    ) -> None:
        """Those that ended, and those that the listing does not have although it should."""
        pilots = [p for p in pilots if attempt_of(p).stamp in jobs or _due(p, listing, asked_at)]
        if not pilots:
            return
        evidence = await self._evidence(pilots)
        absent = [p for p in pilots if attempt_of(p).stamp not in jobs]
        records = await self._accounting([p for p in absent if not _tells_all(evidence, p)])
        found = {job.stamp: job for job in records.observations if _is_news(evidence, job)}
        known = {**found, **jobs}

        def judge(pilot: Pilot) -> Change | None:
            stamp = attempt_of(pilot).stamp
            return self._judged(pilot, known.get(stamp), evidence[stamp], listing, records)

        await self._apply(await self.quarantine.each(pilots, judge))

    async def _evidence(self, pilots: Sequence[Pilot]) -> dict[str, Evidence]:
        """Of an attempt that may have been claimed in another spool, this one proves no absence."""
        found = dict(await self._cluster.site.evidence([attempt_of(pilot).stamp for pilot in pilots]))
        for pilot in pilots:
            if not self._spool.covers(pilot):
                stamp = attempt_of(pilot).stamp
                found[stamp] = replace(found[stamp], claimed=True)
        return found

    def _judged(
        self, pilot: Pilot, job: Observation | None, proof: Evidence, listing: Listing, records: Listing
    ) -> Change | None:
        now, policy = self._now(), self._cluster.policy
        if job:
            return seen(pilot, job, proof.job, now, record_grace=policy.missing_grace)
        absent = listing.complete and records.complete
        if pilot.stage is Stage.DOUBTFUL:
            return settled(pilot, proof, policy, now, absent=absent)
        array = array_of_waiting(pilot, proof.job, listing, records) if absent else None
        if array is not None and not self._spool.covers(pilot):  # its start may be on record in the old one
            array = Array.NOWHERE
        return unseen(pilot, proof, policy, now, array=array)

    async def _accounting(self, pilots: Sequence[Pilot]) -> Listing:
        known = self._cluster.known
        if not pilots or known.no_records:  # then their own records are all the evidence that there is
            return Listing((), complete=True, problem=known.no_records)
        attempts = [attempt_of(pilot) for pilot in pilots]
        since = min(attempt.created_at for attempt in attempts) - ACCOUNTING_MARGIN_S - known.behind_s
        return await self._cluster.site.accounting(
            since,
            stamps=[attempt.stamp for attempt in attempts if not attempt.batch_id],
            batch_ids=[attempt.batch_id for attempt in attempts if attempt.batch_id],
        )

    async def _apply(self, changes: Sequence[Change]) -> None:
        for at in range(0, len(changes), APPLY_AT_ONCE):
            await self._store.apply(changes[at : at + APPLY_AT_ONCE])


def _oldest_alive(job: Observation) -> tuple[bool, float, int, str]:
    # Ids grow: of two jobs of the same second, 99 is older than 100.
    return job.phase is Phase.ENDED, job.submitted_at or 0, len(job.batch_id), job.batch_id


def _due(pilot: Pilot, listing: Listing, asked_at: float) -> bool:
    """Whether this listing, asked for at that time, tells something by not having the pilot's job."""
    attempt = attempt_of(pilot)
    if pilot.stage is Stage.DOUBTFUL:  # the spool may settle it whatever the listing is worth
        return (attempt.doubt_since or 0) < asked_at
    if pilot.stage is Stage.SUBMITTING or not listing.complete:
        return False
    return (attempt.submitted_at or 0) < asked_at


def _tells_all(evidence: Mapping[str, Evidence], pilot: Pilot) -> bool:
    """Whether the spool is enough. Of a pilot that a signal ended, it does not tell whose signal it was."""
    proof = evidence[attempt_of(pilot).stamp]
    if pilot.stage is Stage.DOUBTFUL:
        return proof.batch_id is not None or not proof.claimed
    return proof.job.ended and (proof.job.exit_code or 0) <= SIGNALLED


def _is_news(evidence: Mapping[str, Evidence], job: Observation) -> bool:
    """Records that lag behind what the job itself wrote down are none."""
    proof = evidence.get(job.stamp)
    return job.phase is Phase.ENDED or proof is None or not proof.job.ended
