"""Submissions that are refused: what is answered, and that nothing changed."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.requests import PILOTS, a_pilot, inline
from tests.api.world import MAX_INPUT_FILE, MAX_REQUEST, World

UNKNOWN = "0" * 64
GOOD = json.dumps(a_pilot())
DEEP = "[" * 100_000 + "]" * 100_000
TOO_DEEP = "nested too deeply" if sys.version_info < (3, 14) else "Expecting value"
"""A later Python reads on to the end, which does not come."""


def errors_of(answer: httpx.Response) -> dict[str, str]:
    return {error["path"]: error["message"] for error in answer.json()["errors"]}


def only(**fields: Any) -> dict[str, Any]:
    """The change that makes a file with these fields the only input."""
    return {"inputs": [fields]}


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    ("no executable", {"executable": None}, "executable", "is missing"),
    ("no inputs", {"inputs": None}, "inputs", "is missing"),
    ("empty inputs", {"inputs": []}, "inputs", "must have at least 1"),
    ("unknown field", {"exectuable": "x"}, "exectuable", "is not known here"),
    ("unknown field of a file", only(name="pilot.sh", content="", mode=7), "inputs[0].mode", "is not known"),
    ("arguments as a text", {"arguments": "-v std"}, "arguments", "must be a list"),
    ("an argument as a number", {"arguments": ["a", 5]}, "arguments[1]", "must be a text"),
    ("environment as a list", {"environment": ["A=1"]}, "environment", "must be an object"),
    ("a variable as a number", {"environment": {"A": 1}}, "environment.A", "must be a text"),
    ("a bad variable name", {"environment": {"A-B": "1"}}, "", "environment variable's name"),
    ("NUL in an argument", {"arguments": ["a\0b"]}, "", "NUL"),
    ("NUL in a variable", {"environment": {"A": "a\0b"}}, "", "NUL"),
    ("null attribute", {"attributes": {"xcount": None}}, "attributes.xcount", "must be a text, a number"),
    ("nested attribute", {"attributes": {"a": {"b": 1}}}, "attributes.a", "must be a text, a number"),
    ("no cores", {"attributes": {"xcount": 0}}, "", "xcount: 0 is not a whole number of at least 1"),
    ("NUL in an attribute", {"attributes": {"a": "x\0"}}, "", "control character (U+0000)"),
    ("line break in an attribute", {"attributes": {"a": "x\ny"}}, "", "control character (U+000A)"),
    ("a queue that is a command", {"attributes": {"queue": "x; reboot"}}, "", "is not a name"),
    ("an attribute in two spellings", {"attributes": {"XCount": 1, "xcount": 2}}, "", "is given twice"),
    ("a number beyond 64 bits", {"attributes": {"a": 2**63}}, "", "64 bits"),
    ("a path as file name", {"inputs": [inline("../pilot.sh")]}, "inputs[0].name", "cannot be a file name"),
    ("a line break in a file name", {"inputs": [inline("a\nb")]}, "inputs[0].name", "cannot be a file name"),
    ("NUL in a file name", {"inputs": [inline("a\0b")]}, "inputs[0].name", "cannot be a file name"),
    ("shell in a file name", {"executable": "$(reboot)"}, "executable", "cannot be a file name"),
    ("an overlong file name", {"inputs": [inline("n" * 201)]}, "inputs[0].name", "too long"),
    ("a huge file name", {"executable": "n" * 100_000}, "executable", "100000 characters"),
    ("two files of one name", {"inputs": [inline("pilot.sh")] * 2}, "", "given twice: pilot.sh"),
    ("an executable that is no input", {"executable": "other.sh"}, "", "not among the input files"),
    ("too many files", {"inputs": [inline(f"f{n}") for n in range(101)]}, "inputs", "at most 100"),
    ("file without content", only(name="pilot.sh"), "inputs[0]", "either"),
    ("file with both", only(name="a", content="", sha256=UNKNOWN), "inputs[0]", "either"),
    ("no base64", only(name="a", content="?"), "inputs[0].content", "is not base64"),
    ("base64 with breaks", only(name="a", content="YQ==\n"), "inputs[0].content", "is not base64"),
    ("base64 in Cyrillic", only(name="a", content="дада"), "inputs[0].content", "is not base64"),
    ("content as bytes", only(name="a", content=[1]), "inputs[0].content", "must be a text"),
    ("a short checksum", only(name="a", sha256="abc"), "inputs[0].sha256", "64 lower-case"),
    ("a checksum in capitals", only(name="a", sha256="A" * 64), "inputs[0].sha256", "64 lower-case"),
    ("a checksum with a break", only(name="a", sha256="a" * 64 + "\n"), "inputs[0].sha256", "64"),
    ("a word for a truth", only(name="a", content="", executable="yes"), "inputs[0].executable", "true or"),
    ("overlong arguments", {"arguments": ["x" * 1000] * 140}, "", "are too long; at most"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
async def test_an_invalid_request_says_what_is_wrong_and_where(
    client: httpx.AsyncClient, refused: list[httpx.Response], changes: dict[str, Any], path: str, message: str
) -> None:
    answer = await client.post(PILOTS, json=a_pilot(**changes))
    refused.append(answer)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/docs/errors#invalid-request"
    assert message in errors_of(answer)[path]
    assert "Value error" not in answer.text
    assert "pydantic" not in answer.text


BAD_JSON: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "the body is empty"),
    ("spaces", b" \n", "the body is empty"),
    ("half an object", b'{"executable": ', "Expecting value at line 1, column 16"),
    ("two objects", b"{}{}", "Extra data"),
    ("a number that is none", b'{"attributes": {"a": NaN}}', "NaN is not JSON"),
    ("infinity", b'{"attributes": {"a": -Infinity}}', "-Infinity is not JSON"),
    ("a line break in a text", b'{"executable": "a\nb"}', "Invalid control character"),
    ("a doubled key", b'{"executable": "a", "executable": "b"}', 'the key "executable" is given twice'),
    ("a doubled key inside", b'{"attributes": {"a": 1, "a": 2}}', 'the key "a" is given twice'),
    ("a deep list", DEEP.encode(), "nested too deeply"),
    ("a deep object", b'{"a":' * 50_000, TOO_DEEP),
    ("a very long number", b'{"attributes": {"a": ' + b"9" * 5000 + b"}}", "too many digits"),
    ("Latin-1", '{"executable": "ä"}'.encode("latin-1"), "not UTF-8: byte 16 is 0xe4"),
    ("UTF-16", '{"executable": "a"}'.encode("utf-16"), "not UTF-8"),
    ("half a character", b'{"arguments": ["\\ud800"]}', "half of a surrogate pair"),
    ("half a character as key", b'{"\\udfff": 1}', "half of a surrogate pair"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "detail"), [case[1:] for case in BAD_JSON], ids=[case[0] for case in BAD_JSON]
)
async def test_a_body_that_is_not_json_is_told_why(
    client: httpx.AsyncClient, refused: list[httpx.Response], body: bytes, detail: str
) -> None:
    answer = await client.post(PILOTS, content=body, headers={"Content-Type": "application/json"})
    refused.append(answer)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/docs/errors#malformed-json"
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("body", ["[]", "null", "5", '"text"', "true"])
async def test_json_that_is_no_object(
    client: httpx.AsyncClient, refused: list[httpx.Response], body: str
) -> None:
    answer = await client.post(PILOTS, content=body)
    refused.append(answer)
    assert answer.status_code == 422
    assert errors_of(answer) == {"": "must be an object"}


async def test_all_errors_are_told_at_once(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await client.post(
        PILOTS, json={"executable": "a/b", "inputs": [{"name": ""}, inline("ok")], "mode": 1}
    )
    refused.append(answer)
    assert set(errors_of(answer)) == {"executable", "inputs[0].name", "mode"}
    assert answer.json()["detail"].startswith("executable: ")


async def test_a_wall_of_errors_is_cut(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await client.post(PILOTS, json=a_pilot(arguments=[1] * 10_000))
    refused.append(answer)
    assert len(answer.json()["errors"]) == 51
    assert errors_of(answer)[""] == "and 9950 more errors"


async def test_a_huge_name_is_not_echoed(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await client.post(PILOTS, json=a_pilot(environment={"K" * 50_000: 1}))
    refused.append(answer)
    assert answer.status_code == 422
    assert "K" * 79 + "…" in answer.json()["errors"][0]["path"]
    assert "K" * 100 not in answer.text


async def test_a_number_that_overflows_is_no_number(
    client: httpx.AsyncClient, refused: list[httpx.Response]
) -> None:
    body = GOOD.replace('"xcount": 8', '"load": 1e999')
    answer = await client.post(PILOTS, content=body)
    refused.append(answer)
    assert "load: inf is not a number" in errors_of(answer)[""]


@pytest.mark.parametrize("key", [b"", b"k" * 201, "schlüssel".encode(), b"a\tb", b"caf\xe9"])
async def test_a_key_that_cannot_be_one(
    client: httpx.AsyncClient, refused: list[httpx.Response], key: bytes
) -> None:
    answer = await client.post(PILOTS, json=a_pilot(), headers={b"Idempotency-Key": key})
    refused.append(answer)
    assert answer.status_code == 422
    assert errors_of(answer) == {"header.Idempotency-Key": "must be 1 to 200 printable ASCII characters"}


async def test_two_keys(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await client.post(
        PILOTS, json=a_pilot(), headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    )
    refused.append(answer)
    assert errors_of(answer) == {"header.Idempotency-Key": "is given more than once"}


async def test_a_key_of_another_request(client: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "k"}
    await client.post(PILOTS, json=a_pilot(), headers=headers)
    before = await world.rows()
    answer = await client.post(PILOTS, json=a_pilot(arguments=["other"]), headers=headers)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/docs/errors#key-reused"
    assert answer.json()["pilot_id"] == 1
    assert "use a new key" in answer.json()["detail"]
    assert await world.rows() == before


async def test_files_that_were_not_uploaded_are_all_named(
    client: httpx.AsyncClient, refused: list[httpx.Response], world: World
) -> None:
    other = "1" * 64
    inputs = [inline("pilot.sh"), {"name": "a", "sha256": UNKNOWN}, {"name": "b", "sha256": other}]
    answer = await client.post(PILOTS, json=a_pilot(inputs=inputs))
    refused.append(answer)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/docs/errors#content-missing"
    assert errors_of(answer) == {
        "inputs[1].sha256": f"a is not here; upload it with PUT /api/v1/files/{UNKNOWN}",
        "inputs[2].sha256": f"b is not here; upload it with PUT /api/v1/files/{other}",
    }
    assert not (world.folder / "files").exists(), "what came along with a refused request is not kept"


async def test_a_file_above_the_limit(
    client: httpx.AsyncClient, refused: list[httpx.Response], world: World
) -> None:
    inputs = [inline("pilot.sh"), inline("big.tar", b"x" * (MAX_INPUT_FILE + 1))]
    answer = await client.post(PILOTS, json=a_pilot(inputs=inputs))
    refused.append(answer)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/docs/errors#file-too-large"
    assert answer.json()["detail"].startswith(
        f"input file 'big.tar' has {MAX_INPUT_FILE + 1} bytes; the limit is {MAX_INPUT_FILE}"
    )
    assert not (world.folder / "files").exists()


async def test_a_file_at_the_limit(client: httpx.AsyncClient) -> None:
    inputs = [inline("pilot.sh", b"x" * MAX_INPUT_FILE)]
    assert (await client.post(PILOTS, json=a_pilot(inputs=inputs))).status_code == 201


async def test_a_body_above_the_limit(client: httpx.AsyncClient, refused: list[httpx.Response]) -> None:
    answer = await client.post(PILOTS, content=b" " * (MAX_REQUEST + 1))
    refused.append(answer)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/docs/errors#request-too-large"
    assert f"of {MAX_REQUEST + 1} bytes is above the limit of {MAX_REQUEST}" in answer.json()["detail"]
    assert answer.headers["Connection"] == "close"


async def test_a_body_that_outgrows_the_limit_without_saying_so(
    client: httpx.AsyncClient, refused: list[httpx.Response]
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_REQUEST // 1024 + 1):
            yield b" " * 1024

    answer = await client.post(PILOTS, content=endless())
    refused.append(answer)
    assert answer.status_code == 413
    assert "of undeclared size" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, "Content-Type: application/json"),
        ({"Content-Type": "application/jsonp"}, "Content-Type: application/json"),
        ({"Content-Encoding": "gzip"}, "Content-Encoding 'gzip'"),
    ],
)
async def test_a_body_of_another_kind(
    client: httpx.AsyncClient, refused: list[httpx.Response], headers: dict[str, str], detail: str
) -> None:
    answer = await client.post(PILOTS, content=GOOD, headers=headers)
    refused.append(answer)
    assert answer.status_code == 415
    assert detail in answer.json()["detail"]


async def test_while_the_ce_shuts_down(client: httpx.AsyncClient, world: World) -> None:
    await world.database.close()
    answer = await client.post(PILOTS, json=a_pilot())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.json()["type"] == "/docs/errors#shutting-down"
