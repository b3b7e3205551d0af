"""What an operator may do to a running CE, besides submitting and removing pilots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bosco.errors import BoscoError
from hosted_ce.api.ports.operations import CannotProbe, UnknownCluster
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.engine.by_hand import Settler
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import Store
from hosted_ce.pilots.cluster import Pause
from hosted_ce.pilots.pilot import Pilot


class Operations:
    """Settles doubts, pauses and resumes clusters; see hosted_ce.api.ports.operations.Operations."""

    def __init__(
        self,
        parts: Mapping[str, ClusterPart],
        engines: Mapping[str, Cluster],
        store: Store,
        now: Callable[[], float],
    ):
        """Both mappings are those of the clusters that are served now, whenever they are looked at."""
        self._parts, self._now = parts, now
        self._settler = Settler(engines, store, now)

    async def adopt(
        self, pilot_id: int, batch_id: str, *, actor: str, reason: str | None, force: bool
    ) -> Pilot:
        """Raises CannotSettle."""
        return await self._settler.adopt(pilot_id, batch_id, actor=actor, reason=reason, force=force)

    async def abandon(self, pilot_id: int, *, actor: str, reason: str | None, force: bool) -> Pilot:
        """Raises CannotSettle."""
        return await self._settler.abandon(pilot_id, actor=actor, reason=reason, force=force)

    async def pause(self, cluster: str, *, actor: str, reason: str | None) -> None:
        """Raises UnknownCluster."""
        pause = Pause(self._now(), actor, reason)
        await self._at(cluster, lambda part: part.pause(pause))

    async def resume(self, cluster: str) -> None:
        """Raises UnknownCluster."""
        await self._at(cluster, lambda part: part.resume())

    async def accept_spool(self, cluster: str, *, actor: str) -> None:
        """Raises UnknownCluster."""
        await self._at(cluster, lambda part: part.accept_spool(actor))

    async def probe(self, cluster: str) -> None:
        """Raises UnknownCluster, CannotProbe."""
        try:
            await self._at(cluster, lambda part: part.probe())
        except BoscoError as error:
            raise CannotProbe(str(error)) from error

    async def _at(self, cluster: str, act: Callable[[ClusterPart], Awaitable[None]]) -> None:
        """Acts on the cluster's part; when it was replaced meanwhile, on the new one, too."""
        part = None
        while part is not self._parts.get(cluster) or part is None:
            part = self._part(cluster)
            await act(part)

    def _part(self, cluster: str) -> ClusterPart:
        try:
            return self._parts[cluster]
        except KeyError:
            raise UnknownCluster(cluster, sorted(self._parts)) from None
