"""A VO sees and touches its own pilots alone: every route is tried with another VO's pilot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import RouteContext

from hosted_ce.api.callers.access import open_access, require_metrics_access, require_status_access
from hosted_ce.scitokens.scopes import Scope
from tests.api.conftest import client_of
from tests.api.requests import PILOTS, a_pilot
from tests.api.test_access import filled, policy_of, routes
from tests.api.vos import OTHER, Issuers, holder, open_to_vos
from tests.api.world import World

SECRET = "what-the-other-vo-does-not-want-known"


@pytest.fixture
async def world(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with open_to_vos(template, tmp_path, Issuers()) as world:
        yield world


def for_vos(route: RouteContext) -> bool:
    """Whether the route says that tokens of issuers may use it."""
    return any(scope in set(Scope) for scope in policy_of(route).own_oauth_scopes or [])


@pytest.fixture
async def theirs(world: World) -> AsyncIterator[int]:
    """A pilot of the other VO, whose every text would tell."""
    async with holder(world, iss=OTHER) as other:
        body = a_pilot() | {"attributes": {"GLIDEIN_Entry_Name": SECRET, "Secret": SECRET}}
        answer = await other.post(PILOTS, json=body)
        assert answer.status_code == 201, answer.text
        yield answer.json()["id"]


async def test_no_route_tells_or_changes_anything_of_another_vos_pilot(
    world: World,
    theirs: int,
) -> None:
    world.services.bell.close()  # streams of events end at once
    before = (await world.rows(), world.services.now())
    tried = set()
    async with holder(world) as one:
        for route in routes(world):
            if policy_of(route).call in (open_access, require_metrics_access, require_status_access):
                continue  # what everyone sees, token or not: the next test
            path = re.sub(r"/1(?=/|$)", f"/{theirs}", filled(str(route.path)))
            for method in sorted(route.methods or ()):
                answer = await one.request(method, path)
                tried.add((method, route.path))
                assert SECRET not in answer.text, (method, path)
                own = for_vos(route)
                expected = {200, 404, 400, 415, 422} if own else {401, 403}
                assert answer.status_code in expected, (method, path, answer.status_code)
                if own and "pilot_id" in str(route.path):
                    assert answer.status_code == 404, (method, path)
    assert (await world.rows(), world.services.now()) == before
    assert len(tried) > 60


async def test_open_pages_and_metrics_do_not_tell_whose_pilots_there_are(
    world: World,
    theirs: int,
) -> None:
    """Status is open by default: it has states and numbers, and no VO's arguments."""
    async with client_of(world) as stranger:
        for path in ("/", "/pilots", f"/pilots/{theirs}", "/metrics", "/site"):
            text = (await stranger.get(path)).text
            assert "-v std" not in text, path
        assert SECRET not in (await stranger.get("/metrics")).text
        assert OTHER not in (await stranger.get("/metrics")).text


@pytest.mark.parametrize("query", ["?state=idle", "?owner=x", "?limit=100", "?search=Secret", "?entry=x", ""])
async def test_no_filter_or_page_of_the_list_leads_to_them(world: World, theirs: int, query: str) -> None:
    async with holder(world) as one:
        answer = await one.get(f"{PILOTS}{query}")
        if answer.status_code == httpx.codes.OK:
            listed = answer.json()
            assert listed["items"] == []
            assert sum(listed["counts"].values()) == sum(listed["matching"].values()) == 0


def test_which_routes_are_for_vos(world: World) -> None:
    """One that is added here needs an owner's check; the walk above finds one that has none."""
    found = {
        f"{method} {str(route.path).removeprefix(PILOTS)}"
        for route in routes(world)
        if for_vos(route)
        for method in route.methods or ()
    }
    one = "/{pilot_id}"
    assert found == {
        "GET ", "POST ", "POST /batch", f"GET {one}", f"DELETE {one}", f"GET {one}/why", f"GET {one}/trace",
        f"GET {one}/stdout", f"GET {one}/stderr", f"POST {one}/hold", f"POST {one}/release",
        "PUT /api/v1/files/{sha256}", "HEAD /api/v1/files/{sha256}",
    }  # fmt: skip
