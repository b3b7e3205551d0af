"""Another site file is put in force as a whole, between two ticks of the router, or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from hosted_ce.api.ports.site_files import ReloadRefused
from hosted_ce.daemon.site_file.in_force import SiteInForce, compiled
from hosted_ce.daemon.site_file.plan import all_differences, plan
from hosted_ce.daemon.site_file.switch import Switch
from hosted_ce.metrics import Metrics
from hosted_ce.site import SiteFile
from hosted_ce.site.source import Source
from tests.fakes.sites import cluster, route, site

DOOR = {"host": "ce.example.edu", "certificate": "/c", "certificate_key": "/k"}


class World:
    """All that a switch touches. `told` is what it did, in order."""

    def __init__(self, first: SiteFile) -> None:
        self.told: list[str] = []
        self.there: dict[str, list[int]] = {}
        self.at_door: list[int] = []
        self.broken: Exception | None = None
        self.parts = {name: Part(name, self.told) for name in first.clusters}
        self.force = SiteInForce(compiled(source(first)), 1.0)
        self.turn = asyncio.Lock()
        me = cast(Any, self)
        self.switch = Switch(
            self.force, me, me, me, metrics=Metrics(dict), now=lambda: 9.0, turn=self.turn,
            wake=lambda: self.told.append("wake"),
        )  # fmt: skip

    async def to(self, new: SiteFile) -> None:
        before, after = self.force.source, source(new)
        found = all_differences(before, after)
        await self.switch.to(compiled(after), plan(before.site, new, found), found)

    async def ids_of(self, name: str) -> list[int]:
        assert self.turn.locked()
        return self.there.get(name, [])

    async def ids_at_door(self, door: str) -> list[int]:
        return self.at_door

    async def change(self, entries: dict[str, Any], *, replace: Any, end: Any, swap: Any) -> None:
        assert self.turn.locked()
        self.told.append(f"change {sorted(entries)} {list(replace)} {list(end)}")
        if self.broken:
            raise self.broken
        for name in end:
            self.parts.pop(name)
        self.parts |= {name: Part(name, self.told) for name in entries}
        swap()

    async def stop(self) -> None:
        self.told.append("door stops")

    def resume(self) -> None:
        self.told.append("door resumes")

    def turn_to(self, wanted: SiteFile) -> None:
        self.told.append("door turns")

    async def close_old(self) -> None:
        self.told.append("door closes")


class Part:
    def __init__(self, name: str, told: list[str]) -> None:
        self.name, self.told = name, told

    def forgive(self, routes: Any) -> None:
        self.told.append(f"{self.name} forgives {sorted(routes)}")

    def try_again(self) -> None:
        self.told.append(f"{self.name} tries again")


def source(said: SiteFile, key: str = "1") -> Source:
    return Source(Path("x.yaml"), said, "0" * 64, {"/k": key, "/h": "1"})


def two(*routes: dict[str, Any]) -> SiteFile:
    return site(*(routes or (route("default", cluster="a"),)), clusters={"a": cluster(), "b": cluster()})


async def test_routes_alone_touch_no_cluster() -> None:
    world = World(site())
    await world.to(site(route("new")))
    assert world.told == ["change [] [] []", "main forgives ['default', 'new']", "wake"]
    assert [each.name for each in world.force.table.routes] == ["new"]
    assert world.force.loaded_at == 9.0


async def test_clusters_are_changed_under_the_routers_turn() -> None:
    world = World(two())
    new = site(
        route("default", cluster="a"), clusters={"a": cluster(poll="9s"), "c": cluster()}, front_door=DOOR
    )
    await world.to(new)
    assert world.told[:3] == ["door stops", "change ['a', 'c'] ['a'] ['b']", "door turns"]
    assert world.told[-2:] == ["door closes", "wake"]
    assert world.force.chores == ("restart the front door: systemctl restart hosted-ce-front-door",)
    assert not world.turn.locked()


async def test_what_would_lose_pilots_is_refused_and_nothing_is_done() -> None:
    world = World(two())
    world.there = {"b": [4, 5]}
    before = world.force.site
    with pytest.raises(ReloadRefused, match=r"x\.yaml:1:1: clusters: cluster b is taken out, and 2 pilots"):
        await world.to(site(route("default", cluster="a"), clusters={"a": cluster()}))
    assert (world.told, world.force.site) == ([], before)
    assert not world.turn.locked()


async def test_a_door_goes_on_when_the_clusters_cannot_be_changed() -> None:
    world = World(site(front_door=DOOR))
    world.broken = OSError("the database is away")
    with pytest.raises(OSError, match="away"):
        await world.to(site(front_door=DOOR | {"poll": "9s"}))
    assert world.told == ["door stops", "change [] [] []", "door resumes"]
    assert world.force.site == site(front_door=DOOR)


async def test_another_key_is_tried_at_once() -> None:
    world = World(site())
    before, after = world.force.source, source(site(), key="2")
    found = all_differences(before, after)
    await world.switch.to(compiled(after), plan(before.site, after.site, found), found)
    assert "main tries again" in world.told


async def test_it_waits_for_the_routers_turn() -> None:
    world = World(site())
    async with world.turn:
        switching = asyncio.create_task(world.to(site(route("new"))))
        for _ in range(5):
            await asyncio.sleep(0)
        assert world.told == []
    await switching
    assert world.told
