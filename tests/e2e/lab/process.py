"""Processes of a lab: found in /proc, ended by pidfd, waited for with a deadline.

A pidfd can be waited for although the process is not our child, and never comes to mean another process.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")

_POLL_SECONDS = 0.02


class LabError(RuntimeError):
    """The lab cannot do what was asked; the message says why, with the end of the daemon's log."""


def wait_until(
    condition: Callable[[], Answer | None], what: str, seconds: float, *, every: float = _POLL_SECONDS
) -> Answer:
    """The first true answer of `condition()`; LabError naming `what` when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {seconds:g} s")
        time.sleep(every)
    return answer


def descendants(pid: int) -> list[int]:
    """Every living process below `pid`, parents before children."""
    children = _children_by_parent()
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found[1:]


def is_alive(pid: int) -> bool:
    """Whether a process has not ended; one that only waits for its parent to ask has."""
    try:
        return _state_and_parent(Path(f"/proc/{pid}/stat"))[0] != "Z"
    except OSError:
        return False


def command_name(pid: int) -> str:
    """The kernel's short name of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def environment(pid: int) -> dict[str, str]:
    """The environment that a process was started with; empty when it is gone."""
    try:
        settings = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in os.fsdecode(settings).split("\0") if "=" in line)


def kill(pid: int) -> None:
    """SIGKILL to one process, if it still exists."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def end(pid: int, *, with_signal: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """Send the signal to one process and wait until it is gone; SIGKILL when it is not within `seconds`."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        _end(process, with_signal, seconds) or _end(process, signal.SIGKILL, seconds)
    finally:
        os.close(process)


def _end(process: int, with_signal: signal.Signals, seconds: float) -> bool:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, with_signal)
    return bool(select.select([process], [], [], seconds)[0])


def _children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = _state_and_parent(stat)
            if state != "Z":
                children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def _state_and_parent(stat: Path) -> tuple[str, int]:
    # the name in brackets may hold blanks and brackets itself, so read from the last bracket on
    state, parent, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    return state, int(parent)
