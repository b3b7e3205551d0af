"""Starts and stops one CE."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import structlog
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from hosted_ce.api.app import create_app
from hosted_ce.api.services import Check, Services, SiteView
from hosted_ce.api.token import TokenUnusable, ensure_token
from hosted_ce.clock import SteadyClock
from hosted_ce.daemon.cluster import ClusterPart, Worker
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.explain import Explainer
from hosted_ce.daemon.front_door import FrontDoorPart
from hosted_ce.daemon.operations import Operations
from hosted_ce.daemon.process import Server, listening, state_folder
from hosted_ce.daemon.routes import RoutesUnusable, route_view, table_of
from hosted_ce.engine.hints import Hints
from hosted_ce.engine.route import Router
from hosted_ce.intake.rest import RestDoor
from hosted_ce.logs import configure_logs
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Table
from hosted_ce.settings import Settings
from hosted_ce.site import SiteFile, load_site
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.database import Database
from hosted_ce.store.files import write_whole
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.supervisor import Supervisor

log = structlog.get_logger(__name__)
GAUGES_INTERVAL_S = 2.0
ROOM_MAKING = {Stage.WAITING, Stage.RUNNING, Stage.ENDED, Stage.DONE}
"""A pilot that comes to one of these wants a route, or leaves room in one."""


async def serve(settings: Settings) -> int:
    """Runs the CE until SIGTERM or SIGINT; returns the process's exit code.

    Raises hosted_ce.site.SiteFileError when the site file cannot be used, CannotStart otherwise.
    """
    if settings.site is None:
        raise CannotStart("which site? Give its file with --site routes/my-site.yaml or HOSTED_CE_SITE")
    site = load_site(settings.site)
    configure_logs(settings)
    stop = stop_on_signals()
    await Daemon(settings, site).run(stop)
    return 0


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, instead of ending the process."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@contextlib.asynccontextmanager
async def running(settings: Settings, site: SiteFile) -> AsyncIterator[Daemon]:
    """A daemon that runs while the block does, and has started when the block begins."""
    daemon, stop = Daemon(settings, site), asyncio.Event()
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
    """One CE for one site. Run it once; `url` is set when `started` is."""

    def __init__(self, settings: Settings, site: SiteFile):
        self.settings, self.site = settings, site
        self.started = asyncio.Event()
        self.url = ""
        self._now = SteadyClock()
        self._supervisor = Supervisor()
        self._metrics = Metrics(lambda: self._supervisor.health)
        self._hints = Hints()
        self._table = _table(settings, site)
        self._occupancy = Occupancy()
        self._clusters = [
            ClusterPart(name, entry, settings, self._metrics, self._now)
            for name, entry in site.clusters.items()
        ]
        self._by_name = {cluster.cluster.name: cluster for cluster in self._clusters}
        door = site.front_door
        self._front_door = (
            FrontDoorPart(door, site.resource, settings, self._metrics, self._now) if door else None
        )
        self._parts: list[ClusterPart | FrontDoorPart] = [*self._clusters]
        if self._front_door:
            self._parts.append(self._front_door)

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until `stop` is set. Jobs at the site go on, and nothing that was learnt is lost.

        Raises CannotStart.
        """
        with state_folder(self.settings.state), listening(self.settings) as listener:
            await self._upgrade()
            database = Database(self.settings.database)
            try:
                await self._serve(database, listener, stop)
            finally:
                self.settings.endpoint_file.unlink(missing_ok=True)
                for part in self._parts:
                    await part.close()
                await database.close()
                log.info("stopped")

    async def _upgrade(self) -> None:
        try:
            await upgrade(self.settings.database)
        except (SQLAlchemyError, CommandError, OSError) as error:
            raise CannotStart(
                f"cannot use the database {self.settings.database}: {error}; see `hosted-ce db status`"
            ) from error

    async def _serve(self, database: Database, listener: socket.socket, stop: asyncio.Event) -> None:
        store, queries = PilotStore(database, now=self._now), PilotQueries(database)
        store.subscribe(self._hints)
        store.subscribe(self._metrics.changes)
        contents = ContentStore(self.settings.state / "files")
        outputs = OutputStore(self.settings.state / "outputs")
        for cluster in self._clusters:
            await cluster.load(ClusterStore(database))
        server = Server(create_app(self._services(store, queries, contents, outputs)))
        workers = self._workers(store, queries, contents, outputs)
        kept = [asyncio.create_task(self._supervisor.keep(*worker), name=worker[0]) for worker in workers]
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="api")
        try:
            await self._announce(server, serving, listener)
            await _first(stop, serving)
        finally:
            for task in kept:
                task.cancel()
            await asyncio.gather(*kept, return_exceptions=True)
            server.should_exit = True
            await serving

    def _services(
        self, store: PilotStore, queries: PilotQueries, contents: ContentStore, outputs: OutputStore
    ) -> Services:
        return Services(
            door=RestDoor(store, contents, now=self._now),
            operations=Operations(self._by_name, store, self._now),
            explainer=Explainer(lambda: self._table, self._by_name, store.occupancy, self._now),
            store=store,
            queries=queries,
            contents=contents,
            outputs=outputs,
            token=self._token(),
            registry=self._metrics.registry,
            readiness=lambda: self._readiness(queries),
            site=self._view,
            max_input_file=self.settings.max_input_file,
            max_request=self.settings.max_request,
            version=version("hosted-ce"),
            public_status=True,
        )

    def _token(self) -> str:
        try:
            return ensure_token(self.settings.token_file)
        except (TokenUnusable, OSError) as error:
            raise CannotStart(str(error)) from error

    def _workers(
        self, store: PilotStore, queries: PilotQueries, contents: ContentStore, outputs: OutputStore
    ) -> list[Worker]:
        router = Router(
            store, lambda: self._table, self._hints.of(ROOM_MAKING), self._now,
            refusal=lambda route, cluster: self._by_name[cluster].cluster.pushback.reason(route),
        )  # fmt: skip
        self._router = router
        workers: list[Worker] = [("route", router.run), ("gauges", lambda: self._gauges(store, queries))]
        for cluster in self._clusters:
            workers += cluster.workers(store, contents, outputs, self._hints)
        if self._front_door:
            sites = {cluster.name: cluster.site for cluster in self._clusters}
            workers += self._front_door.workers(store, contents, outputs, sites)
        return workers

    async def _announce(self, server: Server, serving: asyncio.Task[None], listener: socket.socket) -> None:
        while not server.started:
            if serving.done():
                raise CannotStart("the API did not start; the log says why")
            await asyncio.sleep(0.01)
        host, port = listener.getsockname()[:2]
        self.url = f"http://{host}:{port}"
        write_whole(self.settings.endpoint_file, f"{self.url}\n".encode())
        log.info("started", site=self.site.site, url=self.url, state=str(self.settings.state))
        self.started.set()

    async def _gauges(self, store: PilotStore, queries: PilotQueries) -> None:
        while True:
            self._metrics.counts(await queries.counts())
            self._occupancy = await store.occupancy()
            for part in self._parts:
                part.gauge()
            parked = sum(cluster.parked for cluster in self._clusters)
            self._metrics.parked(parked + self._router.quarantine.parked)
            await asyncio.sleep(GAUGES_INTERVAL_S)

    async def _readiness(self, queries: PilotQueries) -> list[Check]:
        try:
            revision = await queries.revision()
            checks = [Check("database", ok=True, detail=f"schema {revision}")]
        except Exception as error:  # whatever it is, the answer is "not ready", with its text
            checks = [Check("database", ok=False, detail=f"{type(error).__name__}: {error}")]
        if self._front_door:
            checks.append(self._front_door.check())
        checks += [check for cluster in self._clusters for check in cluster.checks()]
        for name, health in sorted(self._supervisor.health.items()):
            checks.append(Check(f"task {name}", ok=health.ok, detail=health.problem or "running"))
        return checks

    def _view(self) -> SiteView:
        return SiteView(
            name=self.site.site,
            resource=self.site.resource,
            front_door=self._front_door.view() if self._front_door else None,
            clusters=tuple(cluster.view() for cluster in self._clusters),
            routes=tuple(
                route_view(
                    route,
                    self._occupancy.of_route(route.name),
                    route.limits.at(self._now()),
                    self._by_name[route.cluster].refused(route.name),
                )
                for route in self._table.routes
            ),
        )


def _table(settings: Settings, site: SiteFile) -> Table:
    """Raises CannotStart."""
    try:
        return table_of(site, settings.site.parent if settings.site else Path())
    except RoutesUnusable as error:
        raise CannotStart(f"the routes cannot be used:\n{error}") from error


async def _first(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
