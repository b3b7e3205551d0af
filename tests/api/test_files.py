"""Input files."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.world import MAX_INPUT_FILE, World

DATA = b"\x00\xff some bytes\n"
SHA = hashlib.sha256(DATA).hexdigest()
PLACE = f"/api/v1/files/{SHA}"


async def test_upload_twice(client: httpx.AsyncClient, world: World) -> None:
    first, again = await client.put(PLACE, content=DATA), await client.put(PLACE, content=DATA)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"sha256": SHA, "bytes": len(DATA)}
    assert await world.services.contents.get(SHA) == DATA


async def test_ask_whether_it_is_here(client: httpx.AsyncClient) -> None:
    before = await client.head(PLACE)
    await client.put(PLACE, content=DATA)
    after = await client.head(PLACE)
    assert (before.status_code, after.status_code) == (404, 200)
    assert after.content == b""


async def test_an_empty_file(client: httpx.AsyncClient) -> None:
    answer = await client.put(f"/api/v1/files/{hashlib.sha256().hexdigest()}")
    assert (answer.status_code, answer.json()["bytes"]) == (201, 0)


async def test_other_content_than_the_path_says(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.put(PLACE, content=DATA + b"!")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/docs/errors#checksum-mismatch"
    assert hashlib.sha256(DATA + b"!").hexdigest() in answer.json()["detail"]
    assert not (world.folder / "files").exists()


@pytest.mark.parametrize(
    "name", ["abc", SHA.upper(), SHA + "0", SHA[:-1] + "g", "%00" + SHA[1:], SHA + "%0a"]
)
@pytest.mark.parametrize("method", ["PUT", "HEAD"])
async def test_what_cannot_be_a_checksum(client: httpx.AsyncClient, method: str, name: str) -> None:
    answer = await client.request(method, f"/api/v1/files/{name}")
    assert answer.status_code == 422
    if method == "PUT":
        assert answer.json()["errors"] == [
            {"path": "path.sha256", "message": "must be a SHA-256 in 64 lower-case hexadecimal digits"}
        ]


@pytest.mark.parametrize("name", ["..%2f..%2ftoken", "../../etc/passwd", "a/b"])
async def test_no_way_out_of_the_folder(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.put(f"/api/v1/files/{name}", content=DATA)).status_code in {404, 422}


async def test_at_the_limit(client: httpx.AsyncClient) -> None:
    data = b"x" * MAX_INPUT_FILE
    place = f"/api/v1/files/{hashlib.sha256(data).hexdigest()}"
    assert (await client.put(place, content=data)).status_code == 201


async def test_above_the_limit(client: httpx.AsyncClient, world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"x" * MAX_INPUT_FILE
        yield b"x"

    declared = await client.put(PLACE, content=b"x" * (MAX_INPUT_FILE + 1))
    undeclared = await client.put(PLACE, content=chunks())
    for answer, size in ((declared, f"has {MAX_INPUT_FILE + 1} bytes"), (undeclared, "goes on")):
        assert answer.status_code == 413
        assert answer.json()["type"] == "/docs/errors#file-too-large"
        assert f"input file '{SHA}' {size}; the limit is {MAX_INPUT_FILE}" in answer.json()["detail"]
    assert not (world.folder / "files").exists()


async def test_a_coded_body(client: httpx.AsyncClient) -> None:
    answer = await client.put(PLACE, content=DATA, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
