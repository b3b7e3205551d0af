"""An operator settles a doubt: adopts the batch job that there is, or abandons the attempt that has none.

Evidence comes before words: what the site shows to the contrary is never overruled. `force` only stands in
for evidence that cannot be had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from bosco.batch.model import JobRecord, Observation
from bosco.errors import BoscoError
from bosco.gateway import Evidence
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import attempt_of, seen
from hosted_ce.engine.observe import ACCOUNTING_MARGIN_S
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.engine.submission import again, submitted
from hosted_ce.pilots.by_hand import CannotSettle
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import Stage


@dataclass(frozen=True, slots=True)
class _Look:
    """What the site shows of an attempt now. `problem`: why it does not show all."""

    jobs: tuple[Observation, ...] = ()
    evidence: Evidence | None = None
    problem: str | None = None


class Settler:
    """Settles pilots in doubt, by hand."""

    def __init__(self, clusters: Mapping[str, Cluster], store: Store, now: Clock):
        self._clusters, self._store, self._now = clusters, store, now

    async def adopt(
        self, pilot_id: int, batch_id: str, *, actor: str, reason: str | None, force: bool
    ) -> Pilot:
        """This batch job is the pilot's; nothing to do when that is known. Raises CannotSettle."""
        if (
            (known := await self._store.get(pilot_id))
            and known.attempt
            and known.attempt.batch_id == batch_id
        ):
            return known
        pilot = await self._doubtful(pilot_id)
        look = await self._look(pilot, batch_id)
        own = [job for job in look.jobs if job.stamp == attempt_of(pilot).stamp]
        _check_identity(pilot, batch_id, look.jobs, own)
        if own:
            change = seen(pilot, own[0], look.evidence.job if look.evidence else JobRecord(), self._now())
        elif force:
            change = submitted(pilot, batch_id, self._now())
        else:
            raise CannotSettle(
                f"the site shows no job {batch_id} with the name {attempt_of(pilot).stamp}"
                f"{_because(look)}; when you know that it is this pilot's, insist with --force"
            )
        event = Event("adopted", actor, reason, {"batch_id": batch_id, "forced": not own})
        return await self._apply(replace(change or Change(pilot), event=event))

    async def abandon(self, pilot_id: int, *, actor: str, reason: str | None, force: bool) -> Pilot:
        """There is no batch job of the attempt: it is over, the next one may begin. Raises CannotSettle."""
        pilot = await self._doubtful(pilot_id)
        look = await self._look(pilot, None)
        _check_absence(pilot, look)
        if not force:
            self._check_certainty(pilot, look)
        why = f"abandoned by hand: {reason}" if reason else "abandoned by hand"
        change = again(pilot, why, self._now())
        if change.update["stage"] is Stage.WAITING:
            change = replace(change, update={**change.update, "reason": why, "next_attempt_at": 0.0})
        await self._bar(pilot, look)
        event = Event("abandoned", actor, reason, {"forced": force, "stamp": attempt_of(pilot).stamp})
        return await self._apply(replace(change, event=event))

    async def _doubtful(self, pilot_id: int) -> Pilot:
        pilot = await self._store.get(pilot_id)
        if pilot is None or pilot.stage is not Stage.DOUBTFUL:
            what = f"at stage {pilot.stage.value}" if pilot else "not there"
            raise CannotSettle(f"pilot {pilot_id} is {what}; only what is doubtful is settled by hand")
        if attempt_of(pilot).cluster not in self._clusters:
            raise CannotSettle(f"cluster {attempt_of(pilot).cluster} is no longer in the site file")
        return pilot

    async def _look(self, pilot: Pilot, batch_id: str | None) -> _Look:
        attempt = attempt_of(pilot)
        site, since = self._clusters[attempt.cluster].site, attempt.created_at - ACCOUNTING_MARGIN_S
        ids = [batch_id] if batch_id else []
        try:
            listing = await site.listing()
            records = await site.accounting(since, stamps=[attempt.stamp], batch_ids=ids)
            evidence = (await site.evidence([attempt.stamp]))[attempt.stamp]
        except BoscoError as error:
            return _Look(problem=str(error))
        jobs = listing.observations + records.observations
        wanted = tuple(job for job in jobs if job.stamp == attempt.stamp or job.batch_id in ids)
        problem = None if listing.complete and records.complete else listing.problem or records.problem
        return _Look(wanted, evidence, problem)

    def _check_certainty(self, pilot: Pilot, look: _Look) -> None:
        if look.problem or look.evidence is None:
            raise CannotSettle(
                f"it cannot be seen now whether there is a batch job{_because(look)}; wait, or when you know "
                "that there is none and will be none, insist with --force"
            )
        patience = self._clusters[attempt_of(pilot).cluster].policy.answer_grace
        left = (attempt_of(pilot).doubt_since or 0.0) + patience - self._now()
        if left > 0 and not look.evidence.refused:
            raise CannotSettle(
                f"its submit command may still be at work: ask again in {left:.0f} s, or insist with --force"
            )

    async def _bar(self, pilot: Pilot, look: _Look) -> None:
        """No late request of it may be submitted any more, if the site can be told so."""
        if look.evidence and not look.evidence.claimed:
            attempt = attempt_of(pilot)
            try:
                barred = await self._clusters[attempt.cluster].site.revoke(attempt.stamp)
            except BoscoError as error:
                raise CannotSettle(f"the site cannot be told to refuse it from now on: {error}") from error
            if not barred:
                raise CannotSettle("a late request of it has come to the site just now: look at it again")

    async def _apply(self, change: Change) -> Pilot:
        if not await self._store.apply([change]):
            raise CannotSettle(f"pilot {change.pilot.id} changed meanwhile: look at it again")
        found = await self._store.get(change.pilot.id)
        return found or change.pilot


def _check_identity(
    pilot: Pilot, batch_id: str, jobs: tuple[Observation, ...], own: list[Observation]
) -> None:
    others = [job for job in own if job.batch_id != batch_id]
    if others:
        _refuse(f"the batch job with its name is {others[0].batch_id}, not {batch_id}")
    strangers = [job for job in jobs if job.stamp != attempt_of(pilot).stamp]
    if strangers:
        _refuse(f"batch job {batch_id} has the name {strangers[0].stamp}: it is another pilot's")


def _check_absence(pilot: Pilot, look: _Look) -> None:
    found = next((job.batch_id for job in look.jobs), None)
    if found is None and look.evidence:
        found = look.evidence.batch_id or look.evidence.job.batch_id
    if found:
        _refuse(f"it has batch job {found}: hosted-ce pilots adopt {pilot.id} --batch-id {found}")


def _refuse(why: str) -> NoReturn:
    raise CannotSettle(why)


def _because(look: _Look) -> str:
    return f" ({look.problem})" if look.problem else ""
