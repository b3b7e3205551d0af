"""What the engine needs of the world, as small Protocols."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from bosco.batch.model import BatchRequest, Listing
from bosco.gateway import Evidence, Output
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.model import Usage

Clock = Callable[[], float]
"""Seconds since the epoch."""

Contents = Callable[[str], Awaitable[bytes]]
"""Gives the content of a SHA-256. Raises hosted_ce.pilots.contents.ContentUnusable."""


class Store(Protocol):
    """Pilots as they are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""

    async def get(self, pilot_id: int) -> Pilot | None:
        """One pilot, or None."""

    async def at_stage(
        self,
        stages: Collection[Stage],
        *,
        cluster: str | None = None,
        ending: bool = False,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Pilot]:
        """Pilots at these stages with ids above `after`, oldest first; `ending`: whose attempt is to end."""

    async def ids_at_stage(self, stage: Stage, *, cluster: str, limit: int) -> list[int]:
        """The ids of up to `limit` pilots at this stage, oldest first."""

    async def usage(self) -> dict[str, Usage]:
        """How many pilots each route has at the site."""


class Sweepable(Protocol):
    """An attempt whose folder at the site is no longer needed."""

    @property
    def attempt_id(self) -> int:
        """Its row."""

    @property
    def stamp(self) -> str:
        """Its name at the site."""


class SweepStore(Protocol):
    """Attempts that are over and have their folders still at the site."""

    async def sweepable(self, cluster: str, closed_before: float, limit: int) -> Sequence[Sweepable]:
        """Up to `limit` of them, closed before that time."""

    async def swept(self, attempt_ids: Collection[int]) -> None:
        """Their folders are gone."""


class OutputStore(Protocol):
    """Where fetched outputs are kept; hosted_ce.store.outputs.OutputStore is the one in use."""

    async def put(self, pilot_id: int, attempt: int, name: str, data: bytes) -> None:
        """Keeps one output, whole or not at all."""


class Site(Protocol):
    """One account at one cluster; bosco.gateway.Gateway is the one in use, and says what is raised."""

    async def submit(self, request: BatchRequest, contents: Contents) -> str:
        """Submits once in the life of the stamp; returns the batch id."""

    async def listing(self) -> Listing:
        """All our jobs there."""

    async def accounting(
        self, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Listing:
        """What the records say of these jobs."""

    async def evidence(self, stamps: Sequence[str]) -> Mapping[str, Evidence]:
        """What the spool knows of these stamps."""

    async def revoke(self, stamp: str) -> bool:
        """Makes sure that the stamp is never submitted; False if it may have been."""

    async def cancel(self, batch_ids: Sequence[str]) -> None:
        """Asks to cancel these jobs."""

    async def output(self, stamp: str, name: str, limit: int) -> Output:
        """One output of a job."""

    async def remove(self, stamps: Sequence[str]) -> Mapping[str, str]:
        """Removes the folders of these stamps; returns those that stayed."""
