"""How the daemon is doing, for those who watch: readiness, metrics, and the site as the API shows it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bosco.batch.facts import BatchFacts
from hosted_ce.api.ports.site_files import SiteFileView
from hosted_ce.api.views import Check, ClusterView, FrontDoorView, ProbedView, SiteView
from hosted_ce.capabilities.findings import problems_first
from hosted_ce.capabilities.queue_findings import queue_findings
from hosted_ce.capabilities.record import written
from hosted_ce.daemon.cluster import ClusterPart, ContactSince
from hosted_ce.daemon.findings import Findings, Probed
from hosted_ce.daemon.fleet import Fleet
from hosted_ce.daemon.front_door.keeper import FactoryDoor
from hosted_ce.daemon.idle_nodes import IdleNodes
from hosted_ce.daemon.nodes import SiteNodes
from hosted_ce.daemon.ramps.keeper import SiteRamps
from hosted_ce.daemon.recount import Recount
from hosted_ce.daemon.site_file.in_force import SiteInForce
from hosted_ce.daemon.site_file.routes import route_view
from hosted_ce.daemon.wellbeing import Wellbeing
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.route import Router
from hosted_ce.listening.tls import Tls
from hosted_ce.metric_groups.pending import AGES, Pending
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.nodes import Node
from hosted_ce.ramp.outlook import Standing
from hosted_ce.routing.limits import Caps, Usage
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.site import Cluster as Entry
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.gauges import GaugeStore
from hosted_ce.store.incidents import IncidentStore
from hosted_ce.store.nodes import NodeStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.patience import in_a_hurry
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.ramp_evidence import RampEvidence
from hosted_ce.store.ramps import RampStore
from hosted_ce.store.rollups import Rollups
from hosted_ce.store.verification import Verification
from hosted_ce.store.vitals import Vitals
from hosted_ce.supervisor import Supervisor

INTERVAL_S = 2.0
QUIET_S = 6.0
"""So often metrics are brought up to date that do not come from the database."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What the daemon keeps on disk."""

    pilots: PilotStore
    queries: PilotQueries
    entries: EntryQueries
    event_log: EventLog
    gauges: GaugeStore
    contents: ContentStore
    outputs: OutputStore
    vitals: Vitals
    rollups: Rollups
    contributions: Contributions
    verification: Verification
    incidents: IncidentStore
    nodes: NodeStore
    ramps: RampStore
    ramp_evidence: RampEvidence


