"""Answers a request whose body nobody read, such that the answer arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_S = 30.0
SILENCE_S = 5.0


class Linger:
    """Throws the rest of an unread body away before the connection closes.

    If the server closed at once, the client's system would drop the answer with the connection (RFC 9112,
    9.6). So the answer is sent whole, then the rest is read without keeping it: for 30 seconds at most, and
    no longer than 5 seconds of silence.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic):
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._clock)
        await self._app(scope, exchange.receive, exchange.send)
        await exchange.finish()


class _Exchange:
    def __init__(self, receive: Receive, send: Send, clock: Callable[[], float]):
        self._receive, self._send, self._clock = receive, send, clock
        self._unread, self._owes_end = True, False

    async def receive(self) -> Message:
        message = await self._receive()
        self._unread = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if not self._unread:
            await self._send(message)
        elif message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
            await self._send(message)
        elif message.get("more_body", False):
            await self._send(message)
        else:
            self._owes_end = True
            await self._send({**message, "more_body": True})

    async def finish(self) -> None:
        if self._owes_end:
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        end = self._clock() + LINGER_S
        while self._unread and (left := end - self._clock()) > 0:
            try:
                async with asyncio.timeout(min(left, SILENCE_S)):
                    await self.receive()
            except TimeoutError:
                return


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
