"""The keys of the issuers that are trusted: kept, fetched anew, and good for a while when the issuer is away.

Times are the WLCG profile's: refreshed after 6 hours, used for 4 days at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from hosted_ce.scitokens.errors import CannotFetch, KeysUnavailable
from hosted_ce.scitokens.keys import Keys, key_set_address, keys_in

log = structlog.get_logger(__name__)
REFRESH_S = 6 * 3600.0
EXPIRE_S = 4 * 86400.0
AGAIN_S = 60.0
"""A token with a key that is not known, or an issuer that is away, makes us ask no more often."""
Fetch = Callable[[str], Awaitable[bytes]]
"""Gives a document by its address, bounded in size and time. Raises CannotFetch."""


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """A key set as it is written down: as it came, and when (seconds since the epoch)."""

    issuer: str
    document: bytes
    fetched_at: float


class KeyRecords(Protocol):
    """Where key sets are kept over a restart; hosted_ce.scitokens.kept is the one in use."""

    async def get(self, issuer: str) -> KeptKeys | None:
        """The last one of this issuer."""

    async def put(self, kept: KeptKeys) -> None:
        """Takes its place."""


@dataclass(slots=True)
class _Ring:
    keys: Keys = field(default_factory=dict)
    fetched_at: float | None = None
    tried_at: float | None = None
    loaded: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Keyring:
    """Ask it only for issuers that are trusted: it fetches from whatever address it is given."""

    def __init__(self, records: KeyRecords, fetch: Fetch, now: Callable[[], float]):
        self._records, self._fetch, self._now = records, fetch, now
        self._rings: dict[str, _Ring] = {}

    async def keys(self, issuer: str, key_id: str | None) -> Keys:
        """The issuer's keys, fetched if they are old or have no such key. Raises KeysUnavailable."""
        ring = self._rings.setdefault(issuer, _Ring())
        # While one caller refreshes, those whose key is here and good do not wait.
        if not (ring.lock.locked() and self._good(ring) and self._has(ring, key_id)):
            async with ring.lock:
                await self._load(ring, issuer)
                if self._wants(ring, key_id):
                    await self._refresh(ring, issuer)
        if not self._good(ring):
            raise KeysUnavailable(issuer)
        return ring.keys

    def forget(self, trusted: set[str]) -> None:
        """Only these are trusted from now on."""
        self._rings = {issuer: ring for issuer, ring in self._rings.items() if issuer in trusted}

    async def _load(self, ring: _Ring, issuer: str) -> None:
        if ring.loaded:
            return
        ring.loaded = True
        kept = await self._records.get(issuer)
        if kept is None:
            return
        try:
            ring.keys, ring.fetched_at = keys_in(kept.document), min(kept.fetched_at, self._now())
        except CannotFetch as error:
            log.warning("kept keys are of no use", issuer=issuer, problem=str(error))

    async def _refresh(self, ring: _Ring, issuer: str) -> None:
        ring.tried_at = self._now()
        try:
            metadata = await self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            document = await self._fetch(key_set_address(metadata, issuer))
            ring.keys, ring.fetched_at = keys_in(document), self._now()
        except CannotFetch as error:
            log.warning("an issuer's keys cannot be fetched", issuer=issuer, problem=str(error))
            return
        except asyncio.CancelledError:  # who asked went away: that must not make the next one wait
            ring.tried_at = None
            raise
        await self._records.put(KeptKeys(issuer, document, ring.fetched_at))

    def _wants(self, ring: _Ring, key_id: str | None) -> bool:
        now = self._now()
        if ring.tried_at is not None and 0 <= now - ring.tried_at < AGAIN_S:
            return False
        fresh = ring.fetched_at is not None and now - ring.fetched_at < REFRESH_S
        return not fresh or not self._has(ring, key_id)

    def _has(self, ring: _Ring, key_id: str | None) -> bool:
        return key_id in ring.keys or (key_id is None and len(ring.keys) == 1)

    def _good(self, ring: _Ring) -> bool:
        return ring.fetched_at is not None and self._now() - ring.fetched_at < EXPIRE_S
