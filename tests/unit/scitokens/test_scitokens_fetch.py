"""Documents of issuers, from a real https server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from hosted_ce.scitokens import fetch
from hosted_ce.scitokens.errors import CannotFetch
from hosted_ce.scitokens.fetch import LARGEST, HttpsFetch


def compressed() -> bytes:
    """A short answer that would be long: it is refused before it is unpacked."""
    packed = gzip.compress(b"x" * LARGEST)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


ANSWERS = {
    "/good": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys",
    "/gone": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "/moved": b"HTTP/1.1 302 Found\r\nLocation: https://localhost/good\r\nContent-Length: 0\r\n\r\n",
    "/endless": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST + 1),
    "/silent": b"",
    "/nonsense": b"what?\r\n\r\n",
    "/packed": compressed(),
}


@pytest.fixture
async def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Of the server, whose authority the system trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    released = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = (await reader.readline()).split()
        answer = ANSWERS[words[1].decode()]
        writer.write(answer)
        if not answer:
            await released.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    released.set()
    server.close()


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
