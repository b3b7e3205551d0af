"""The factory's door as the site in force wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

from hosted_ce.daemon.crew import Crew, Worker
from hosted_ce.daemon.front_door.door import FrontDoorPart
from hosted_ce.daemon.front_door.keeper import FactoryDoor
from hosted_ce.metrics import Metrics
from hosted_ce.site import FrontDoor
from hosted_ce.supervisor import Supervisor
from tests.fakes.sites import site

DOOR = {"host": "ce.example.edu", "certificate": "/c", "certificate_key": "/k"}


class Part:
    """A door that says what becomes of it."""

    def __init__(self, told: list[str], name: str) -> None:
        self.told, self.name = told, name

    async def work(self) -> None:
        self.told.append(f"work {self.name}")
        try:
            await asyncio.Event().wait()
        finally:
            self.told.append(f"end {self.name}")

    def leave(self) -> None:
        self.told.append(f"leave {self.name}")

    async def close(self) -> None:
        self.told.append(f"close {self.name}")
        raise OSError("its child is gone already")


class World:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.crew = Crew(Supervisor())
        self.door = FactoryDoor(self._make, self._workers, self.crew, Metrics(dict))

    def _make(self, entry: FrontDoor, resource: str) -> FrontDoorPart:
        return cast(FrontDoorPart, Part(self.told, f"{resource}:{entry.port}"))

    def _workers(self, part: Any) -> Iterator[Worker]:
        yield "front door", part.work

    async def turn_to(self, **more: Any) -> None:
        await self.door.stop()
        self.door.turn_to(site(**more))
        await asyncio.sleep(0)
        await self.door.close_old()


async def test_the_old_door_is_left_before_the_new_one_opens() -> None:
    world = World()
    await world.turn_to(front_door=DOOR)
    await world.turn_to(front_door=DOOR | {"port": 9620}, resource="Other")
    assert world.told == [
        "work Example-CE1:9619", "end Example-CE1:9619", "leave Example-CE1:9619", "work Other:9620",
        "close Example-CE1:9619",
    ]  # fmt: skip
    await world.turn_to()
    assert world.door.part is None
    assert not world.crew.has("front door")
    assert world.told[-1] == "close Other:9620"


async def test_a_door_that_was_stopped_for_nothing_goes_on() -> None:
    world = World()
    await world.turn_to(front_door=DOOR)
    await world.door.stop()
    world.door.resume()
    world.door.resume()
    await asyncio.sleep(0)
    assert world.told[-2:] == ["leave Example-CE1:9619", "work Example-CE1:9619"]
    await world.crew.end_all()
