"""Who takes answers slowly gets them whole, who takes none is cut off: in the clear and over TLS."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, cast

import pytest
import trustme

from hosted_ce.listening import taking
from hosted_ce.listening.places import Places
from hosted_ce.listening.taking import Taking
from hosted_ce.listening.tls import Tls
from hosted_ce.listening.watched import Watched
from tests.api.edge import NAME, put_pair, reads_nothing, serving, tls_of, trusting, until

LARGE = 20_000_000


def asked(size: int, *headers: str) -> bytes:
    return "\r\n".join((f"GET /large?size={size} HTTP/1.1", "Host: x", *headers, "", "")).encode()


@pytest.fixture(params=[False, True], ids=["clear", "tls"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Tls | None, ssl.SSLContext | None]:
    """The server's, and the client's."""
    if not request.param:
        return None, None
    ca = trustme.CA()
    put_pair(tmp_path, ca)
    return tls_of(tmp_path), trusting(ca)


async def connected(
    port: int, client: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """With a small buffer, so that the rest stays with the kernels and the server."""
    return await asyncio.open_connection(
        "127.0.0.1", port, limit=4096, ssl=client, server_hostname=NAME if client else None
    )


async def test_who_takes_no_answer_to_many_requests_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LOOK_S", 0.2)
    places = Places(9)
    async with serving(places) as port:
        idle = await reads_nothing(port, asked(10_000) * 1000)
        await until(lambda: places.taken == 1)
        await until(lambda: places.taken == 0)
        idle.close()


@pytest.mark.parametrize("headers", [(), ("Connection: close",)])
async def test_who_takes_no_answer_is_cut_off(
    ends: tuple[Tls | None, ssl.SSLContext | None],
    headers: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taking, "LOOK_S", 0.2)
    server, client = ends
    places = Places(9)
    async with serving(places, tls=server, keep_alive_s=0.1) as port:
        _, writer = await connected(port, client)
        cast(asyncio.ReadTransport, writer.transport).pause_reading()
        writer.write(asked(LARGE, *headers))
        await until(lambda: places.taken == 1)
        await until(lambda: places.taken == 0)
        writer.transport.abort()


@pytest.mark.parametrize("headers", [(), ("Connection: close",)], ids=["kept alive", "closed"])
async def test_who_takes_it_slowly_gets_it_whole(
    ends: tuple[Tls | None, ssl.SSLContext | None],
    headers: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Longer than the connection is kept alive, and than asyncio gives TLS for its end."""
    monkeypatch.setattr(taking, "LOOK_S", 0.1)
    monkeypatch.setattr(taking, "LEAST", 1)
    monkeypatch.setattr(taking, "PATIENCE", 20)
    monkeypatch.setattr("asyncio.constants.SSL_SHUTDOWN_TIMEOUT", 0.1)
    server, client = ends
    async with serving(tls=server, keep_alive_s=0.1) as port:
        reader, writer = await connected(port, client)
        writer.write(asked(LARGE, *headers))
        head = await reader.readuntil(b"\r\n\r\n")
        got = 0
        while got < LARGE and (more := await reader.read(500_000)):
            got += len(more)
            await asyncio.sleep(0.005)
        writer.transport.abort()
    assert head.startswith(b"HTTP/1.1 200 ")
    assert got == LARGE


async def test_who_says_no_farewell_is_not_waited_for(
    ends: tuple[Tls | None, ssl.SSLContext | None],
) -> None:
    server, client = ends
    places = Places(9)
    async with serving(places, tls=server, keep_alive_s=0.1) as port:
        reader, writer = await connected(port, client)
        writer.write(asked(10))
        await reader.readuntil(b"x" * 10)
        cast(asyncio.ReadTransport, writer.transport).pause_reading()
        await until(lambda: places.taken == 0)
        writer.transport.abort()


class Closed(asyncio.Transport):
    """Counts how often it is closed, and is asked for its socket."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    def is_closing(self) -> bool:
        return self.closed > 0

    def get_write_buffer_size(self) -> int:
        return 1


class Looked:
    """A loop that only remembers what is due."""

    def __init__(self) -> None:
        self.due: list[Any] = []

    def call_later(self, delay: float, look: Any) -> asyncio.TimerHandle:
        self.due.append(look)
        return cast(asyncio.TimerHandle, self)


def test_a_transport_is_closed_once_with_the_one_below_and_looked_after_from_then_on() -> None:
    above, below, loop = Closed(), Closed(), Looked()
    watched = Watched(above, below, Taking(below, cast(Any, loop)))
    assert not loop.due
    watched.close()
    watched.close()
    assert (above.closed, below.closed, len(loop.due)) == (1, 1, 1)
