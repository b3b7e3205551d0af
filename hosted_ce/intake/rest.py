"""The REST front door: takes submissions, holds, releases and removals over HTTP. The API translates."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from hosted_ce.engine.holding import hold, release
from hosted_ce.engine.removal import removal
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.releasing import how_to_release
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.pilots import PilotStore

DOOR = "rest"
TRIES = 20
_LATER = frozenset({"credentials", "proxy"})
"""Fields of a request that came after the first CEs."""


class UnknownPilot(Exception):
    """There is no pilot with this id."""

    def __init__(self, pilot_id: int):
        super().__init__(f"there is no pilot {pilot_id}")
        self.pilot_id = pilot_id


class ReleasedElsewhere(Exception):
    """The hold is in the queue of another front door, which has the last word: it is released there."""

    def __init__(self, pilot: Pilot):
        super().__init__(f"pilot {pilot.id} was brought by a factory: {how_to_release(pilot)}")
        self.pilot_id = pilot.id


class RestDoor:
    """Submits, holds, releases and removes pilots on behalf of `owner`s, who were authenticated before."""

    def __init__(self, store: PilotStore, contents: ContentStore, *, now: Callable[[], float]):
        self._store, self._contents, self._now = store, contents, now
        self._making = ThreadPoolExecutor(1, "batches")  # readers of the database need the usual threads

    async def submit(
        self, spec: PilotSpec, uploads: Mapping[str, bytes], *, owner: str, key: str | None,
        account: str | None = None,
    ) -> tuple[Pilot, bool]:  # fmt: skip
        """Writes the pilot down; returns it, and whether it is new.

        `account`: only clusters with it take the pilot; None: any.
        `uploads` are the contents that came with the request, by checksum; other inputs must be here already.
        Raises ContentMissing, KeyReused.
        """
        document = spec.model_dump(mode="json")
        return await self.take(document, uploads, owner=owner, key=key, account=account)

    async def take(
        self, document: dict[str, Any], uploads: Mapping[str, bytes], *, owner: str, key: str | None,
        purpose: Purpose = Purpose.PILOT, account: str | None = None,
    ) -> tuple[Pilot, bool]:  # fmt: skip
        """The same with a specification as it is written down, which was checked."""
        await self._contents.receive(uploads, [file["sha256"] for file in document["inputs"]])
        digest = digest_of(document if purpose.counts else {**document, "purpose": purpose.value})
        new = NewPilot(document, DOOR, owner, digest, key, account, purpose=purpose)
        return await self._store.add(new)

    async def submit_batch(
        self, wanted: Sequence[tuple[PilotSpec, int]], uploads: Mapping[str, bytes], *, owner: str, key: str,
        first: int = 1, account: str | None = None,
    ) -> list[tuple[Pilot, bool]]:  # fmt: skip
        """Writes many pilots down, all or none: of each specification so many, in this order.

        They are numbered from `first` on, and what `submit` does with the key `numbered(key, number)` is done
        with each. Raises as `submit` does.
        """
        make = partial(_new_pilots, wanted, owner, key, first, account)
        new = await asyncio.get_running_loop().run_in_executor(self._making, make)
        await self._contents.receive(uploads, {file.sha256 for spec, _ in wanted for file in spec.inputs})
        return await self._store.add_many(new)

    async def remove(self, pilot_id: int, *, actor: str, reason: str | None) -> Pilot:
        """Asks for a pilot's removal; returns it as it is then. Raises UnknownPilot."""
        pilot, _ = await self._ask(pilot_id, lambda pilot: removal(pilot, actor, reason, self._now()))
        return pilot

    async def hold(self, pilot_id: int, *, actor: str, reason: str | None) -> tuple[Pilot, bool]:
        """Asks for a pilot's hold; returns it as it is then, and whether that changed it.

        Raises UnknownPilot.
        """
        why = reason or "held on request"
        return await self._ask(pilot_id, lambda pilot: hold(pilot, actor, why))

    async def release(self, pilot_id: int, *, actor: str, reason: str | None) -> tuple[Pilot, bool]:
        """Asks for a pilot's release; returns it as it is then, and whether that changed it.

        Raises UnknownPilot, and ReleasedElsewhere for a pilot whose hold is in another front door's queue.
        """
        return await self._ask(pilot_id, lambda pilot: _release(pilot, actor, reason))

    async def _ask(self, pilot_id: int, wish: Callable[[Pilot], Change | None]) -> tuple[Pilot, bool]:
        changed = False
        for _ in range(TRIES):
            pilot = await self._store.get(pilot_id)
            if pilot is None:
                raise UnknownPilot(pilot_id)
            change = None if changed else wish(pilot)
            if change is None:
                return pilot, changed
            changed = bool(await self._store.apply([change]))  # else outdated by the engine: look again
            await asyncio.sleep(0)
        raise RuntimeError(f"pilot {pilot_id} changed {TRIES} times while a wish for it was written down")


def _release(pilot: Pilot, actor: str, reason: str | None) -> Change | None:
    change = release(pilot, actor, reason)
    if change and pilot.door_open:
        raise ReleasedElsewhere(pilot)
    return change


def numbered(key: str, number: int) -> str:
    """The idempotency key of a pilot of a batch, which has the key."""
    return f"{key}-{number}"


def _new_pilots(
    wanted: Sequence[tuple[PilotSpec, int]], owner: str, key: str, first: int, account: str | None
) -> list[NewPilot]:
    new: list[NewPilot] = []
    for spec, number in wanted:
        document = spec.model_dump(mode="json")
        digest, at = digest_of(document), first + len(new)
        new += [
            NewPilot(document, DOOR, owner, digest, numbered(key, each), account)
            for each in range(at, at + number)
        ]
    return new


def digest_of(document: Mapping[str, Any]) -> str:
    """A checksum that equal requests share. What an older CE did not know of does not count while empty."""
    counted = {name: value for name, value in document.items() if value or name not in _LATER}
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()
