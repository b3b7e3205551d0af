"""The list of pilots: what its form means, and what a text in the search field finds."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.pages.pilots import FIELDS
from hosted_ce.api.pages.search import WORDS, meanings, pilot_number
from hosted_ce.api.parameters import Listing
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.store.arrivals import NewPilot
from tests.api.requests import submit
from tests.api.test_pages import Page, text_of
from tests.api.world import World

FACTORY_JOB = "gfactory@factory.example.org#4711.0#1769999990"


def rows(text: str) -> list[int]:
    """The pilots in the table."""
    return [int(number) for number in re.findall(r'<tr id="p(\d+)">', text)]


async def found(stranger: httpx.AsyncClient, query: str) -> list[int]:
    return rows(await text_of(stranger, f"/pilots?{query}"))


@pytest.fixture
async def some(client: httpx.AsyncClient, world: World) -> None:
    """Pilot 1 is a factory's and runs; 2 and 3 wait, the last one with words of its own."""
    await world.from_factory()
    await submit(client, 2)
    await world.run(1)
    await client.post("/api/v1/pilots/3/hold", params={"reason": "Disk quota exceeded"})


@pytest.mark.usefixtures("some")
async def test_every_part_of_the_form_narrows(stranger: httpx.AsyncClient) -> None:
    assert await found(stranger, "") == [3, 2, 1]
    assert await found(stranger, "state=running&state=held") == [3, 1]
    assert await found(stranger, "q=&state=idle&route=&vo=&entry=&order=") == [2], "empty ones do not"
    assert await found(stranger, "route=large") == [1]
    assert await found(stranger, "entry=OSG_US_Example-CE1&state=running") == [1]
    assert await found(stranger, "account=nobody") == []


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("text", "ids", "words"),
    [
        ("1001", [1], "found as a batch job&#39;s id"), ("hstamp000000001", [1], "a batch job&#39;s name"),
        (FACTORY_JOB, [1], "the factory&#39;s GlobalJobId"),
        ("ce.example.edu#5.0#1770000000", [1], "the front door&#39;s name"),
        ("OSG_US_Example-CE1", [1], "found as an entry"), ("quota EXCEEDED", [3], "found as a reason"),
        (" large ", [1], "found as a route"), ("nothing", [], "Nothing is called so"),
        ("x", [], "Nothing is called so"),
    ],
)  # fmt: skip
async def test_a_text_is_taken_for_what_it_is(
    stranger: httpx.AsyncClient, text: str, ids: list[int], words: str
) -> None:
    answer = await stranger.get("/pilots", params={"q": text})
    assert rows(answer.text) == ids
    assert words in answer.text


@pytest.mark.usefixtures("some")
async def test_a_number_leads_to_its_pilot(stranger: httpx.AsyncClient) -> None:
    text = await text_of(stranger, "/pilots?q=2")
    assert '<a href="/pilots/2">Pilot 2</a>' in text
    assert "has this number" not in await text_of(stranger, "/pilots?q=4")


async def test_what_cannot_be_asked_is_said_beside_the_form(stranger: httpx.AsyncClient) -> None:
    asked = {
        "older_than=soon": "Came longer ago than: ", "state=runing": "State: ", "colour=red": "colour: ",
        "cursor=x": "is not a cursor", "reason=%00%00%00": "Words of the reason: ",
    }  # fmt: skip
    for query, fault in asked.items():
        answer = await stranger.get(f"/pilots?{query}")
        assert answer.status_code == 422
        assert "This cannot be looked for" in answer.text
        assert fault in answer.text
        assert "Nothing is called so" not in answer.text


async def test_pages_follow_each_other_and_keep_what_was_found(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await submit(client, 120)
    for pilot_id in range(1, 111):
        await client.post(f"/api/v1/pilots/{pilot_id}/hold", params={"reason": "Disk quota"})
    path, seen = "/pilots?q=quota", list[int]()
    while path:
        page = Page(text := await text_of(stranger, path))
        seen += rows(text)
        path = next((str(each["href"]) for each in page.all("a") if each.get("rel") == "next"), "")
        [live] = [each for each in page.all("div") if each.get("id") == "live"]
        assert ("hx-get" in live) is (len(seen) <= 50), "what is old does not change"
    assert seen == list(range(110, 0, -1))


async def test_the_address_has_no_empty_fields(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get(
        "/pilots?q=&state=idle&route=&entry=a%20b%0d%0aX", headers={"HX-Source": "form#filters"}
    )
    assert answer.headers["HX-Push-Url"] == "/pilots?state=idle&entry=a+b%0D%0AX"
    assert "HX-Push-Url" not in (await stranger.get("/pilots?state=idle")).headers


def test_every_parameter_of_the_listing_has_a_field() -> None:
    assert set(FIELDS) == set(Listing.model_fields) - {"limit", "cursor"}


def test_what_a_text_may_mean_can_be_asked_and_has_words() -> None:
    assert set(WORDS) <= set(Listing.model_fields)
    assert {*meanings("a#b"), *meanings("abc")} == set(WORDS)
    assert "reason" not in list(meanings("ab"))


@given(st.text(max_size=30) | st.integers().map(str))
def test_only_digits_are_numbers(text: str) -> None:
    number = pilot_number(text)
    assert number is None or (str(number) == (text.removeprefix("#").lstrip("0") or "0") and number < 10**18)


async def test_tests_are_listed_as_what_they_are(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    spec = {"executable": "x", "inputs": [], "attributes": {}}
    await world.services.store.add(NewPilot(spec, "rest", "me", "d", purpose=Purpose.TEST))
    assert await found(stranger, "") == [2, 1]
    assert await found(stranger, "purpose=test") == [2]
    assert await found(stranger, "purpose=pilot") == [1]
    badge = '<span class="badge purpose">test</span>'
    assert (await text_of(stranger, "/pilots")).count(badge) == 1
    assert (await text_of(stranger, "/pilots/2")).count(badge) == 1
    assert badge not in await text_of(stranger, "/pilots/1")
    assert '<strong><span class="number">1</span></strong> idle' in await text_of(stranger, "/")
    answer = (await client.get("/api/v1/pilots", params={"purpose": "test"})).json()
    assert [(one["id"], one["purpose"]) for one in answer["items"]] == [(2, "test")]
    assert (answer["matching"]["idle"], answer["counts"]["idle"]) == (1, 1)
    assert (await client.get("/api/v1/pilots", params={"purpose": "fun"})).status_code == 422
