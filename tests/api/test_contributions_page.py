"""The page of contributions, as it is without JavaScript."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.pages.contributions import BAR, parts
from hosted_ce.api.schemas.contributions import ContributionOut
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, Outcome
from hosted_ce.pilots.states import Stage, State
from tests.api.conftest import client_of
from tests.api.requests import submit
from tests.api.test_charts import ended
from tests.api.test_pages import HOSTILE, Page, text_of
from tests.api.world import World, open_world

PATH = "/contributions"
hours = st.floats(0, 1e6)


async def test_core_hours_with_bars(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client, attributes={"GlideinEntryName": HOSTILE})
    await submit(client, attributes={"GlideinEntryName": "E2"})
    await ended(world, 1)
    await world.run(2)
    world.time += 1800
    text = await text_of(stranger, f"{PATH}?by=entry&since=7d")
    page = Page(text)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert [each["class"] for each in page.all("rect")] == ["worked", "going", "worked", "going"]
    assert [each["aria-label"] for each in page.all("svg")] == [
        "ended by itself 8.0",
        "still runs 4.0",
        "ended by itself 8.0, still runs 4.0",
    ]
    assert [row for row in page.all("th") if row.get("scope") == "row"] == 3 * [{"scope": "row"}]
    assert "Counted since 2026-02-02" in text
    assert "4.0 <small>50 % of 8.0</small>" in text
    assert not page.all("style")
    assert all("style" not in attributes for _, attributes in page.seen)


async def test_its_links_keep_what_was_chosen(stranger: httpx.AsyncClient) -> None:
    page = Page(await text_of(stranger, f"{PATH}?by=route&since=2026-01-01&until=2026-01-31"))
    links = [urlsplit(str(each["href"])) for each in page.all("a")]
    chosen = [(link.path, parse_qs(link.query)) for link in links if link.query]
    assert len(chosen) == 5 + 4 + 1
    assert all(query["until"] == ["2026-01-31"] for _, query in chosen)
    assert chosen[-1] == (
        "/contributions.csv",
        {"by": ["route"], "since": ["2026-01-01"], "until": ["2026-01-31"]},
    )
    for link in links:
        if link.path.startswith(PATH):
            assert (await stranger.get(f"{link.path}?{link.query}")).status_code in {200, 422}


async def test_what_the_page_shows_is_in_the_file(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    await ended(world, 1)
    answer = await stranger.get("/contributions.csv?by=route")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="contributions-by-route-2026-01-03-to-2026-02-02.csv"'
    )
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["route"], row["granted"]) == ("large", "8.0")


async def test_what_nobody_knows_is_told(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client, 2)
    for pilot_id, started, granted in ((1, None, {"cpus": 8}), (2, world.time, None)):
        await world.run(pilot_id)
        pilot = await world.pilot(pilot_id)
        facts: AttemptUpdate = {
            "started_at": started, "granted": granted, "ended_at": world.time + 3600,
            "closed_at": world.time + 3600, "outcome": Outcome.EXITED,
        }  # fmt: skip
        world.time += 3600
        change = Change(pilot, {"stage": Stage.DONE, "state": State.COMPLETED}, facts, Event("x", "t"))
        assert await world.services.store.apply([change])
    text = await text_of(stranger, PATH)
    assert "1 runs that are over and 0 that go on" in text
    assert "For 8.0 of the core hours" in text
    assert text.count("not known</span>") >= 2


async def test_an_empty_one_says_so_and_a_wrong_day_is_a_page(stranger: httpx.AsyncClient) -> None:
    text = await text_of(stranger, PATH)
    assert "No run has ended yet" in text
    assert "No pilot ran in these days" in text
    answer = await stranger.get(f"{PATH}?since=tomorrow", headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert "query.since" in answer.text


async def test_it_needs_the_token_where_status_is_not_public(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, public_status=False) as world, client_of(world) as stranger:
        for path in (PATH, "/contributions.csv", "/charts/idle.json"):
            assert (await stranger.get(path)).status_code == 401


@given(hours, hours, hours, hours, hours)
def test_a_bar_is_as_long_as_its_hours(
    worked: float, early: float, failed: float, unclassed: float, going: float
) -> None:
    row = ContributionOut(
        name=None, ended=1, never_ran=0, not_known=0, running=0, running_not_known=0, asked=None,
        granted=worked + early + failed + unclassed + going, running_so_far=going, assumed=0.0, used=None,
        used_of=0.0, failed=failed, early=early, unclassed=unclassed, mean_wait_s=None,
    )  # fmt: skip
    drawn = parts(row, row.granted)
    assert abs(sum(part.length for part in drawn) - (BAR if row.granted else 0)) < 0.1
    assert abs(sum(part.hours for part in drawn) - row.granted) <= 1e-6 * row.granted
    for part, following in pairwise(drawn):
        assert abs(part.begin + part.length - following.begin) < 0.02
