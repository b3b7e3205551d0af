"""Pages are told that something has changed: soon, not too often, and also of what was before they asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from hosted_ce.api.callers.access import require_status_access
from hosted_ce.api.pages.live import REST_S, live
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import Pace, StreamResponse
from hosted_ce.store.event_log import LoggedEvent
from tests.api.requests import submit
from tests.api.test_events import leave, stream
from tests.api.world import World

AT_ONCE = Pace(heartbeat=0.0, stall=1.0)


async def told(world: World, **asked: int | None) -> AsyncIterator[bytes]:
    """What a page that asks like this is sent."""
    given = {"after": None, "pilot_id": None, "last_event_id": None, **asked}
    response = await live(replace(world.services, pace=AT_ONCE), **given)
    assert isinstance(response, StreamResponse)
    return response.body_iterator  # type: ignore[return-value]


async def test_what_happened_since_the_page_was_made_is_not_missed(
    client: httpx.AsyncClient, world: World
) -> None:
    await submit(client, 3)
    frames = await told(world, after=1)
    assert await anext(frames) == b"retry: 2000\n\n"
    assert await anext(frames) == b"id: 3\nevent: changed\ndata: now\n\n"
    assert await anext(frames) == b": nothing new\n\n"
    again = await told(world, after=1, last_event_id=3)
    await anext(again)
    assert await anext(again) == b": nothing new\n\n"


async def test_no_history_is_read_for_a_page(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit(client, 3)
    read: list[int] = []

    async def behind(after: int, limit: int) -> list[LoggedEvent]:
        read.append(after)
        return []

    monkeypatch.setattr(world.services.event_log, "behind", behind)
    frames = await told(world, after=0)
    assert [await anext(frames) for _ in range(3)][1] == b"id: 3\nevent: changed\ndata: now\n\n"
    assert read == [3]


async def test_pages_that_ask_at_the_same_time_are_not_more_than_there_may_be(world: World) -> None:
    asked = [live(world.services) for _ in range(Room.PAGES.value + 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, StreamResponse) for answer in answers) == Room.PAGES.value


async def test_a_page_of_another_database_begins_anew(client: httpx.AsyncClient, world: World) -> None:
    frames = await told(world, after=4711)
    await anext(frames)
    assert await anext(frames) == b": nothing new\n\n"
    await submit(client)
    assert await anext(frames) == b"id: 1\nevent: changed\ndata: now\n\n"


async def test_the_page_of_a_pilot_is_told_of_this_one(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 2)
    frames = await told(world, after=2, pilot_id=2)
    await anext(frames)
    assert await anext(frames) == b": nothing new\n\n"
    await world.run(1)
    assert await anext(frames) == b": nothing new\n\n"
    await world.run(2)
    assert b"event: changed" in await anext(frames)


async def test_bursts_are_told_at_once_and_with_a_rest(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    frames = await told(world, after=0)
    await anext(frames)
    await submit(client, 5)
    monkeypatch.setattr(asyncio, "sleep", rest)
    assert await anext(frames) == b"id: 5\nevent: changed\ndata: now\n\n"
    await anext(frames)
    assert set(rests) <= {REST_S}


async def test_pages_keep_no_program_out_and_programs_no_page(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    pages = [await live(world.services) for _ in range(Room.PAGES.value)]
    refused = await stranger.get("/live")
    assert (refused.status_code, refused.json()["type"]) == (503, "/docs/errors#too-many-streams")
    assert not world.services.bell.full(Room.API)
    program = stream(world).frames()
    assert await anext(program) == b"retry: 2000\n\n"
    await leave(pages[0])
    assert not world.services.bell.full(Room.PAGES)


async def test_streams_end_with_the_ce(world: World) -> None:
    frames = await told(world)
    await anext(frames)
    world.services.bell.close()
    assert [frame async for frame in frames] in ([], [b": nothing new\n\n"])


def test_its_policy_is_that_of_the_pages() -> None:
    from hosted_ce.api.pages.live import router

    assert [each.dependency for each in router.dependencies] == [require_status_access]
