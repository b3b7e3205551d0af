"""Outputs are shown to who has the token, and whatever is in them stays text."""

from __future__ import annotations

import httpx
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.pages.excerpt import HEAD, LINE, TAIL, excerpt, visible
from tests.api.requests import submit
from tests.api.test_pages import HOSTILE, Page
from tests.api.world import TOKEN, World

WITH_TOKEN = ("anyone", TOKEN)


async def put(world: World, data: bytes) -> None:
    await world.services.outputs.put(1, 1, "stdout", data)


async def test_they_need_the_token_even_if_status_is_public(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    await world.complete(1)
    await put(world, b"s3cret\n")
    for path in ("/outputs/1", "/outputs/1/stdout"):
        for auth in (None, ("anyone", "wrong")):
            answer = await stranger.get(path, auth=auth)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
            assert "s3cret" not in answer.text
        assert "s3cret" in (await stranger.get(path, auth=WITH_TOKEN)).text
    assert "s3cret" not in (await stranger.get("/pilots/1")).text
    assert 'href="/outputs/1"' in (await stranger.get("/pilots/1")).text


async def test_what_is_not_here_is_said(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    assert (await client.get("/outputs/1")).text.count("is fetched when its batch job has ended") == 2
    missing = await client.get("/outputs/1/stdout")
    assert (missing.status_code, missing.json()["type"]) == (404, "/docs/errors#output-not-here")
    await world.complete(1)
    over = (await client.get("/outputs/1")).text
    assert "pilot 1 is completed: no stdout of its batch job was fetched; its history says why." in over
    assert "when its batch job has ended" not in over
    assert "its history says why" in (await client.get("/outputs/1/stdout")).json()["detail"]
    await put(world, b"")
    assert "It wrote nothing." in (await client.get("/outputs/1")).text
    assert (await client.get("/outputs/1/passwd")).status_code == 422
    assert (await client.get("/outputs/2")).status_code == 404


async def test_hostile_output_is_text_and_downloads_are_files(
    client: httpx.AsyncClient, world: World
) -> None:
    data = f"{HOSTILE}\n\x1b[2J\x00\u202e\x9b".encode() + b"\xff\n"
    await submit(client)
    await world.complete(1)
    await put(world, data)
    text = (await client.get("/outputs/1")).text
    assert Page(text).foreign() == []
    assert "&lt;script&gt;" in text
    assert "\N{SYMBOL FOR ESCAPE}[2J\N{SYMBOL FOR NULL}\ufffd\ufffd\ufffd" in text
    answer = await client.get("/outputs/1/stdout")
    assert answer.content == data
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pilot-1.stdout"'
    assert answer.headers["Content-Type"] == "application/octet-stream"


async def test_of_a_long_one_the_beginning_and_the_end(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.complete(1)
    await put(world, b"".join(b"line %d\n" % number for number in range(100_000)))
    text = (await client.get("/outputs/1")).text
    assert "line 0\n" in text
    assert "line 99999\n" in text
    assert "line 50000\n" not in text
    assert "bytes are left out here" in text
    assert len(text) < 60_000


@given(st.binary(max_size=200).map(lambda data: data * 400) | st.binary(max_size=100))
def test_nothing_is_lost_without_being_counted(data: bytes) -> None:
    found = excerpt(data)
    assert found.size == len(data)
    if found.tail is None:
        assert (found.head, found.left_out) == (visible(data), 0)
        return
    pieces = (
        (data[:size], data[size + found.left_out :])
        for size in range(HEAD - LINE, HEAD + 1)
        if len(data) - TAIL <= size + found.left_out <= len(data) - TAIL + LINE
    )
    assert (found.head, found.tail) in ((visible(head), visible(tail)) for head, tail in pieces)


@given(st.binary(max_size=300))
def test_what_is_shown_steers_nothing(data: bytes) -> None:
    controls = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n", "\t"}
    assert not controls & set(visible(data))
