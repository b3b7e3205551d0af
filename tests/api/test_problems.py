"""Errors outside the endpoints, headers, and the log."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import HTTPException
from structlog.testing import capture_logs

from hosted_ce.api.app import create_app
from hosted_ce.api.problems.kinds import CATALOGUE
from hosted_ce.api.views import SiteView
from tests.api.conftest import client_of
from tests.api.requests import PILOTS, a_pilot
from tests.api.world import TOKEN, World

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SECRET = "the-database-password"


@pytest.fixture
async def broken(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a CE that fails at /api/v1/site and at /."""

    def fail() -> SiteView:
        raise RuntimeError(SECRET)

    world.services = dataclasses.replace(world.services, site=fail)
    async with client_of(world) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/", "/api/v1/pilots/", "/api/v2/pilots", "/pilot", "/%00"]
)
async def test_an_unknown_path(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/docs/errors#not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", PILOTS, "GET, POST"),
        ("PUT", f"{PILOTS}/1", "DELETE, GET"),
        ("POST", f"{PILOTS}/1/stdout", "GET"),
        ("GET", "/api/v1/files/" + "0" * 64, "HEAD, PUT"),
        ("POST", "/", "GET"),
    ],
)
async def test_a_method_that_is_not_taken(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert answer.json()["type"] == "/docs/errors#method-not-allowed"


@pytest.mark.parametrize("host", ["[", "]:80", "a/api/b?", "<script>", "x" * 5000, ""])
@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/", 200), (f"{PILOTS}/x", 422)])
async def test_any_host_will_do(client: httpx.AsyncClient, host: str, path: str, status: int) -> None:
    answer = await client.get(path, headers={"Host": host, **HTML})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(
        "application/" if path.startswith("/api/") else "text/html"
    )


async def test_a_failure_tells_nothing_but_where_to_look(broken: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await broken.get("/api/v1/site")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    request_id = answer.headers["X-Request-Id"]
    assert answer.json()["request_id"] == request_id
    assert request_id in answer.json()["detail"]
    failure, line = logs
    assert (failure["event"], failure["log_level"], failure["request_id"]) == (
        "request failed",
        "error",
        request_id,
    )
    assert SECRET in failure["exception"], "the log says what happened"
    assert TOKEN not in str(logs)
    assert (line["event"], line["status"]) == ("request", 500)


async def test_a_full_disk_is_told_as_such(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("hosted_ce.store.files.os.fsync", full)
    with capture_logs() as logs:
        answer = await client.post(PILOTS, json=a_pilot())
    assert answer.status_code == 507
    assert answer.json()["type"] == "/docs/errors#disk-full"
    assert "No space left on device" in answer.json()["detail"]
    [failure] = [line for line in logs if line["log_level"] == "error"]
    assert (failure["event"], failure["request_id"]) == ("the disk is full", answer.headers["X-Request-Id"])


async def test_what_the_framework_refuses_is_a_problem_too(world: World) -> None:
    app = create_app(world.services)

    @app.get("/tea")
    async def tea() -> None:
        raise HTTPException(418, "short and stout", {"X-Pot": "1"})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ce.test") as client:
        answer = await client.get("/tea")
    assert (answer.status_code, answer.headers["X-Pot"]) == (418, "1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["type"], answer.json()["detail"]) == ("about:blank", "short and stout")


async def test_a_failure_of_a_page_is_a_page(broken: httpx.AsyncClient) -> None:
    answer = await broken.get("/", headers=HTML)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert SECRET not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


async def test_after_a_failure_the_next_request_is_answered(broken: httpx.AsyncClient) -> None:
    await broken.get("/api/v1/site")
    assert (await broken.get("/readyz")).status_code == 200


async def test_browsers_get_pages_and_the_api_never_does(client: httpx.AsyncClient) -> None:
    page = await client.get("/pilots/4711", headers=HTML)
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "there is no pilot 4711" in page.text
    api = await client.get(f"{PILOTS}/4711", headers=HTML)
    assert api.headers["Content-Type"] == "application/problem+json"
    program = await client.get("/pilots/4711")
    assert program.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/docs", PILOTS, "/healthz", "/nothing", f"{PILOTS}/x", "/metrics"])
async def test_every_response_is_safe_to_open(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert ("script-src 'self'" in policy) is headers["Content-Type"].startswith("text/html")
    assert headers["X-Content-Type-Options"] == "nosniff"
    people = headers["Content-Type"].startswith("text/html")
    assert headers["Referrer-Policy"] == ("same-origin" if people else "no-referrer")
    assert headers["Cache-Control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])


async def test_only_what_never_changes_is_cached(client: httpx.AsyncClient) -> None:
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', (await client.get("/")).text)
    assert len(found) >= 5
    for path in found:
        answer = await client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert hashlib.sha256(answer.content).hexdigest().startswith(path.partition("?")[2]), path


async def test_each_request_has_its_own_id(client: httpx.AsyncClient) -> None:
    ids = {(await client.get("/healthz")).headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20


async def test_one_line_for_each_request(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await client.post(f"{PILOTS}?token={TOKEN}", json=a_pilot())
    [line] = logs
    assert line["ms"] >= 0
    assert line == {
        "event": "request", "log_level": "info", "method": "POST", "path": PILOTS, "status": 201,
        "ms": line["ms"], "request_id": answer.headers["X-Request-Id"],
        "caller": "operator", "role": "admin", "token_id": None, "address": "127.0.0.1",
    }  # fmt: skip
    assert TOKEN not in str(line)


async def test_no_path_breaks_the_line_or_steers_a_terminal(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await client.get("/a%0afake%20line%1b[2J%c3%a4" + "x" * 5000)
    assert logs[0]["path"].startswith("/a%0Afake%20line%1B%5B2J%C3%A4xxx")
    assert len(logs[0]["path"]) < 1000


async def test_every_kind_is_explained_where_its_type_points(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs/errors")).text
    for kind in CATALOGUE:
        path, anchor = kind.type.split("#")
        assert path == "/docs/errors"
        assert f'id="{anchor}"' in page
    assert len({kind.slug for kind in CATALOGUE}) == len(CATALOGUE)
