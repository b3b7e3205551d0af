"""The real server on loopback: its certificate, its bounds, and whose word about addresses it takes."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509

from hosted_ce.listening import connection, server, taking
from hosted_ce.listening.connection import BoundedConnection
from hosted_ce.listening.date import DateHeader
from hosted_ce.listening.errors import TlsUnusable
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import proxies_of
from hosted_ce.listening.server import Server
from tests.api.edge import NAME, Far, app, put_pair, release, serving, tls_of, trusting, until


async def serial(port: int, ca: trustme.CA) -> int:
    """Of the certificate that a new connection is shown."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting(ca), server_hostname=NAME)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(shown).serial_number


async def test_the_certificate_changes_while_an_answer_goes_on(tmp_path: Path) -> None:
    ca = trustme.CA()
    put_pair(tmp_path, ca)
    tls = tls_of(tmp_path)
    release.clear()
    async with serving(tls=tls) as port:
        before = await serial(port, ca)
        async with (
            httpx.AsyncClient(verify=trusting(ca), trust_env=False) as client,
            client.stream(
                "GET", f"https://127.0.0.1:{port}/slowly", extensions={"sni_hostname": NAME}
            ) as answer,
        ):
            parts = answer.aiter_bytes()
            assert await anext(parts) == b"one "
            put_pair(tmp_path, ca)
            tls.reload()
            assert await serial(port, ca) == tls.leaf.serial_number != before
            release.set()
            assert await anext(parts) == b"two"


@pytest.mark.parametrize("wrong", ["other key", "no certificate", "over", "open key", "gone"])
async def test_a_new_pair_that_is_no_good_is_refused_and_the_old_one_stays(
    tmp_path: Path, wrong: str
) -> None:
    ca = trustme.CA()
    put_pair(tmp_path, ca)
    tls = tls_of(tmp_path)
    async with serving(tls=tls) as port:
        before = await serial(port, ca)
        over = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        put_pair(
            tmp_path, ca, until=over if wrong == "over" else None,
            key=ca.issue_cert(NAME) if wrong == "other key" else None,
        )  # fmt: skip
        if wrong == "no certificate":
            (tmp_path / "cert.pem").write_text("half of it")
        if wrong == "open key":
            (tmp_path / "key.pem").chmod(0o644)
        if wrong == "gone":
            (tmp_path / "key.pem").unlink()
        with pytest.raises(TlsUnusable):
            tls.reload()
        assert await serial(port, ca) == before == tls.leaf.serial_number


async def test_it_ends_in_order_in_the_moment_in_which_a_client_leaves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca = trustme.CA()
    put_pair(tmp_path, ca)
    async with serving(tls=tls_of(tmp_path)) as port:
        await serial(port, ca)
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_old_versions_of_tls_are_refused(tmp_path: Path) -> None:
    ca = trustme.CA()
    put_pair(tmp_path, ca)
    async with serving(tls=tls_of(tmp_path)) as port:
        for version, taken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
            context = trusting(ca)
            context.set_ciphers("DEFAULT@SECLEVEL=0")  # else the client would be who refuses
            context.minimum_version = context.maximum_version = version
            try:
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", port, ssl=context, server_hostname=NAME
                )
            except (ssl.SSLError, ConnectionError):
                assert not taken
            else:
                assert taken
                writer.close()


