"""The site's nodes: how pilots end on them, and which are avoided, by hand or by the site file's rule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.engine.ports import Clock
from hosted_ce.pilots.avoidance import (
    LONGEST_S,
    NODE,
    SHORTEST_S,
    Avoidance,
    CannotAvoid,
    NotAvoided,
    Rule,
    to_avoid,
)
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.ends import runtime
from hosted_ce.pilots.nodes import WINDOW_S, Node, Nodes
from hosted_ce.pilots.pilot import Change
from hosted_ce.site import Cluster as Entry
from hosted_ce.site import SiteFile
from hosted_ce.site.batch import BATCH_SYSTEMS
from hosted_ce.store.nodes import NodeStore

log = structlog.get_logger(__name__)
INTERVAL_S = 5.0
MOST = 100
"""Nodes of one cluster that may be avoided at the same time: each makes every batch request longer."""


class SiteNodes:
    """`load` it before anything else. Times in seconds since the epoch."""

    def __init__(self, store: NodeStore, site: Callable[[], SiteFile], now: Clock):
        self._store, self._site, self._now = store, site, now
        self._ends = Nodes()
        self._avoidances: list[Avoidance] = []
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """What is written down: avoidances, and how attempts of the last hours ended."""
        now = self._now()
        self._avoidances = await self._store.since(now - WINDOW_S)
        for cluster, node, end in await self._store.ends(now):
            self._ends.ended(cluster, node, end.what, end.seconds, end.at)

    def changes(self, changes: Sequence[Change]) -> None:
        """A listener for the store: on which nodes attempts end, and how.

        A test that ends well there would acquit a node on which pilots find no work.
        """
        for change in changes:
            attempt, what = change.pilot.attempt, change.event and change.event.data.get("class")
            if attempt and attempt.node and what and change.pilot.purpose.counts:
                end = EndClass(what)
                self._ends.ended(attempt.cluster, attempt.node, end, runtime(attempt), self._now())

    def all(self) -> list[Node]:
        """How pilots end on each node, the worst first; avoided ones on which none ended come last."""
        found = self._ends.all(self._now())
        known = {(node.cluster, node.name) for node in found}
        others = [one for one in self.avoidances() if (one.cluster, one.node) not in known]
        return [*found, *(Node(one.cluster, one.node, {}, None, None) for one in others)]

    def lately(self, cluster: str, seconds: float) -> list[EndClass]:
        """How pilots ended at a cluster within so many seconds before now."""
        now = self._now()
        every = self._ends.ends_at(cluster, now).values()
        return [end.what for ends in every for end in ends if now - end.at < seconds]

    def avoidances(self) -> list[Avoidance]:
        """Those in force."""
        return [one for one in self._avoidances if one.in_force(self._now())]

    def avoided(self, cluster: str) -> tuple[str, ...]:
        """The names of the nodes of a cluster that get no pilots now."""
        if not self._can_avoid(self._site().clusters.get(cluster)):
            return ()
        return tuple(sorted({one.node for one in self.avoidances() if one.cluster == cluster}))

    async def latest(self, limit: int) -> list[Avoidance]:
        """Avoidances of the last months, the newest first."""
        return await self._store.latest(limit)

    async def avoid(
        self, cluster: str, node: str, *, seconds: float, actor: str, reason: str | None, force: bool
    ) -> Avoidance:
        """Sends no pilot to the node for so long. One in force is ended for it.

        `force`: also a node on which no pilot ended of late. Raises UnknownCluster, CannotAvoid.
        """
        async with self._turn:
            if not SHORTEST_S <= seconds <= LONGEST_S:
                raise CannotAvoid("a node is avoided for a minute at least, and for 90 days at most")
            self._check(cluster, node, force)
            now = self._now()
            new = Avoidance(cluster, node, now, now + seconds, actor, reason)
            await self._write([new], self._ended(cluster, node, actor))
        return new

    async def allow(self, cluster: str, node: str, *, actor: str) -> Avoidance:
        """Ends it; returns what was ended. Raises UnknownCluster, NotAvoided."""
        async with self._turn:
            if cluster not in self._site().clusters:
                raise UnknownCluster(cluster, sorted(self._site().clusters))
            ended = self._ended(cluster, node, actor)
            if not ended:
                raise NotAvoided(node, self.avoided(cluster))
            await self._write([], ended)
        return ended[-1]

    async def run(self) -> None:
        """Avoids what the site file's rules say. Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Looks at every cluster once."""
        async with self._turn:
            now = self._now()
            self._avoidances = [one for one in self._avoidances if now - one.over_at < WINDOW_S]
            for name, entry in self._site().clusters.items():
                if rule := rule_of(entry):
                    known = [one for one in self._avoidances if one.cluster == name]
                    if found := to_avoid(rule, name, self._ends.ends_at(name, now), known, now):
                        await self._write(found)

    def _ended(self, cluster: str, node: str, actor: str) -> list[Avoidance]:
        now = self._now()
        of_it = [one for one in self.avoidances() if (one.cluster, one.node) == (cluster, node)]
        return [replace(one, ended_at=now, ended_by=actor) for one in of_it]

    async def _write(self, begun: Sequence[Avoidance], ended: Sequence[Avoidance] = ()) -> None:
        await self._store.write(begun, ended)
        changed = {(one.cluster, one.node, one.since) for one in ended}
        kept = [one for one in self._avoidances if (one.cluster, one.node, one.since) not in changed]
        self._avoidances = [*kept, *ended, *begun]
        for one in ended:
            log.info("a node is avoided no more", cluster=one.cluster, node=one.node, actor=one.ended_by)
        for one in begun:
            log.warning(
                "a node is avoided", cluster=one.cluster, node=one.node, seconds=one.until - one.since,
                actor=one.actor, reason=one.reason,
            )  # fmt: skip

    def _check(self, cluster: str, node: str, force: bool) -> None:
        entry = self._site().clusters.get(cluster)
        if entry is None:
            raise UnknownCluster(cluster, sorted(self._site().clusters))
        if not self._can_avoid(entry):
            name = BATCH_SYSTEMS[entry.batch].osg_name
            raise CannotAvoid(f"a job cannot ask {name} not to run on a node; have the site take it offline")
        if not NODE.match(node):
            raise CannotAvoid(f"{node!r} is not the name of a node")
        avoided = self.avoided(cluster)
        if node not in avoided and len(avoided) >= MOST:
            raise CannotAvoid(f"{MOST} nodes of cluster {cluster} are avoided already: allow others first")
        if not force and node not in {*avoided, *self._ends.ends_at(cluster, self._now())}:
            raise CannotAvoid(
                f"no pilot has ended on a node {node!r} of cluster {cluster} within six hours, so the name "
                "may be wrong; if it is what the batch system calls the node, use force (--force)"
            )

    def _can_avoid(self, entry: Entry | None) -> bool:
        return entry is not None and BATCH_SYSTEMS[entry.batch].avoids_nodes


def rule_of(entry: Entry) -> Rule | None:
    """When nodes of the cluster are avoided by themselves; None: never."""
    wanted = entry.avoid_nodes
    if wanted is None or not BATCH_SYSTEMS[entry.batch].avoids_nodes:
        return None
    return Rule(wanted.after, wanted.within, wanted.lasting, wanted.nodes, wanted.share)
