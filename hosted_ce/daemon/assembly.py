"""Puts the parts of one CE together: the only place where all of them are known."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version

from hosted_ce.access.book import TokenBook
from hosted_ce.api.callers.rates import Rates
from hosted_ce.api.services import Services
from hosted_ce.api.streams.bell import Bell
from hosted_ce.audit.log import Auditor
from hosted_ce.daemon import event_lines
from hosted_ce.daemon.auditing import DoorAudit, KeyAudit
from hosted_ce.daemon.checks.digest import Squids
from hosted_ce.daemon.checks.nodes import NodeProbes
from hosted_ce.daemon.checks.runs import SiteChecks
from hosted_ce.daemon.checks.steps import CheckSteps
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.daemon.digests import Digests
from hosted_ce.daemon.edge import Edge
from hosted_ce.daemon.explaining.explainer import Explainer
from hosted_ce.daemon.fleet import Fleet
from hosted_ce.daemon.front_door.door import FrontDoorPart
from hosted_ce.daemon.front_door.keeper import FactoryDoor
from hosted_ce.daemon.idle_nodes import IdleNodes
from hosted_ce.daemon.incidents.sight import Sight
from hosted_ce.daemon.incidents.watch import IncidentWatch
from hosted_ce.daemon.issuers import IssuerTokens
from hosted_ce.daemon.nodes import SiteNodes
from hosted_ce.daemon.operations import Operations
from hosted_ce.daemon.outlook import Outlook, Stores
from hosted_ce.daemon.process.giving_back import keep_giving_back
from hosted_ce.daemon.ramps.keeper import SiteRamps
from hosted_ce.daemon.ramps.sight import RampSight
from hosted_ce.daemon.sessions.door_checks import DoorChecks
from hosted_ce.daemon.sessions.eyes import SiteEyes
from hosted_ce.daemon.sessions.hands import SiteHands
from hosted_ce.daemon.sessions.keeper import Sessions
from hosted_ce.daemon.site_file.compare import Comparer
from hosted_ce.daemon.site_file.in_force import SiteInForce
from hosted_ce.daemon.site_file.reload import Reloads
from hosted_ce.daemon.site_file.switch import Switch
from hosted_ce.daemon.test_pilots import TestPilots
from hosted_ce.daemon.verifying import Verifier
from hosted_ce.daemon.watcher import Watcher
from hosted_ce.engine.families import Families
from hosted_ce.engine.hints import Hint, Hints
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.route import Router
from hosted_ce.intake.rest import RestDoor
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.states import Stage
from hosted_ce.scitokens.fetch import HttpsFetch
from hosted_ce.scitokens.kept import KeyFiles
from hosted_ce.scitokens.keyring import Keyring
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster as Entry
from hosted_ce.store.capabilities import CapabilityStore
from hosted_ce.store.checks import CheckStore
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.firsts import FirstPilots
from hosted_ce.store.gauges import GaugeStore
from hosted_ce.store.incidents import IncidentStore
from hosted_ce.store.nodes import NodeStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.ramp_evidence import RampEvidence
from hosted_ce.store.ramps import RampStore
from hosted_ce.store.rollups import Rollups
from hosted_ce.store.sessions import SessionStore
from hosted_ce.store.tokens import TokenStore
from hosted_ce.store.verification import Verification
from hosted_ce.store.vitals import Vitals
from hosted_ce.supervisor import Supervisor

OWN = "daemon"
"""The part that is the daemon itself."""
ROOM_MAKING = {Stage.WAITING, Stage.RUNNING, Stage.ENDED, Stage.DONE}
"""A pilot that comes to one of these wants a route, or leaves room in one."""


class Assembly:
    """The parts of one CE over one database. `reload` wakes who reads the site file again."""

    def __init__(
        self, database: Database, settings: Settings, force: SiteInForce, *,
        supervisor: Supervisor, metrics: Metrics, now: Clock, reload: Hint, edge: Edge,
        audit: Auditor,
    ):  # fmt: skip
        self._settings, self._force, self._supervisor = settings, force, supervisor
        self._metrics, self._now, self._database, self._edge = metrics, now, database, edge
        self._audit = audit
        self._crew, self._hints, self._bell = Crew(supervisor), Hints(), Bell()
        self._stores, self._tokens = self._stores_of(database), TokenBook(TokenStore(database), now)
        self._keyring = Keyring(KeyFiles(settings.state / "issuers"), HttpsFetch(), now)
        self._put_together(ClusterStore(database), CapabilityStore(database), CheckStore(database), reload)
        self._checks = self._checks_of(CheckStore(database), ClusterStore(database))

    async def close(self) -> None:
        """Ends all workers; what they learnt is written down, and jobs at the site go on."""
        await self._crew.end(OWN)  # first: it may be about to begin or end others
        await self._crew.end_all()
        self._bell.close()

    async def hang_up(self) -> None:
        """Closes the links to the site and to the front door's schedd, when nobody asks any more."""
        await self._fleet.close()
        await self._door.close()

    async def begin(self) -> None:
        """Begins the work of all parts, on what the site file in force says."""
        site = self._force.site
        await self._nodes.load()
        await self._ramps.load()
        await self._checks.load()
        await self._tokens.load()
        await self._incidents.load()
        await self._fleet.change(site.clusters)
        self._door.turn_to(site)
        workers: list[Worker] = [
            ("route", self._router.run),
            ("gauges", self._outlook.run),
            ("nodes", self._nodes.run),
            ("ramps", self._ramps.run),
            ("checks", self._checks.run),
            ("test pilots", self._test_pilots.run),
            ("charts", self._watcher.run),
            ("incidents", self._incidents.run),
            ("digests", self._digests.run),
            ("idle nodes", self._idle_nodes.run),
            ("tokens", self._tokens.run),
            ("site file", self._reloads.run),
            ("certificate", self._edge.run),
            ("audit log", self._audit.run),
            ("memory", keep_giving_back),
            ("uses of keys", KeyAudit(self._audit, self._outlook.contacts, self._outlook.clusters).run),
        ]
        self._crew.begin(OWN, workers)

    def services(self, token: str, public_url: str) -> Services:
        """What the API works with; `token` opens it, and people reach it at this address."""
        stores = self._stores
        operations = Operations(self._fleet.parts, self._fleet.engines, stores.pilots, self._now)
        explainer = Explainer(self._ramps.table, self._fleet.parts, stores.pilots.occupancy, self._now)
        return Services(
            door=self._rest,
            operations=operations,
            explainer=explainer,
            sessions=self._sessions_of(operations, explainer),
            site_files=self._reloads,
            store=stores.pilots,
            queries=stores.queries,
            entries=stores.entries,
            event_log=stores.event_log,
            rollups=stores.rollups,
            contributions=stores.contributions,
            incidents=stores.incidents,
            digests=self._digests,
            verifier=self._verifier,
            bell=self._bell,
            contents=stores.contents,
            outputs=stores.outputs,
            token=token,
            tokens=self._tokens,
            registry=self._metrics.registry,
            readiness=self._outlook.readiness,
            site=self._outlook.view,
            nodes=self._nodes,
            ramps=self._ramps,
            checks=self._checks,
            test_pilots=self._test_pilots,
            probed=self._outlook.probed,
            max_input_file=self._settings.max_input_file,
            max_request=self._settings.max_request,
            max_batch=self._settings.max_batch,
            version=version("hosted-ce"),
            public_status=self._settings.public_status,
            public_metrics=self._settings.public_metrics,
            rates=Rates(
                self._settings.rate_per_address,
                self._settings.rate_per_caller,
                told=self._metrics.edge.slowed,
            ),
            proxies=bool(self._edge.proxies),
            audit=self._audit,
            audit_reads=self._settings.audit_reads,
            public_url=public_url,
            issuers=IssuerTokens(lambda: self._force.site, self._keyring, public_url, self._now),
        )

    def _sessions_of(self, operations: Operations, explainer: Explainer) -> Sessions:
        view, stores = self._outlook.view, self._stores
        eyes = SiteEyes(
            view, lambda: self._force.site, checks=self._checks, ramps=self._ramps,
            queries=stores.queries, firsts=FirstPilots(self._database), now=self._now,
        )  # fmt: skip
        hands = SiteHands(
            view, operations, explainer,
            front_door=DoorChecks(lambda: self._force.site, self._settings), checks=self._checks,
            tests=self._test_pilots, ramps=self._ramps, verifier=self._verifier, batch=self._outlook.batch,
        )  # fmt: skip
        return Sessions(
            SessionStore(self._database), eyes, hands, self._tokens,
            site=view, now=self._now, told=self._bell.news,
        )  # fmt: skip

    def _stores_of(self, database: Database) -> Stores:
        store = PilotStore(database, now=self._now)
        store.subscribe(self._hints)
        store.subscribe(self._bell.changes)
        store.subscribe(self._metrics.changes)
        store.subscribe(event_lines.tell)
        store.subscribe(DoorAudit(self._audit).changes)
        state = self._settings.state
        return Stores(
            store, PilotQueries(database), EntryQueries(database), EventLog(database), GaugeStore(database),
            ContentStore(state / "files"), OutputStore(state / "outputs"), Vitals(database),
            Rollups(database), Contributions(database), Verification(database), IncidentStore(database),
            NodeStore(database), RampStore(database), RampEvidence(database),
        )  # fmt: skip

    def _checks_of(self, store: CheckStore, clusters: ClusterStore) -> SiteChecks:
        stores = self._stores
        nodes = NodeProbes(
            self._test_pilots, stores.pilots, stores.outputs, site=lambda: self._force.site,
            seen=store.looked_at, now=self._now,
        )  # fmt: skip
        steps = CheckSteps(self._force, stores.pilots, clusters, nodes)
        return SiteChecks(
            store, lambda: self._force.site, steps, bell=self._bell, metrics=self._metrics, now=self._now
        )

    def _put_together(
        self, records: ClusterStore, capabilities: CapabilityStore, checks: CheckStore, reload: Hint
    ) -> None:
        stores = self._stores
        pilots, settings, metrics, now = stores.pilots, self._settings, self._metrics, self._now
        nodes = self._nodes = SiteNodes(stores.nodes, lambda: self._force.site, now)
        pilots.subscribe(nodes.changes)
        self._rest = RestDoor(pilots, stores.contents, now=now)
        self._test_pilots = TestPilots(self._rest, pilots, stores.queries, lambda: self._force.table, now)
        self._fleet: Fleet[ClusterPart, Entry] = Fleet(
            lambda name, entry: ClusterPart(
                name, entry, settings, metrics, now, avoided=partial(nodes.avoided, name)
            ),
            lambda part: part.load(records, capabilities),
            lambda part: part.workers(pilots, stores.contents, stores.outputs, self._hints),
            self._crew,
        )
        self._door = FactoryDoor(
            lambda entry, resource: FrontDoorPart(entry, resource, settings, metrics, now),
            lambda part: part.workers(pilots, stores.contents, stores.outputs, self._fleet.sites),
            self._crew, metrics,
        )  # fmt: skip
        room = self._hints.of(ROOM_MAKING)
        self._ramps = SiteRamps(
            stores.ramps, stores.ramp_evidence, self._force,
            RampSight(lambda: self._force.table, self._fleet.parts, now),
            metrics=metrics.ramps, now=now, wake=room.wake,
        )  # fmt: skip
        self._router = Router(
            pilots, self._ramps.table, room, now, refusal=self._refusal,
            left_out=lambda route, cluster: self._fleet.engines[cluster].left_out.of(route),
            stamp=Families(lambda cluster: self._fleet.engines[cluster].together).stamp,
        )  # fmt: skip
        self._idle_nodes = IdleNodes(self._fleet.parts, stores.entries, lambda: self._force.table, now)
        self._outlook = Outlook(
            stores, self._force, self._fleet, self._door, self._router,
            nodes=nodes, ramps=self._ramps, idle_nodes=self._idle_nodes,
            supervisor=self._supervisor, metrics=metrics, now=now, token=settings.token_file,
            tls=self._edge.tls,
        )  # fmt: skip
        self._watcher = Watcher(stores.rollups, now, self._ramps.sample)
        sight = Sight(self._fleet.parts, stores.entries, nodes, Squids(checks, now), self._outlook)
        self._verifier = Verifier(stores.verification, lambda: self._force.table, self._fleet.parts, now)
        self._digests = Digests(
            stores.verification, self._verifier, stores.incidents, checks, self._outlook.view,
            folder=settings.state / "digests", now=now,
        )  # fmt: skip
        self._incidents = IncidentWatch(
            stores.incidents, sight.signs, pilots.clusters_in_use, after_s=settings.incident_after, now=now,
            metrics=metrics.incidents, ring=self._bell.incident,
        )  # fmt: skip
        switch = Switch(
            self._force, self._fleet, self._door, pilots, metrics=metrics, now=now,
            turn=self._router.turn, wake=room.wake,
        )  # fmt: skip
        comparer = Comparer(self._force, pilots, switch.obstacles, now, self._ramps.into)
        self._reloads = Reloads(
            self._force, switch, comparer, metrics=metrics, now=now, hint=reload, audit=self._audit
        )

    def _refusal(self, route: str, cluster: str) -> str | None:
        return self._fleet.engines[cluster].pushback.reason(route)
