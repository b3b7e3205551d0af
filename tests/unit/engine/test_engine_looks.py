"""Looks at single pilots share reads, and none is older than the question."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, cast

import pytest

from hosted_ce.engine.looks import Looks
from hosted_ce.engine.ports import Store
from hosted_ce.pilots.pilot import Pilot
from tests.fakes.bench import Bench


class Slow:
    """A store whose reads wait, each until it is let go."""

    def __init__(self, store: Store):
        self._store, self.reads, self.problem = store, list[list[int]](), RuntimeError("disk")
        self.go: list[asyncio.Event] = []
        self.fails = False

    async def get_many(self, pilot_ids: Collection[int]) -> list[Pilot]:
        """What is there when it is let go."""
        self.reads.append(list(pilot_ids))
        self.go.append(asyncio.Event())
        await self.go[-1].wait()
        if self.fails:
            raise self.problem
        return await self._store.get_many(pilot_ids)


@pytest.fixture
def slow(ce: Bench) -> Slow:
    """One before the engine's."""
    return Slow(cast(Store, ce.store))


async def reads(slow: Slow, number: int) -> None:
    while len(slow.reads) < number:
        await asyncio.sleep(0)


async def test_those_that_are_asked_for_meanwhile_are_the_next_look(ce: Bench, slow: Slow) -> None:
    ids = [await ce.add() for _ in range(3)]
    looks = Looks(cast(Any, slow))
    first = asyncio.create_task(looks.at(ids[0]))
    await reads(slow, 1)
    others = [asyncio.create_task(looks.at(each)) for each in (*ids, 4711, ids[1])]
    await asyncio.sleep(0)
    slow.go[0].set()
    await reads(slow, 2)
    slow.go[1].set()
    found = await asyncio.gather(first, *others)
    assert [pilot.id if pilot else None for pilot in found] == [ids[0], *ids, None, ids[1]]
    assert slow.reads == [[ids[0]], [*ids, 4711]], "what is asked during a look is not answered by it"


async def test_who_gives_up_or_meets_a_failure_holds_up_nobody(ce: Bench, slow: Slow) -> None:
    one, other = await ce.add(), await ce.add()
    looks = Looks(cast(Any, slow))
    asking = [asyncio.create_task(looks.at(each)) for each in (one, one, other)]
    await reads(slow, 1)
    asking[0].cancel()
    slow.fails = True
    slow.go[0].set()
    gone, *failed = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(gone, asyncio.CancelledError)
    assert failed == [slow.problem, slow.problem]
    slow.fails = False
    again = asyncio.create_task(looks.at(one))
    await reads(slow, 2)
    slow.go[1].set()
    found = await again
    assert found
    assert found.id == one
