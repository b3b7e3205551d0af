"""Starts and stops one CE."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from functools import partial
from importlib.metadata import version

import structlog
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from hosted_ce.api.app import create_app
from hosted_ce.api.bell import Bell
from hosted_ce.api.services import Services
from hosted_ce.api.token import TokenUnusable, ensure_token
from hosted_ce.clock import SteadyClock
from hosted_ce.correlation import bound
from hosted_ce.daemon import event_lines
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.compare import Comparer
from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.daemon.doorkeeper import FactoryDoor
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.explain import Explainer
from hosted_ce.daemon.fleet import Fleet
from hosted_ce.daemon.front_door import FrontDoorPart
from hosted_ce.daemon.in_force import SiteInForce, compiled
from hosted_ce.daemon.nodes import SiteNodes
from hosted_ce.daemon.operations import Operations
from hosted_ce.daemon.outlook import Outlook, Stores
from hosted_ce.daemon.process import Server, listening, state_folder
from hosted_ce.daemon.reload import Reloads
from hosted_ce.daemon.switch import Switch
from hosted_ce.daemon.watcher import Watcher
from hosted_ce.engine.hints import Hint, Hints
from hosted_ce.engine.route import Router
from hosted_ce.intake.rest import RestDoor
from hosted_ce.logs import configure_logs, log_file
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.states import Stage
from hosted_ce.redaction import Redactor
from hosted_ce.routing.compile import check_expression
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster as Entry
from hosted_ce.site.source import read_source
from hosted_ce.store.capabilities import CapabilityStore
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.files import write_whole
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.nodes import NodeStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.rollups import Rollups
from hosted_ce.store.vitals import Vitals
from hosted_ce.supervisor import Supervisor

log = structlog.get_logger(__name__)
OWN = "daemon"
"""The part that is the daemon itself."""
ROOM_MAKING = {Stage.WAITING, Stage.RUNNING, Stage.ENDED, Stage.DONE}
"""A pilot that comes to one of these wants a route, or leaves room in one."""


async def serve(settings: Settings) -> int:
    """Runs the CE until SIGTERM or SIGINT; returns the process's exit code. SIGHUP has it read the site file.

    Raises hosted_ce.site.SiteFileError when the site file cannot be used, CannotStart otherwise.
    """
    redactor = Redactor()
    daemon = Daemon(settings, redactor)
    configure_logs(settings, redactor=redactor)
    stop = stop_on_signals()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, daemon.reload_soon)
    await daemon.run(stop)
    return 0


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, instead of ending the process."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@contextlib.asynccontextmanager
async def running(settings: Settings, redactor: Redactor | None = None) -> AsyncIterator[Daemon]:
    """A daemon that runs while the block does, and has started when the block begins.

    Raises as `serve` does.
    """
    daemon, stop = Daemon(settings, redactor), asyncio.Event()
    task = asyncio.create_task(daemon.run(stop), name="daemon")
    starting = asyncio.create_task(daemon.started.wait())
    try:
        await asyncio.wait({task, starting}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            yield daemon
    finally:
        starting.cancel()
        stop.set()
        await task


class Daemon:
    """One CE for one site. Run it once; `url` is set when `started` is.

    The redactor is the one of the logs: it is taught the API's token. Raises
    hosted_ce.site.SiteFileError when the site file cannot be used, CannotStart when none is named.
    """

    def __init__(self, settings: Settings, redactor: Redactor | None = None):
        if settings.site is None:
            raise CannotStart("which site? Give its file with --site routes/my-site.yaml or HOSTED_CE_SITE")
        self.settings, self._redactor = settings, redactor or Redactor()
        self.started = asyncio.Event()
        self.url = ""
        self._now = SteadyClock()
        self._force = SiteInForce(
            compiled(read_source(settings.site, check_expression=check_expression)), self._now()
        )
        self._supervisor = Supervisor()
        self._crew = Crew(self._supervisor)
        self._metrics = Metrics(lambda: self._supervisor.health, self._now)
        self._hints = Hints()
        self._bell = Bell()
        self._reload = Hint()

    def reload_soon(self) -> None:
        """Has the site file read again."""
        self._reload.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until `stop` is set. Jobs at the site go on, and nothing that was learnt is lost.

        Raises CannotStart.
        """
        with self._process() as listener:
            await self._upgrade()
            database = Database(self.settings.database)
            database.observe = self._metrics.database.observe
            try:
                await self._serve(database, listener, stop)
            finally:
                self.settings.endpoint_file.unlink(missing_ok=True)
                await database.close()
                log.info("stopped")

    @contextlib.contextmanager
    def _process(self) -> Iterator[socket.socket]:
        """What the process holds while it runs; log lines of before are on standard error alone."""
        with (
            state_folder(self.settings.state),
            log_file(self.settings, self._redactor),
            bound(site=self._force.site.site),
            listening(self.settings) as listener,
        ):
            yield listener

    async def _upgrade(self) -> None:
        try:
            await upgrade(self.settings.database)
        except (SQLAlchemyError, CommandError, OSError) as error:
            raise CannotStart(
                f"cannot use the database {self.settings.database}: {error}; see `hosted-ce db status`"
            ) from error

    async def _serve(self, database: Database, listener: socket.socket, stop: asyncio.Event) -> None:
        stores = self._stores(database)
        self._put_together(stores, ClusterStore(database), CapabilityStore(database))
        server = Server(create_app(self._services(stores)))
        serving: asyncio.Task[None] | None = None
        try:
            await self._begin()
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="api")
            await self._announce(server, serving, listener)
            await _first(stop, serving)
        finally:
            await self._crew.end(OWN)  # first: it may be about to begin or end others
            await self._crew.end_all()
            self._bell.close()
            server.should_exit = True
            if serving:
                await serving
            await self._fleet.close()
            await self._door.close()

    def _stores(self, database: Database) -> Stores:
        store = PilotStore(database, now=self._now)
        store.subscribe(self._hints)
        store.subscribe(self._bell.changes)
        store.subscribe(self._metrics.changes)
        store.subscribe(event_lines.tell)
        state = self.settings.state
        return Stores(
            store, PilotQueries(database), EntryQueries(database), EventLog(database),
            ContentStore(state / "files"), OutputStore(state / "outputs"), Vitals(database),
            Rollups(database), Contributions(database), NodeStore(database),
        )  # fmt: skip

    def _put_together(self, stores: Stores, records: ClusterStore, capabilities: CapabilityStore) -> None:
        pilots, settings, metrics, now = stores.pilots, self.settings, self._metrics, self._now
        nodes = self._nodes = SiteNodes(stores.nodes, lambda: self._force.site, now)
        pilots.subscribe(nodes.changes)
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
        self._router = Router(
            pilots, lambda: self._force.table, room, now, refusal=self._refusal,
            left_out=lambda route, cluster: self._fleet.engines[cluster].left_out.of(route),
        )  # fmt: skip
        self._outlook = Outlook(
            stores, self._force, self._fleet, self._door, self._router,
            nodes=nodes, supervisor=self._supervisor, metrics=metrics, now=now, token=settings.token_file,
        )  # fmt: skip
        self._watcher = Watcher(stores.rollups, now)
        switch = Switch(
            self._force, self._fleet, self._door, pilots, metrics=metrics, now=now,
            turn=self._router.turn, wake=room.wake,
        )  # fmt: skip
        comparer = Comparer(self._force, pilots, switch.obstacles, now)
        self._reloads = Reloads(self._force, switch, comparer, metrics=metrics, now=now, hint=self._reload)

    async def _begin(self) -> None:
        site = self._force.site
        await self._nodes.load()
        await self._fleet.change(site.clusters)
        self._door.turn_to(site)
        workers: list[Worker] = [
            ("route", self._router.run),
            ("gauges", self._outlook.run),
            ("nodes", self._nodes.run),
            ("charts", self._watcher.run),
            ("site file", self._reloads.run),
        ]
        self._crew.begin(OWN, workers)

    def _refusal(self, route: str, cluster: str) -> str | None:
        return self._fleet.engines[cluster].pushback.reason(route)

    def _services(self, stores: Stores) -> Services:
        return Services(
            door=RestDoor(stores.pilots, stores.contents, now=self._now),
            operations=Operations(self._fleet.parts, self._fleet.engines, stores.pilots, self._now),
            explainer=Explainer(
                lambda: self._force.table, self._fleet.parts, stores.pilots.occupancy, self._now
            ),
            site_files=self._reloads,
            store=stores.pilots,
            queries=stores.queries,
            entries=stores.entries,
            event_log=stores.event_log,
            rollups=stores.rollups,
            contributions=stores.contributions,
            bell=self._bell,
            contents=stores.contents,
            outputs=stores.outputs,
            token=self._token(),
            registry=self._metrics.registry,
            readiness=self._outlook.readiness,
            site=self._outlook.view,
            nodes=self._nodes,
            probed=self._outlook.probed,
            max_input_file=self.settings.max_input_file,
            max_request=self.settings.max_request,
            version=version("hosted-ce"),
            public_status=True,
        )

    def _token(self) -> str:
        try:
            token = ensure_token(self.settings.token_file)
        except (TokenUnusable, OSError) as error:
            raise CannotStart(str(error)) from error
        self._redactor.learn(token)
        return token

    async def _announce(self, server: Server, serving: asyncio.Task[None], listener: socket.socket) -> None:
        while not server.started:
            if serving.done():
                raise CannotStart("the API did not start; the log says why")
            await asyncio.sleep(0.01)
        host, port = listener.getsockname()[:2]
        self.url = f"http://{host}:{port}"
        write_whole(self.settings.endpoint_file, f"{self.url}\n".encode())
        log.info(
            "started",
            sha256=self._force.source.sha256,
            url=self.url,
            state=str(self.settings.state),
        )
        self.started.set()


async def _first(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
