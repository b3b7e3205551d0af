"""The pages for people."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from hosted_ce.api.pages.assets import TYPES, address
from hosted_ce.api.pages.templates import inline, prose, span
from hosted_ce.api.pages.words import HOLD_CAUSES, actor_words, duration, event_words
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Event
from hosted_ce.routing.limits import Caps
from tests.api.conftest import client_of
from tests.api.requests import submit
from tests.api.world import SITE, World, open_world

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"
VOID = {"meta", "link", "br", "img", "hr", "input"}
OURS = {address(name) for name in TYPES}


class Page(HTMLParser):
    """A page's elements; fails when they are not well nested."""

    def __init__(self, text: str):
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._inline = list[str]()
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self._inline.append(data)

    def foreign(self) -> list[object]:
        """What would be run, shown or asked for and is not our own."""
        scripts = [each for each in self.all("script") if each.get("src") not in OURS]
        hx = [attributes["hx-get"] for _, attributes in self.seen if "hx-get" in attributes]
        elsewhere = [path for path in hx if not str(path).startswith("/")]
        return [
            *self._inline,
            *scripts,
            *self.all("img"),
            *self.all("style"),
            *self.all("iframe"),
            *elsewhere,
        ]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


async def text_of(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(path)).raise_for_status().text


async def test_the_overview(stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 3)
    await world.run(2)
    text = await text_of(stranger, "/")
    page = Page(text)
    assert '<strong><span class="number">2</span></strong> idle' in text
    assert '<strong><span class="number">1</span></strong> running' in text
    assert "the host key is not the one on record" in text
    assert "320 of 500" in text
    assert "RequestCpus &gt;= 8" in text
    links = [str(attributes["href"]) for attributes in page.all("a")]
    assert [link for link in links if link.startswith("/pilots/")] == ["/pilots/3", "/pilots/2", "/pilots/1"]
    assert "/pilots?state=held&purpose=pilot" in links
    assert {"http-equiv": "refresh", "content": "15"} in page.all("meta")
    assert "/live?after=6" in [attributes.get("hx-sse:connect") for attributes in page.all("div")]


async def test_it_can_be_read_in_peace(stranger: httpx.AsyncClient) -> None:
    for path in ("/", "/pilots", "/site"):
        page = Page(await text_of(stranger, f"{path}?refresh=false"))
        assert not [each for each in page.all("meta") if "http-equiv" in each]
        assert not [each for each in page.all("div") if {"hx-get", "hx-sse:connect"} & each.keys()]


