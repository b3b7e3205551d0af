"""Server-sent events: none is left out, and no client keeps anybody waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hosted_ce.access.roles import Role
from hosted_ce.api.callers.caller import STATE_FOLDER, Caller
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.routers.events import stream_events
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import EventStream, Pace, StreamResponse
from hosted_ce.store.event_log import LoggedEvent
from tests.api.requests import submit
from tests.api.test_server import AUTH, Server, server  # noqa: F401
from tests.api.world import World

EVENTS = "/api/v1/events"
CALLER = STATE_FOLDER
SCOPE = {"type": "http", "asgi": {"spec_version": "2.4"}}
AT_ONCE = Pace(heartbeat=0.0, pause=0.0, stall=0.0)
PATIENT = Pace(heartbeat=3600.0, pause=0.0)


def stream(
    world: World, after: int = 0, pace: Pace = AT_ONCE, entry: str | None = None,
    place: ExitStack | None = None,
) -> EventStream:  # fmt: skip
    """Without a place it hears no bell, and looks as often as its pace says."""

    def wanted(event: LoggedEvent) -> bool:
        return entry in (None, event.entry)

    bell = world.services.bell
    heard = place.enter_context(bell.ear(Room.API)) if place else asyncio.Event()
    return EventStream(world.services.event_log, bell, heard, pace, after=after, wanted=wanted)


async def leave(response: Response) -> None:
    """A client that is gone before anything is sent to it: its stream never begins."""

    async def gone(message: Any) -> None:
        raise OSError

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await response(SCOPE, receive, gone)


async def ids_of(frames: AsyncIterator[bytes], number: int) -> list[int]:
    """The ids of the next so many events."""
    found: list[int] = []
    while len(found) < number:
        text = (await anext(frames)).decode()
        found += [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")]
    return found


async def test_every_event_in_order_from_where_the_client_left_off(
    client: httpx.AsyncClient, world: World
) -> None:
    await submit(client, 3)
    frames = stream(world).frames()
    assert await anext(frames) == b"retry: 2000\n\n"
    assert await ids_of(frames, 3) == [1, 2, 3]
    assert await anext(frames) == b": nothing new\n\n"
    await world.run(2)
    assert await ids_of(frames, 3) == [4, 5, 6]
    resumed = stream(world, after=4).frames()
    assert await ids_of(resumed, 2) == [5, 6]


async def test_more_than_fits_in_one_look_comes_whole(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.api.streams.events.AT_ONCE", 2)
    await submit(client, 7)
    assert await ids_of(stream(world).frames(), 7) == [1, 2, 3, 4, 5, 6, 7]


async def test_an_event_has_all_names_of_its_pilot(client: httpx.AsyncClient, world: World) -> None:
    await world.from_factory()
    await world.run(1)
    frames = stream(world, after=2).frames()
    await anext(frames)
    lines = (await anext(frames)).decode().splitlines()
    assert lines[:2] == ["id: 3", "event: submitted"]
    data: dict[str, Any] = json.loads(lines[2].removeprefix("data: "))
    expected = {
        "pilot_id": 1, "what": "submitted", "actor": "engine", "entry": "OSG_US_Example-CE1",
        "factory_job": "gfactory@factory.example.org#4711.0#1769999990", "batch_id": "1001",
        "door_key": "ce.example.edu#5.0#1770000000", "stamp": "hstamp000000001",
    }  # fmt: skip
    assert {name: data[name] for name in expected} == expected


async def test_other_entries_are_passed_over(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 3)
    await world.from_factory()
    assert await ids_of(stream(world, entry="OSG_US_Example-CE1").frames(), 1) == [4]


async def test_a_change_wakes_a_stream_and_the_end_of_the_ce_ends_it(
    client: httpx.AsyncClient, world: World
) -> None:
    place = ExitStack()
    frames = stream(world, pace=PATIENT, place=place).frames()
    await anext(frames)
    waiting = asyncio.create_task(ids_of(frames, 1))
    await submit(client)
    assert await waiting == [1]
    ending = asyncio.create_task(anext(frames, None))
    await asyncio.sleep(0)
    world.services.bell.close()
    assert await ending is None


async def test_a_client_that_takes_nothing_is_cut_off(client: httpx.AsyncClient, world: World) -> None:
    async def nothing(message: Any) -> None:
        await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    place = ExitStack()
    response = StreamResponse(stream(world, place=place).frames(), 0.0, place)
    assert any(world.services.bell._ears.values())
    with pytest.raises(ClientDisconnect):
        await response(SCOPE, receive, nothing)
    await submit(client)  # and nobody waits for it
    assert not any(world.services.bell._ears.values())


async def test_too_many_streams(client: httpx.AsyncClient, world: World) -> None:
    streams = [await stream_events(services=world.services, caller=CALLER) for _ in range(Room.API.value)]
    answer = await client.get(EVENTS)
    assert (answer.status_code, answer.json()["type"]) == (503, "/docs/errors#too-many-streams")
    await leave(streams[0])
    assert not world.services.bell.full(Room.API)


async def test_many_at_the_same_time_are_not_more_than_there_may_be(world: World) -> None:
    asked = [stream_events(services=world.services, caller=CALLER) for _ in range(Room.API.value + 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, StreamResponse) for answer in answers) == Room.API.value
    assert sum(isinstance(answer, Problem) for answer in answers) == len(asked) - Room.API.value


async def test_a_request_that_is_refused_takes_no_place(world: World) -> None:
    with pytest.raises(Problem):
        await stream_events(services=world.services, caller=CALLER, after=5)
    assert not any(world.services.bell._ears.values())


async def test_a_stream_ends_when_its_token_does(client: httpx.AsyncClient, world: World) -> None:
    token, _ = await world.services.tokens.create("x", Role.VIEWER, lasting_s=None, by="rest:operator")
    world.services = replace(world.services, pace=AT_ONCE)
    response = await stream_events(
        services=world.services, caller=Caller("x", Role.VIEWER, token.id), after=0
    )
    assert isinstance(response, StreamResponse)
    frames = response._frames
    await submit(client)
    assert await ids_of(frames, 1) == [1]
    await world.services.tokens.revoke(token.id, by="rest:operator")
    await submit(client)
    assert [frame async for frame in frames if b"id:" in frame] == []


async def test_an_id_that_is_not_ours(client: httpx.AsyncClient) -> None:
    for given in ({"params": {"after": 5}}, {"headers": {"Last-Event-ID": "5"}}):
        answer = await client.get(EVENTS, **given)  # type: ignore[arg-type]
        assert answer.status_code == 422
        assert "above the newest id, 0" in answer.json()["errors"][0]["message"]
    assert (await client.get(EVENTS, headers={"Last-Event-ID": "x"})).status_code == 422


async def test_over_the_real_server(server: Server) -> None:  # noqa: F811
    async with (
        httpx.AsyncClient(base_url=server.address, headers=AUTH, timeout=30) as client,
        client.stream("GET", EVENTS, params={"after": 0}) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        [pilot_id] = await submit(client)
        async for line in lines:
            if line.startswith("data: ") and json.loads(line[6:])["pilot_id"] == pilot_id:
                break
