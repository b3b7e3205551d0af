"""The REST front door: takes submissions and removals over HTTP. The API translates; this decides."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from hosted_ce.engine.removal import removal
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.pilots import NewPilot, PilotStore

DOOR = "rest"
REMOVAL_TRIES = 20


class UnknownPilot(Exception):
    """There is no pilot with this id."""

    def __init__(self, pilot_id: int):
        super().__init__(f"there is no pilot {pilot_id}")
        self.pilot_id = pilot_id


class RestDoor:
    """Submits and removes pilots on behalf of `owner`s, who were authenticated before."""

    def __init__(self, store: PilotStore, contents: ContentStore, *, now: Callable[[], float]):
        self._store, self._contents, self._now = store, contents, now

    async def submit(
        self, spec: PilotSpec, uploads: Mapping[str, bytes], *, owner: str, key: str | None
    ) -> tuple[Pilot, bool]:
        """Writes the pilot down; returns it, and whether it is new.

        `uploads` are the contents that came with the request, by checksum; other inputs must be here already.
        Raises ContentMissing, KeyReused.
        """
        await self._contents.receive(uploads, [file.sha256 for file in spec.inputs])
        document = spec.model_dump(mode="json")
        new = NewPilot(document, DOOR, owner, digest_of(document), key)
        return await self._store.add(new)

    async def remove(self, pilot_id: int, *, actor: str, reason: str | None) -> Pilot:
        """Asks for a pilot's removal; returns it as it is then. Raises UnknownPilot."""
        for _ in range(REMOVAL_TRIES):
            pilot = await self._store.get(pilot_id)
            if pilot is None:
                raise UnknownPilot(pilot_id)
            change = removal(pilot, actor, reason, self._now())
            if change is None:
                return pilot
            await self._store.apply([change])  # outdated by the engine meanwhile: look again
            await asyncio.sleep(0)
        raise RuntimeError(
            f"pilot {pilot_id} changed {REMOVAL_TRIES} times while its removal was written down"
        )


def digest_of(document: Mapping[str, Any]) -> str:
    """A checksum that equal requests share. What an older CE did not know of does not count while empty."""
    if not document.get("credentials"):
        document = {name: value for name, value in document.items() if name != "credentials"}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
