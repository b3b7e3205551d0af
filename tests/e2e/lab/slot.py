"""What two labs on one machine must not share: accounts and TCP ports."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.process import LabError

_LOCKS = Path("/run/lock/hosted-ce-lab")
_SLOTS = range(20)
_FIRST_PORT = 21000  # below the range from which Linux gives ports to clients, unless somebody has widened it
_PORTS_PER_SLOT = 50
_RESERVED = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")


@dataclass(frozen=True)
class Slot:
    """One of the machine's places for a lab, ours until every copy of the descriptor `lock` is closed."""

    number: int
    lock: int

    def account_name(self, role: str) -> str:
        """An account of this place: `hce-site`, then `hce-site-1` and so on for labs beside the first."""
        return f"hce-{role}-{self.number}" if self.number else f"hce-{role}"

    def free_ports(self) -> Iterator[int]:
        """Ports of this place that nobody listens on now."""
        first = _FIRST_PORT + self.number * _PORTS_PER_SLOT
        return (port for port in range(first, first + _PORTS_PER_SLOT) if _is_free(port))


def take() -> Slot:
    """Take the first place that no other lab has; LabError when there are too many labs."""
    _reserve_ports()
    for number in _SLOTS:
        lock = _open_lock(str(number))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return Slot(number, lock)
    raise LabError(f"all {len(_SLOTS)} places for labs on this machine are taken (locks in {_LOCKS})")


@contextmanager
def one_lab_at_a_time(what: str) -> Iterator[None]:
    """Wait until no other lab of this machine is in a block of the same name."""
    lock = _open_lock(what)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open_lock(name: str) -> int:
    _LOCKS.mkdir(mode=0o755, parents=True, exist_ok=True)
    return os.open(_LOCKS / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)


def _reserve_ports() -> None:
    """Where the kernel gives any port to clients, ours are left out, until the machine starts anew."""
    with suppress(OSError):  # not ours to write, in some containers: then a port is taken by chance, seldom
        if not _RESERVED.read_text().strip():
            _RESERVED.write_text(f"{_FIRST_PORT}-{_FIRST_PORT + len(_SLOTS) * _PORTS_PER_SLOT - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the daemons do: TIME_WAIT is free
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