async def test_only_the_newest_are_on_the_overview(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await submit(client, 11)
    text = await text_of(stranger, "/")
    assert text.count('<a href="/pilots/') == 10
    assert '"/pilots/1"' not in text


async def test_a_pilot(stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World) -> None:
    await submit(client, environment={"SECRET": "s3cret"}, arguments=["--password", "s3cret"])
    await world.complete(1)
    text = await text_of(stranger, "/pilots/1")
    page = Page(text)
    for fact in (
        "completed",
        "pilot.sh",
        "hstamp000000001",
        "1001",
        "n001",
        "exit code 0",
        "xcount",
        "submitted",
    ):
        assert fact in text
    assert "s3cret" not in text, "what may be secret is left to the API"
    assert not [each for each in page.all("meta") if "http-equiv" in each], "nothing changes any more"


async def test_a_pilot_that_waits(stranger: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    await submit(client, attributes={})
    text = await text_of(stranger, "/pilots/1")
    assert "<strong>It waits in the CE; it has no batch job</strong>" in text
    page = Page(text)
    assert {"http-equiv": "refresh", "content": "15"} in page.all("meta")
    assert "/live?after=1&pilot_id=1" in [each.get("hx-sse:connect") for each in page.all("div")]


async def test_a_factorys_pilot(stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World) -> None:
    await world.from_factory()
    await world.run(1)
    world.time += 3700
    text = await text_of(stranger, "/pilots/1")
    for fact in (
        ">OSG_US_Example-CE1</a></dd>",
        "<code>gfactory@factory.example.org#4711.0#1769999990</code>",
        "<code>ce.example.edu#5.0#1770000000</code>",
        "https://issuer.example.org,vofrontend-ospool, through condor",
        "<dd>osg01</dd>",
        "<td>8</td><td>8</td>",
        "<td>16384 MB</td>",
        "<td>3 d</td><td>1 h 1 min so far</td>",
    ):
        assert fact in text, fact
    assert "Held because" not in text
    Page(text)


async def test_what_was_used(stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.complete(1)
    text = await text_of(stranger, "/pilots/1")
    assert "<td>CPU time 1 min 2 s</td>" in text
    assert "<td>1200 MB at most</td>" in text
    assert "<dd>any</dd>" in text


async def test_holds_and_releases_in_words(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    await client.post("/api/v1/pilots/1/hold", params={"reason": "`x` is mended"})
    text = await text_of(stranger, "/pilots/1")
    assert "<dd>the factory or an operator asked for it</dd>" in text
    assert "<dt>What to do</dt>" in text
    assert "hosted-ce pilots release 1" in text
    assert "<code>x</code> is mended" in text
    await client.post("/api/v1/pilots/1/release")
    await world.run(1)
    await client.post("/api/v1/pilots/1/hold")
    await client.post("/api/v1/pilots/1/release")
    text = await text_of(stranger, "/pilots/1")
    for words in ("held", "released", "is to be held", "released; is to begin anew"):
        assert f"<b>{words}</b>" in text


async def test_a_held_pilot_of_a_factory_says_who_releases_it(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await world.from_factory()
    await client.post("/api/v1/pilots/1/hold")
    assert "condor_release -name gfactory@factory.example.org 4711.0" in await text_of(stranger, "/pilots/1")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ["ce.example.edu:9619", ">open<", "17</span> in its queue"]),
        ({"in_contact": None, "since": None, "looked_at": None}, ["not asked yet"]),
        ({"in_contact": False, "problem": "no answer; look at `it`"},
         ["no contact", "no answer; look at <code>it</code>"]),
        ({"problem": "outputs cannot be handed over"}, ["in trouble", "outputs cannot be handed over"]),
    ],
)  # fmt: skip
async def test_the_front_door(
    template: Path, tmp_path: Path, changed: dict[str, Any], words: list[str]
) -> None:
    assert SITE.front_door
    site = replace(SITE, front_door=replace(SITE.front_door, **changed))
    async with open_world(template, tmp_path, site=lambda: site) as world, client_of(world) as client:
        text = await text_of(client, "/site")
    Page(text)
    for each in words:
        assert each in text


async def test_a_route_without_limits(template: Path, tmp_path: Path) -> None:
    site = replace(SITE, routes=(replace(SITE.routes[0], limits=Caps()),))
    async with open_world(template, tmp_path, site=lambda: site) as world, client_of(world) as client:
        for path in ("/", "/routes", "/site"):
            assert "<td>320</td>" in await text_of(client, path)


async def test_a_site_without_a_front_door(template: Path, tmp_path: Path) -> None:
    site = replace(SITE, front_door=None)
    async with open_world(template, tmp_path, site=lambda: site) as world, client_of(world) as client:
        for path in ("/", "/site"):
            assert "Front door" not in await text_of(client, path)


def test_every_cause_of_a_hold_has_words() -> None:
    assert set(HOLD_CAUSES) == set(HoldCause)


def test_whoever_acts_and_whatever_happens_is_named() -> None:
    assert [event_words("late_job"), event_words("new_thing")] == [
        "a job of an old attempt appeared", "new thing",
    ]  # fmt: skip
    assert [actor_words("policy"), actor_words("rest:operator")] == ["this CE (policy)", "rest:operator"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.6, "1 min"), (3661, "1 h 1 min"), (190800, "2 d 5 h"), (-4, "0 s")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize("path", ["/", "/pilots", "/pilots/1", "/site"])
async def test_hostile_values_are_text(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World, path: str
) -> None:
    await submit(client, attributes={"note": HOSTILE})
    await world.begin(1, route=HOSTILE[:60], cluster=HOSTILE[:60])
    await world.note(1, Event(HOSTILE[:30], HOSTILE[:60], HOSTILE, {HOSTILE: HOSTILE}), HOSTILE)
    text = await text_of(stranger, path)
    page = Page(text)
    assert page.foreign() == []
    assert "&lt;script&gt;alert(1)" in text
    assert path == "/site" or "{{7*7}}" in text, "a value is not a template"


async def test_a_hostile_path_is_text(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert Page(answer.text).foreign() == []
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/", "/charts", "/pilots", "/pilots?q=x&state=idle", "/pilots?order=x", "/pilots/1", "/outputs/1",
        "/site", "/routes", "/routes?attributes=xcount%3D8", "/docs", "/docs/errors", "/nothing",
    ],
)  # fmt: skip
async def test_pages_are_sound(stranger: httpx.AsyncClient, client: httpx.AsyncClient, path: str) -> None:
    await submit(client)
    page = Page((await stranger.get(path, headers={"Accept": "text/html"})).text)
    assert page.all("html") == [{"lang": "en"}]
    for landmark in ("header", "nav", "main", "footer", "h1", "title"):
        assert len(page.all(landmark)) == 1, landmark
    assert all("scope" in each for each in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [attributes["aria-labelledby"] for _, attributes in page.seen if "aria-labelledby" in attributes]
    assert set(named) <= set(ids)
    assert page.foreign() == []
    for tag, attributes in page.seen:
        assert "style" not in attributes, "the policy forbids inline styles"
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert str(attributes.get(name) or "/").startswith(("/", "#")), (tag, attributes)


async def test_links_lead_somewhere(stranger: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    await submit(client)
    for path in ("/", "/pilots", "/pilots/1", "/site", "/routes", "/docs", "/docs/errors"):
        page = Page(await text_of(stranger, path))
        for attributes in page.all("a") + page.all("link"):
            href = str(attributes["href"])
            if not href.startswith("#"):
                assert (await client.get(href)).status_code == 200, href


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172800, "2 d"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_prose() -> None:
    assert prose("One.\n\nTwo.\n\n```\na\n\nb\n```\n\nThree.") == [
        ("text", "One."), ("text", "Two."), ("code", "a\n\nb"), ("text", "Three."),
    ]  # fmt: skip


def test_marks_in_a_line() -> None:
    assert inline("`a<b` and **c** & d") == "<code>a&lt;b</code> and <strong>c</strong> &amp; d"


async def test_health_comes_with_its_reasons_and_what_to_do(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    text = await text_of(stranger, "/")
    assert '<span class="badge poor">poor</span>' in text
    assert "2560 cores run pilots now" in text
    assert (
        'host key&lt;/b&gt;.</p><p class="todo"><b>What to do:</b> <code>hosted-ce</code> &lt;i&gt;.' in text
    )
    site = (await client.get("/api/v1/site")).json()
    assert site["health"]["word"] == site["health"]["reasons"][0]["word"] == "poor"
    assert site["activity"]["word"] == "production"
    assert site["expiries"][0]["until"].startswith("2026-02-03T")
