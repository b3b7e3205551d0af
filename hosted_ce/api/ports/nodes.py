"""What the API asks of who knows the site's nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.pilots.avoidance import Avoidance
from hosted_ce.pilots.nodes import Node


class SiteNodes(Protocol):
    """The site's nodes; hosted_ce.daemon.nodes is the one in use. Times in seconds since the epoch."""

    def all(self) -> Sequence[Node]:
        """How pilots end on each node; the worst first."""

    def avoidances(self) -> Sequence[Avoidance]:
        """Which get no pilots now."""

    async def latest(self, limit: int) -> Sequence[Avoidance]:
        """Which got none in the last months, the newest first."""

    async def avoid(
        self, cluster: str, node: str, *, seconds: float, actor: str, reason: str | None, force: bool
    ) -> Avoidance:
        """Sends no pilot there for so long. Raises UnknownCluster, CannotAvoid."""

    async def allow(self, cluster: str, node: str, *, actor: str) -> Avoidance:
        """Ends that; returns what was ended. Raises UnknownCluster, NotAvoided."""
