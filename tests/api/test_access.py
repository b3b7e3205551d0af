"""Who may do what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from hosted_ce.access.roles import Role
from hosted_ce.api.app import create_app
from hosted_ce.api.callers.access import (
    POLICIES,
    open_access,
    require_bearer,
    require_form,
    require_in_browser,
    require_metrics_access,
    require_status_access,
)
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
    "/enter",
    "/openapi.json",
    "/static/style.css",
    "/static/vendor/htmx.min.js",
]
WRONG = [
    "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Token {TOKEN}", TOKEN,
    "Bearer \xe4", f"Bearer {TOKEN.upper()}", "Basic b3A6dDBrZW4=", "Basic ?", f"Bearer x {TOKEN}",
    f"Bearer hce_{'A' * 43}",
]  # fmt: skip
NEEDS = {
    Role.VIEWER: """
        GET /api/v1/charts/{series}
        GET /api/v1/contributions
        GET /api/v1/entries
        GET /api/v1/entries/{name}
        GET /api/v1/events
        GET /api/v1/nodes
        GET /api/v1/nodes/avoidances
        GET /api/v1/ramps
        GET /api/v1/ramps/{route}/steps
        GET /api/v1/pilots
        GET /api/v1/pilots/{pilot_id}
        GET /api/v1/pilots/{pilot_id}/stderr
        GET /api/v1/pilots/{pilot_id}/stdout
        GET /api/v1/pilots/{pilot_id}/trace
        GET /api/v1/pilots/{pilot_id}/why
        GET /api/v1/sessions
        GET /api/v1/sessions/{which}
        GET /api/v1/sessions/{which}/minutes
        GET /api/v1/site
        GET /api/v1/site/checks
        GET /api/v1/site/checks/{run}
        GET /api/v1/site/clusters/{cluster}/capabilities
        GET /api/v1/site/digest
        GET /api/v1/site/incidents
        GET /api/v1/site/incidents/stream
        GET /api/v1/site/incidents/{number}/downtime
        GET /api/v1/site/verification""",
    Role.OPERATOR: """
        DELETE /api/v1/pilots/{pilot_id}
        GET /api/v1/pilots/{pilot_id}/explain
        HEAD /api/v1/files/{sha256}
        POST /api/v1/pilots
        POST /api/v1/pilots/batch
        POST /api/v1/pilots/tests
        POST /api/v1/pilots/{pilot_id}/abandon
        POST /api/v1/pilots/{pilot_id}/adopt
        POST /api/v1/pilots/{pilot_id}/hold
        POST /api/v1/pilots/{pilot_id}/release
        POST /api/v1/routes/explain
        POST /api/v1/sessions
        POST /api/v1/sessions/{which}/end
        POST /api/v1/sessions/{which}/entries
        POST /api/v1/sessions/{which}/link
        POST /api/v1/sessions/{which}/run
        POST /api/v1/site/checks
        POST /api/v1/site/clusters/{cluster}/accept-spool
        POST /api/v1/ramps/{route}/pause
        POST /api/v1/ramps/{route}/pin
        POST /api/v1/ramps/{route}/restart
        POST /api/v1/ramps/{route}/resume
        POST /api/v1/ramps/{route}/skip
        POST /api/v1/ramps/{route}/unpin
        POST /api/v1/site/clusters/{cluster}/nodes/{node}/allow
        POST /api/v1/site/clusters/{cluster}/nodes/{node}/avoid
        POST /api/v1/site/clusters/{cluster}/pause
        POST /api/v1/site/clusters/{cluster}/probe
        POST /api/v1/site/clusters/{cluster}/resume
        PUT /api/v1/files/{sha256}""",
    Role.ADMIN: """
        DELETE /api/v1/tokens/{token_id}
        GET /api/v1/tokens
        POST /api/v1/site/compare
        POST /api/v1/site/reload
        POST /api/v1/tokens""",
}
"""Which role each operation needs. A new one is added here by who has thought about it."""


def routes(world: World) -> list[RouteContext]:
    return list(iter_route_contexts(create_app(world.services).routes))


def policies(dependant: Dependant) -> Iterator[Dependant]:
    for child in dependant.dependencies:
        if child.call in POLICIES:
            yield child
        yield from policies(child)


def policy_of(route: RouteContext) -> Dependant:
    """The outermost: a policy may use another."""
    return next(policies(route.dependant))


def operations(world: World) -> Iterator[tuple[str, str, Role]]:
    """The API's methods, paths, and the least role that each says it needs."""
    for route in routes(world):
        if str(route.path).startswith("/api/"):
            least, *_ = policy_of(route).own_oauth_scopes or []
            for method in route.methods or ():
                yield method, str(route.path), Role(least)


def filled(path: str) -> str:
    given = {"pilot_id": 1, "sha256": "0" * 64, "cluster": "hpc", "name": "E", "series": "idle"}
    return path.format(**given, node="n1", route="large", token_id=1, which="current", number=1, run=1)


