"""Who may do what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from hosted_ce.api.access import (
    POLICIES,
    open_access,
    require_status_access,
    require_token,
    require_token_in_browser,
)
from hosted_ce.api.app import create_app
from tests.api.conftest import client_of
from tests.api.requests import PILOTS, a_pilot
from tests.api.world import TOKEN, World

STATUS = [
    "/",
    "/charts",
    "/pilots",
    "/pilots/1",
    "/site",
    "/routes",
    "/routes?attributes=xcount%3D8",
    "/metrics",
]
OPEN = [
    "/healthz",
    "/readyz",
    "/docs",
    "/docs/errors",
    "/openapi.json",
    "/static/style.css",
    "/static/vendor/htmx.min.js",
]
WRONG = [
    "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Token {TOKEN}", TOKEN,
    "Bearer \xe4", f"Bearer {TOKEN.upper()}", "Basic b3A6dDBrZW4=", "Basic ?", f"Bearer x {TOKEN}",
]  # fmt: skip


def routes(world: World) -> list[RouteContext]:
    return list(iter_route_contexts(create_app(world.services).routes))


def calls(dependant: Dependant) -> Iterator[object]:
    for child in dependant.dependencies:
        yield child.call
        yield from calls(child)


async def test_every_endpoint_names_its_policy(world: World) -> None:
    found = routes(world)
    assert len(found) > 15
    for route in found:
        policies = set(calls(route.dependant)) & set(POLICIES)
        assert len(policies) == 1, f"{route.methods} {route.path} must have one policy, has {policies}"
        [policy] = policies
        if str(route.path).startswith("/api/"):
            assert policy is require_token, route.path
        elif str(route.path).startswith("/outputs/"):
            assert policy is require_token_in_browser, route.path
        elif route.path in OPEN or route.path == "/static/{name:path}":
            assert policy is open_access, route.path
        else:
            assert policy is require_status_access, route.path


async def test_no_body_is_read_before_access_is_checked(world: World) -> None:
    assert [route.path for route in routes(world) if route.body_field is not None] == []


@pytest.mark.parametrize("given", WRONG)
async def test_without_the_token_nothing_is_told_or_changed(
    stranger: httpx.AsyncClient, world: World, given: str
) -> None:
    before = await world.rows()
    headers = {"Authorization": given.encode("latin-1")} if given else {}
    for route in routes(world):
        if not str(route.path).startswith("/api/"):
            continue
        given = {"pilot_id": 1, "sha256": "0" * 64, "cluster": "hpc", "name": "E", "series": "idle"}
        path = str(route.path).format(**given, node="n1")
        for method in route.methods or ():
            answer = await stranger.request(method, path, headers=headers)  # type: ignore[arg-type]
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
            assert answer.headers["Content-Type"] == "application/problem+json"
    posted = await stranger.post(PILOTS, json=a_pilot(), headers=headers)  # type: ignore[arg-type]
    assert posted.status_code == 401
    assert await world.rows() == before


async def test_a_wrong_token_is_named_as_such_but_not_repeated(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get(PILOTS, headers={"Authorization": "Bearer wrong-secret"})
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "wrong-secret" not in answer.text


async def test_a_password_does_not_open_the_api(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get(PILOTS, auth=("any", TOKEN))).status_code == 401


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_open(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize("path", STATUS)
async def test_status_is_public_where_it_is_set_up_so(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, path: str
) -> None:
    await client.post(PILOTS, json=a_pilot())
    assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize("path", STATUS)
async def test_status_that_is_not_public(client: httpx.AsyncClient, world: World, path: str) -> None:
    await client.post(PILOTS, json=a_pilot())
    world.services = dataclasses.replace(world.services, public_status=False)
    async with client_of(world) as stranger:
        refused = await stranger.get(path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        assert (await stranger.get(path, auth=("any", "wrong"))).status_code == 401
        assert (await stranger.get(path, headers={"Authorization": "Basic ?"})).status_code == 401
        assert (await stranger.get(path, auth=("any", TOKEN))).status_code == 200
        assert (await stranger.get(path, headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200


async def test_no_token_means_no_api(world: World) -> None:
    with pytest.raises(ValueError, match="needs a token"):
        create_app(dataclasses.replace(world.services, token=""))


async def test_the_token_is_not_shown(world: World) -> None:
    assert TOKEN not in repr(world.services)
