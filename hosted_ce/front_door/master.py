"""Starts and stops the front door's condor_master, and with it all its daemons."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

from hosted_ce.front_door import pid_file
from hosted_ce.front_door.ask import ask
from hosted_ce.front_door.door import Door
from hosted_ce.front_door.errors import MasterTrouble
from hosted_ce.front_door.last_words import OUTPUT, last_words
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.port import check_port

PROBE_TIMEOUT_S = 10.0
FAST_AFTER_S = 20.0
"""So long a front door may take to end in order; then it is told to end at once."""

_EVERY_S = 0.2


def running(layout: Layout) -> int | None:
    """The pid of the condor_master that we started here, if it lives."""
    return pid_file.read(layout.pid_file)


def start(door: Door, timeout_s: float) -> int:
    """Starts it in the background and returns its pid when its schedd answers and its collector knows it.

    Raises MasterTrouble, and leaves nothing behind then.
    """
    check_port(door.wanted)
    process = _spawn(door)
    pid_file.write(door.layout.pid_file, process.pid)
    try:
        _wait_until_it_serves(door, process, timeout_s)
    except MasterTrouble:
        _end(process)
        pid_file.remove(door.layout.pid_file)
        raise
    return process.pid


def become(door: Door) -> None:
    """Turns this process into the condor_master; does not return. For systemd and containers."""
    check_port(door.wanted)
    pid_file.write(door.layout.pid_file, os.getpid())
    os.chdir(door.layout.folder)
    os.execve(door.programs.master, _argv(door), _environment(door))  # noqa: S606 - that is the point


def stop(layout: Layout, timeout_s: float) -> bool:
    """Ends it in order and waits for that; False if it did not run. Raises MasterTrouble."""
    if (pid := running(layout)) is None:
        pid_file.remove(layout.pid_file)
        return False
    _signal(pid, signal.SIGTERM)
    if not _wait(lambda: running(layout) is None, min(timeout_s, FAST_AFTER_S)):
        _signal(pid, signal.SIGQUIT)
        if not _wait(lambda: running(layout) is None, timeout_s):
            raise MasterTrouble(
                f"condor_master (process {pid}) does not end; look into {layout.logs / 'MasterLog'}"
            )
    pid_file.remove(layout.pid_file)
    return True


def reconfigure(layout: Layout) -> bool:
    """Has the running front door read its files again; False if it does not run."""
    if (pid := running(layout)) is None:
        return False
    _signal(pid, signal.SIGHUP)
    return True


def _spawn(door: Door) -> subprocess.Popen[bytes]:
    with (door.layout.logs / OUTPUT).open("ab") as output:
        return subprocess.Popen(
            _argv(door),
            env=_environment(door),
            cwd=door.layout.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _argv(door: Door) -> list[str]:
    return [str(door.programs.master), "-f"]


def _environment(door: Door) -> dict[str, str]:
    return {**os.environ, "CONDOR_CONFIG": str(door.layout.config)}


def _wait_until_it_serves(door: Door, process: subprocess.Popen[bytes], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    errors = {"schedds": "no answer yet"}
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _trouble(door, f"condor_master ended at once with exit code {process.returncode}")
        answers = ask(door.layout.config, "schedds", "jobs", timeout_s=PROBE_TIMEOUT_S)
        errors = dict(answers.errors)
        if not errors and any(ad["Name"] == door.wanted.host for ad in answers.values["schedds"]):
            return
        time.sleep(_EVERY_S)
    why = "; ".join(errors.values()) or "the collector does not know the schedd"
    raise _trouble(door, f"the front door did not open within {timeout_s:g} s: {why}")


def _trouble(door: Door, message: str) -> MasterTrouble:
    trouble = MasterTrouble(f"{message}; its logs are in {door.layout.logs}")
    for line in last_words(door.layout):
        trouble.add_note(line)
    return trouble


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(FAST_AFTER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it has just ended, which is what the caller looks for
    except PermissionError as error:
        raise MasterTrouble(f"process {pid} is not ours; run this as the service's user") from error


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(_EVERY_S)
    return condition()
