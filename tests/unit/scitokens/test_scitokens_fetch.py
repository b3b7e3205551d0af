"""Documents of issuers, from a real https server on loopback."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hosted_ce.scitokens import fetch
from hosted_ce.scitokens.errors import CannotFetch
from hosted_ce.scitokens.fetch import LARGEST, HttpsFetch
from tests.fakes.https_server import GONE, https_server


def compressed() -> bytes:
    """A short answer that would be long: it is refused before it is unpacked."""
    packed = gzip.compress(b"x" * LARGEST)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


ANSWERS = {
    "/good": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys",
    "/gone": GONE,
    "/moved": b"HTTP/1.1 302 Found\r\nLocation: https://localhost/good\r\nContent-Length: 0\r\n\r\n",
    "/endless": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST + 1),
    "/silent": b"",
    "/nonsense": b"what?\r\n\r\n",
    "/packed": compressed(),
}


@pytest.fixture
async def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Of the server, whose authority the system trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with https_server(tmp_path / "ca.pem", ANSWERS) as server:
        yield server


async def test_a_document_comes(address: str) -> None:
    assert await HttpsFetch()(f"{address}/good") == b"keys"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/gone", "status 404"),
        ("/moved", "status 302"),
        ("/endless", "is larger than"),
        ("/packed", "answered compressed"),
        ("/nonsense", "https://localhost"),
    ],
)
async def test_what_is_wrong_is_told(address: str, path: str, said: str) -> None:
    with pytest.raises(CannotFetch, match=said):
        await HttpsFetch()(f"{address}{path}")


async def test_who_does_not_answer_is_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "DEADLINE_S", 0.5)
    with pytest.raises(CannotFetch, match=r"within 0.5 s|imeout"):
        await HttpsFetch()(f"{address}/silent")


async def test_only_https_and_only_whom_the_system_trusts(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CannotFetch, match="is not https"):
        await HttpsFetch()("http://localhost/good")
    with pytest.raises(CannotFetch, match="https://"):
        await HttpsFetch()("https://[bad/")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(CannotFetch, match="CERTIFICATE_VERIFY_FAILED"):
        await HttpsFetch()(f"{address}/good")
