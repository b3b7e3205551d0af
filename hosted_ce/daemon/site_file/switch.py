"""Puts another site file in force while pilots come and go: all of it, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bosco.batch.registry import is_replaced
from hosted_ce.api.ports.site_files import ReloadRefused
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.fleet import Fleet
from hosted_ce.daemon.site_file.in_force import Compiled, SiteInForce
from hosted_ce.daemon.site_file.plan import Door, Obstacle, Plan, all_differences, chores, obstacles, plan
from hosted_ce.engine.ports import Clock
from hosted_ce.intake.condor.taking import DOOR
from hosted_ce.metrics import Metrics
from hosted_ce.site import Cluster as Entry
from hosted_ce.site import Problem, SiteFile
from hosted_ce.site.changes import Difference
from hosted_ce.site.source import Source


class Pilots(Protocol):
    """Who is where; hosted_ce.store.pilots.PilotStore says it."""

    async def ids_of(self, cluster: str) -> list[int]:
        """The pilots whose attempt at this cluster is not over."""

    async def ids_at_door(self, door: str) -> list[int]:
        """The pilots that this front door still has in a queue of its own."""


class Doorkeeper(Protocol):
    """Opens and closes the door; hosted_ce.daemon.front_door.keeper.FactoryDoor is the one in use."""

    async def stop(self) -> None:
        """Ends the workers of the door, if it has one."""

    def resume(self) -> None:
        """Begins them again."""

    def turn_to(self, site: SiteFile) -> None:
        """Opens what this site has for a door."""

    async def close_old(self) -> None:
        """Ends the process of the one before."""


class Switch:
    """`turn` keeps the router from beginning attempts while it is held; `wake` has it look again."""

    def __init__(
        self, force: SiteInForce, fleet: Fleet[ClusterPart, Entry], door: Doorkeeper, pilots: Pilots,
        *, metrics: Metrics, now: Clock, turn: asyncio.Lock, wake: Callable[[], None],
    ):  # fmt: skip
        self._force, self._fleet, self._door, self._pilots = force, fleet, door, pilots
        self._metrics, self._now, self._turn, self._wake = metrics, now, turn, wake

    async def to(self, new: Compiled, intended: Plan, found: Sequence[Difference]) -> None:
        """Raises ReloadRefused when it cannot be done now, and then nothing was done."""
        async with self._turn:  # so that no attempt begins by the old routes where pilots are counted
            if problems := await self._obstacles(self._force.site, new.source, intended):
                raise ReloadRefused(new.source.path, problems)
            await self._change(new, intended, lambda: self._swap(new, intended, found))
        for name in intended.end:
            self._metrics.forget(name)
        self._wake()

    async def obstacles(self, old: Source, new: Source) -> list[Problem]:
        """What would keep `new` from following `old` now."""
        return await self._obstacles(old.site, new, plan(old.site, new.site, all_differences(old, new)))

    async def _obstacles(self, old: SiteFile, new: Source, intended: Plan) -> list[Problem]:
        there = {name: await self._pilots.ids_of(name) for name in (*intended.end, *intended.replace)}
        at_door = await self._pilots.ids_at_door(DOOR) if intended.door is Door.CLOSES else []
        replaced = await asyncio.to_thread(_replaced, new.site)
        found = obstacles(old, new, intended, there, at_door, replaced=replaced)
        return [_problem(new, one) for one in found]

    async def _change(self, new: Compiled, intended: Plan, swap: Callable[[], None]) -> None:
        stays = intended.door is Door.STAYS
        if not stays:
            await self._door.stop()
        clusters = new.source.site.clusters
        entries = {name: clusters[name] for name in (*intended.begin, *intended.replace)}
        try:
            await self._fleet.change(entries, replace=intended.replace, end=intended.end, swap=swap)
        except BaseException:
            if not stays:
                self._door.resume()
            raise
        if not stays:
            await self._door.close_old()

    def _swap(self, new: Compiled, intended: Plan, found: Sequence[Difference]) -> None:
        self._force.swap(new, self._now(), chores(new.source.site, found))
        if intended.door is not Door.STAYS:
            self._door.turn_to(new.source.site)
        for part in self._fleet.parts.values():
            part.forgive(_changed(new, intended))
        for name in intended.touched:
            self._fleet.parts[name].try_again()


def _changed(new: Compiled, intended: Plan) -> Collection[str]:
    """Names of routes that may be others than before: an entry of HTCondor-CE's files stands for several."""
    written = {route.name for route in new.source.site.routes if route.htcondor}
    return [route.name for route in new.table.routes] if written & intended.routes else intended.routes


def _replaced(site: SiteFile) -> Collection[str]:
    return {entry.batch for entry in site.clusters.values() if is_replaced(entry.batch)}


def _problem(new: Source, obstacle: Obstacle) -> Problem:
    return new.place(*obstacle)
