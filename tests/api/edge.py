"""A server of the edge on loopback, with answers that are slow, large or broken, and its certificates."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import trustme
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from hosted_ce.listening.hello import Outcome
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import proxies_of
from hosted_ce.listening.server import Server
from hosted_ce.listening.tls import Tls

NAME = "ce.example.edu"
app = FastAPI()
release = asyncio.Event()


@app.get("/who")
async def who(request: Request) -> JSONResponse:
    assert request.client
    return JSONResponse({"address": request.client.host, "scheme": request.scope["scheme"]})


@app.get("/slowly")
async def slowly() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one "
        await release.wait()
        yield b"two"

    return StreamingResponse(parts())


@app.post("/measured")
async def measured(request: Request) -> JSONResponse:
    return JSONResponse({"size": len(await request.body())})


@app.get("/large")
async def large(size: int) -> Response:
    return Response(b"x" * size)


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not there():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(
    places: Places | None = None,
    *,
    proxies: str = "",
    tls: Tls | None = None,
    shaken: Callable[[Outcome], None] = lambda _: None,
    keep_alive_s: float | None = None,
) -> AsyncIterator[int]:
    """The port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(app, places or Places(100), proxies=proxies_of(proxies), tls=tls, shaken=shaken)
    if keep_alive_s is not None:
        cast(Any, server.config).timeout_keep_alive = keep_alive_s
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.stop()
        await task


def put_pair(
    folder: Path, ca: trustme.CA, *, until: dt.datetime | None = None, key: trustme.LeafCert | None = None
) -> None:
    issued = ca.issue_cert(NAME, not_after=until)
    (folder / "cert.pem").write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    (folder / "key.pem").write_bytes((key or issued).private_key_pem.bytes())
    (folder / "key.pem").chmod(0o600)


def tls_of(folder: Path) -> Tls:
    return Tls(folder / "cert.pem", folder / "key.pem")


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


async def reads_nothing(port: int, *sent: bytes) -> socket.socket:
    """Somebody who asks and takes no answer."""
    idle = socket.socket()
    idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    idle.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(idle, ("127.0.0.1", port))
    for each in sent:
        await loop.sock_sendall(idle, each)
    return idle


class Far(asyncio.Transport):
    """A connection of somebody elsewhere."""

    def __init__(self, peer: str):
        super().__init__({"peername": (peer, 1), "sockname": ("10.0.0.1", 80)})
        self.sent, self.closing, self.aborted = b"", False, False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return len(self.sent)

    def abort(self) -> None:
        self.aborted = True
