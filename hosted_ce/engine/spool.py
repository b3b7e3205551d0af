"""Knows the site's spool again.

That a stamp is not claimed proves that it was never sent, but only in the spool that it was sent to. A spool
that was emptied, or another login node behind the same name, would have us submit everything in doubt twice.
So the first thing that we do in a new spool is to claim a stamp of our own, the mark, and where that is
missing nothing is concluded and nothing is sent, until an operator says that the new spool is ours. We could
not tell it from another cluster's, and what we submitted there would be lost when the first one came back.

What was looked at before a request is sent may be otherwise when it arrives. So each submission carries the
mark of the spool that it is meant for, and the agent looks for it once more when the stamp is claimed.
"""

from __future__ import annotations

import secrets

import structlog

from hosted_ce.engine.ports import Clock, ClusterRecords, Site
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.stamps import STAMP_BYTES, stamp_from

log = structlog.get_logger(__name__)


class SpoolGuard:
    """The spool of one cluster."""

    def __init__(self, cluster: str, site: Site, records: ClusterRecords, now: Clock):
        self._cluster, self._site, self._records, self._now = cluster, site, records, now
        self.mark: str | None = None
        """What a request to this spool carries. None: it is not marked yet, and none may be sent."""
        self._loaded = False
        self.since = 0.0

    async def check(self) -> None:
        """Makes sure that the spool is ours; marks a new one. Raises OtherSpool, and what the site raises."""
        await self.load()
        if self.mark is None:
            await self._make()
        else:
            await self._site.check_spool()

    async def accept(self, why: str) -> None:
        """Whatever is there now is our spool from now on; what is in doubt must be settled without it."""
        log.warning("another spool is accepted", cluster=self._cluster, reason=why)
        self.since, self._loaded = self._now(), True
        self._expect(None)
        await self._records.spool(self._cluster, None, self.since)
        await self._site.reconnect()

    def covers(self, pilot: Pilot) -> bool:
        """Whether a stamp that this spool does not have was surely never sent.

        One of the very moment of the acceptance may have been sent before it.
        """
        return pilot.attempt is not None and pilot.attempt.created_at > self.since

    async def load(self) -> None:
        """What is written down of it, once."""
        if not self._loaded:
            record = await self._records.get(self._cluster)
            self.since, self._loaded = record.spool_since, True
            self._expect(record.spool_mark)

    async def _make(self) -> None:
        mark = stamp_from(secrets.token_bytes(STAMP_BYTES))
        await self._site.mark(mark)
        await self._records.spool(self._cluster, mark, self.since)
        self._expect(mark)

    def _expect(self, mark: str | None) -> None:
        self.mark = mark
        self._site.expect(mark)
