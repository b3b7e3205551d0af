"""The processes of a session, as a node's daemon finds them."""

from __future__ import annotations

import contextlib
import os


def of_session(session: int) -> list[int]:
    """Those that live; zombies do not."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat") as stat:
                state, _, _, its_session = stat.read().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.append(int(name))
    return found


def send(session: int, signal: int) -> int:
    """Sends a signal to each process of the session; returns how many there were."""
    members = of_session(session)
    for pid in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal)
    return len(members)


def resident_kb(session: int) -> int:
    """Memory of the whole session."""
    total = 0
    for pid in of_session(session):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/statm") as statm:
            total += int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return total
