"""Clusters that begin, are served anew and end: all or nothing, and never two at a time for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import pytest

from hosted_ce.daemon import fleet
from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.daemon.fleet import Fleet
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import Site
from hosted_ce.supervisor import Supervisor


class Yard:
    """Where parts are made. `told` is what happened to them, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.broken: set[str] = set()
        self.at_work: dict[str, int] = {}
        self.most_at_work = 0
        self.supervisor = Supervisor()
        self.crew = Crew(self.supervisor)
        self.fleet: Fleet[Part, str] = Fleet(self._make, self._load, self._workers, self.crew)

    def _make(self, name: str, entry: str) -> Part:
        return Part(self, name, entry)

    async def _load(self, part: Part) -> None:
        await asyncio.sleep(0)
        if part.entry in self.broken:
            raise OSError("the database is away")
        self.told.append(f"load {part.entry}")

    def _workers(self, part: Part) -> Iterator[Worker]:
        yield f"work {part.name}", part.work

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


class Part:
    """A part that says what it does. `entry` says which it is."""

    def __init__(self, yard: Yard, name: str, entry: str) -> None:
        self.yard, self.name, self.entry = yard, name, entry
        self.rests = False
        self.cluster, self.site = cast(Cluster, f"engine {entry}"), cast(Site, f"site {entry}")

    async def work(self) -> None:
        at_work = self.yard.at_work
        at_work[self.name] = at_work.get(self.name, 0) + 1
        self.yard.most_at_work = max(self.yard.most_at_work, at_work[self.name])
        self.yard.told.append(f"work {self.entry}")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            at_work[self.name] -= 1
            self.yard.told.append(f"end {self.entry}")

    async def rest(self) -> None:
        self.rests = True

    def go_on(self) -> None:
        self.rests = False

    async def close(self) -> None:
        self.yard.told.append(f"close {self.entry}")


@pytest.fixture
async def yard() -> Any:
    """With two clusters that are served."""
    yard = Yard()
    await yard.fleet.change({"a": "a1", "b": "b1"})
    await yard.settle()
    yard.told.clear()
    yield yard
    await yard.crew.end_all()


async def test_a_part_ends_before_its_successor_begins(yard: Yard) -> None:
    parts, sites = yard.fleet.parts, yard.fleet.sites
    await yard.fleet.change({"a": "a2"}, replace=["a"], swap=lambda: yard.told.append("swap"))
    await yard.settle()
    assert yard.told == ["end a1", "load a2", "swap", "close a1", "work a2"]
    assert yard.most_at_work == 1
    assert parts is yard.fleet.parts
    assert (parts["a"].entry, sites["a"], parts["b"].entry) == ("a2", "site a2", "b1")


async def test_clusters_come_and_go(yard: Yard) -> None:
    await yard.fleet.change({"c": "c1"}, end=["b"])
    await yard.settle()
    assert set(yard.fleet.parts) == set(yard.fleet.engines) == set(yard.fleet.sites) == {"a", "c"}
    assert yard.told == ["end b1", "load c1", "close b1", "work c1"]
    assert set(yard.supervisor.health) == {"work a", "work c"}


async def test_what_cannot_be_done_leaves_all_as_it_was(yard: Yard) -> None:
    yard.broken = {"b2"}
    swapped: list[bool] = []
    with pytest.raises(OSError, match="away"):
        await yard.fleet.change(
            {"a": "a2", "b": "b2", "c": "c1"}, replace=["a", "b"], swap=lambda: swapped.append(True)
        )
    await yard.settle()
    assert swapped == []
    assert {name: part.entry for name, part in yard.fleet.parts.items()} == {"a": "a1", "b": "b1"}
    assert yard.at_work == {"a": 1, "b": 1}
    assert not any(part.rests for part in yard.fleet.parts.values())
    assert "close a1" not in yard.told


async def test_who_breaks_it_off_leaves_all_as_it_was(yard: Yard) -> None:
    """As when the daemon's task for it dies in the middle."""
    for steps in range(8):
        task = asyncio.create_task(yard.fleet.change({"a": "a2"}, replace=["a"]))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await yard.settle()
        assert yard.at_work == {"a": 1, "b": 1}, steps
        assert set(yard.fleet.parts) == {"a", "b"}
        assert yard.most_at_work == 1


async def broken() -> None:
    raise OSError("no")


async def hanging() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("close", [broken, hanging])
async def test_one_that_cannot_be_closed_stops_no_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, close: Callable[[], Awaitable[None]]
) -> None:
    monkeypatch.setattr(fleet, "CLOSE_S", 0.0)
    monkeypatch.setattr(yard.fleet.parts["a"], "close", close)
    await yard.fleet.change({}, end=["a", "b"])
    assert "close b1" in yard.told
    assert yard.fleet.parts == {}


async def test_a_part_has_its_workers_once(yard: Yard) -> None:
    with pytest.raises(ValueError, match="already"):
        yard.crew.begin("cluster a", [])
