"""What stands before HTTP over TLS: the handshake, bounded in number and time, and counted.

asyncio's own servers shake hands before any protocol hears of a connection: nobody could refuse or count
those that stall, and each may for a minute.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Collection
from enum import StrEnum
from functools import partial
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from hosted_ce.listening.connection import BoundedConnection
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import Network

HELLO_S = 10.0
"""Seconds that a handshake may take."""
MOST = 128
"""Handshakes under way at once; one address may have its share of them."""
END_S = 86400.0
"""asyncio wants a bound for what is left when a connection is closed; `Taking` is who keeps it short."""


class Outcome(StrEnum):
    """How a handshake ended."""

    DONE = "done"
    LATE = "late"
    FAILED = "failed"
    FULL = "full"
    """It was not begun: too many were under way."""
    OUSTED = "ousted"
    """All places were taken, its address had the most of them, and another address has got this one."""


class Hellos:
    """The handshakes of one server; `count` is told how each one ended."""

    def __init__(
        self, context: ssl.SSLContext, proxies: Collection[Network], count: Callable[[Outcome], None]
    ):
        self.context, self.count = context, count
        self.places = Places(MOST, proxies)
        self._under_way: dict[asyncio.Task[None], tuple[str, asyncio.Transport]] = {}

    def begin(self, hello: Hello, below: asyncio.Transport) -> None:
        """Shakes hands, if there is a place for it or can be made."""
        address = (get_remote_addr(below) or ("",))[0]
        if not (self.places.take(address) or (self._oust_for(address) and self.places.take(address))):
            self.count(Outcome.FULL)
            below.abort()
            return
        below.pause_reading()  # else some of the handshake might come before anybody reads it
        task = asyncio.create_task(hello.shake(below), name="hello")
        self._under_way[task] = address, below
        task.add_done_callback(self._leave)

    def _oust_for(self, address: str) -> bool:
        """Ends the oldest handshake of those who have the most, if that is more than this address has."""
        greediest = self.places.greediest(address)
        task = next(
            (each for each, (who, _) in self._under_way.items() if self.places.who(who) in greediest), None
        )
        if task is None:
            return False
        _, below = self._under_way[task]
        self._leave(task)
        if task.cancel():  # else it has just ended by itself
            self.count(Outcome.OUSTED)
            below.abort()
        return True

    def _leave(self, task: asyncio.Task[None]) -> None:
        if left := self._under_way.pop(task, None):
            self.places.leave(left[0])

    def stop(self) -> None:
        """Ends those under way."""
        for task in self._under_way:
            task.cancel()


class Hello(asyncio.Protocol):
    """One connection until it speaks TLS; from then on it is a BoundedConnection.

    Needs `hellos` of its configuration, and what that needs: `hosted_ce.listening.server` has them.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ):
        self._hellos: Hellos = cast(Any, config).hellos
        self._then = partial(BoundedConnection, config, server_state, app_state, _loop)
        self._speaking: BoundedConnection | None = None
        self._early, self._lost = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come."""
        self._hellos.begin(self, cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        """Some of a request that came with the end of the handshake."""
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended, before or while it was handed over."""
        self._lost = True
        if self._speaking:
            self._speaking.connection_lost(exc)

    async def shake(self, below: asyncio.Transport) -> None:
        """Until the connection is handed over, or has come to nothing."""
        try:
            transport = await asyncio.get_running_loop().start_tls(
                below, self, self._hellos.context, server_side=True,
                ssl_handshake_timeout=HELLO_S, ssl_shutdown_timeout=END_S,
            )  # fmt: skip
        except ConnectionAbortedError:
            self._hellos.count(Outcome.LATE)
        except OSError:  # of TLS as well: it was given up, or the two sides do not agree
            self._hellos.count(Outcome.FAILED)
        else:
            self._hellos.count(Outcome.DONE if transport else Outcome.FAILED)
            if transport and not self._lost:
                self._hand_over(below, transport)

    def _hand_over(self, below: asyncio.Transport, transport: asyncio.Transport) -> None:
        self._speaking = self._then()
        self._speaking.below = below
        transport.set_protocol(self._speaking)
        self._speaking.connection_made(transport)
        if self._early:
            self._speaking.data_received(self._early)
