"""A CE's API over a real database, without an engine behind it: tests move the pilots themselves."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from hosted_ce.access.book import TokenBook
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.ports.site_files import Comparison, Reloaded, ReloadOutcome, SiteFileView
from hosted_ce.api.services import Services
from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.views import Check, ClusterView, Contact, FrontDoorView, RefusedView, RouteView, SiteView
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.digests import Digests
from hosted_ce.daemon.explaining.explainer import Explainer
from hosted_ce.daemon.sessions.keeper import Sessions
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.daemon.test_pilots import TestPilots
from hosted_ce.daemon.verifying import Verifier
from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health, Reason, Word
from hosted_ce.health.pressure import Activity, Pressure
from hosted_ce.intake.rest import RestDoor
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Outcome, Pilot, PilotUpdate
from hosted_ce.pilots.states import Stage, State
from hosted_ce.routing.limits import Admission, Caps, Usage
from hosted_ce.routing.route import Table
from hosted_ce.settings import Settings
from hosted_ce.site import load_site
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.checks import CheckStore
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.incidents import IncidentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.rollups import Rollups
from hosted_ce.store.sessions import SessionStore
from hosted_ce.store.tokens import TokenStore
from hosted_ce.store.verification import Verification
from tests.fakes.checks import KnownChecks
from tests.fakes.nodes import KnownNodes
from tests.fakes.ramps import KnownRamps
from tests.fakes.sessions import Deeds, Told

TOKEN = "t0ken-of-the-tests-0123456789abcdef"
START = 1_770_000_000.0
MAX_INPUT_FILE = 64 * 1024
MAX_REQUEST = 256 * 1024
MAX_BATCH = 100

SITE = SiteView(
    name="Example-University",
    resource="Example-CE1",
    clusters=(
        ClusterView(
            name="hpc", batch="slurm", logins=("login1.example.edu", "login2.example.edu"), account="osg01",
            contact=Contact.READY, since=START - 7200, problem=None, listed_at=START - 12,
            submitting=True, closed_reason=None,
        ),
        ClusterView(
            name="old", batch="slurm", logins=("old.example.edu",), account="osg01",
            contact=Contact.REFUSED, since=START - 300000, problem="the host key is not the one on record",
            listed_at=None, submitting=False, closed_reason="no contact", state="auth_refused",
            state_since=START - 300000, state_reason="the host key is not the one on record", overdue=2,
        ),
    ),
    routes=(
        RouteView("large", "hpc", "RequestCpus >= 8", Caps(500, 50), Usage(320, 12)),
        RouteView(
            "any", "old", None, Caps(10, 0), Usage(0, 0),
            RefusedView("limit", "QOSMaxSubmitJobPerUserLimit", START - 60, START + 60, 3),
        ),
    ),
    front_door=FrontDoorView(
        address="ce.example.edu:9619", in_contact=True, since=START - 7300, problem=None,
        looked_at=START - 1, jobs=17,
    ),
    file=SiteFileView(
        path="/etc/hosted-ce/site.yaml", sha256="c0ffee" + 58 * "0", loaded_at=START - 3600,
        problems=("/etc/hosted-ce/site.yaml:7:3: there is no cluster <b>x</b>",), failed_at=START - 60,
        chores=("tell the front door: hosted-ce front-door config",),
    ),
    health=Health(
        Word.POOR, (Reason(Word.POOR, "cluster old cannot be reached: <b>host key</b>", "`hosted-ce` <i>"),)
    ),
    activity=Activity(Pressure.PRODUCTION, "2560 cores run pilots now"),
    expiries=(Expiry("host certificate", "/etc/hostcert.pem", START + 86400),),
)  # fmt: skip


SITE_FILE = """\
site: Example-University
resource: Example-CE1
clusters:
  hpc:
    {batch: slurm, login: [{host: login1.example.edu}], account: osg01, key: /k, known_hosts: /h,
     spool: /shared/hosted-ce, limits: {cores: 100}}
  old: {batch: slurm, login: [{host: old.example.edu}], account: osg01, key: /k, known_hosts: /h}
routes:
  - name: large
    cluster: hpc
    when: RequestCpus >= 8 || xcount >= 8
    limits: {pilots: 2, idle: 50, per_vo: {osg: {idle: 3}}}
    request: {queue: osg, environment: {SITE_SECRET: s1te-secret}}
  - {name: any, cluster: old, when: xcount < 8}
