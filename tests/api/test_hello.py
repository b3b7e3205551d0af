"""TLS handshakes on loopback: late, too many, failed, and with a request right after the last word."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from pathlib import Path

import pytest
import trustme

from hosted_ce.listening import hello
from hosted_ce.listening.hello import Outcome
from tests.api.edge import NAME, put_pair, serving, tls_of, trusting, until

REQUEST = b"GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ENDS_S = 10


@pytest.fixture
def ca(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    put_pair(tmp_path, made)
    return made


async def answered(port: int, ca: trustme.CA) -> bytes:
    """What a client gets that shakes hands as it should; nothing, when it is not let in."""
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting(ca), server_hostname=NAME
        )
    except OSError:
        return b""
    writer.write(REQUEST)
    try:
        return await asyncio.wait_for(reader.read(), ENDS_S)
    finally:
        writer.close()


async def test_who_does_not_shake_hands_is_sent_away_and_counted(
    tmp_path: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hello, "HELLO_S", 0.2)
    ended: Counter[Outcome] = Counter()
    async with serving(tls=tls_of(tmp_path), shaken=lambda how: ended.update([how])) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), ENDS_S) == b""
        writer.close()
    assert ended == {Outcome.LATE: 1}


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b""])
async def test_a_handshake_that_fails_is_counted(tmp_path: Path, ca: trustme.CA, said: bytes) -> None:
    ended: Counter[Outcome] = Counter()
    async with serving(tls=tls_of(tmp_path), shaken=lambda how: ended.update([how])) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        writer.close()
        await until(lambda: ended.total() > 0)
        assert b" 200 OK" in await answered(port, ca)
    assert ended == {Outcome.FAILED: 1, Outcome.DONE: 1}


async def test_handshakes_have_places_which_are_free_again(
    tmp_path: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hello, "MOST", 2)
    ended: Counter[Outcome] = Counter()
    async with serving(tls=tls_of(tmp_path), shaken=lambda how: ended.update([how])) as port:
        stalled = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert await answered(port, ca) == b""
        assert ended == {Outcome.FULL: 1}
        for _, writer in stalled:
            writer.close()
        await until(lambda: ended[Outcome.FAILED] == len(stalled))
        assert b" 200 OK" in await answered(port, ca)


async def test_idle_connections_of_some_addresses_keep_neither_others_out_nor_this_machine(
    tmp_path: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of eight places an address may have two; idle connections of four addresses have them all."""
    monkeypatch.setattr(hello, "MOST", 8)
    idle = [f"192.0.2.{n // 2}" for n in range(8)]
    coming, came = iter([*idle, "192.0.2.9", "192.0.2.8", "127.0.0.1", "192.0.2.3"]), list[str]()

    def address_of(_: object) -> tuple[str, int]:
        came.append(next(coming))
        return came[-1], 50000

    monkeypatch.setattr(hello, "get_remote_addr", address_of)
    ended: Counter[Outcome] = Counter()
    async with serving(tls=tls_of(tmp_path), shaken=lambda how: ended.update([how])) as port:
        stalled = [await asyncio.open_connection("127.0.0.1", port) for _ in idle]
        await until(lambda: came == idle)
        assert b" 200 OK" in await answered(port, ca)
        assert ended == {Outcome.OUSTED: 1, Outcome.DONE: 1}
        assert await asyncio.wait_for(stalled[0][0].read(), ENDS_S) == b"", "the oldest"
        stalled.append(await asyncio.open_connection("127.0.0.1", port))
        await until(lambda: came[-1] == "192.0.2.8")
        assert b" 200 OK" in await answered(port, ca), "of this machine"
        assert ended == {Outcome.OUSTED: 2, Outcome.DONE: 2}
        assert await answered(port, ca) == b"", "who has its share gets no more"
        assert ended == {Outcome.OUSTED: 2, Outcome.DONE: 2, Outcome.FULL: 1}
        for _, writer in stalled:
            writer.close()


async def test_a_server_that_ends_waits_for_no_handshake(tmp_path: Path, ca: trustme.CA) -> None:
    async with serving(tls=tls_of(tmp_path)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert b" 200 OK" in await answered(port, ca)  # the one before has been begun, too
    assert await asyncio.wait_for(reader.read(), hello.HELLO_S / 2) == b""
    writer.close()


async def test_a_request_that_comes_with_the_end_of_the_handshake_is_heard(
    tmp_path: Path, ca: trustme.CA
) -> None:
    """As of a client that does not wait: TLS 1.3 lets it speak right after its own last word."""
    async with serving(tls=tls_of(tmp_path)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = trusting(ca).wrap_bio(incoming, outgoing, server_hostname=NAME)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        client.write(REQUEST)
        writer.write(outgoing.read())
        incoming.write(await asyncio.wait_for(reader.read(), ENDS_S))
        assert client.read(65536).startswith(b"HTTP/1.1 200 ")
        writer.close()
