"""What the process holds while it runs: its state folder, its socket, its HTTP server."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from hosted_ce.daemon.errors import CannotStart
from hosted_ce.settings import Settings

_ANY = "0.0.0.0"  # noqa: S104  told apart, not listened on
LOOK_S = 1.0
SHUTDOWN_S = 5
"""How long open requests may take when the daemon stops."""


class Server(uvicorn.Server):
    """uvicorn, with the signals left to the daemon: it would end the process before our own clean-up."""

    def __init__(self, app: FastAPI):
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="on",
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )
        self._stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Looks once a second, as the date in its answers wants, where uvicorn does ten times.

        What sets `should_exit` calls `stop`, which is heard at once.
        """
        seconds = 0
        while not await self.on_tick(10 * seconds):
            seconds += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._stop.wait()

    def stop(self) -> None:
        """Ends it: open requests are answered first."""
        self.should_exit = True
        self._stop.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


@contextlib.contextmanager
def state_folder(folder: Path) -> Iterator[None]:
    """Makes the state folder and keeps other daemons out of it: two on one would submit twice.

    Raises CannotStart when one is there already, or the folder cannot be used.
    """
    os.umask(0o077)  # what pilots bring (files, environments, tokens) is nobody else's to read
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock_file = (folder / "lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"cannot use the state folder {folder}: {error.strerror}; make it writable for this user, or "
            "choose another with --state"
        ) from error
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            who = lock.read().strip() or "unknown"
            raise CannotStart(
                f"another CE (process {who}) uses the state folder {folder}; stop it, or choose another "
                "folder with --state"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The API's socket. Raises CannotStart when its port is taken."""
    try:
        listener = socket.create_server((settings.host, settings.port))
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "choose another port with --port, or end what uses it"
        ) from error
    # asyncio does this only for sockets that it made itself; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def own_url(listener: socket.socket) -> str:
    """Where people on this machine reach what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://{'127.0.0.1' if host == _ANY else host}:{port}"
