"""The clusters that are served. They can begin, be served anew, and end while the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import Site

log = structlog.get_logger(__name__)
CLOSE_S = 5.0
"""How long the end of a link may take; routing rests meanwhile."""


class Part(Protocol):
    """What runs for one cluster; hosted_ce.daemon.cluster.ClusterPart is the one in use."""

    @property
    def name(self) -> str:
        """Its name in the site file."""

    @property
    def cluster(self) -> Cluster:
        """The cluster as the engine knows it."""

    @property
    def site(self) -> Site:
        """Its account there."""

    async def rest(self) -> None:
        """Begins no submit any more, and waits a while for those under way."""

    def go_on(self) -> None:
        """Ends the rest."""

    async def close(self) -> None:
        """Ends the link."""


P = TypeVar("P", bound=Part)
E = TypeVar("E")


class Fleet(Generic[P, E]):
    """The parts by name. The mappings stay the same objects: who has one always sees what is served now.

    `make` makes a part of an entry, `load` reads what is written down of it, and `workers` are its workers.
    """

    def __init__(
        self,
        make: Callable[[str, E], P],
        load: Callable[[P], Awaitable[None]],
        workers: Callable[[P], Iterable[Worker]],
        crew: Crew,
    ):
        self._make, self._load, self._workers, self._crew = make, load, workers, crew
        self.parts: dict[str, P] = {}
        self.engines: dict[str, Cluster] = {}
        self.sites: dict[str, Site] = {}

    async def change(
        self,
        entries: Mapping[str, E],
        *,
        replace: Iterable[str] = (),
        end: Iterable[str] = (),
        swap: Callable[[], None] = lambda: None,
    ) -> None:
        """Serves these entries, besides what is served already. All is done or nothing.

        Those in `replace` and `end` end first, in order. `swap` is called at the moment when the new ones
        take over; it must not fail.
        """
        leaving = [self.parts[name] for name in (*replace, *end)]
        coming = [self._make(name, entry) for name, entry in entries.items()]
        await self._stop(leaving)
        try:
            for part in coming:
                await self._load(part)
        except BaseException:
            self._resume(leaving)
            raise
        for part in leaving:
            self._drop(part)
        for part in coming:
            self._add(part)
        swap()
        for part in coming:
            self._crew.begin(_crew_of(part), self._workers(part))
        await _close(leaving)

    async def close(self) -> None:
        """Ends the links of all."""
        await _close(self.parts.values())

    async def _stop(self, parts: Sequence[P]) -> None:
        try:
            await asyncio.gather(*(part.rest() for part in parts))
            await asyncio.gather(*(self._crew.end(_crew_of(part)) for part in parts))
        except BaseException:
            self._resume(parts)
            raise

    def _resume(self, parts: Sequence[P]) -> None:
        """As if nothing had been."""
        for part in parts:
            part.go_on()
            if not self._crew.has(_crew_of(part)):
                self._crew.begin(_crew_of(part), self._workers(part))

    def _add(self, part: P) -> None:
        self.parts[part.name], self.engines[part.name] = part, part.cluster
        self.sites[part.name] = part.site

    def _drop(self, part: P) -> None:
        for known in (self.parts, self.engines, self.sites):
            known.pop(part.name, None)


async def _close(parts: Iterable[Part]) -> None:
    for part in parts:
        try:
            async with asyncio.timeout(CLOSE_S):
                await part.close()
        except Exception:  # its end must not stop the others
            log.exception("cannot close the link", cluster=part.name)


def _crew_of(part: Part) -> str:
    return f"cluster {part.name}"