async def test_every_endpoint_names_its_policy(world: World) -> None:
    found = routes(world)
    assert len(found) > 15
    for route in found:
        assert len(list(policies(route.dependant))) == 1, f"{route.methods} {route.path} must have one policy"
        policy, path = policy_of(route).call, str(route.path)
        if path.startswith("/api/"):
            assert policy is require_bearer, path
        elif path.startswith(("/outputs/", "/site/checks")):
            assert policy is require_in_browser, path
        elif path.startswith("/session"):
            assert policy is (require_form if "POST" in (route.methods or ()) else require_in_browser), path
        elif path in OPEN or path in {"/leave", "/static/{name:path}"}:
            assert policy is open_access, path
        elif path == "/metrics":
            assert policy is require_metrics_access, path
        else:
            assert policy is require_status_access, path


async def test_every_policy_but_the_open_one_has_a_role(world: World) -> None:
    for route in routes(world):
        policy = policy_of(route)
        roles = [Role(scope) for scope in policy.own_oauth_scopes or [] if scope in set(Role)]
        assert len(roles) == (policy.call is not open_access), route.path


async def test_what_a_browser_sends_by_itself_changes_nothing(world: World) -> None:
    for route in routes(world):
        changes = not set(route.methods or ()) <= {"GET", "HEAD"}
        if policy_of(route).call not in (require_bearer, require_form):
            assert not changes or route.path in {"/enter", "/leave"}, route.path
        if policy_of(route).call is require_form:
            assert set(route.methods or ()) == {"POST"}, route.path


async def test_every_operation_needs_the_role_that_was_thought_of(world: World) -> None:
    wanted = {line.strip(): role for role, lines in NEEDS.items() for line in lines.strip().splitlines()}
    assert {f"{method} {path}": role for method, path, role in operations(world)} == wanted


async def test_each_role_may_do_what_it_may_and_no_more(world: World, stranger: httpx.AsyncClient) -> None:
    secrets = {
        role: (await world.services.tokens.create(f"a {role}", role, lasting_s=None, by="rest:operator"))[1]
        for role in Role
    }
    world.services.bell.close()  # streams of events end at once
    before = await world.rows()
    for role, secret in secrets.items():
        headers = {"Authorization": f"Bearer {secret}"}
        for method, path, least in operations(world):
            answer = await stranger.request(method, filled(path), headers=headers)
            if role.covers(least):
                assert answer.status_code not in (401, 403), (role, method, path)
                continue
            assert answer.status_code == 403, (role, method, path)
            assert answer.headers["Content-Type"] == "application/problem+json"
            if method != "HEAD":
                problem = answer.json()
                assert (problem["needs"], problem["role"]) == (least, role)
                assert least in problem["detail"]
    assert await world.rows() == before


async def test_the_document_says_the_role(world: World) -> None:
    document = create_app(world.services).openapi()
    for method, path, least in operations(world):
        operation = document["paths"][path][method.lower()]
        [security] = operation["security"]
        assert security["token"][0] == least
        assert {"401", "403"} <= operation["responses"].keys()


async def test_no_body_is_read_before_access_is_checked(world: World) -> None:
    assert [route.path for route in routes(world) if route.body_field is not None] == []


@pytest.mark.parametrize("given", WRONG)
async def test_without_the_token_nothing_is_told_or_changed(
    stranger: httpx.AsyncClient, world: World, given: str
) -> None:
    before = await world.rows()
    headers = {"Authorization": given.encode("latin-1")} if given else {}
    for method, path, _ in operations(world):
        answer = await stranger.request(method, filled(path), headers=headers)  # type: ignore[arg-type]
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
    _, viewer = await world.services.tokens.create("a site", Role.VIEWER, lasting_s=60, by="rest:operator")
    async with client_of(world) as stranger:
        refused = await stranger.get(path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        assert (await stranger.get(path, auth=("any", "wrong"))).status_code == 401
        assert (await stranger.get(path, headers={"Authorization": "Basic ?"})).status_code == 401
        for token in (TOKEN, viewer):
            assert (await stranger.get(path, auth=("any", token))).status_code == 200
            assert (await stranger.get(path, headers={"Authorization": f"Bearer {token}"})).status_code == 200


@pytest.mark.parametrize(("status", "metrics", "open_"), [
    (True, None, {"/", "/metrics"}), (False, None, set()), (True, False, {"/"}), (False, True, {"/metrics"}),
])  # fmt: skip
async def test_metrics_have_a_setting_of_their_own(
    world: World, *, status: bool, metrics: bool | None, open_: set[str]
) -> None:
    world.services = dataclasses.replace(world.services, public_status=status, public_metrics=metrics)
    async with client_of(world) as stranger:
        for path in ("/", "/metrics"):
            answer = await stranger.get(path)
            assert (answer.status_code == 200) == (path in open_), path


async def test_what_is_no_route_of_ours_is_named(world: World) -> None:
    """Mounts and WebSockets have no policy: there are none."""
    assert {type(route).__name__ for route in create_app(world.services).routes} <= {
        "APIRoute",
        "_IncludedRouter",
    }


async def test_no_token_means_no_api(world: World) -> None:
    with pytest.raises(ValueError, match="needs a token"):
        create_app(dataclasses.replace(world.services, token=""))


async def test_the_token_is_not_shown(world: World) -> None:
    assert TOKEN not in repr(world.services)
