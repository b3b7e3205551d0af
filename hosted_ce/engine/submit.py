"""Step: submit. Sends each attempt to the site, once in the life of its stamp."""

from __future__ import annotations

import asyncio
from functools import partial

from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.groups import GroupSubmitter
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.ports import Clock, Contents, Store
from hosted_ce.engine.sender import Sender
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.turns import Turns

INTERVAL_S = 30.0


class Submitter:
    """Submits the pilots of one cluster, so many at a time, while the gate is open."""

    def __init__(
        self, cluster: Cluster, store: Store, contents: Contents, hint: Hint, now: Clock, *, spool: SpoolGuard
    ):
        self._cluster, self._hint = cluster, hint
        self._turns = turns = Turns(cluster, store, now)
        self.pace, self.quarantine = turns.pace, turns.quarantine
        self._sender = sender = Sender(cluster, store, contents, now, spool=spool, pace=turns.pace)
        groups = GroupSubmitter(cluster, store, contents, now, spool=spool, turns=turns, sender=sender)
        self._start = groups.start if cluster.together > 1 else self._start_each

    async def quiet(self) -> None:
        """Returns when none is being sent."""
        await self._turns.quiet()

    async def run(self) -> None:
        """Runs for ever. A cancellation interrupts no submit command at the site."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._cluster.gate.wait()
                if not await self._start(tasks):
                    await self._hint.wait(INTERVAL_S)

    async def _start_each(self, tasks: asyncio.TaskGroup) -> bool:
        new = await self._turns.new(4 * self._cluster.window)
        for pilot_id in new:
            await self._turns.room()
            if not self._cluster.gate.is_open:
                self._turns.yield_room()
                break
            self._turns.begin(tasks, [pilot_id], partial(self._sender.send, pilot_id))
        return bool(new)
