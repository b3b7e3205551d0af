"""Tokens of issuers at the API: who gets in, and that a VO sees and touches its own pilots alone."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hosted_ce.api.app import create_app
from hosted_ce.api.callers.rates import FAILURES, Rates
from tests.api.requests import PILOTS, a_pilot, batch, submit
from tests.api.vos import OTHER, Issuers, holder, open_to_vos
from tests.api.world import START, World
from tests.fakes.issuing import ISSUER


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture
async def world(template: Path, tmp_path: Path, issuers: Issuers) -> AsyncIterator[World]:
    async with open_to_vos(template, tmp_path, issuers) as world:
        yield world


async def test_a_vo_sees_its_own_pilots_alone(world: World, client: httpx.AsyncClient) -> None:
    async with holder(world) as one, holder(world, iss=OTHER) as two:
        theirs = await submit(client, 2)
        [mine], [other] = await submit(one), await submit(two)
        listed = (await one.get(PILOTS)).json()
        assert [pilot["id"] for pilot in listed["items"]] == [mine]
        assert [sum(listed[name].values()) for name in ("matching", "counts")] == [1, 1], (
            "nor how many others"
        )
        shown = (await one.get(f"{PILOTS}/{mine}")).json()
        assert shown["arguments"] == ["-v", "std"], "it brought them itself"
        assert (shown["owner"], shown["account"]) == (f"{ISSUER},vofrontend", "osg01")
        for foreign in (*theirs, other):
            for path in ("", "/why", "/trace", "/stdout"):
                assert (await one.get(f"{PILOTS}/{foreign}{path}")).status_code == 404
            for method, path in (("DELETE", ""), ("POST", "/hold"), ("POST", "/release")):
                assert (await one.request(method, f"{PILOTS}/{foreign}{path}")).status_code == 404
        assert [pilot["id"] for pilot in (await client.get(PILOTS)).json()["items"]] == [
            other,
            mine,
            *theirs[::-1],
        ]


async def test_it_acts_on_its_own_pilots(world: World) -> None:
    async with holder(world) as one:
        [mine] = await submit(one)
        for method, path in (("POST", "/hold"), ("POST", "/release"), ("DELETE", "")):
            assert (await one.request(method, f"{PILOTS}/{mine}{path}")).is_success
        history = (await one.get(f"{PILOTS}/{mine}")).json()["history"]
        assert {event["actor"] for event in history} == {f"rest:{ISSUER},vofrontend"}


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("compute.read", {"GET"}),
        ("compute.create", {"POST"}),
        ("compute.cancel", {"DELETE"}),
        ("compute.modify", {"hold"}),
        ("condor:/READ", {"GET"}),
        ("storage.read:/ compute.reads", set()),
        ("", set()),
    ],
)
async def test_each_scope_allows_what_it_says(world: World, scope: str, may: set[str]) -> None:
    async with holder(world) as owner, holder(world, scope) as one:
        [mine] = await submit(owner)
        asked = {
            "GET": await one.get(f"{PILOTS}/{mine}"),
            "POST": await one.post(PILOTS, json=a_pilot()),
            "hold": await one.post(f"{PILOTS}/{mine}/hold"),
            "DELETE": await one.delete(f"{PILOTS}/{mine}"),
        }
        assert {name for name, answer in asked.items() if answer.is_success} == may
        for answer in asked.values():
            if not answer.is_success:
                assert answer.status_code == 403
                assert 'error="insufficient_scope", scope="compute.' in answer.headers["WWW-Authenticate"]


async def test_all_else_is_for_this_ces_own_tokens(world: World) -> None:
    async with holder(world) as one:
        for path in ("/api/v1/site", "/api/v1/entries", "/api/v1/tokens", "/api/v1/events", "/api/v1/nodes"):
            answer = await one.get(path)
            assert (answer.status_code, answer.json()["title"] != "") == (403, True), path
        for path in ("/api/v1/site/reload", "/api/v1/site/clusters/hpc/pause", "/api/v1/pilots/1/abandon"):
            assert (await one.post(path, json={})).status_code == 403, path


@pytest.mark.parametrize(
    ("claims", "status", "said"),
    [
        ({"sub": "second"}, 403, "bans second"),
        ({"sub": "third"}, 403, "takes no tokens of third"),
        ({"iss": "https://evil.example.org"}, 401, "issuer is not trusted"),
        ({"iss": f"{ISSUER}/"}, 401, "not trusted"),
        ({"exp": START - 100}, 401, "has expired"),
        ({"sub": "VOfrontend"}, 403, "takes no tokens"),
    ],
)
async def test_who_does_not_get_in(
    world: World, issuers: Issuers, claims: dict[str, object], status: int, said: str
) -> None:
    async with holder(world, **claims) as one:
        answer = await one.get(PILOTS)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    if "trusted" in said:
        assert issuers.asked == [], "nothing is fetched from an issuer that is not on the list"


async def test_an_issuer_that_is_away_is_not_the_tokens_fault(world: World, issuers: Issuers) -> None:
    issuers.away = True
    async with holder(world) as one:
        answer = await one.get(PILOTS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json()["type"].endswith("issuer-away")


async def test_equal_requests_of_two_vos_are_two_pilots(world: World) -> None:
    async with holder(world) as one, holder(world, iss=OTHER) as two:
        keyed = {"Idempotency-Key": "same"}
        answers = [await each.post(PILOTS, json=a_pilot(), headers=keyed) for each in (one, two, one)]
        ids = [answer.json()["id"] for answer in answers]
        assert ids[0] == ids[2] != ids[1]


async def test_many_pilots_of_a_vo_are_its_own_and_run_as_its_account(world: World) -> None:
    async with holder(world) as one, holder(world, iss=OTHER) as two:
        answers = [(await batch(each, count=3)).json() for each in (one, two, one)]
        assert [answer["created"] for answer in answers] == [3, 3, 0]
        ids = [item["id"] for item in answers[0]["items"]]
        assert {(await world.pilot(each)).owner for each in ids} == {f"{ISSUER},vofrontend"}
        assert {(await world.pilot(each)).account for each in ids} == {"osg01"}
        assert (await two.get(f"{PILOTS}/{ids[0]}")).status_code == 404
    async with holder(world, "compute.read compute.cancel") as reader:
        assert (await batch(reader, count=3)).status_code == 403


async def test_somebody_elses_bad_tokens_at_the_same_address_lock_nobody_out(world: World) -> None:
    world.services = dataclasses.replace(world.services, rates=Rates(now=lambda: 0.0))
    transport = httpx.ASGITransport(create_app(world.services), client=("192.0.2.7", 1))
    async with (
        holder(world) as one,
        holder(world, sub="another") as unmapped,
        httpx.AsyncClient(transport=transport, base_url="http://ce.test") as shared,
    ):
        good, other = one.headers["Authorization"], unmapped.headers["Authorization"]
        forged = {"Authorization": f"{good.rpartition('.')[0]}.{other.rpartition('.')[2]}"}
        statuses = [(await shared.get(PILOTS, headers=forged)).status_code for _ in range(int(FAILURES) + 2)]
        assert statuses == [401] * int(FAILURES) + [429] * 2
        assert (await shared.get(PILOTS, headers={"Authorization": good})).status_code == 200
