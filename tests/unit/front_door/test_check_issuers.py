"""The check of issuers, against a real https server on loopback: what it answers is bounded and judged."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from hosted_ce.front_door.checks.finding import Finding
from hosted_ce.front_door.checks.issuers import check_issuers
from hosted_ce.scitokens.fetch import LARGEST
from hosted_ce.site import Issuer
from tests.fakes.https_server import https_server

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
Check = Callable[[dict[str, bytes]], Awaitable[Finding]]


def answer(body: bytes, head: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {head}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


KEYS = answer(b'{"keys": [{}, {}]}')


@pytest.fixture
async def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Check]:
    """Looks at an issuer with these answers by path; SELF in one is its address."""
    monkeypatch.setenv("SCITOKEN_CONFIG_TLS_CA_FILE", str(tmp_path / "ca.pem"))
    answers: dict[str, bytes] = {}
    async with https_server(tmp_path / "ca.pem", answers) as address:

        async def found(given: dict[str, bytes]) -> Finding:
            answers.update({path: each.replace(b"SELF", address.encode()) for path, each in given.items()})
            [finding] = await asyncio.to_thread(
                list, check_issuers((Issuer(issuer=address, account="osg01"),))
            )
            return finding

        yield found


def described(**changes: object) -> bytes:
    said = {"issuer": "SELF", "jwks_uri": "SELF/keys", **changes}
    return b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(said).encode()


@pytest.mark.parametrize("path", [OPENID, OAUTH])
async def test_an_issuer_whose_keys_can_be_had_passes(check: Check, path: str) -> None:
    finding = await check({path: described(), "/keys": KEYS})
    assert (finding.verdict, finding.seen) == ("pass", "it has 2 keys")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({OPENID: described()}, "/keys answered with status 404"),
        ({OPENID: answer(b"", "302 Found", "Location: SELF/keys\r\n"), "/keys": KEYS}, "status 404"),
        ({OPENID: described(), "/keys": answer(b"", "302 Found", "Location: SELF/other\r\n"), "/other": KEYS},
         "status 302"),
        ({OPENID: answer(gzip.compress(b"{}"), more="Content-Encoding: gzip\r\n")}, "answered compressed"),
        ({OPENID: b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (LARGEST + 1)}, "is larger than"),
        ({OPENID: answer(b"<html>")}, "not JSON"),
        ({OPENID: answer(b"[" * 100_000)}, "not JSON"),
        ({OPENID: answer(b"[]")}, "no JSON object"),
        ({OPENID: described(jwks_uri=None)}, "no jwks_uri"),
        ({OPENID: described(jwks_uri="file:///etc/passwd")}, "is not https"),
        ({OPENID: described(), "/keys": answer(b'{"keys": 2}')}, "no list of keys"),
        ({OPENID: described(issuer="https://other" + "r" * 1000), "/keys": KEYS}, "it calls itself https://other"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told(check: Check, given: dict[str, bytes], said: str) -> None:
    finding = await check(given)
    assert finding.verdict == "fail"
    assert said in finding.seen
    assert len(finding.seen) < 300, "none of it is told at length"


async def test_only_whom_the_file_of_authorities_trusts(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCITOKEN_CONFIG_TLS_CA_FILE")
    assert "CERTIFICATE_VERIFY_FAILED" in (await check({OPENID: described(), "/keys": KEYS})).seen
