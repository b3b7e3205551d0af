"""The HTTP server: uvicorn, with its signals, certificates, proxies and bounds as we want them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Collection, Iterator

import uvicorn
from starlette.types import ASGIApp

from hosted_ce.listening.company import Company, Crowding
from hosted_ce.listening.connection import BoundedConnection
from hosted_ce.listening.date import DateHeader
from hosted_ce.listening.hello import Hello, Hellos, Outcome
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import Network
from hosted_ce.listening.tls import Tls

SHUTDOWN_S = 5
"""How long open requests may take when the daemon stops."""


class _Config(uvicorn.Config):
    def __init__(
        self,
        app: ASGIApp,
        places: Places,
        proxies: Collection[Network],
        hellos: Hellos | None,
        crowded: Callable[[Crowding], None],
        *,
        plain: bool,
    ):
        super().__init__(
            app,
            http=Hello if hellos else BoundedConnection,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="on",
            server_header=False,
            date_header=False,  # BoundedConnection has it
            timeout_graceful_shutdown=SHUTDOWN_S,
            # Told even when there are none: its default is to believe 127.0.0.1.
            proxy_headers=bool(proxies),
            forwarded_allow_ips=[str(each) for each in proxies],
        )
        self.company, self.hellos, self.date = Company(places, crowded), hellos, DateHeader()
        self.clear_to = None if hellos or plain else proxies
        """Who may connect in the clear besides this machine; None: anyone, or nobody does so."""


class Server(uvicorn.Server):
    """uvicorn, with the signals left to the daemon: it would end the process before our own clean-up.

    Without a certificate, and unless `plain_http`, nobody but this machine and the proxies may connect.
    `shaken` is told how each TLS handshake ended, `crowded` of each connection that had no place.
    """

    def __init__(
        self,
        app: ASGIApp,
        places: Places,
        *,
        proxies: Collection[Network] = (),
        tls: Tls | None = None,
        plain_http: bool = False,
        shaken: Callable[[Outcome], None] = lambda _: None,
        crowded: Callable[[Crowding], None] = lambda _: None,
    ):
        self._hellos = Hellos(tls.context, proxies, shaken) if tls else None
        super().__init__(_Config(app, places, proxies, self._hellos, crowded, plain=plain_http))
        self._stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Waits for `stop`, where uvicorn looks ten times a second whether it is to end, and at the date."""
        await self._stop.wait()

    def stop(self) -> None:
        """Ends it, at once; open requests are answered first."""
        self.should_exit = True
        self._stop.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Waits for answers, and for no handshake."""
        if self._hellos:
            self._hellos.stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield
