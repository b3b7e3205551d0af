"""The API behind the real server, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from hosted_ce.api.openapi import guide
from tests.api.requests import PILOTS, a_pilot
from tests.api.world import MAX_INPUT_FILE, MAX_REQUEST, TOKEN

ROOT = Path(__file__).parents[2]
MB = 1024 * 1024
BIG = 100 * MB
GROWTH = 12 * MB
CHUNK = b"x" * 65536
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    pid: int

    @property
    def host_port(self) -> tuple[str, int]:
        parts = urlsplit(self.address)
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    def peak(self) -> int:
        """The most memory that it ever had, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return 1024 * int(found[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an empty database."""
    command = [sys.executable, "-m", "tests.api.serve", str(tmp_path_factory.mktemp("server"))]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Server(process.stdout.readline().strip(), process.pid)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.read()
        assert process.wait(20) == 0


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.address, headers=AUTH, timeout=30, trust_env=False
    ) as client:
        yield client


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // len(CHUNK)):
        yield CHUNK


async def used_to_uploads(client: httpx.AsyncClient) -> None:
    """Lets the server have what ordinary requests take."""
    data = b"y" * MAX_INPUT_FILE
    await client.put(f"/api/v1/files/{hashlib.sha256(data).hexdigest()}", content=data)
    await client.post(PILOTS, content=b" " * MAX_REQUEST)


@pytest.mark.parametrize("length", [{"Content-Length": str(BIG)}, {}], ids=["declared", "chunked"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", PILOTS, 413),
        ("PUT", "/api/v1/files/" + "0" * 64, 413),
        ("GET", "/healthz", 200),
        ("POST", "/nothing", 404),
    ],
)
async def test_a_hundred_megabytes_are_answered_without_being_kept(
    server: Server, client: httpx.AsyncClient, *, method: str, path: str, status: int, length: dict[str, str]
) -> None:
    await used_to_uploads(client)
    before = server.peak()
    answer = await client.request(method, path, content=chunks(BIG), headers=length)
    assert answer.status_code == status
    assert answer.headers["Connection"] == "close"
    assert server.peak() - before < GROWTH
    assert (await client.get("/healthz")).status_code == 200


async def test_strangers_bodies_are_not_kept_either(server: Server, client: httpx.AsyncClient) -> None:
    await used_to_uploads(client)
    before = server.peak()
    answer = await client.post(
        PILOTS, content=chunks(BIG), headers={"Content-Length": str(BIG), "Authorization": "Bearer wrong"}
    )
    assert answer.status_code == 401
    assert server.peak() - before < GROWTH


async def test_who_listens_only_after_sending_hears_the_answer(server: Server) -> None:
    host, port = server.host_port
    head = f"POST {PILOTS} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {BIG}\r\n\r\n"
    answer = await talk(server, head.encode(), *[CHUNK] * (BIG // len(CHUNK)))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"}")


async def talk(server: Server, *sent: bytes) -> bytes:
    """Sends bytes as they are; returns all that comes until the connection closes."""
    reader, writer = await asyncio.open_connection(*server.host_port)
    for piece in sent:
        writer.write(piece)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


async def test_who_asks_before_sending_is_refused_without_sending(server: Server) -> None:
    host, port = server.host_port
    head = (
        f"POST {PILOTS} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {BIG}\r\nExpect: 100-continue\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 20)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    writer.close()


async def test_a_client_that_breaks_off_is_forgotten(server: Server, client: httpx.AsyncClient) -> None:
    host, port = server.host_port
    before = (await client.get(PILOTS)).json()["counts"]
    _, writer = await asyncio.open_connection(host, port)
    head = (
        f"POST {PILOTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )
    writer.write(head.encode())
    await writer.drain()
    sock: socket.socket = writer.get_extra_info("socket")
    sock.shutdown(socket.SHUT_RDWR)
    writer.close()
    assert (await client.get(PILOTS)).json()["counts"] == before
    assert (await client.post(PILOTS, json=a_pilot())).status_code == 201


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/9.9", b"\x00\x01\x02", b"GET /\x1b[2J\x00 HTTP/1.1", b"A" * 100_000]
)
async def test_what_is_no_http_does_no_harm(
    server: Server, client: httpx.AsyncClient, request_line: bytes
) -> None:
    with contextlib.suppress(ConnectionError):
        answer = await talk(server, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " not in answer.split(b"\r\n")[0]
    assert (await client.get("/healthz")).status_code == 200


def test_the_examples_of_the_guide_work(server: Server, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "token").write_text(TOKEN)
    blocks = guide().split("```")[1::2]
    script = "".join(blocks).replace("http://127.0.0.1:8080", server.address).replace("curl -sS", "curl -sSi")
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    statuses = re.findall(r"HTTP/1.1 (\d+)", done.stdout)
    assert done.stderr == ""
    # submit, upload what came along with it, submit a hundred, look, why, list, an output too early, find,
    # sum up, charts, contributions, remove
    assert statuses == ["201", "200", "201", *["200"] * 3, "404", *["200"] * 5, "202"]


def test_it_needs_nothing_of_the_site_side() -> None:
    program = (
        "import sys, hosted_ce.api.app; "
        "print(*{name.split('.')[0] for name in sys.modules} & {'bosco', 'asyncssh', 'htcondor2'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
