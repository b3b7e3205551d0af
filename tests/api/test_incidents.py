"""Outages: as JSON, as a stream, on pages, and as a draft for Topology."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import yaml

from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.incidents import frames
from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from tests.api.test_pages import HOSTILE, text_of
from tests.api.world import START, World

PATH = "/api/v1/site/incidents"


async def begun(world: World, **changes: object) -> Incident:
    one = Incident("hpc", Cause.BATCH_DOWN, START - 600, START - 300, HOSTILE, 20)
    return await world.services.incidents.write(replace(one, **changes))  # type: ignore[arg-type]


async def test_the_newest_first_with_what_to_do(client: httpx.AsyncClient, world: World) -> None:
    await begun(world, ended_at=START - 100)
    await begun(world, cause=Cause.KEY_REFUSED, began_at=START - 60)
    last, first = (await client.get(PATH)).json()["incidents"]
    assert (first["id"], first["cause"], first["seconds"], first["pilots"]) == (1, "batch_down", 500.0, 20)
    assert (first["mover"], first["title"]) == ("site", "The batch system does not answer")
    assert (last["ended_at"], last["seconds"]) == (None, 60.0)
    assert last["todo"]
    lasting = (await client.get("/api/v1/site")).json()["incidents"]
    assert [one["id"] for one in lasting] == [2]
    assert (await client.get(PATH, params={"since": "90s"})).json()["incidents"] == [last]


async def test_pages_show_what_lasts_and_the_site_page_what_was(
    stranger: httpx.AsyncClient, world: World
) -> None:
    await begun(world, ended_at=START - 100)
    assert "Outage at" not in await text_of(stranger, "/")
    assert "Outages of the last 30 days" in await text_of(stranger, "/site")
    await begun(world)
    for path in ("/", "/site"):
        text = await text_of(stranger, path)
        assert "Outage at hpc: The batch system does not answer" in text
        assert "<script>alert" not in text


async def test_a_draft_for_topology(client: httpx.AsyncClient, world: World) -> None:
    await begun(world)
    answer = await client.get(f"{PATH}/1/downtime")
    assert answer.headers["content-type"].startswith("application/yaml")
    [entry] = yaml.safe_load(answer.text)
    assert (entry["ResourceName"], entry["Class"]) == ("Example-CE1", "UNSCHEDULED")
    missing = await client.get(f"{PATH}/2/downtime")
    assert (missing.status_code, missing.json()["type"]) == (404, "/docs/errors#no-such-incident")


async def test_the_stream_tells_begin_and_end_once_each(world: World) -> None:
    await begun(world, ended_at=START - 100)
    services = world.services
    with services.bell.ear(Room.API) as heard:
        told = frames(
            services.incidents, services.bell, heard, replace(services.pace, pause=0.0), after=1,
            now=services.now,
        )  # fmt: skip
        assert (await anext(told)).startswith(b"retry:")
        following = asyncio.ensure_future(anext(told))
        await asyncio.sleep(0)
        one = await begun(world)
        services.bell.incident()
        frame = (await following).decode().splitlines()
        assert frame[:2] == ["id: 2", "event: began"]
        assert json.loads(frame[2].removeprefix("data: "))["id"] == one.id
        await services.incidents.write(replace(one, ended_at=START))
        services.bell.incident()
        assert b"event: over" in await anext(told)
        services.bell.close()
        assert [each async for each in told] == []
