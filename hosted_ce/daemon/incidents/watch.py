"""Watches for outages: writes down when they begin and when they are over, and tells whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from hosted_ce.engine.ports import Clock
from hosted_ce.incidents.cause import ABOUT
from hosted_ce.incidents.detector import Place, places
from hosted_ce.incidents.incident import Incident
from hosted_ce.incidents.signs import Sign
from hosted_ce.metric_groups.incidents import IncidentMetrics
from hosted_ce.redaction import redacted
from hosted_ce.store.incidents import IncidentStore

log = structlog.get_logger(__name__)
INTERVAL_S = 10.0
PARTS = 8
"""It is looked at least so many times within the time after which an outage is told."""
Signs = Callable[[], Awaitable[Mapping[str, Sign | None]]]
InUse = Callable[[], Awaitable[Mapping[str, int]]]


class IncidentWatch:
    """`load` it first. `signs` are what is seen at each place, `in_use` the pilots at each cluster."""

    def __init__(
        self, store: IncidentStore, signs: Signs, in_use: InUse, *, after_s: float, now: Clock,
        metrics: IncidentMetrics, ring: Callable[[], None],
    ):  # fmt: skip
        self._store, self._signs, self._in_use = store, signs, in_use
        self._after_s, self._now, self._metrics, self._ring = after_s, now, metrics, ring
        self._places: dict[str, Place] = {}
        self._untold: list[tuple[Place, Incident]] = []

    async def load(self) -> None:
        """What was open when the CE ended."""
        self._places = places(self._after_s, await self._store.open())

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(min(INTERVAL_S, self._after_s / PARTS))

    async def tick(self) -> None:
        """Looks once."""
        signs, now = await self._signs(), self._now()
        for name in {*signs, *self._places}:
            place = self._places.setdefault(name, Place(self._after_s))
            # A place that the site file has no more cannot be seen: what was open there is over.
            sign = signs[name] if name in signs else Sign(name, None)
            self._untold += [(place, change) for change in place.see(sign, now)]
        while self._untold:  # what could not be written stays for the next look
            await self._tell(*self._untold[0])
            self._untold.pop(0)
        self._metrics.set(self.open)

    @property
    def open(self) -> list[Incident]:
        """Those that last, the one that began first before the others."""
        found = [place.open for place in self._places.values() if place.open]
        return sorted(found, key=lambda one: one.began_at)

    async def _tell(self, place: Place, change: Incident) -> None:
        about = ABOUT[change.cause]
        if change.ended_at is None:
            pilots = (await self._in_use()).get(change.place, 0)
            change = replace(change, pilots=pilots, said=redacted(change.said))
        written = await self._store.write(change)
        facts = {"place": written.place, "cause": written.cause.value, "incident": written.id}
        if written.ended_at is None:
            place.written(written)
            self._metrics.told(written)
            log.error("an outage", **facts, what=about.title, said=written.said, pilots=written.pilots)
        else:
            log.warning("an outage is over", **facts, lasted_s=round(written.ended_at - written.began_at))
        self._ring()
