"""The process that stays with one job: runs the script, waits for its end and writes that down.

It leads the job's session and is a subreaper, so that what the script leaves behind stays its descendant.
It does not depend on the controller, which may be killed and replaced while the job runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import NoReturn

from . import bell, processes
from .job import WAIT_STATUS_NO_OUTPUT
from .spool import End, Launch, Spool, Supervisor

_PR_SET_CHILD_SUBREAPER = 36
_CANNOT_EXECUTE = 2
_OUTPUT_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def main(arguments: list[str]) -> int:
    """Supervises the job `arguments[1]` of the site whose folder is `arguments[0]`."""
    state, job_id = arguments[0], int(arguments[1])
    spool = Spool(state, job_id)
    identity = processes.myself()
    if not spool.claim(identity):
        return 0
    # A job that signals its parent must not lose its end; and what is sent to the script before it can
    # listen has to wait for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wait_status = _run(spool, spool.launch())
    _clear_up(identity)
    spool.record_end(End(wait_status, time.time()))
    bell.ring(state)
    return 0


def _run(spool: Spool, launch: Launch) -> int:
    os.umask(launch.umask)
    try:
        outputs = _open_outputs(launch)
    except OSError:
        return WAIT_STATUS_NO_OUTPUT
    script = os.fork()
    if not script:
        _become_script(spool, launch, *outputs)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == script:
            return status


def _open_outputs(launch: Launch) -> tuple[int, int]:
    flags = _OUTPUT_FLAGS if launch.append else _OUTPUT_FLAGS | os.O_TRUNC
    output = os.open(os.path.join(launch.chdir, launch.output), flags, 0o666)
    if launch.error == launch.output:
        return output, output
    return output, os.open(os.path.join(launch.chdir, launch.error), flags, 0o666)


def _become_script(spool: Spool, launch: Launch, output: int, error: int) -> NoReturn:
    try:
        os.setpgid(0, 0)
        for target, source in enumerate((os.open(os.devnull, os.O_RDONLY), output, error)):
            os.dup2(source, target)
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _enter(launch)
        os.execve(spool.script, [spool.script, *launch.arguments], launch.environment)  # noqa: S606
    except OSError as problem:
        print(f"slurmstepd-{_node(launch)}: error: execve(): {problem}", file=sys.stderr, flush=True)
    finally:
        os._exit(_CANNOT_EXECUTE)


def _enter(launch: Launch) -> None:
    try:
        os.chdir(launch.chdir)
    except OSError as problem:
        complaint = f"couldn't chdir to `{launch.chdir}': {problem.strerror}: going to /tmp instead"
        print(f"slurmstepd-{_node(launch)}: error: {complaint}", file=sys.stderr, flush=True)
        os.chdir("/tmp")  # noqa: S108 - what Slurm does


def _node(launch: Launch) -> str:
    return launch.environment.get("SLURMD_NODENAME", "")


def _clear_up(identity: Supervisor) -> None:
    while family := processes.of_job(identity, processes.everyone()):
        processes.send(family, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:  # A process of our session that is not ours to wait for.
            time.sleep(0.01)
