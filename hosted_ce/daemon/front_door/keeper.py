"""The factory's door as the site in force wants it: none, or one, or another one than before."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.daemon.front_door.door import NAME, FrontDoorPart
from hosted_ce.metrics import Metrics
from hosted_ce.site import FrontDoor, SiteFile

log = structlog.get_logger(__name__)


class FactoryDoor:
    """`part` is the door that is open now, if any. `make` makes one for a resource's name."""

    def __init__(
        self, make: Callable[[FrontDoor, str], FrontDoorPart],
        workers: Callable[[FrontDoorPart], Iterable[Worker]], crew: Crew, metrics: Metrics,
    ):  # fmt: skip
        self._make, self._workers, self._crew, self._metrics = make, workers, crew, metrics
        self.part: FrontDoorPart | None = None
        self._old: FrontDoorPart | None = None

    async def stop(self) -> None:
        """Ends the workers of the door, if it has one."""
        await self._crew.end(NAME)
        if self.part:
            self.part.leave()

    def resume(self) -> None:
        """Begins them again."""
        if self.part and not self._crew.has(NAME):
            self._crew.begin(NAME, self._workers(self.part))

    def turn_to(self, site: SiteFile) -> None:
        """Opens what this site has for a door. The workers of the one before must have ended."""
        self._old, wanted = self.part, site.front_door
        self.part = self._make(wanted, site.resource) if wanted else None
        self._metrics.door.seen(in_contact=False, jobs=0, looked_at=None)
        self.resume()

    async def close_old(self) -> None:
        """Ends the process of the one before."""
        old, self._old = self._old, None
        if old:
            await _close(old)

    async def close(self) -> None:
        """Ends the processes that talk to schedds."""
        await self.close_old()
        if self.part:
            await _close(self.part)


async def _close(part: FrontDoorPart) -> None:
    try:
        await part.close()
    except Exception:  # a child that cannot be ended must not stop the new one
        log.exception("cannot end the front door's child")
