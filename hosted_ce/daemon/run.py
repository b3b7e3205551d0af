"""Starts and stops one CE."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator

import structlog
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from hosted_ce.api.callers.token_file import TokenUnusable, ensure_token
from hosted_ce.api.front import Front
from hosted_ce.audit.file import AuditFile
from hosted_ce.audit.log import AuditLog, Auditor, NoAudit
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.clock import SteadyClock
from hosted_ce.correlation import bound
from hosted_ce.daemon import went_back
from hosted_ce.daemon.assembly import Assembly
from hosted_ce.daemon.edge import Edge
from hosted_ce.daemon.errors import CannotStart, SetUpWrong
from hosted_ce.daemon.late_api import LateApi
from hosted_ce.daemon.process.held import leave_alone_what_stays, listening, own_url, state_folder
from hosted_ce.daemon.process.privileges import settle_account
from hosted_ce.daemon.process.stray import stray
from hosted_ce.daemon.site_file.in_force import SiteInForce, compiled
from hosted_ce.engine.hints import Hint
from hosted_ce.listening.server import Server
from hosted_ce.logs import configure_logs, log_file
from hosted_ce.metrics import Metrics
from hosted_ce.redaction import Redactor, redacted
from hosted_ce.routing.compile import check_expression
from hosted_ce.settings import Settings
from hosted_ce.site.source import read_source
from hosted_ce.store.database import Database
from hosted_ce.store.errors import DatabaseAway, WritesNoMore
from hosted_ce.store.files import write_whole
from hosted_ce.store.moved import DatabaseMoved, refuse_moved
from hosted_ce.store.schema import SchemaUnusable, ensure_schema
from hosted_ce.store.unusable import todo_of
from hosted_ce.store.urls import shown_url
from hosted_ce.supervisor import Supervisor

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> int:
    """Runs the CE until SIGTERM or SIGINT; returns the process's exit code. SIGHUP has it read the site file.

    Raises hosted_ce.site.SiteFileError when the site file cannot be used, CannotStart otherwise.
    """
    settle_account(settings)
    redactor = Redactor()
    daemon = Daemon(settings, redactor)
    configure_logs(settings, redactor=redactor)
    if unknown := stray(os.environ):
        log.warning("variables of the environment are no settings", problems=unknown)
    stop = stop_on_signals()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, daemon.reload_soon)
    settling = asyncio.create_task(_settle(daemon), name="settling")
    try:
        await daemon.run(stop)
    finally:
        settling.cancel()
    return 0


async def _settle(daemon: Daemon) -> None:
    for settled in (daemon.started, daemon.looked_at):
        await settled.wait()
        leave_alone_what_stays()


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
    """One CE for one site. Run it once; `url` is set when `started` is. `looked_at`: the API was loaded.

    The redactor is the one of the logs: it is taught the API's token. Raises
    hosted_ce.site.SiteFileError when the site file cannot be used, SetUpWrong when none is named.
    """

    def __init__(self, settings: Settings, redactor: Redactor | None = None):
        if settings.site is None:
            raise SetUpWrong("which site? Give its file with --site routes/my-site.yaml or HOSTED_CE_SITE")
        self.settings, self._redactor = settings, redactor or Redactor()
        self.started, self.looked_at = asyncio.Event(), asyncio.Event()
        self.url = ""
        self._now = SteadyClock()
        self._force = SiteInForce(
            compiled(read_source(settings.site, check_expression=check_expression)), self._now()
        )
        self._supervisor = Supervisor()
        self._metrics = Metrics(lambda: self._supervisor.health, self._now)
        self._reload = Hint()
        self._given_up: BaseException | None = None
        self._edge = Edge(settings, self._metrics.edge)
        self._audit = self._audit_log()

    def reload_soon(self) -> None:
        """Has the site file read again."""
        self._reload.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until `stop` is set. Jobs at the site go on, and nothing that was learnt is lost.

        Raises CannotStart.
        """
        with self._process() as listener:
            went_back.refuse(self.settings.state)
            database = self._database(stop)
            try:
                await self._upgrade(database)
                await self._serve(database, listener, stop)
            finally:
                self.settings.endpoint_file.unlink(missing_ok=True)
                self._edge.close()
                await database.close()
                log.info("stopped")
        if self._given_up:
            raise self._cannot_use(self._given_up) from self._given_up

    @contextlib.contextmanager
    def _process(self) -> Iterator[socket.socket]:
        """What the process holds while it runs; log lines of before are on standard error alone."""
        with (
            state_folder(self.settings.state),
            log_file(self.settings, self._redactor),
            bound(site=self._force.site.site),
            listening(self.settings) as listener,
            self._audited(),
        ):
            yield listener

    @contextlib.contextmanager
    def _audited(self) -> Iterator[None]:
        facts = {"state": str(self.settings.state), "pid": os.getpid(), "uid": os.getuid()}
        self._audit.note(Record("ce", None, "start", Outcome.ALLOWED, facts=facts))
        try:
            yield
        finally:
            self._audit.note(Record("ce", None, "stop", Outcome.ALLOWED, facts=facts))
            self._audit.close()

    def _audit_log(self) -> Auditor:
        settings = self.settings
        if not settings.audit_file_size:
            return NoAudit()
        file = AuditFile(settings.audit_file, settings.audit_file_size, settings.audit_files)
        return AuditLog(file, self._redactor, self._now, self._metrics.edge.audit_lost)

    def _database(self, stop: asyncio.Event) -> Database:
        loop = asyncio.get_running_loop()
        try:
            refuse_moved(self.settings.database)
            database = Database(self.settings.database, sole=True)
        except (ArgumentError, ImportError, DatabaseMoved) as error:
            raise SetUpWrong(self._unusable(error)) from error
        except SQLAlchemyError as error:
            raise self._cannot_use(error) from error
        database.observe = self._metrics.database.observe

        def end(error: BaseException) -> None:  # in the writer's thread, before anything stops
            self._given_up = error
            self._remember(error)
            loop.call_soon_threadsafe(stop.set)

        database.when_given_up(end)
        return database

    def _remember(self, error: BaseException) -> None:
        try:
            went_back.remember(self.settings.state, error)
        except OSError as failed:
            log.error("the next start will not know that the database went back", problem=str(failed))

    async def _upgrade(self, database: Database) -> None:
        """Only who has the database to itself changes its schema."""
        try:
            await database.claim()
            await ensure_schema(self.settings.database)
        except (SQLAlchemyError, SchemaUnusable, OSError, DatabaseAway, WritesNoMore) as error:
            raise self._cannot_use(error) from error

    def _cannot_use(self, error: BaseException) -> CannotStart:
        return CannotStart(self._unusable(error))

    def _unusable(self, error: BaseException) -> str:
        url = shown_url(self.settings.database)
        why = redacted(str(getattr(error, "orig", None) or error))
        todo = todo_of(error, self.settings.state) or "see `hosted-ce db status`"
        return f"cannot use the database {url}: {why}; {todo}"

    async def _serve(self, database: Database, listener: socket.socket, stop: asyncio.Event) -> None:
        parts = Assembly(
            database, self.settings, self._force,
            supervisor=self._supervisor, metrics=self._metrics, now=self._now, reload=self._reload,
            edge=self._edge, audit=self._audit,
        )  # fmt: skip
        own = own_url(listener, tls=self._edge.tls is not None)
        services = parts.services(self._token(), self.settings.public_url or own)
        server = self._edge.server(Front(services, LateApi(services, self.looked_at.set).load))
        serving: asyncio.Task[None] | None = None
        try:
            await parts.begin()
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="api")
            await self._announce(server, serving, listener)
            await _first(stop, serving)
        finally:
            await parts.close()
            server.stop()
            if serving:
                await serving
            await parts.hang_up()

    def _token(self) -> str:
        try:
            token = ensure_token(self.settings.token_file)
        except TokenUnusable as error:
            raise SetUpWrong(str(error)) from error
        except OSError as error:
            raise CannotStart(str(error)) from error
        self._redactor.learn(token)
        return token

    async def _announce(self, server: Server, serving: asyncio.Task[None], listener: socket.socket) -> None:
        while not server.started:
            if serving.done():
                raise CannotStart("the API did not start; the log says why")
            await asyncio.sleep(0.01)
        self.url = own_url(listener, tls=self._edge.tls is not None)
        write_whole(self.settings.endpoint_file, f"{self.url}\n".encode())
        source = self._force.source
        log.info(
            "started",
            sha256=source.sha256,
            url=self.url,
            state=str(self.settings.state),
            warnings=[problem.describe(source.path) for problem in source.warnings],
        )
        self.started.set()


async def _first(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
