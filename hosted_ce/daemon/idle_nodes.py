"""Looks whether pilots wait beside idle nodes. While they wait for long, the site is probed hourly for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from bosco.errors import BoscoError
from hosted_ce.api.views import Contact
from hosted_ce.capabilities.finding import Finding
from hosted_ce.capabilities.idle_findings import LONG_S, WaitingRoute, idle_findings
from hosted_ce.capabilities.wanted import wanted
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.incidents.sight import Queues
from hosted_ce.engine.ports import Clock
from hosted_ce.redaction import redacted
from hosted_ce.routing.route import Table
from hosted_ce.store.entries import Pending

log = structlog.get_logger(__name__)
INTERVAL_S = 120.0
PROBE_AGAIN_S = 3600.0


class IdleNodes:
    """`findings` answers from the last look."""

    def __init__(
        self, parts: Mapping[str, ClusterPart], queues: Queues, table: Callable[[], Table], now: Clock
    ):
        self._parts, self._queues, self._table, self._now = parts, queues, table, now
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._asked_at: dict[str, float] = {}

    def findings(self, cluster: str) -> tuple[Finding, ...]:
        """Of one cluster."""
        return self._found.get(cluster, ())

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Looks at every cluster once."""
        pending = await self._queues.pending()
        found = {}
        for name, part in list(self._parts.items()):
            waiting = self._waiting(name, [one for one in pending if one.cluster == name])
            found[name] = tuple(await self._of(part, waiting)) if waiting else ()
        self._found = found

    def _waiting(self, cluster: str, pending: Sequence[Pending]) -> list[WaitingRoute]:
        """Only those that have waited for long."""
        asks = {one.route: one.ask for one in wanted(self._table(), cluster, 0.0).routes}
        found = [
            WaitingRoute(
                one.route, asks[one.route].queue, asks[one.route].cpus, one.pilots,
                self._now() - one.since, redacted(one.reason) if one.reason else None,
            )
            for one in pending if one.since is not None and one.route in asks
        ]  # fmt: skip
        return [one for one in found if one.seconds >= LONG_S]

    async def _of(self, part: ClusterPart, waiting: Sequence[WaitingRoute]) -> list[Finding]:
        if self._due(part) and part.view().contact is Contact.READY:
            self._asked_at[part.name] = self._now()
            try:
                await part.probe()
            except BoscoError as error:
                log.warning("the site cannot be probed", cluster=part.name, problem=str(error))
        record = part.record
        if record is None:
            return []
        return list(idle_findings(record.found.batch, self._now() - record.taken_at, waiting))

    def _due(self, part: ClusterPart) -> bool:
        """An hour after the last probe, by whomever, and after the last try here."""
        taken_at = part.record.taken_at if part.record else 0.0
        last = max(taken_at, self._asked_at.get(part.name, 0.0))
        return self._now() - last > PROBE_AGAIN_S