@pytest.mark.parametrize(
    ("proxies", "sent", "said"),
    [
        ("", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}, ("127.0.0.1", "http")),
        (
            "127.0.0.1",
            {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"},
            ("203.0.113.9", "https"),
        ),
        ("10.0.0.0/8", {"X-Forwarded-For": "203.0.113.9"}, ("127.0.0.1", "http")),
        ("127.0.0.0/8", {"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 127.0.0.2"}, ("203.0.113.9", "http")),
    ],
)
async def test_who_asks_is_what_trusted_proxies_say(
    proxies: str, sent: dict[str, str], said: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable says nothing here
    async with serving(proxies=proxies) as port, httpx.AsyncClient(trust_env=False) as client:
        answer = (await client.get(f"http://127.0.0.1:{port}/who", headers=sent)).json()
    assert (answer["address"], answer["scheme"]) == tuple(said)


async def told(port: int, *sent: bytes) -> bytes:
    """What comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for each in sent:
            writer.write(each)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


HEAD = b"GET /who HTTP/1.1\r\nHost: x\r\n"
BIG = b"x" * (connection.LARGEST_HEAD // 2)


@pytest.mark.parametrize(
    "sent",
    [
        [HEAD, b"A: " + BIG + b"\r\n", b"B: " + BIG + b"\r\n", b"C: 1\r\n\r\n"],
        [HEAD, b"A: ", BIG, BIG, b"yyy"],
        [b"GET /", BIG, BIG, b"yyy"],
        [HEAD, *[b"A: b\r\n" * 1000] * 40],
    ],
)
async def test_a_head_that_is_too_large_is_refused(sent: list[bytes]) -> None:
    async with serving() as port:
        assert (await told(port, *sent)).startswith((b"HTTP/1.1 431 ", b"reset"))
        assert b" 200 OK" in await told(port, HEAD + b"Connection: close\r\n\r\n")


@pytest.mark.parametrize("sent", [b"", b"GET / HT", HEAD])
async def test_a_request_that_does_not_come_is_not_waited_for(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    async with serving() as port:
        assert (await told(port, sent)).startswith(b"HTTP/1.1 408 ")


async def test_each_answer_has_the_date_of_its_own_second(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(784_111_777, 784_111_780))
    monkeypatch.setattr(server, "DateHeader", lambda: DateHeader(lambda: next(seconds)))
    async with serving() as port:
        said = await told(port, 2 * (HEAD + b"\r\n") + HEAD + b"Connection: close\r\n\r\n")
    assert re.findall(rb"(?i)^date: .*:(\d\d) GMT\r$", said, re.MULTILINE) == [b"37", b"38", b"39"]


async def test_many_requests_on_one_connection_are_no_large_head() -> None:
    async with serving() as port:
        many = (HEAD + b"A: " + b"x" * 1000 + b"\r\n\r\n") * 200
        assert (await told(port, many + HEAD + b"Connection: close\r\n\r\n")).count(b" 200 OK") == 201


async def test_the_end_of_a_large_body_is_no_large_head() -> None:
    size = 3 * connection.LARGEST_HEAD
    async with serving() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(5):
            answer = await client.post("/measured", content=b"x" * size)
            assert answer.json() == {"size": size}


async def test_there_are_as_many_connections_as_there_may_be() -> None:
    async with serving(Places(2)) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in held:
            writer.write(HEAD + b"\r\n")
            await reader.readline()
        refused = await told(port)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: " in refused
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        assert b" 200 OK" in await told(port, HEAD + b"Connection: close\r\n\r\n")


def test_who_has_the_most_places_gives_one_up_for_who_has_fewer() -> None:
    places = Places(8, proxies_of("10.0.0.1"))
    assert not places.greediest("127.0.0.1"), "nobody has any"
    for address in ("192.0.2.1", "10.0.0.1", "10.0.0.1", "10.0.0.1", "192.0.2.2", "192.0.2.2", "127.0.0.1"):
        assert places.take(address)
    for without_many in ("192.0.2.3", "192.0.2.1", "10.0.0.1", "127.0.0.1"):
        assert places.greediest(without_many) == {"192.0.2.2"}
    assert not places.greediest("192.0.2.2"), "nobody has more"
    places.leave("192.0.2.2")
    assert not places.greediest("192.0.2.1")
    assert places.greediest("192.0.2.3") == {"192.0.2.1", "192.0.2.2"}


def test_one_address_cannot_have_all_places() -> None:
    places = Places(8, proxies_of("10.0.0.1"))
    assert [places.take("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [places.take("10.0.0.1") for _ in range(3)] == [True] * 3, "a proxy speaks for many"
    assert [places.take("127.0.0.1") for _ in range(4)] == [True] * 3 + [False], "there are eight"
    places.leave("192.0.2.1")
    assert places.take("192.0.2.1")


def test_a_host_has_one_share_however_many_addresses_it_has() -> None:
    places = Places(8)
    assert [places.take(f"2001:db8::{n}") for n in range(3)] == [True, True, False]
    assert places.take("2001:db8:0:1::1")
    places.leave("2001:db8::1")
    assert places.take("2001:db8::7")
    assert [places.take("::ffff:192.0.2.1"), places.take("192.0.2.1"), places.take("192.0.2.1")] == [
        True, True, False,
    ]  # fmt: skip


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    put_pair(tmp_path, trustme.CA())
    for mode, good in ((0o600, True), (0o400, True), (0o640, True), (0o660, False), (0o604, False)):
        (tmp_path / "key.pem").chmod(mode)
        if good:
            tls_of(tmp_path)
            continue
        with pytest.raises(TlsUnusable, match=f"mode {mode:04o}.*chmod 600"):
            tls_of(tmp_path)


@pytest.mark.parametrize(
    ("peer", "plain", "refused"),
    [("10.9.0.1", False, True), ("10.9.0.1", True, False), ("10.1.0.9", False, False)],
)
async def test_in_the_clear_the_proxies_alone_may_come(peer: str, plain: bool, refused: bool) -> None:
    server = Server(app, Places(9), proxies=proxies_of("10.1.0.0/16"), plain_http=plain)
    made = BoundedConnection(server.config, server.server_state, {})
    far = Far(peer)
    made.connection_made(far)
    assert (far.sent.startswith(b"HTTP/1.1 403 "), far.closing) == (refused, refused)
    made.data_received(HEAD + b"Authorization: Bearer x\r\n\r\n")
    assert (made.cycle is None) is refused, "nothing of it is read"
    made.connection_lost(None)


async def test_who_takes_no_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LOOK_S", 0.05)
    server = Server(app, Places(9))
    made = BoundedConnection(server.config, server.server_state, {})
    far = Far("10.9.0.1")
    made.connection_made(far)
    assert far.closing
    await until(lambda: far.aborted)
    made.connection_lost(None)


async def test_who_says_nothing_more_has_to_take_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LOOK_S", 0.05)
    monkeypatch.setattr(connection, "HEAD_S", 1000)
    server = Server(app, Places(9), plain_http=True)
    made = BoundedConnection(server.config, server.server_state, {})
    far = Far("10.9.0.1")
    made.connection_made(far)
    made.eof_received()
    made.resume_writing()  # some has gone to the kernel, and there is more
    await until(lambda: far.aborted)
    made.connection_lost(None)
