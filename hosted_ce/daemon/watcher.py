"""Looks at the numbers of pilots now and then, and has them kept for the charts: one commit a bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from hosted_ce.engine.ports import Clock
from hosted_ce.rollups.points import Points
from hosted_ce.rollups.watch import Sample, Watch
from hosted_ce.store.patience import in_a_hurry
from hosted_ce.store.rollups import Rollups

log = structlog.get_logger(__name__)
INTERVAL_S = 30.0


class Watcher:
    """Run it as a task. What it saw and has not written when it is ended by force is a gap in the charts."""

    def __init__(self, rollups: Rollups, now: Clock, also: Callable[[], Sample] = dict):
        """`also` are numbers that are in no table of pilots."""
        self._rollups, self._now, self._also = rollups, now, also
        self._watch = Watch()

    async def run(self) -> None:
        """Runs for ever; writes what it has when it is cancelled."""
        try:
            while True:
                await self.tick()
                await asyncio.sleep(INTERVAL_S)
        finally:
            await self._write_last()

    async def _write_last(self) -> None:
        """Whoever ends us waits: a database that is away or refuses makes a gap, and no delay."""
        try:
            with in_a_hurry():
                await self._write(self._watch.take_all())
        except Exception as error:
            log.warning("what was seen last is not in the charts", problem=str(error))

    async def tick(self) -> None:
        """Looks once, and writes the buckets that are over."""
        sample = {**await self._rollups.sample(), **self._also()}
        now = self._now()
        self._watch.look(now, sample)
        await self._write(self._watch.take(now))

    async def _write(self, points: Points) -> None:
        """They are written once or not at all: after a commit that failed nobody knows."""
        if points:
            await self._rollups.add(points, self._now())
