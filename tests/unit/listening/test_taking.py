"""Who takes an answer slowly, and who takes none: real bounds, real connections, and looks when we say."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import trustme

from hosted_ce.listening.taking import LEAST, LOOK_S, Taking, taken

LARGE = 16 * 1024 * 1024


class Looks:
    """The part of a loop that `Taking` needs; time passes when told."""

    def __init__(self) -> None:
        self._due: list[Callable[[], None]] = []

    def call_later(self, delay: float, look: Callable[[], None]) -> asyncio.TimerHandle:
        assert delay == LOOK_S
        self._due.append(look)
        return cast(asyncio.TimerHandle, self)

    def pass_one(self) -> None:
        due, self._due = self._due, []
        for each in due:
            each()


class Sending(asyncio.Protocol):
    """Sends much at once, and has its client watched."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(b"x" * LARGE)
        Taking(self.transport, cast(Any, self._looks)).begin()


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    ca = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca.issue_cert("localhost").configure_cert(server)
    ca.configure_trust(client)
    return server, client


@asynccontextmanager
async def sending(
    looks: Looks, *, tls: bool
) -> AsyncIterator[tuple[asyncio.Transport, asyncio.StreamReader]]:
    ours, theirs = contexts() if tls else (None, None)
    protocol = Sending(looks)
    server = await asyncio.get_running_loop().create_server(lambda: protocol, "127.0.0.1", 0, ssl=ours)
    async with server:
        reader, writer = await asyncio.open_connection(
            *server.sockets[0].getsockname(),
            limit=4096,
            ssl=theirs,
            server_hostname="localhost" if tls else None,
        )
        await reader.readexactly(1)
        assert protocol.transport
        try:
            yield protocol.transport, reader
        finally:
            protocol.transport.abort()
            writer.transport.abort()


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("rate", [10_000, 25_000])
async def test_who_takes_enough_is_never_cut_off(rate: int, tls: bool) -> None:
    looks = Looks()
    async with sending(looks, tls=tls) as (transport, reader):
        for _ in range(10):  # the kernels may hold some MB more: all must not have gone before
            await reader.readexactly(int(rate * LOOK_S))
            looks.pass_one()
            assert not transport.is_closing()


@pytest.mark.parametrize("tls", [False, True])
async def test_who_takes_nothing_is_cut_off(tls: bool) -> None:
    looks = Looks()
    async with sending(looks, tls=tls) as (transport, _):
        for _ in range(20):  # the first see what the client's kernel takes by itself
            looks.pass_one()
            await asyncio.sleep(0)
        assert transport.is_closing()


class Buffered(asyncio.Transport):
    """A transport of which nothing but its buffer is known."""

    def __init__(self, ours: socket.socket | None) -> None:
        super().__init__({"socket": ours})
        self.left, self.aborted = LARGE, False

    def get_write_buffer_size(self) -> int:
        return self.left

    def abort(self) -> None:
        self.aborted = True


def test_one_look_without_progress_is_forgiven_and_two_are_not() -> None:
    looks, transport = Looks(), Buffered(None)
    Taking(transport, cast(Any, looks)).begin()
    for took in (0, LEAST, LEAST - 1, LEAST, 0):
        transport.left -= took
        looks.pass_one()
        assert not transport.aborted
    looks.pass_one()
    assert transport.aborted


def test_a_socket_that_does_not_count_leaves_the_buffer() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        transport = Buffered(ours)
        before = taken(transport)
        transport.left -= 5
        assert taken(transport) - before == 5
