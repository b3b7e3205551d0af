"""The page of the site's health: what is full, who waits and why, which nodes fail; charts as tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.charting import ChartName, ChartOut, Line, Range
from hosted_ce.api.pages.chart_tables import MOST_ROWS, table_of
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.nodes import Nodes
from hosted_ce.rollups.chart import Measure
from hosted_ce.routing.limits import Caps, Usage
from hosted_ce.store.rollups import ChartBy
from tests.api.conftest import client_of
from tests.api.test_pages import Page, text_of
from tests.api.world import SITE, START, World, open_world
from tests.browser.scene import Scene


async def test_each_cluster_with_its_circuit_and_its_routes(stranger: httpx.AsyncClient) -> None:
    text = await text_of(stranger, "/site")
    Page(text)
    for words in (
        "osg01@login1.example.edu, login2.example.edu", "2 pilots</a>: settle them by hand",
        "nothing is submitted there", "QOSMaxSubmitJobPerUserLimit (3 in a row; tried again at",
        "tell the front door: hosted-ce front-door config", "/etc/hostcert.pem", "None waits in a queue.",
        "No pilot has ended within the last six hours.",
    ):  # fmt: skip
        assert words in text, words


async def test_what_is_full_is_named(template: Path, tmp_path: Path) -> None:
    full = replace(SITE.routes[0], limits=Caps(500, 50), usage=Usage(320, 50))
    site = replace(SITE, routes=(full,))
    async with open_world(template, tmp_path, site=lambda: site) as world, client_of(world) as client:
        assert "50 of its 50 waiting pilots are in the site&#39;s queue" in await text_of(client, "/site")
        site = replace(SITE, routes=(replace(full, usage=Usage(320, 12)),))
        assert ">free</span>" in await text_of(client, "/site")


async def test_why_batch_jobs_wait_in_the_batch_systems_words(
    stranger: httpx.AsyncClient, world: World
) -> None:
    for number in (1, 2, 4):
        await Scene(world).queued((await Scene(world).arrive(number)).id)
    text = await text_of(stranger, "/site")
    assert "None waits" not in text
    assert ">Priority</th>" in text
    assert ">QOSMaxCpuPerUserLimit</th>" in text


async def test_nodes_that_kill_pilots_come_first(template: Path, tmp_path: Path) -> None:
    nodes = Nodes()
    for number in range(40):
        nodes.ended("hpc", f"n{number:03d}", EndClass.NORMAL, 40_000.0, START)
    for _ in range(5):
        nodes.ended("hpc", "n666<b>", EndClass.NO_CVMFS, 30.0, START)
    async with open_world(template, tmp_path) as world, client_of(world) as client:
        world.nodes.nodes = nodes.all(START)
        text = await text_of(client, "/site")
    assert text.index("n666&lt;b&gt;") < text.index("n000")
    assert "5 pilots failed within 25 min each" in text
    assert "16 more: <code>hosted-ce nodes</code>" in text


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=400), st.sampled_from(Measure))
def test_a_table_says_what_the_chart_says(y: list[float | None], measure: Measure) -> None:
    chart = ChartOut(
        series=ChartName.ENDED, range=Range.DAY, by=ChartBy.KIND, unit="attempts", measure=measure,
        step_s=300, x=[300 * at for at in range(len(y))], lines=[Line(name="normal", y=y)],
        watched=[1.0] * len(y),
    )  # fmt: skip
    table = table_of(chart)
    starts = [at for at, _ in table.rows]
    shown = [value for _, (value,) in table.rows if value is not None]
    known = [value for value in y if value is not None]
    assert len(starts) <= MOST_ROWS
    assert starts == sorted(set(starts), reverse=True)
    assert (table.names, bool(shown), bool(starts)) == (("normal",), bool(known), bool(y))
    if measure is Measure.COUNT:
        assert sum(shown) == pytest.approx(sum(known))
    elif known:
        assert min(known) - 1e-6 <= min(shown) <= max(shown) <= max(known) + 1e-6
