"""Keeps the capability record of one cluster: probes its site at the first contact, and now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bosco.dialer import Contact, ContactStatus
from bosco.errors import BoscoError, Interrupted
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import CapabilityRecords, Clock

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0
AGAIN_S = 3600.0
"""A reconnect is no reason to probe again for so long."""
PARTIAL_AGAIN_S = 600.0
"""Until the next one after a probe that failed, or was answered in part: with a controller down, say."""
AT_LEAST_S = 86400.0
"""Sites change their partitions: it is probed so often in any case."""
DEADLINE_S = 180.0


class Prober:
    """`record` is the last one, also of another process; the engine goes by its own only."""

    def __init__(
        self, cluster: Cluster, records: CapabilityRecords, contact: Callable[[], ContactStatus], now: Clock
    ):
        self._cluster, self._records, self._contact, self._now = cluster, records, contact, now
        self._lock = asyncio.Lock()
        self._tried_at: float | None = None
        self._partial = False
        self.record: CapabilityRecord | None = None

    async def load(self, batch: str) -> None:
        """What is written down of it, if it is of this batch system."""
        record = await self._records.get(self._cluster.name)
        if record and record.found.codec == batch:
            self.record = record

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(LOOK_EVERY_S)

    async def tick(self) -> None:
        """Probes if it is time to."""
        if not self._due():
            return
        try:
            await self.probe()
        except BoscoError as error:
            log.warning("the site cannot be probed", cluster=self._cluster.name, problem=str(error))

    async def probe(self) -> CapabilityRecord:
        """Asks the site now. Raises what it raises; Interrupted after DEADLINE_S seconds."""
        async with self._lock:
            self._tried_at, self._partial = self._now(), True
            try:
                async with asyncio.timeout(DEADLINE_S):
                    found = await self._cluster.site.probe()
            except TimeoutError as error:
                raise Interrupted(f"the site's answers to a probe took more than {DEADLINE_S:g} s") from error
            self._partial = found.batch.partial
            self.record = CapabilityRecord(self._tried_at, found)
            self._cluster.known.learn(found)
            await self._records.put(self._cluster.name, self.record)
            return self.record

    def _due(self) -> bool:
        contact = self._contact()
        if contact.contact is not Contact.READY:
            return False
        if self._tried_at is None:
            return True
        age = self._now() - self._tried_at
        if self._partial and age >= PARTIAL_AGAIN_S:
            return True
        return age >= AT_LEAST_S or (age >= AGAIN_S and contact.since > self._tried_at)
