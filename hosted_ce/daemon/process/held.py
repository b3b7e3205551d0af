"""What the process holds while it runs: its state folder, its socket, what stays in memory for good."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import structlog

from hosted_ce.daemon.errors import CannotStart, SetUpWrong
from hosted_ce.settings import Settings
from hosted_ce.state_folder import faults

log = structlog.get_logger(__name__)
_NOT_LISTENING = {
    errno.EADDRINUSE: "choose another port with --port, or end what uses it (`ss -ltnp` names it)",
    errno.EACCES: "ports below 1024 are for root: choose another with --port, or give the service "
    "AmbientCapabilities=CAP_NET_BIND_SERVICE",
}
_ANY = "0.0.0.0"  # noqa: S104  told apart, not listened on


@contextlib.contextmanager
def state_folder(folder: Path) -> Iterator[None]:
    """Makes the state folder and keeps other daemons out of it: two on one would submit twice.

    Raises CannotStart when one is there already, or the folder cannot be used, SetUpWrong when it
    is another account's or open to others.
    """
    with alone_in(folder, then=_must_be_ours):
        yield


@contextlib.contextmanager
def alone_in(folder: Path, *, then: Callable[[Path], None] = lambda _: None) -> Iterator[None]:
    """Makes a folder that is this account's alone, and keeps others out who ask for it in this way.

    `then` looks at it before that. Raises CannotStart, and whatever `then` does but OSError.
    """
    os.umask(0o077)  # what pilots bring (files, environments, tokens) is nobody else's to read
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        then(folder)
        lock_file = (folder / "lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"cannot use the state folder {folder}: {error.strerror}; make it writable for this user, or "
            "choose another with --state"
        ) from error
    with lock_file as lock:
        _take(lock, folder)
        yield


def _take(lock: IO[str], folder: Path) -> None:
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


def _must_be_ours(folder: Path) -> None:
    """Raises SetUpWrong with every fault and what mends it, OSError."""
    found = list(faults(folder, os.geteuid()))
    if bad := [f"{fault.said}: {fault.todo}" for fault in found if fault.fatal]:
        raise SetUpWrong("; ".join(bad))
    for fault in found:
        log.warning("the state folder is not as it should be", problem=fault.said, todo=fault.todo)


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The API's socket. Raises CannotStart when its port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)  # Python's own text says it all twice
        todo = _NOT_LISTENING.get(error.errno or 0, "see that --host is an address of this machine")
        raise CannotStart(f"cannot listen on {settings.host}:{settings.port}: {said}; {todo}") from error
    # asyncio does this only for sockets that it made itself; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def leave_alone_what_stays() -> None:
    """Has garbage collections look at what comes from now on alone.

    Once a CE has started, 200,000 objects of modules and models are there for good. To look at all of them
    took 0.12 s, each time that many pilots had come.
    """
    gc.collect()
    gc.freeze()


def own_url(listener: socket.socket, *, tls: bool = False) -> str:
    """Where people on this machine reach what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http{'s' if tls else ''}://{_reached(host)}:{port}"


def _reached(host: str) -> str:
    local = {_ANY: "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{local}]" if ":" in local else local
