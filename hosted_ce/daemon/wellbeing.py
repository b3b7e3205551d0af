"""Gathers what the CE's health is judged by, and judges it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from hosted_ce.api.views import ClusterView, FrontDoorView
from hosted_ce.capabilities.finding import Weight
from hosted_ce.daemon.expiries import expiries
from hosted_ce.daemon.process.room import room_at
from hosted_ce.daemon.recount import Recount
from hosted_ce.engine.ports import Clock
from hosted_ce.health.facts import (
    ClusterCondition,
    ClusterFacts,
    DoorFacts,
    Expiry,
    Facts,
    PilotFacts,
    RoomFacts,
)
from hosted_ce.health.judge import Health, health
from hosted_ce.health.pressure import Activity, activity
from hosted_ce.listening.tls import Tls
from hosted_ce.site import SiteFile
from hosted_ce.store.vitals import Vitals

INTERVAL_S = 5.0
_CONDITIONS = {
    "ready": ClusterCondition.WELL,
    "connecting": ClusterCondition.NOT_KNOWN,
    "degraded": ClusterCondition.IN_TROUBLE,
    "paused": ClusterCondition.PAUSED,
    "down": ClusterCondition.OUT_OF_REACH,
    "auth_refused": ClusterCondition.OUT_OF_REACH,
}


class Seen(Protocol):
    """How the CE is doing now, as the daemon knows it without asking anybody."""

    def clusters(self) -> Iterable[ClusterView]:
        """Those that are served."""

    def door(self) -> FrontDoorView | None:
        """The factory's door."""

    def troubles(self) -> Iterator[str]:
        """What else is not as it should be."""


class Wellbeing:
    """`look` is to be called now and then; `health` and `activity` answer from what it saw.

    Conditions of clusters and the door are as they are at the moment of the question.
    """

    def __init__(
        self, vitals: Vitals, seen: Seen, site: Callable[[], SiteFile], token: Path, now: Clock, *,
        tls: Tls | None = None,
    ):  # fmt: skip
        self._vitals, self._seen, self._site, self._token, self._now = vitals, seen, site, token, now
        self._tls = tls
        self._pilots: PilotFacts | None = None
        self._room: RoomFacts | None = None
        self.expiries: tuple[Expiry, ...] = ()
        self._recount = Recount(lambda: vitals.commits, now, INTERVAL_S)

    async def look(self) -> None:
        """Asks the database, the disk and the certificates for what may have changed."""
        if not self._recount.due():
            return
        begun = self._recount.begin()
        self._pilots = await self._vitals.pilots(self._now())
        self.expiries = await asyncio.to_thread(expiries, self._site(), self._token, self._tls)
        self._room = await asyncio.to_thread(room_at, self._token.parent)
        self._recount.done(begun)

    @property
    def health(self) -> Health | None:
        """Good, fair or poor, and why; None before the first look."""
        if self._pilots is None:
            return None
        door = self._seen.door()
        return health(
            Facts(
                now=self._now(),
                pilots=self._pilots,
                clusters=tuple(cluster_facts(each) for each in self._seen.clusters()),
                door=DoorFacts(door.in_contact, door.problem) if door else None,
                expiries=self.expiries,
                room=self._room,
                troubles=tuple(self._seen.troubles()),
            )
        )

    @property
    def activity(self) -> Activity | None:
        """Production, no pressure, or broken; None before the first look."""
        return None if self._pilots is None else activity(self._pilots)


def cluster_facts(cluster: ClusterView) -> ClusterFacts:
    """A cluster as its health is judged."""
    condition = _CONDITIONS[cluster.state]
    problems = tuple((one.said, one.todo) for one in cluster.findings if one.weight is Weight.PROBLEM)
    return ClusterFacts(cluster.name, condition, cluster.state_reason, cluster.overdue, problems)
