"""Who comes too often, fails too often or sends too slowly is told so."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from hosted_ce.access.roles import Role
from hosted_ce.api.app import create_app
from hosted_ce.api.bodies import reading as limits
from hosted_ce.api.callers.rates import FAILURES, Rates
from tests.api.requests import PILOTS, batch
from tests.api.world import TOKEN, World

AT = "192.0.2.7"
GOOD = {"Authorization": f"Bearer {TOKEN}"}


def coming_from(world: World, address: str, **rates: float) -> httpx.AsyncClient:
    told: list[str] = []
    limited = Rates(**rates, told=told.append, now=lambda: 0.0)  # type: ignore[arg-type]
    world.services = dataclasses.replace(world.services, rates=limited)
    transport = httpx.ASGITransport(create_app(world.services), client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://ce.test")


async def test_an_address_that_comes_too_often(world: World) -> None:
    async with coming_from(world, AT, per_address=0.2) as client:
        answers = [await client.get("/healthz") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["Retry-After"] == "5"
        assert answers[-1].json()["type"].endswith("#too-many-requests")
        page = await client.get("/", headers={"Accept": "text/html"})
        assert page.headers["Content-Type"].startswith("text/html")


async def test_a_token_that_comes_too_often_is_counted_wherever_it_is(world: World) -> None:
    _, secret = await world.services.tokens.create("a", Role.VIEWER, lasting_s=None, by="x")
    _, other = await world.services.tokens.create("b", Role.VIEWER, lasting_s=None, by="x")
    async with coming_from(world, AT, per_token=0.1) as client:
        for token, status in ((secret, 200), (secret, 429), (other, 200), (TOKEN, 200), (TOKEN, 200)):
            answer = await client.get(PILOTS, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status


async def test_pilots_of_one_request_are_counted_before_anything_of_them_is_kept(world: World) -> None:
    _, secret = await world.services.tokens.create("a", Role.OPERATOR, lasting_s=None, by="x")
    async with coming_from(world, AT, per_token=0.5) as client:  # five at once
        client.headers["Authorization"] = f"Bearer {secret}"
        assert (await batch(client, count=40)).status_code == 201
        written = await world.rows()
        answer = await batch(client, key="other", count=80)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "4")
        assert "pilots come with this token" in answer.json()["detail"]
        assert await world.rows() == written


async def test_any_number_that_is_allowed_may_come_when_nothing_came_before(world: World) -> None:
    _, secret = await world.services.tokens.create("a", Role.OPERATOR, lasting_s=None, by="x")
    async with coming_from(world, AT, per_token=0.2) as client:  # two at once: forty pilots
        for token, status in ((secret, 201), (secret, 429), (TOKEN, 201), (TOKEN, 200)):
            client.headers["Authorization"] = f"Bearer {token}"
            answer = await batch(client, count=100)
            assert answer.status_code == status


async def test_failures_are_slowed_down_and_good_tokens_are_not(world: World) -> None:
    async with coming_from(world, AT) as client:
        wrong = {"Authorization": "Bearer wrong"}
        statuses = [(await client.get(PILOTS, headers=wrong)).status_code for _ in range(int(FAILURES) + 2)]
        assert statuses == [401] * int(FAILURES) + [429] * 2
        assert (await client.get(PILOTS, headers=GOOD)).status_code == 200
        assert (await client.get(PILOTS)).status_code == 401, "who shows none has guessed none"
        form = await client.post("/enter", data={"token": "x"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert form.status_code == 429


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for each in given:
        yield each
    await asyncio.Event().wait()


async def test_a_body_that_stops_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SILENCE_S", 0.05)
    async with coming_from(world, AT) as client:
        answer = await client.post(PILOTS, content=pieces(b"{"), headers=GOOD)
        assert answer.status_code == 408
        assert answer.json()["type"].endswith("#too-slow")


async def test_nor_is_one_that_drips(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST", 100 * 2**20)  # a body that declares 1 MB: 10 ms and the silence
    monkeypatch.setattr(limits, "SILENCE_S", 0.05)

    async def drips() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    async with coming_from(world, AT) as client:
        answer = await client.post(PILOTS, content=drips(), headers=GOOD)
        assert answer.status_code == 408
