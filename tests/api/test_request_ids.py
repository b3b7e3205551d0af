"""One id leads from an answer to the log and to the event of the pilot that it caused."""

from __future__ import annotations

import httpx
import structlog

from tests.api.requests import PILOTS, submit
from tests.api.world import World


async def test_the_event_that_a_request_caused_has_its_id(client: httpx.AsyncClient, world: World) -> None:
    [number] = await submit(client)
    answer = await client.post(f"{PILOTS}/{number}/hold", params={"reason": "x"})
    history = await world.services.queries.history(number)
    assert [event.what for event in history] == ["received", "held"]
    assert history[1].data == {"request_id": answer.headers["X-Request-Id"]}
    assert history[0].data["request_id"] != history[1].data["request_id"]


async def test_what_no_request_caused_has_none(client: httpx.AsyncClient, world: World) -> None:
    [number] = await submit(client)
    await world.begin(number)
    history = await world.services.queries.history(number)
    assert [event.data for event in history[1:]] == [{}, {}]


async def test_lines_of_a_request_have_its_id(client: httpx.AsyncClient, world: World) -> None:
    seen: list[dict[str, object]] = []
    world.services.store.subscribe(lambda changes: seen.append(structlog.contextvars.get_contextvars()))
    answer = await client.post(PILOTS, json={"executable": "x", "inputs": [
        {"name": "x", "content": "eA==", "executable": True}]})  # fmt: skip
    assert answer.status_code == 201
    assert seen == [{"request_id": answer.headers["X-Request-Id"]}]
    assert structlog.contextvars.get_contextvars() == {}
