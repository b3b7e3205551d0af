"""Submissions of many pilots that are refused: what is answered, and that none of them is there."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import client_of
from tests.api.requests import BATCH, PILOTS, a_pilot, batch, inline
from tests.api.world import MAX_BATCH, MAX_INPUT_FILE, World


def errors_of(answer: httpx.Response) -> dict[str, str]:
    return {error["path"]: error["message"] for error in answer.json()["errors"]}


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    ("neither", {}, "", "give either `count` or `pilots`"),
    ("both", {"count": 1, "pilots": [{}]}, "", "give either `count` or `pilots`"),
    ("none", {"count": 0}, "count", "must be at least 1"),
    ("a count as text", {"count": "5"}, "count", "must be a whole number"),
    ("a count that is true", {"count": True}, "count", "must be a whole number"),
    ("an empty list", {"pilots": []}, "pilots", "at least 1"),
    ("too many", {"count": MAX_BATCH + 1}, "count", f"limit of {MAX_BATCH} in one request"),
    ("a list too long", {"pilots": [{}] * (MAX_BATCH + 1)}, "pilots", "HOSTED_CE_MAX_BATCH"),
    ("far too many", {"count": 10**12}, "count", "must be at most 10000"),
    ("before the first", {"count": 1, "first": 0}, "first", "must be at least 1"),
    ("a number too high", {"count": 1, "first": 10**9 + 1}, "first", "must be at most"),
    ("a bad shared part", {"count": 1, "attributes": {"xcount": 0}}, "", "xcount: 0 is not a whole number"),
    ("own inputs", {"pilots": [{"inputs": []}]}, "pilots[0].inputs", "is not known here"),
    ("a number", {"pilots": [{}, 5]}, "pilots[1]", "must be an object"),
    ("an argument", {"pilots": [{}, {"arguments": [5]}]}, "pilots[1].arguments[0]", "must be a text"),
    ("an attribute", {"pilots": [{}, {"attributes": {"xcount": 0}}]}, "pilots[1]", "xcount: 0 is not"),
    ("a variable", {"pilots": [{"environment": {"A-B": ""}}]}, "pilots[0]", "environment variable's name"),
    (
        "one in two spellings", {"pilots": [{"attributes": {"A": 1, "a": 2}}]}, "pilots[0]", "is given twice",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
async def test_an_invalid_request_says_what_is_wrong_and_where(
    client: httpx.AsyncClient, refused: list[httpx.Response], changes: dict[str, Any], path: str, message: str
) -> None:
    answer = await batch(client, **changes)
    refused.append(answer)
    assert answer.status_code == 422
    assert message in errors_of(answer)[path]


async def test_faults_of_many_pilots_are_told_together_up_to_a_bound(
    client: httpx.AsyncClient, refused: list[httpx.Response]
) -> None:
    wrong = [{"attributes": {"xcount": -number}} for number in range(60)]
    answer = await batch(client, pilots=[{}, *wrong])
    refused.append(answer)
    errors = answer.json()["errors"]
    assert [error["path"] for error in errors[:2]] == ["pilots[1]", "pilots[2]"]
    assert (len(errors), errors[-1]["message"]) == (51, "and 10 more errors")


@pytest.mark.parametrize("key", [None, "", "x" * 190, "é".encode()])
async def test_without_a_good_key_there_is_no_batch(
    client: httpx.AsyncClient, refused: list[httpx.Response], key: str | bytes | None
) -> None:
    body = a_pilot(count=2)
    answer = await client.post(BATCH, json=body, headers={} if key is None else {"Idempotency-Key": key})
    refused.append(answer)
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["header.Idempotency-Key"]


async def test_two_keys_are_none(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    refused.append(await client.post(BATCH, json=a_pilot(count=2), headers=headers))
    assert "more than once" in errors_of(refused[0])["header.Idempotency-Key"]


async def test_one_key_of_another_request_refuses_all(client: httpx.AsyncClient, world: World) -> None:
    known = await client.post(PILOTS, json=a_pilot(arguments=["x"]), headers={"Idempotency-Key": "k-3"})
    before = await world.rows()
    answer = await batch(client, count=5)
    assert (answer.status_code, answer.json()["pilot_id"]) == (409, known.json()["id"])
    assert "'k-3' belongs to pilot 1" in answer.json()["detail"]
    assert await world.rows() == before


async def test_a_file_that_is_not_here(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await batch(client, inputs=[{"name": "pilot.sh", "sha256": "0" * 64}], count=2)
    refused.append(answer)
    assert answer.json()["type"] == "/docs/errors#content-missing"
    assert "pilot.sh is not here" in errors_of(answer)["inputs[0].sha256"]


async def test_a_file_too_large(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    large = [inline("pilot.sh", b"x" * (MAX_INPUT_FILE + 1))]
    refused.append(await batch(client, inputs=large, count=2))
    assert refused[0].json()["type"] == "/docs/errors#file-too-large"


@pytest.mark.parametrize("argument", ["x" * 60_000, "\u00e9" * 10_000, "\U0001f600" * 5_000])
async def test_a_small_body_cannot_make_a_large_database(
    client: httpx.AsyncClient, refused: list[httpx.Response], argument: str
) -> None:
    """Stored texts are ASCII: 6 bytes for what 2 are sent for, 12 for 4."""
    answer = await batch(client, arguments=[argument], count=MAX_BATCH)
    refused.append(answer)
    assert answer.json()["type"] == "/docs/errors#request-too-large"
    assert "100 such pilots are 60" in answer.json()["detail"]


async def test_no_json(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    headers = {"Idempotency-Key": "k"}
    refused.append(await client.post(BATCH, content=b"{", headers=headers))
    headers["Content-Type"] = "text/plain"
    refused.append(await client.post(BATCH, content=json.dumps(a_pilot(count=1)), headers=headers))
    assert [answer.status_code for answer in refused] == [400, 415]


async def test_the_limit_is_a_setting(client: httpx.AsyncClient, world: World) -> None:
    world.services = dataclasses.replace(world.services, max_batch=MAX_BATCH + 1)
    async with client_of(world) as other:
        other.headers.update(client.headers)
        assert (await batch(other, count=MAX_BATCH + 1)).status_code == 201
