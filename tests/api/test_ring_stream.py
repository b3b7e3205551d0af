"""A stream for pages that show more than pilots: it tells each ring, and ends with the CE or the token."""

from __future__ import annotations

import asyncio

from hosted_ce.api.streams.bell import Bell, Room
from hosted_ce.api.streams.events import Pace
from hosted_ce.api.streams.ring import CHANGED, rings

PACE = Pace(heartbeat=0.01, pause=0.0)


async def test_each_ring_is_told_and_silence_is_filled() -> None:
    bell = Bell()
    with bell.ear(Room.PAGES) as heard:
        frames = rings(bell, heard, PACE, lambda: True)
        assert (await anext(frames)).startswith(b"retry:")
        assert await anext(frames) == b": nothing new\n\n"
        waiting = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        bell.news()
        assert await waiting == CHANGED
        bell.close()
        assert [frame async for frame in frames] == []


async def test_who_may_not_hear_any_more_hears_nothing() -> None:
    bell, good = Bell(), [True]
    with bell.ear(Room.PAGES) as heard:
        frames = rings(bell, heard, PACE, lambda: good[0])
        await anext(frames)
        good[0] = False
        assert [frame async for frame in frames] == []