"""


def table_in(folder: Path) -> Table:
    """The routes of the site file above, which `explainer_of` wrote."""
    return table_of(load_site(folder / "site.yaml"), folder)


def explainer_of(
    folder: Path, store: PilotStore, now: Callable[[], float], admits: Mapping[str, Admission]
) -> Explainer:
    """The one in use, over the site file above; no cluster was reached yet."""
    (folder / "site.yaml").write_text(SITE_FILE)
    site, metrics = load_site(folder / "site.yaml"), Metrics(lambda: {})
    table = table_of(site, folder)
    settings = Settings(state=folder)
    parts = {name: ClusterPart(name, entry, settings, metrics, now) for name, entry in site.clusters.items()}
    return Explainer(lambda: replace(table, ramps=admits), parts, store.occupancy, now)


class Hand:
    """Does what an operator says, and remembers it; raises `error` instead if it is set."""

    def __init__(self, store: PilotStore):
        self._store = store
        self.done: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    async def adopt(
        self, pilot_id: int, batch_id: str, *, actor: str, reason: str | None, force: bool
    ) -> Pilot:
        return await self._pilot(pilot_id, "adopt", batch_id, actor, reason, force)

    async def abandon(self, pilot_id: int, *, actor: str, reason: str | None, force: bool) -> Pilot:
        return await self._pilot(pilot_id, "abandon", actor, reason, force)

    async def pause(self, cluster: str, *, actor: str, reason: str | None) -> None:
        self._cluster(cluster, "pause", actor, reason)

    async def resume(self, cluster: str) -> None:
        self._cluster(cluster, "resume")

    async def accept_spool(self, cluster: str, *, actor: str) -> None:
        self._cluster(cluster, "accept_spool", actor)

    async def probe(self, cluster: str) -> None:
        self._cluster(cluster, "probe")
        if self.error:
            raise self.error

    async def _pilot(self, pilot_id: int, *what: Any) -> Pilot:
        self.done.append((pilot_id, *what))
        if self.error:
            raise self.error
        found = await self._store.get(pilot_id)
        assert found
        return found

    def _cluster(self, cluster: str, *what: Any) -> None:
        if cluster not in {"hpc", "old"}:
            raise UnknownCluster(cluster, ["hpc", "old"])
        self.done.append((cluster, *what))


@dataclass
class Files:
    """Answers what it is told to about site files, and remembers what it was asked; raises `error` if set."""

    reloaded: Reloaded = field(default_factory=lambda: Reloaded(ReloadOutcome.UNCHANGED, "ab" * 32))
    comparison: Comparison = field(default_factory=lambda: Comparison((), (), 0))
    error: Exception | None = None
    asked: list[tuple[str | None, str]] = field(default_factory=list)

    async def reload(self) -> Reloaded:
        if self.error:
            raise self.error
        return self.reloaded

    async def compare(self, old: str | None, new: str) -> Comparison:
        self.asked.append((old, new))
        if self.error:
            raise self.error
        return self.comparison


@dataclass
class World:
    """The services, and what tests change behind them."""

    services: Services
    database: Database
    folder: Path
    hand: Hand
    files: Files
    nodes: KnownNodes
    ramps: KnownRamps
    admits: dict[str, Admission]
    """What routing is told of ramps."""
    runs: KnownChecks
    eyes: Told
    deeds: Deeds
    checks: list[Check] = field(default_factory=list)
    time: float = START

    async def rows(self) -> list[tuple[Any, ...]]:
        """All that the database says about pilots."""
        return await self.database.read(
            lambda connection: [
                tuple(row)
                for table in ("pilots", "attempts", "events")
                for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")
            ]
        )

    async def from_factory(self, job: int = 5) -> Pilot:
        """The pilot of this job that came in through the factory's door."""
        attributes = {"GlideinEntryName": "OSG_US_Example-CE1", "RequestCpus": 8, "maxWallTime": 4320}
        new = NewPilot(
            {"executable": "glidein_startup.sh", "attributes": attributes}, "condor",
            "https://issuer.example.org,vofrontend-ospool", "digest", f"ce.example.edu#{job}.0#1770000000",
            account="osg01", factory_job="gfactory@factory.example.org#4711.0#1769999990", door_open=True,
        )  # fmt: skip
        pilot, _ = await self.services.store.add(new)
        return pilot

    async def begin(
        self, pilot_id: int, *, route: str = "large", cluster: str = "hpc",
        request: Mapping[str, Any] | None = None,
    ) -> Pilot:  # fmt: skip
        """Gives the pilot an attempt that is in the site's queue."""
        pilot = await self.pilot(pilot_id)
        new = NewAttempt(f"hstamp{pilot_id:09d}", route, cluster, request or {"cpus": 8})
        await self._apply(pilot, {"stage": Stage.SUBMITTING}, Event("routed", "engine"), begin=new)
        facts: AttemptUpdate = {"batch_id": str(1000 + pilot_id), "submitted_at": self.time}
        update: PilotUpdate = {"stage": Stage.QUEUED, "reason": "in the queue"}
        return await self._apply(
            await self.pilot(pilot_id), update, Event("submitted", "engine"), attempt=facts
        )

    async def run(self, pilot_id: int) -> Pilot:
        """Lets the pilot run."""
        pilot = await self.begin(pilot_id)
        update: PilotUpdate = {"state": State.RUNNING, "stage": Stage.RUNNING, "reason": None}
        granted = {"cpus": 8, "memory_mb": 16384, "walltime_s": 259200}
        facts: AttemptUpdate = {"started_at": self.time, "node": "n001", "granted": granted}
        return await self._apply(pilot, update, Event("running", "engine"), attempt=facts)

    async def complete(self, pilot_id: int) -> Pilot:
        """Lets the pilot run and end well."""
        pilot = await self.run(pilot_id)
        update: PilotUpdate = {
            "state": State.COMPLETED, "stage": Stage.DONE, "finished_at": self.time,
        }  # fmt: skip
        facts: AttemptUpdate = {
            "ended_at": self.time, "outcome": Outcome.EXITED, "exit_code": 0, "stdout_bytes": 6,
            "outcome_class": EndClass.NORMAL, "outcome_evidence": "exit code 0 after 0 s",
            "stderr_bytes": 0, "user_cpu_s": 61.25, "system_cpu_s": 0.5, "peak_memory_mb": 1200,
        }  # fmt: skip
        return await self._apply(pilot, update, Event("completed", "engine"), attempt=facts)

    async def note(self, pilot_id: int, event: Event, reason: str | None) -> None:
        """Writes a reason and an event down."""
        await self._apply(await self.pilot(pilot_id), {"reason": reason}, event)

    async def pilot(self, pilot_id: int) -> Pilot:
        """The pilot as it is written down."""
        pilot = await self.services.store.get(pilot_id)
        assert pilot is not None
        return pilot

    async def _apply(
        self, pilot: Pilot, update: PilotUpdate, event: Event, *,
        attempt: AttemptUpdate | None = None, begin: NewAttempt | None = None,
    ) -> Pilot:  # fmt: skip
        change = Change(pilot, update, attempt or AttemptUpdate(), event, begin)
        assert await self.services.store.apply([change])
        return await self.pilot(pilot.id)


