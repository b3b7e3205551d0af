"""The site's nodes in memory, for those who ask and act: nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hosted_ce.pilots.avoidance import Avoidance, CannotAvoid, NotAvoided
from hosted_ce.pilots.nodes import Node


@dataclass
class KnownNodes:
    """Nodes as they were put in, and what was asked. `refusal`: why no node can be avoided."""

    now: Callable[[], float]
    nodes: list[Node] = field(default_factory=list)
    written: list[Avoidance] = field(default_factory=list)
    refusal: Exception | None = None
    forced: bool = False

    def all(self) -> list[Node]:
        return self.nodes

    def avoidances(self) -> list[Avoidance]:
        return [one for one in self.written if one.in_force(self.now())]

    async def latest(self, limit: int) -> list[Avoidance]:
        return self.written[::-1][:limit]

    async def avoid(
        self, cluster: str, node: str, *, seconds: float, actor: str, reason: str | None, force: bool
    ) -> Avoidance:
        if self.refusal:
            raise self.refusal
        if node == "unknown" and not force:
            raise CannotAvoid("no pilot has ended on a node 'unknown'")
        now = self.now()
        self.written.append(Avoidance(cluster, node, now, now + seconds, actor, reason))
        return self.written[-1]

    async def allow(self, cluster: str, node: str, *, actor: str) -> Avoidance:
        if self.refusal:
            raise self.refusal
        for number, one in enumerate(self.written):
            if one.node == node and one.in_force(self.now()):
                self.written[number] = replace(one, ended_at=self.now(), ended_by=actor)
                return self.written[number]
        raise NotAvoided(node, [one.node for one in self.avoidances()])
