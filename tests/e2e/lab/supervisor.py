"""The parent of everything that runs in one lab (a program: `python -m tests.e2e.lab.supervisor FOLDER...`).

It is a child subreaper, so whatever a daemon or a job of the lab leaves behind (slurmstepd, ssh sessions,
programs that made themselves daemons) becomes its child instead of init's. When its standard input ends,
because the lab was closed or because the test process died however suddenly, it kills every descendant,
removes the folders it was given and exits. Hence a lab leaves no process behind, whatever happens.

Requests are JSON lines {"argv": [...], "environment": {...}, "log": path, "user": name}, where null means
root; each answer is a JSON line {"pid": n} or {"error": text}.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.e2e.lab.process import descendants, kill, wait_until

_PR_SET_CHILD_SUBREAPER = 36


def main(folders: Sequence[Path]) -> None:
    """Serve requests until standard input ends, then leave nothing behind."""
    _become_subreaper()
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    with suppress(BrokenPipeError):  # whoever asked died before the answer
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line))), flush=True)
    wait_until(_kill_everything, "the end of every process of the lab", seconds=60)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        log = Path(request["log"])
        return {"pid": _start(request["argv"], request["environment"], log, request["user"])}
    except OSError as error:
        return {"error": str(error)}


def _start(argv: Sequence[str], environment: dict[str, str], log: Path, user: str | None) -> int:
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    child.returncode = 0  # _reap() collects it, not this object
    return child.pid


def _become_subreaper() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _kill_everything() -> bool:
    """Kill what lives now; true when nothing did (children of what was killed are ours only afterwards)."""
    alive = descendants(os.getpid())
    for pid in alive:
        kill(pid)
    return not alive


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
