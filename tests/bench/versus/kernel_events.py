"""The kernel's own word of processes that begin and end (`cn_proc.h`), read without touching them. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

FORK, EXEC, EXIT = 1, 2, 0x80000000
_HEADER = struct.Struct("=IIQ")  # what, cpu, ns of CLOCK_MONOTONIC
_OFFSET = 36  # nlmsghdr and cn_msg


@dataclass(frozen=True)
class Event:
    """`kind` is FORK, EXEC or EXIT; `at` seconds of CLOCK_MONOTONIC; `child` that of a FORK."""

    kind: int
    at: float
    pid: int
    child: int | None = None
    wait_status: int | None = None


def parse(data: bytes) -> Event | None:
    """The event of one netlink message; None for threads and for what else the kernel tells."""
    if len(data) < _OFFSET + _HEADER.size + 16:
        return None
    kind, _, nanoseconds = _HEADER.unpack_from(data, _OFFSET)
    one, two, three, four = struct.unpack_from("=4I", data, _OFFSET + _HEADER.size)
    at = nanoseconds / 1e9
    if kind == FORK:  # parent's pid and process, child's pid and process
        return Event(FORK, at, two, three) if three == four else None
    if kind in (EXEC, EXIT) and one == two:  # pid and process; for EXIT the status
        return Event(kind, at, two, None, three if kind == EXIT else None)
    return None


def subscription(pid: int) -> bytes:
    """The message by which the process asks to be told."""
    listen = struct.pack("=I", 1)
    message = struct.pack("=IIIIHH", 1, 1, 0, 0, len(listen), 0) + listen
    return struct.pack("=IHHII", 16 + len(message), 3, 0, 0, pid) + message
