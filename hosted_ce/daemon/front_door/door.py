"""The factory's door, if the site file has one: its queue, its worker, and how it is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from hosted_ce.api.views import Check, FrontDoorView
from hosted_ce.daemon.crew import Worker
from hosted_ce.engine.ports import Clock, Site
from hosted_ce.intake.condor.door import COMPARE_S, CondorDoor
from hosted_ce.intake.condor.keeping import Keeping
from hosted_ce.intake.condor.queue import CondorQueue, child_of
from hosted_ce.intake.condor.quiet import mark_of
from hosted_ce.intake.condor.refreshing import Refresher
from hosted_ce.intake.condor.status import DoorStatus
from hosted_ce.intake.condor.taking import Taking
from hosted_ce.metrics import Metrics
from hosted_ce.settings import Settings
from hosted_ce.site import FrontDoor, Policy
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore

NAME = "front door"
LEAST_COMPARE_S = 5.0


class FrontDoorPart:
    """What the daemon runs for HTCondor-C."""

    def __init__(self, entry: FrontDoor, site: str, settings: Settings, metrics: Metrics, now: Clock):
        self._entry, self._site, self._settings, self._metrics = entry, site, settings, metrics
        self._queue = CondorQueue(child_of(settings.front_door_config))
        self._now = now
        self._status = DoorStatus()
        self._counted = 0
        self._leave: Callable[[], None] = _nothing

    def workers(
        self, store: PilotStore, contents: ContentStore, outputs: OutputStore, sites: Mapping[str, Site]
    ) -> Iterator[Worker]:
        """The door's workers, which hear of every change from now on. `sites` are the clusters by name."""
        largest = self._settings.max_input_file
        taking = Taking(
            self._queue, store, contents, site=self._site, largest=largest, now=self._now,
            observe=self._metrics.door.taken,
        )  # fmt: skip
        door = CondorDoor(
            self._queue, store, outputs, taking, Keeping(self._queue, store, self._entry.policy),
            site=self._site, now=self._now, interval=self._entry.poll, compare=_compare(self._entry.policy),
            observe=self._metrics.door.tick, told=self._metrics.door.told,
            mark=partial(mark_of, self._settings.front_door_config.parent / "spool" / "job_queue.log"),
        )  # fmt: skip
        self.leave()
        store.subscribe(door.heard)
        self._leave = partial(store.unsubscribe, door.heard)
        self._status = door.status
        yield NAME, door.run
        yield f"{NAME} credentials", Refresher(door.jobs, store, contents, sites).run

    def leave(self) -> None:
        """Hears no more of changes: its workers have ended."""
        self._leave()
        self._leave = _nothing

    def gauge(self) -> None:
        """Brings the door's metrics up to date."""
        status = self._status
        self._metrics.door.seen(
            in_contact=bool(status.in_contact), jobs=status.jobs, looked_at=status.looked_at
        )
        self._metrics.door.calls(self._queue.calls - self._counted)
        self._counted = self._queue.calls

    def check(self) -> Check:
        """Whether the schedd answers."""
        status = self._status
        if status.in_contact is None:
            return Check(NAME, ok=False, detail="the schedd has not been asked yet")
        problem = problem_of(status)
        return Check(NAME, ok=problem is None, detail=problem or f"{status.jobs} jobs")

    def view(self) -> FrontDoorView:
        """The door as the API shows it."""
        status, entry = self._status, self._entry
        return FrontDoorView(
            address=f"{entry.host}:{entry.port}",
            in_contact=status.in_contact,
            since=status.since,
            problem=problem_of(status),
            looked_at=status.looked_at,
            jobs=status.jobs,
            no_route_hold_s=entry.policy.no_route_hold,
        )

    async def close(self) -> None:
        """Ends the process that talks to the schedd; the schedd and its jobs go on."""
        await self._queue.close()


def _nothing() -> None:
    """Nobody has been told yet."""


def problem_of(status: DoorStatus) -> str | None:
    """What is wrong, and what to do."""
    if status.in_contact is not False:
        return status.problem
    todo = "look at `hosted-ce front-door check`, or start it with `hosted-ce front-door start`"
    return f"{status.problem}; {todo}"


def _compare(policy: Policy) -> float:
    """How often everything is compared: at least as often as the shortest time of a policy asks for."""
    return max(LEAST_COMPARE_S, min(COMPARE_S, *(float(seconds) for _, seconds in policy)))
