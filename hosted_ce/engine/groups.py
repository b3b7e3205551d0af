"""Step: submit, where pilots share job arrays: chooses who goes next, and sends them with one command."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from functools import partial

import structlog

from bosco.errors import BoscoError
from bosco.together import Outcome
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.ports import Clock, Contents, Store
from hosted_ce.engine.sender import Sender
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.together import Group, changes, refusal, trouble
from hosted_ce.engine.turns import Turns
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)


class GroupSubmitter:
    """Begins turns of many. One that goes alone is its sender's."""

    def __init__(
        self, cluster: Cluster, store: Store, contents: Contents, now: Clock,
        *, spool: SpoolGuard, turns: Turns, sender: Sender,
    ):  # fmt: skip
        self._cluster, self._store, self._contents, self._now = cluster, store, contents, now
        self._spool, self._turns, self._sender = spool, turns, sender

    async def start(self, tasks: asyncio.TaskGroup) -> bool:
        """One group, made when there is room for it: what came meanwhile goes along. False: there is none."""
        await self._turns.room()
        group: list[Pilot] = []
        try:
            if self._cluster.gate.is_open:
                group = await self._next()
                group = group if self._cluster.gate.is_open else []
        finally:
            if not group:
                self._turns.yield_room()
        if not group:
            return not self._cluster.gate.is_open  # to wait for the gate, or for more
        alone = len(group) == 1
        send = partial(self._sender.send, group[0].id) if alone else partial(self._send, group)
        self._turns.begin(tasks, [pilot.id for pilot in group], send)
        return True

    async def _next(self) -> list[Pilot]:
        sizes = self._turns.pace.sizes
        group, ids = Group(self._alike, sizes), await self._turns.new(2 * self._cluster.together)
        most = sizes.largest  # as of now: it changes while we read
        for at in range(0, len(ids), most):
            for pilot in await self._store.get_many(ids[at : at + most]):
                if pilot.stage is Stage.SUBMITTING and not group.offer(pilot):
                    return group.pilots
        return group.pilots

    def _alike(self, pilot: Pilot) -> Hashable | None:
        plain = pilot.purpose.counts and not pilot.goal.ends_attempt and self._spool.covers(pilot)
        if not plain or self._spool.mark is None or not self._turns.quarantine.spotless(pilot.id):
            return None
        try:
            return self._cluster.site.alike(batch_request(pilot, self._cluster.scratch))
        except Exception:  # its own turn, alone, tells what is wrong with it
            return None

    async def _send(self, pilots: Sequence[Pilot]) -> list[Change]:
        mark = self._spool.mark
        if mark is None or self._cluster.pushback.reason(attempt_of(pilots[0]).route):
            return []  # since they were chosen
        try:
            answers = await self._answers(pilots, mark)
        except ContentUnusable:  # of one of them: the others can go
            return await self._one_by_one(pilots)
        self._heed(answers, pilots[0])
        return changes(pilots, answers, self._now())

    async def _one_by_one(self, pilots: Sequence[Pilot]) -> list[Change]:
        """Each is written down before the next one goes, and none goes when the gate has been closed."""
        for pilot in pilots:
            if self._cluster.gate.is_open:
                await self._store.apply(await self._sender.send(pilot.id))
        return []

    async def _answers(self, pilots: Sequence[Pilot], mark: str) -> Mapping[str, Outcome]:
        requests = [batch_request(pilot, self._cluster.scratch) for pilot in pilots]
        try:
            return await self._cluster.site.submit_together(requests, self._contents, mark=mark)
        except BoscoError as error:
            return dict.fromkeys((request.stamp for request in requests), error)

    def _heed(self, answers: Mapping[str, Outcome], first: Pilot) -> None:
        """What the next ones have of it, where all were told the same: one answer is given to an array."""
        if no := refusal(answers):
            route = attempt_of(first).route
            log.warning("submission refused", route=route, kind=no.refusal.value, problem=str(no))
            self._turns.pace.refused(first, no)
        elif all(isinstance(answer, str) for answer in answers.values()):
            self._turns.pace.accepted(first)
        if error := trouble(answers):
            self._turns.pace.pause(error)
