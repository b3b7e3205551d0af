"""The engine's bench with the factory's door before it, a schedd in memory, and a factory."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from hosted_ce.intake.condor.door import CondorDoor
from hosted_ce.intake.condor.keeping import Keeping
from hosted_ce.intake.condor.queue import CondorQueue
from hosted_ce.intake.condor.taking import Taking
from hosted_ce.pilots.pilot import Pilot
from tests.fakes.bench import Bench, stamp_of
from tests.fakes.factory import SCRIPT, At, Factory, Sent
from tests.fakes.schedd import InProcess, QueuedAd, Schedd

SITE = "LAB"
FILES = {SCRIPT: b"#!/bin/sh\nexit 0\n\0tail", "credential_lab.idtoken": b"token"}
LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """The CE's policies, in seconds; shorter than in daily life."""

    no_route_hold: int = 1800
    held_remove: int = 8000
    overrun_remove: int = 4000
    idle_remove: int = 40_000
    completed_expire: int = 20_000
    stage_in_remove: int = 3000
    vanished_grace: int = 300


class Contents:
    """Contents of input files, in memory, where the bench looks for them."""

    def __init__(self, kept: dict[str, bytes | Exception]):
        self._kept = kept

    async def put(self, data: bytes) -> str:
        """Keeps `data`."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._kept[sha256] = data
        return sha256


class DoorBench(Bench):
    """One CE with its door. `restart` loses all that is in memory; the schedd goes on."""

    rules: ClassVar[Rules] = Rules()

    def __init__(self, url: str, folder: Path, **options: Any):
        """The schedd keeps what it has in the folder."""
        self.schedd = Schedd(self._time, folder / "spool")
        self.factory = Factory(self.schedd)
        self.taken_after: list[float] = []
        self.told_after: list[float] = []
        self.mark: tuple[int, ...] | None = None
        """Of the schedd's log; None: it cannot be looked at."""
        super().__init__(url, **options)

    def _time(self) -> float:
        return self.clock()

    def _start(self) -> None:
        super()._start()
        queue = CondorQueue(InProcess(self.schedd))
        contents = Contents(self.contents)
        taking = Taking(
            queue, self.store, contents, site=SITE, largest=LARGEST, now=self.clock,
            observe=self.taken_after.append,
        )  # fmt: skip
        keeping = Keeping(queue, self.store, self.rules)
        self.door = CondorDoor(
            queue, self.store, self.outputs, taking, keeping, site=SITE, now=self.clock,
            told=self.told_after.append, mark=lambda: self.mark,
        )  # fmt: skip
        self.store.subscribe(self.door.heard)

    async def look(self, times: int = 1) -> None:
        """The door looks, a second after the last time."""
        for _ in range(times):
            self.clock.advance(1)
            await self.door.tick()

    async def everything(self, number: int = 1, *, after: float = 30.0) -> None:
        """The engine and the door, again and again; the factory polls."""
        for _ in range(number):
            await self.look()
            await self.rounds(1, after=after)
            await self.look()
            self.factory.poll()

    def send(self, **ad: Any) -> Sent:
        """A pilot from the factory."""
        return self.factory.submit({"xcount": 1, **ad}, FILES)

    async def taken(self, **ad: Any) -> tuple[Sent, Pilot]:
        """A pilot from the factory that is taken in."""
        sent = self.send(**ad)
        await self.look()
        return sent, await self.of(sent)

    async def of(self, sent: Sent) -> Pilot:
        """The pilot of a job."""
        (found,) = [p for p in await self.store.at_door("condor") if p.door_key == sent.key]
        return found

    def job(self, sent: Sent) -> QueuedAd:
        """Its job at the CE."""
        found = self.schedd.by_key(sent.key)
        assert found, f"{sent.key} is not in the queue"
        return found


@contextlib.asynccontextmanager
async def door_bench(url: str, folder: Path, **options: Any) -> AsyncIterator[DoorBench]:
    """A bench, cleared at the end."""
    made = DoorBench(url, folder, **options)
    try:
        yield made
    finally:
        await made.stop()
        await asyncio.sleep(0)


async def running(ce: DoorBench) -> tuple[Sent, Pilot]:
    """A pilot of the factory that runs, and is known to."""
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything()
    assert sent.at is At.RUNNING
    return sent, await ce.pilot(pilot.id)
