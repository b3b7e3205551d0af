"""The site file over the API: reload, compare, and how trouble with it is shown."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from hosted_ce.api.ports.site_files import Comparison, Reloaded, ReloadOutcome, ReloadRefused
from hosted_ce.routing.prospects import Fate, Prospect, Shift
from hosted_ce.site import Problem, SiteFileError
from hosted_ce.site.changes import Difference, What
from tests.api.world import MAX_REQUEST, World

RELOAD, COMPARE = "/api/v1/site/reload", "/api/v1/site/compare"
LIMIT = Difference(("routes", "gpu", "limits", "pilots"), What.CHANGED, 100, 200)
PROBLEM = Problem("routes[0].when", 7, 11, "this is not an expression", "write one")


async def test_a_reload_says_what_changed_and_what_is_to_do(client: httpx.AsyncClient, world: World) -> None:
    world.files.reloaded = Reloaded(ReloadOutcome.LOADED, "cd" * 32, (LIMIT,), ("tell the front door",))
    answer = await client.post(RELOAD)
    assert answer.status_code == 200
    assert answer.json() == {
        "outcome": "loaded", "sha256": "cd" * 32, "to_do": ["tell the front door"],
        "changes": [{
            "path": "routes.gpu.limits.pilots", "what": "changed", "old": 100, "new": 200,
            "words": "route gpu: limits.pilots was 100, becomes 200",
        }],
    }  # fmt: skip


async def test_a_refused_reload_says_where_the_file_is_wrong(client: httpx.AsyncClient, world: World) -> None:
    world.files.error = ReloadRefused(Path("/etc/site.yaml"), [PROBLEM])
    answer = await client.post(RELOAD)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/docs/errors#site-file-refused"
    assert "what was in force stays" in answer.json()["detail"]
    [error] = answer.json()["errors"]
    assert error["message"] == "/etc/site.yaml:7:11: routes[0].when: this is not an expression; write one"


async def test_a_comparison_tells_files_and_pilots(client: httpx.AsyncClient, world: World) -> None:
    waits, lost = Prospect(Fate.WAITS, "gpu"), Prospect(Fate.NO_ROUTE)
    world.files.comparison = Comparison((LIMIT,), (Shift(waits, lost, 12, (3, 4)),), 40, ("no",), ("do",))
    answer = await client.post(COMPARE, json={"old": "a", "new": "b"})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["same"], found["waiting"], found["obstacles"], found["to_do"]) == (
        False,
        40,
        ["no"],
        ["do"],
    )
    assert found["shifts"] == [{
        "before": {"fate": "waits", "route": "gpu"}, "after": {"fate": "no_route", "route": None},
        "pilots": 12, "examples": [3, 4],
    }]  # fmt: skip
    assert world.files.asked == [("a", "b")]
    assert (await client.post(COMPARE, json={"new": "b"})).json()["same"] is False
    assert world.files.asked[-1] == (None, "b")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 422), (b'{"new": 5}', 422), (b'{"new": "a", "more": 1}', 422), (b"site: x", 400), (b"", 400),
        (b'{"new": "' + b"x" * MAX_REQUEST + b'"}', 413),
    ],
)  # fmt: skip
async def test_a_comparison_must_be_well_formed(
    client: httpx.AsyncClient, world: World, body: bytes, status: int
) -> None:
    answer = await client.post(COMPARE, content=body)
    assert answer.status_code == status
    assert world.files.asked == []


async def test_a_text_that_is_no_site_file_is_told_with_its_places(
    client: httpx.AsyncClient, world: World
) -> None:
    world.files.error = SiteFileError(Path("NEW"), [PROBLEM])
    answer = await client.post(COMPARE, json={"new": "b"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["path"], error["message"][:10]) == ("NEW", "NEW:7:11: ")


@pytest.mark.parametrize("path", [RELOAD, COMPARE])
async def test_only_with_the_token(stranger: httpx.AsyncClient, world: World, path: str) -> None:
    assert (await stranger.post(path, json={"new": "b"})).status_code == 401
    assert world.files.asked == []


async def test_trouble_with_the_file_is_shown(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    file = (await client.get("/api/v1/site")).json()["file"]
    assert file["sha256"].startswith("c0ffee")
    assert file["loaded_at"] == "2026-02-02T01:40:00.000Z"
    assert file["failed_at"] == "2026-02-02T02:39:00.000Z"
    assert file["problems"][0].startswith("/etc/hosted-ce/site.yaml:7:3: ")
    assert file["to_do"] == ["tell the front door: hosted-ce front-door config"]
    page = (await stranger.get("/")).text
    assert "not in force" in page
    assert "there is no cluster &lt;b&gt;x&lt;/b&gt;" in page
