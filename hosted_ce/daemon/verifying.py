"""Verifies contributions: the runs that the store counts, and the nodes that the last probe told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.engine.ports import Clock
from hosted_ce.routing.route import Table
from hosted_ce.verification.facts import Inventory, NodeKind, RouteFacts
from hosted_ce.verification.report import RouteReport, report

NOT_PROBED = "the cluster was not probed yet"


class Probed(Protocol):
    """One cluster; hosted_ce.daemon.cluster.ClusterPart is the one in use."""

    @property
    def record(self) -> CapabilityRecord | None:
        """What the last probe found."""


class Runs(Protocol):
    """Counts of runs; hosted_ce.store.verification.Verification is the one in use."""

    async def between(self, since: float, until: float) -> Sequence[RouteFacts]:
        """Of each route with runs that were over in this time."""


class Verifier:
    """See hosted_ce.api.ports.verifier. `table` gives the routes in force; `parts` are by cluster."""

    def __init__(self, runs: Runs, table: Callable[[], Table], parts: Mapping[str, Probed], now: Clock):
        self._runs, self._table, self._parts, self._now = runs, table, parts, now

    async def reports(self, seconds: float) -> list[RouteReport]:
        """Of the routes of the site file in its order, then of those that it has no more."""
        now = self._now()
        return self.judged(await self._runs.between(now - seconds, now))

    def judged(self, runs: Sequence[RouteFacts]) -> list[RouteReport]:
        """The reports of these runs."""
        found = {facts.route: facts for facts in runs}
        own = [found.pop(route.name, RouteFacts(route.name, route.cluster)) for route in self._table().routes]
        return [report(facts, self._inventory(facts.cluster)) for facts in (*own, *found.values())]

    def _inventory(self, cluster: str) -> Inventory:
        part = self._parts.get(cluster)
        record = part.record if part else None
        if record is None:
            return Inventory(None, NOT_PROBED)
        batch = record.found.batch
        why = batch.unknown.get("shapes", f"of {batch.name} no nodes are asked for")
        if batch.shapes is None:
            return Inventory(None, why, batch.default_queue)
        kinds = [NodeKind(one.queue, one.nodes, one.cpus, one.memory_mb, one.gpus) for one in batch.shapes]
        return Inventory(tuple(kinds), None, batch.default_queue)
