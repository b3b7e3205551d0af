"""Asked, granted and used: as JSON, CSV, Markdown, and as a page."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import client_of
from tests.api.test_pages import HOSTILE, Page, text_of
from tests.api.world import TOKEN, open_world
from tests.fakes.verified import Verified

PATH = "/api/v1/site/verification"


@pytest.fixture
def told() -> Verified:
    """What is verified."""
    return Verified(HOSTILE)


@pytest.fixture
async def client(template: Path, tmp_path: Path, told: Verified):  # type: ignore[no-untyped-def]
    """A client of a CE that verifies so."""
    async with open_world(template, tmp_path, verifier=told) as world, client_of(world) as found:
        found.headers["Authorization"] = f"Bearer {TOKEN}"
        yield found


async def test_as_json(client: httpx.AsyncClient, told: Verified) -> None:
    found = (await client.get(PATH, params={"since": "24h"})).raise_for_status().json()
    assert told.asked == 86_400
    assert (found["until"], found["since"]) == ("2026-02-02T02:40:00.000Z", "2026-02-01T02:40:00.000Z")
    large, few = found["routes"]
    assert [each["id"] for each in large["advice"]] == ["VF-1", "VF-14", "VF-5", "VF-8", "VF-21"]
    cores = large["resources"][0]
    assert (cores["asked"], cores["granted"], cores["differing"]) == (8, 4, 100)
    assert cores["used"] == {"p10": 30, "median": 30, "p90": 30, "runs": 100}
    assert large["remnants"][0] | {"short": 0} == {
        "queue": None, "nodes": 10, "cpus": 36, "memory_mb": 192_000, "gpus": 0, "pilots": 4, "left_cpus": 4,
        "short": 0,
    }  # fmt: skip
    assert (few["enough"], few["runs"], few["advice"], few["resources"]) == (False, 3, [], [])


async def test_one_route_alone(client: httpx.AsyncClient) -> None:
    found = (await client.get(PATH, params={"route": "any"})).json()
    assert [route["route"] for route in found["routes"]] == ["any"]


async def test_as_csv_and_as_markdown(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATH, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["route"], row["id"]) for row in rows][-2:] == [("large", "VF-21"), ("any", "")]
    text = (await client.get(PATH, params={"format": "markdown"})).text
    assert "## Route large (hpc)" in text
    assert "**VF-14 Ended for memory** (loss)" in text
    assert "Too few to judge." in text
    assert "<script>" not in text, "what the site says is no Markdown and no HTML"


@pytest.mark.parametrize("since", ["59m", "91d", "x", "-1h"])
async def test_too_short_and_too_long_a_time(client: httpx.AsyncClient, since: str) -> None:
    answer = await client.get(PATH, params={"since": since})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "query.since"


async def test_the_page_has_bars_advice_and_no_markup_of_the_site(client: httpx.AsyncClient) -> None:
    text = await text_of(client, "/verification?since=30d")
    page = Page(text)
    assert "<script>alert" not in text
    assert "n&lt;1&gt;" in text
    assert [(each["class"], each["width"]) for each in page.all("rect")] == [
        ("asked", "240.0"), ("granted", "120.0"), ("used", "36.0"),
    ]  # fmt: skip
    assert text.count("Too few to judge.") == 1
    assert "VF-21" in text
    assert not page.all("style")


async def test_without_pilots_all_routes_are_there_and_none_is_judged(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world, client_of(world) as found:
        found.headers["Authorization"] = f"Bearer {TOKEN}"
        routes = (await found.get(PATH)).json()["routes"]
        assert [(route["route"], route["runs"], route["enough"]) for route in routes] == [
            ("large", 0, False), ("any", 0, False),
        ]  # fmt: skip