class Outlook:
    """Keeps the numbers up to date: who looks asks neither a site nor, but for its revision, the database."""

    def __init__(
        self, stores: Stores, force: SiteInForce, fleet: Fleet[ClusterPart, Entry], door: FactoryDoor,
        router: Router, *, nodes: SiteNodes, ramps: SiteRamps, idle_nodes: IdleNodes, supervisor: Supervisor,
        metrics: Metrics, now: Clock, token: Path, tls: Tls | None = None,
    ):  # fmt: skip
        self._stores, self._force, self._fleet, self._door = stores, force, fleet, door
        self._router, self._supervisor, self._metrics, self._now = router, supervisor, metrics, now
        self._nodes, self._ramps, self._idle_nodes = nodes, ramps, idle_nodes
        self._occupancy = Occupancy()
        self.wellbeing = Wellbeing(stores.vitals, self, lambda: force.site, token, now, tls=tls)
        self._recount = Recount(lambda: stores.gauges.commits, now)
        self._in_use: Mapping[str, int] = {}
        self._told_at = float("-inf")
        self._stranded: dict[str, int] = {}
        self._findings = Findings(lambda: force.table)
        self._holes: list[Node] = []

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            if self._recount.due() or self._now() >= self._told_at + QUIET_S:
                await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Brings the metrics up to date once."""
        self._told_at = self._now()
        if self._recount.due():
            await self._count()
        parts = self._fleet.parts
        self._metrics.pilots.limits(self._limits(), self._cluster_limits())
        self._metrics.door.wanted(self._door.part is not None)
        self._stranded = {name: number for name, number in self._in_use.items() if name not in parts}
        self._metrics.stranded(sum(self._stranded.values()))
        for part in parts.values():
            part.gauge()
        if self._door.part:
            self._door.part.gauge()
        await self.wellbeing.look()
        self._metrics.health.set(self.wellbeing.health, self.wellbeing.activity, self.wellbeing.expiries)
        self._look_at_nodes(parts)
        self._metrics.parked(sum(part.parked for part in parts.values()) + self._router.quarantine.parked)

    async def _count(self) -> None:
        begun = self._recount.begin()
        found = await self._stores.gauges.look(self._now(), AGES)
        self._metrics.counts(found.counts)
        self._metrics.pilots.open(found.open, found.oldest)
        self._metrics.pending.set({route: Pending(*each) for route, each in found.ages.items()})
        self._occupancy, self._in_use = found.occupancy, found.in_use
        self._recount.done(begun)

    def _look_at_nodes(self, clusters: Iterable[str]) -> None:
        avoided = {(one.cluster, one.node) for one in self._nodes.avoidances()}
        found = [node for node in self._nodes.all() if node.problem]
        self._holes = [node for node in found if (node.cluster, node.name) not in avoided]
        holes, left_out = (Counter(each) for each in (
            [node.cluster for node in self._holes], [cluster for cluster, _ in avoided],
        ))  # fmt: skip
        self._metrics.pilots.nodes({name: (holes[name], left_out[name]) for name in clusters})

    def _limits(self) -> dict[str, tuple[Caps, Usage]]:
        now, used = self._now(), self._occupancy.of_route
        return {route.name: (route.limits.at(now), used(route.name)) for route in self._force.table.routes}

    def _cluster_limits(self) -> dict[str, tuple[Caps, Usage]]:
        used = self._occupancy.of_cluster
        return {name: (rules.caps, used(name)) for name, rules in self._force.table.clusters.items()}

    async def readiness(self) -> list[Check]:
        """Every condition of being well."""
        try:
            with in_a_hurry():
                revision = await self._stores.queries.revision()
            checks = [Check("database", ok=True, detail=f"schema {revision}")]
        except Exception as error:  # whatever it is, the answer is "not ready", with its text
            checks = [Check("database", ok=False, detail=f"{type(error).__name__}: {error}")]
        if self._door.part:
            checks.append(self._door.part.check())
        checks.append(file_check(self._force.view()))
        checks += stranded_checks(self._stranded)
        checks += [check for part in self._fleet.parts.values() for check in part.checks()]
        for name, health in sorted(self._supervisor.health.items()):
            checks.append(Check(f"task {name}", ok=health.ok, detail=health.problem or "running"))
        return checks

    def view(self) -> SiteView:
        """The site as the API shows it."""
        site, parts, table = self._force.site, self._fleet.parts, self._ramps.table()
        return SiteView(
            name=site.site,
            resource=site.resource,
            front_door=self.door(),
            clusters=tuple(self.clusters()),
            routes=tuple(
                route_view(
                    route,
                    self._occupancy.of_route(route.name),
                    route.limits.at(self._now()),
                    parts[route.cluster].refused(route.name) if route.cluster in parts else None,
                    table.ramps.get(route.name),
                )
                for route in table.routes
            ),
            file=self._force.view(),
            health=self.wellbeing.health,
            activity=self.wellbeing.activity,
            expiries=self.wellbeing.expiries,
            resource_group=site.resource_group,
        )

    def contacts(self) -> dict[str, ContactSince]:
        """Of those that `clusters` gives."""
        return {name: part.contact for name, part in self._served()}

    def clusters(self) -> Iterator[ClusterView]:
        """Those that are served, in the site file's order."""
        for name, part in self._served():
            probed = self._probed(name)
            said = probed.findings if probed else ()
            found = (*said, *self._idle_nodes.findings(name), *queue_findings(part.in_queue))
            yield replace(part.view(), findings=problems_first(found))

    def _served(self) -> Iterator[tuple[str, ClusterPart]]:
        for name in self._force.site.clusters:
            if part := self._fleet.parts.get(name):
                yield name, part

    def probed(self, cluster: str) -> ProbedView | None:
        """What the last probe of the cluster found, and what follows from it now."""
        probed = self._probed(cluster)
        if probed is None:
            return None
        return ProbedView(probed.record.taken_at, probed.findings, written(probed.record.found))

    def batch(self, cluster: str) -> BatchFacts | None:
        """What the last probe of the cluster found of its batch system."""
        probed = self._probed(cluster)
        return probed.record.found.batch if probed else None

    def _probed(self, cluster: str) -> Probed | None:
        part = self._fleet.parts.get(cluster)
        return (
            self._findings.of(cluster, part.record, part.cluster.interval, part.cluster.together)
            if part
            else None
        )

    def door(self) -> FrontDoorView | None:
        """The factory's door."""
        return self._door.part.view() if self._door.part else None

    def troubles(self) -> Iterator[str]:
        """What else is not as it should be."""
        if problems := self._force.view().problems:
            yield f"what the site file says is not in force: {problems[0]}"
        yield from (f"{check.name}: {check.detail}" for check in stranded_checks(self._stranded))
        for node in self._holes:
            yield f"node {node.name} of cluster {node.cluster} kills pilots: {node.problem}"
        for route in self._force.table.routes:
            part = self._fleet.parts.get(route.cluster)
            if part and (problem := part.cluster.left_out.problem(route.name)):
                yield problem
        for view in self._ramps.views():
            if view.outlook.standing is Standing.HELD:
                yield f"the ramp of route {view.route} is {view.outlook.said}"
        for name, health in sorted(self._supervisor.health.items()):
            if not health.ok:
                yield f"task {name} dies again and again: {health.problem}"


def file_check(file: SiteFileView) -> Check:
    """Whether the site file is in force as it is now. The CE does its work all the same when it is not."""
    said = "; ".join(file.problems) or f"in force, sha256 {file.sha256[:12]}"
    return Check("site file", ok=not file.problems, detail=said, essential=False)


def stranded_checks(stranded: Mapping[str, int]) -> Iterator[Check]:
    """Pilots, by number, at clusters that the site file does not have: a restart took them out."""
    for name, number in sorted(stranded.items()):
        said = f"{number} at a cluster that the site file does not have: nobody looks after them. Put it back"
        yield Check(f"pilots of cluster {name}", ok=False, detail=said, essential=False)