@asynccontextmanager
async def open_world(
    template: Path, folder: Path, url: str | None = None, **changes: Any
) -> AsyncIterator[World]:
    """A world in `folder`, with a copy of the empty database `template`, or with the one at `url`."""
    if url is None:
        shutil.copy(template, folder / "ce.sqlite")
    database = Database(url or f"sqlite:///{folder / 'ce.sqlite'}")
    checks = [Check("database", True, "answers")]
    world: World

    def now() -> float:
        return world.time

    async def readiness() -> list[Check]:
        return world.checks

    store, contents = PilotStore(database, now=now), ContentStore(folder / "files")
    hand, files, bell, nodes = Hand(store), Files(), Bell(), KnownNodes(now)
    ramps, admits = KnownRamps(now), dict[str, Admission]()
    runs = KnownChecks(now, ["hpc", "old"])
    store.subscribe(bell.changes)
    tokens, eyes, deeds = TokenBook(TokenStore(database), now), Told(now), Deeds()
    sessions = Sessions(
        SessionStore(database), eyes, deeds, tokens, site=lambda: SITE, now=now, told=bell.news
    )
    registry = CollectorRegistry()
    Gauge("hosted_ce_test_pilots", "Pilots of the tests.", registry=registry).set(3)
    door, queries = RestDoor(store, contents, now=now), PilotQueries(database)
    verifier = Verifier(Verification(database), lambda: table_in(folder), {}, now)
    given: dict[str, Any] = {
        "door": door, "operations": hand, "site_files": files,
        "explainer": explainer_of(folder, store, now, admits), "store": store,
        "queries": queries, "entries": EntryQueries(database),
        "event_log": EventLog(database), "bell": bell,
        "rollups": Rollups(database), "contributions": Contributions(database),
        "incidents": IncidentStore(database), "verifier": verifier,
        "digests": Digests(
            Verification(database), verifier, IncidentStore(database), CheckStore(database), lambda: SITE,
            folder=folder, now=now,
        ),
        "contents": contents, "outputs": OutputStore(folder / "outputs"), "token": TOKEN,
        "tokens": tokens, "sessions": sessions, "public_url": "http://ce.test",
        "registry": registry, "readiness": readiness, "site": lambda: SITE,
        "max_input_file": MAX_INPUT_FILE, "max_request": MAX_REQUEST, "max_batch": MAX_BATCH,
        "version": "1.2.3",
        "public_status": True, "now": now, "nodes": nodes, "ramps": ramps, "checks": runs,
        "test_pilots": TestPilots(door, store, queries, lambda: table_in(folder), now),
    }  # fmt: skip
    world = World(
        Services(**{**given, **changes}),
        database,
        folder,
        hand,
        files,
        nodes,
        ramps,
        admits,
        runs,
        eyes,
        deeds,
        checks,
    )
    try:
        yield world
    finally:
        await database.close()
