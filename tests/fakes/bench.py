"""The engine on a bench: its workers, a real database, and a cluster in memory."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hosted_ce.engine.by_hand import Settler
from hosted_ce.engine.cancel import Canceller
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.families import Families
from hosted_ce.engine.fetch import Fetcher
from hosted_ce.engine.gate import Gate
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.holding import hold, release
from hosted_ce.engine.left_out import LeftOut
from hosted_ce.engine.observe import Observer
from hosted_ce.engine.overdue import Reminder
from hosted_ce.engine.pushback import PushBack
from hosted_ce.engine.removal import removal
from hosted_ce.engine.route import Router
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.submit import Submitter
from hosted_ce.engine.sweep import Sweeper
from hosted_ce.engine.window import Window
from hosted_ce.pilots.pilot import Attempt, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.routing.route import Route, Table
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import EventRow, PilotQueries
from tests.fakes.clock import Clock
from tests.fakes.cluster import FakeCluster
from tests.fakes.routes import route

NAME = "main"
SCRIPT = b"#!/bin/sh\nexit 0\n"
SHA256 = hashlib.sha256(SCRIPT).hexdigest()
ROUTES = (route("default"),)
POLL = 30.0


def spec_of(sha256: str = SHA256, **attributes: Any) -> dict[str, Any]:
    """A pilot's specification, as a front door writes it down."""
    return {
        "executable": "pilot.sh", "arguments": ["-v"], "environment": {"GLIDEIN": "1"},
        "inputs": [{"name": "pilot.sh", "sha256": sha256, "executable": True}], "attributes": attributes,
    }  # fmt: skip


class Resting:
    """`idle` while the submitter waits for something to do; `moved` is told of it."""

    def __init__(self, moved: asyncio.Event):
        self.idle, self.moved = False, moved

    @contextlib.asynccontextmanager
    async def rest(self) -> AsyncIterator[None]:
        """Around each wait."""
        self.idle = True
        self.moved.set()
        try:
            yield
        finally:
            self.idle = False


class WatchedHint(Hint):
    """A hint whose waits are seen."""

    def __init__(self, resting: Resting):
        super().__init__()
        self._resting = resting

    async def wait(self, timeout: float) -> bool:
        """As a hint waits."""
        async with self._resting.rest():
            return await super().wait(timeout)


class WatchedGate(Gate):
    """A gate whose waits are seen."""

    def __init__(self, resting: Resting):
        super().__init__()
        self._resting = resting

    async def wait(self) -> None:
        """As a gate waits."""
        if not self.is_open:
            async with self._resting.rest():
                await super().wait()


class WatchedWindow(Window):
    """A window in which it is seen that somebody waits; it may have become smaller just before."""

    def __init__(self, most: int, moved: asyncio.Event):
        super().__init__(most)
        self._moved = moved

    async def acquire(self) -> None:
        """As a window lets somebody in."""
        if self.under_way >= self.size:
            self._moved.set()
        await super().acquire()


