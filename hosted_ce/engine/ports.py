"""What the engine needs of the world, as small Protocols."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from typing import Protocol

from bosco.batch.model import BatchRequest, Listing
from bosco.capabilities import Capabilities
from bosco.gateway import Evidence
from bosco.outputs import Output
from bosco.together import Outcome
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.pilots.cluster import ClusterRecord, Pause
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.occupancy import Occupancy

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

    async def get_many(self, pilot_ids: Collection[int]) -> list[Pilot]:
        """Those of these pilots that there are, oldest first."""

    async def at_stage(
        self,
        stages: Collection[Stage],
        *,
        cluster: str | None = None,
        ending: bool = False,
        tests: bool | None = None,
        after: int = 0,
        limit: int | None = None,
        spec: bool = True,
    ) -> list[Pilot]:
        """Pilots at these stages with ids above `after`, oldest first; `ending`: whose attempt is to end.

        `tests`: only tests and checks, or none of them. Without `spec` theirs are not read.
        """

    async def ids_at_stage(
        self, stage: Stage, *, cluster: str, limit: int, without: Collection[str] = ()
    ) -> list[int]:
        """The ids of up to `limit` pilots at this stage, oldest first.

        Those of the routes in `without` are left out, unless their attempt is to end.
        """

    async def whose(self, stamps: Collection[str]) -> dict[str, int | None]:
        """The pilot of each stamp whose attempt is closed; None: it is open. Unknown stamps are left out."""

    async def occupancy(self) -> Occupancy:
        """How many pilots each route, cluster and VO has at the site."""


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


class ClusterRecords(Protocol):
    """What is written down about clusters; hosted_ce.store.clusters.ClusterStore is the one in use."""

    async def get(self, name: str) -> ClusterRecord:
        """What is known of one."""

    async def pause(self, name: str, pause: Pause | None) -> None:
        """It is paused, or (None) not."""

    async def spool(self, name: str, mark: str | None, since: float) -> None:
        """By what its spool is known, and since when it is ours."""


class CapabilityRecords(Protocol):
    """What probes found; hosted_ce.store.capabilities.CapabilityStore is the one in use."""

    async def get(self, cluster: str) -> CapabilityRecord | None:
        """The last one of this cluster."""

    async def put(self, cluster: str, taken: CapabilityRecord) -> None:
        """Takes the place of the last one."""


class OutputStore(Protocol):
    """Where fetched outputs are kept; hosted_ce.store.outputs.OutputStore is the one in use."""

    async def put(self, pilot_id: int, attempt: int, name: str, data: bytes) -> None:
        """Keeps one output, whole or not at all."""


class Site(Protocol):
    """One account at one cluster; bosco.gateway.Gateway is the one in use, and says what is raised."""

    async def submit(self, request: BatchRequest, contents: Contents, *, mark: str | None = None) -> str:
        """Submits once in the life of the stamp, into the spool with this mark; returns the batch id."""

    def alike(self, request: BatchRequest) -> Hashable | None:
        """Requests for which this is equal may be submitted together; None: this one goes alone."""

    async def submit_together(
        self, requests: Sequence[BatchRequest], contents: Contents, *, mark: str | None = None
    ) -> Mapping[str, Outcome]:
        """Submits these, which are alike: by stamp what `submit` would have returned or raised.

        What it raises is true of all of them.
        """

    async def listing(self) -> Listing:
        """All our jobs there."""

    async def accounting(
        self, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Listing:
        """What the records say of these jobs."""

    async def evidence(self, stamps: Sequence[str]) -> Mapping[str, Evidence]:
        """What the spool knows of these stamps."""

    async def revoke(self, stamp: str, *, mark: str | None = None) -> bool:
        """Makes sure that the stamp is never submitted to this spool; False if it may have been."""

    async def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> None:
        """Asks to cancel these jobs; `gentle`: only by SIGTERM to those that run."""

    async def refresh(self, stamp: str, files: Mapping[str, str], contents: Contents) -> bool:
        """Replaces credentials (name to SHA-256) of a job that waits or runs; False: it is not there."""

    async def output(self, stamp: str, name: str, limit: int) -> Output:
        """One output of a job."""

    async def remove(self, stamps: Sequence[str]) -> Mapping[str, str]:
        """Removes the folders of these stamps; returns those that stayed."""

    async def probe(self) -> Capabilities:
        """What it is, and what our account can do there. Changes nothing."""

    def expect(self, mark: str | None) -> None:
        """Nothing is done any more in a spool where this stamp is not claimed."""

    async def mark(self, mark: str) -> None:
        """Claims this stamp, to know the spool again."""

    async def check_spool(self) -> None:
        """Raises OtherSpool when the expected mark is not there."""

    async def reconnect(self) -> None:
        """Gives up the link and makes a new one at the next call, without a pause."""
