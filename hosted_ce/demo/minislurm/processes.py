"""Which processes belong to a job: read from /proc."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from .spool import Supervisor


class Process(NamedTuple):
    """A living process. `started` is in clock ticks since boot, and with the pid its identity."""

    pid: int
    parent: int
    group: int
    session: int
    started: int


def read(pid: int) -> Process | None:
    """The process with this id; None when it is gone, or only waits to be buried."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may itself contain some.
    fields = stat.rpartition(b")")[2].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return Process(
        pid, parent=int(fields[1]), group=int(fields[2]), session=int(fields[3]), started=int(fields[19])
    )


def myself() -> Supervisor:
    """The identity of this very process."""
    process = read(os.getpid())
    if process is None:
        raise ProcessLookupError("/proc does not show this process: minislurm needs it mounted")
    return Supervisor(process.pid, process.started)


def everyone() -> list[Process]:
    """All living processes that this machine shows us."""
    found = (read(int(name)) for name in os.listdir("/proc") if name.isdecimal())
    return [process for process in found if process]


def alive(supervisor: Supervisor) -> bool:
    """Whether exactly this supervisor lives, not another process with its number."""
    process = read(supervisor.pid)
    return process is not None and process.started == supervisor.started


def of_job(supervisor: Supervisor, processes: list[Process]) -> list[int]:
    """Ids of the job's processes, the supervisor's own left out.

    While the supervisor lives they are its descendants, whatever they did to get away (it is a subreaper).
    Without it only those are found that stayed in the session that it led.
    """
    leader = next((process for process in processes if process.pid == supervisor.pid), None)
    if leader and leader.started != supervisor.started:
        return []  # The number went to somebody else: it could only because the session is empty.
    family = {supervisor.pid}
    grown = True
    while grown:
        children = {process.pid for process in processes if process.parent in family} - family
        family |= children
        grown = bool(children)
    session = {process.pid for process in processes if process.session == supervisor.pid}
    return sorted((family | session) - {supervisor.pid})


def script_of(supervisor: Supervisor, processes: list[Process]) -> list[int]:
    """The id of the script's own process, if it lives: it leads a group in its supervisor's session."""
    return [
        process.pid
        for process in processes
        if process.parent == process.session == supervisor.pid and process.group == process.pid
    ]


def send(pids: list[int], *signals: int) -> None:
    """Sends the signals to each; those that have gone meanwhile are left alone."""
    for pid in pids:
        for signal in signals:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal)
