"""The factory's door, if the site file has one: its queue, its worker, and how it is doing."""

from __future__ import annotations

import time

from hosted_ce.api.services import Check
from hosted_ce.daemon.cluster import Worker
from hosted_ce.intake.condor.door import CondorDoor
from hosted_ce.intake.condor.keeping import Keeping
from hosted_ce.intake.condor.queue import CondorQueue
from hosted_ce.intake.condor.status import DoorStatus
from hosted_ce.intake.condor.taking import Taking
from hosted_ce.metrics import Metrics
from hosted_ce.settings import Settings
from hosted_ce.site import FrontDoor
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore

NAME = "front door"


class FrontDoorPart:
    """What the daemon runs for HTCondor-C."""

    def __init__(self, entry: FrontDoor, site: str, settings: Settings, metrics: Metrics):
        self._entry, self._site, self._settings, self._metrics = entry, site, settings, metrics
        self._queue = CondorQueue(settings.front_door_config)
        self._status = DoorStatus()

    def worker(self, store: PilotStore, contents: ContentStore, outputs: OutputStore) -> Worker:
        """The door's worker, which hears of every change from now on."""
        taking = Taking(self._queue, store, contents, site=self._site, largest=self._settings.max_input_file)
        door = CondorDoor(
            self._queue, store, outputs, taking, Keeping(self._queue, store, self._entry.policy),
            site=self._site, now=time.time, interval=self._entry.poll, observe=self._metrics.door_tick,
        )  # fmt: skip
        store.subscribe(door.heard)
        self._status = door.status
        return NAME, door.run

    def gauge(self) -> None:
        """Brings the door's metrics up to date."""
        status = self._status
        self._metrics.door(in_contact=bool(status.in_contact), jobs=status.jobs, looked_at=status.looked_at)

    def check(self) -> Check:
        """Whether the schedd answers."""
        status = self._status
        if status.in_contact is None:
            return Check(NAME, ok=False, detail="the schedd has not been asked yet")
        if not status.in_contact:
            todo = "look at `hosted-ce front-door check`, or start it with `hosted-ce front-door start`"
            return Check(NAME, ok=False, detail=f"{status.problem}; {todo}")
        return Check(NAME, ok=status.problem is None, detail=status.problem or f"{status.jobs} jobs")

    async def close(self) -> None:
        """Ends the process that talks to the schedd; the schedd and its jobs go on."""
        await self._queue.close()