class Outputs:
    """Fetched outputs, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int, str], bytes] = {}

    async def put(self, pilot_id: int, attempt: int, name: str, data: bytes) -> None:
        """Keeps one."""
        self.kept[pilot_id, attempt, name] = data

    async def get(self, pilot_id: int, attempt: int, name: str) -> bytes | None:
        """One, if it was kept."""
        return self.kept.get((pilot_id, attempt, name))


class Bench:
    """One CE without its front doors. Use `bench()`; `restart` is a crash and a new start."""

    store_type: type[PilotStore] = PilotStore
    site_type: type[FakeCluster] = FakeCluster

    def __init__(self, url: str, *, routes: Sequence[Route] = ROUTES, **cluster: Any):
        self.url, self.routes, self._options = url, routes, cluster
        self.clock = Clock()
        self.site = self.site_type(self.clock)
        self.outputs = Outputs()
        self.contents: dict[str, bytes | Exception] = {SHA256: SCRIPT}
        self.avoided: list[str] = []
        self.duplicates: list[tuple[str, str]] = []
        self.late: list[tuple[str, str]] = []
        self.observing: asyncio.Task[None] | None = None
        self._start()

    def _start(self) -> None:
        self.database = Database(self.url)
        self.store = self.store_type(self.database, now=self.clock)
        self.queries = PilotQueries(self.database)
        self._resting = Resting(self.site.faults.moved)
        self.cluster = Cluster(
            NAME, self.site, gate=WatchedGate(self._resting), pushback=PushBack(self.clock),
            left_out=LeftOut(self.clock, lambda: self.avoided), **self._options,
        )  # fmt: skip
        self._hint = WatchedHint(self._resting)
        self._submitting: asyncio.Task[None] | None = None
        self.router = Router(
            self.store, lambda: Table(tuple(self.routes)), Hint(), self.clock,
            refusal=lambda route, cluster: self.cluster.pushback.reason(route),
            left_out=lambda route, cluster: self.cluster.left_out.of(route),
            stamp=Families(lambda cluster: self.cluster.together).stamp,
        )  # fmt: skip
        self.spool = SpoolGuard(NAME, self.site, ClusterStore(self.database), self.clock)
        self.submitter = Submitter(
            self.cluster, self.store, self._content, self._hint, self.clock, spool=self.spool
        )
        pace = self.submitter.pace
        pace.window = WatchedWindow(pace.window.most, self.site.faults.moved)
        self.observer = Observer(
            self.cluster, self.store, Hint(), self.clock, spool=self.spool,
            on_duplicate=lambda stamp, batch_id: self.duplicates.append((stamp, batch_id)),
            on_late=lambda stamp, batch_id: self.late.append((stamp, batch_id)),
        )  # fmt: skip
        self.canceller = Canceller(self.cluster, self.store, Hint(), self.clock)
        self.fetcher = Fetcher(self.cluster, self.store, self.outputs, Hint(), self.clock)
        self.reminder = Reminder(self.cluster, self.store, self.clock)
        self.settler = Settler({NAME: self.cluster}, self.store, self.clock)
        self.sweeper = Sweeper(self.cluster, self.store, self.clock)

    @property
    def gate(self) -> Gate:
        """The cluster's gate."""
        return self.cluster.gate

    # Steps

    async def submit(self) -> None:
        """The submitter does all that it can: afterwards nothing is under way but what the test holds."""
        if self._submitting is None:
            self._submitting = asyncio.create_task(self.submitter.run())
        self._resting.idle = not self.gate.is_open
        self._hint.wake()
        await self.settle()

    async def settle(self) -> None:
        """The submitter, if it is at work, gets as far as it can."""
        while self._submitting and not self._quiet():
            self.site.faults.moved.clear()
            moved = asyncio.create_task(self.site.faults.moved.wait())
            watched = {moved, self._submitting, *self._moving()}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            assert not self._submitting.done()

    async def observe(self, *, after: float = POLL) -> None:
        """One round of the observer, some time later."""
        self.clock.advance(after)
        await self.observer.tick()

    async def begin_observing(self, *, after: float = POLL) -> None:
        """A round of the observer that the test holds on its way."""
        self.clock.advance(after)
        self.observing = asyncio.create_task(self.observer.tick())

    async def sent(self, *, purpose: Purpose = Purpose.PILOT, **attributes: Any) -> Pilot:
        """A pilot that was routed and sent, with the gate open."""
        pilot_id = await self.add(purpose=purpose, **attributes)
        await self.open()
        await self.router.tick()
        await self.submit()
        return await self.pilot(pilot_id)

    async def open(self) -> None:
        """Opens the gate, as if the site had just been listed."""
        if self.spool.mark is None:
            await self.spool.check()
        self.gate.open(self.gate.closings)

    async def running(self) -> Pilot:
        """A pilot that runs."""
        pilot = await self.sent()
        self.site.start(stamp_of(pilot))
        await self.observe()
        return await self.pilot(pilot.id)

    async def ended(self, code: int = 0) -> Pilot:
        """A pilot whose outputs are still to be fetched."""
        pilot = await self.running()
        self.site.finish(stamp_of(pilot), code)
        await self.observe()
        return await self.pilot(pilot.id)

    async def rounds(self, number: int, *, after: float = POLL) -> None:
        """The whole engine, again and again, some time apart."""
        for _ in range(number):
            await self.observe(after=after)
            await self.router.tick()
            await self.submit()
            await self.canceller.tick()
            await self.fetcher.tick()

    # What is asked of the CE, and what it has written down

    async def add(self, sha256: str = SHA256, *, purpose: Purpose = Purpose.PILOT, **attributes: Any) -> int:
        """A new pilot; its id."""
        spec = spec_of(sha256, **attributes)
        pilot, _ = await self.store.add(NewPilot(spec, "test", "tester", "digest", purpose=purpose))
        return pilot.id

    async def remove(self, pilot_id: int) -> None:
        """Asks for its removal, as a front door does."""
        while change := removal(await self.pilot(pilot_id), "tester", "no longer wanted", self.clock()):
            if await self.store.apply([change]):
                return

    async def hold(self, pilot_id: int) -> None:
        """Asks for it to be held, as a front door does."""
        while change := hold(await self.pilot(pilot_id), "tester", "not now"):
            if await self.store.apply([change]):
                return

    async def release(self, pilot_id: int) -> None:
        """Asks for its release, as a front door does."""
        while change := release(await self.pilot(pilot_id), "tester", None):
            if await self.store.apply([change]):
                return

    async def pilot(self, pilot_id: int) -> Pilot:
        """As it is written down."""
        found = await self.store.get(pilot_id)
        assert found is not None
        return found

    async def history(self, pilot_id: int) -> list[EventRow]:
        """All its events."""
        return await self.queries.history(pilot_id)

    async def words(self, pilot_id: int) -> list[str]:
        """What happened to it, in one word each."""
        return [event.what for event in await self.history(pilot_id)]

    # Stop and start

    async def restart(self) -> None:
        """The process dies, and starts again: nothing is left but what is written down."""
        await self.stop()
        self._start()

    async def stop(self) -> None:
        """Ends everything that is under way here; the site goes on."""
        tasks = [task for task in (self.observing, self._submitting) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.observing = self._submitting = None
        await self.database.close()

    async def _content(self, sha256: str) -> bytes:
        found = self.contents[sha256]
        if isinstance(found, Exception):
            raise found
        return found

    def _quiet(self) -> bool:
        waits = self._resting.idle or len(self._sends()) >= self.submitter.pace.window.size
        return waits and not self._moving()

    def _moving(self) -> list[asyncio.Task[Any]]:
        held = self.site.faults.held
        return [task for task in self._sends() if task not in held]

    def _sends(self) -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if task.get_name().startswith("submit-")]


@contextlib.asynccontextmanager
async def bench(url: str, **options: Any) -> AsyncIterator[Bench]:
    """A bench, cleared at the end."""
    made = Bench(url, **options)
    try:
        yield made
    finally:
        await made.stop()


def stamp_of(pilot: Pilot) -> str:
    """The stamp of its latest attempt."""
    return attempt_of(pilot).stamp


def attempt_of(pilot: Pilot) -> Attempt:
    """Its latest attempt, which it has."""
    assert pilot.attempt is not None
    return pilot.attempt
