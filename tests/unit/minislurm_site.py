"""A minislurm of a test's own: its commands, what it has written down, and its processes."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from hosted_ce.demo import minislurm
from hosted_ce.demo.minislurm import store
from hosted_ce.demo.minislurm.job import Job

PROGRAM = Path(minislurm.__file__).with_name("__main__.py")
SEPARATOR = "\x1f"
OWNER = pwd.getpwuid(os.getuid()).pw_name
_T = TypeVar("_T")


def eventually(look: Callable[[], _T | None], patience_s: float = 10.0) -> _T:
    """The first answer that is true; looks again and again, as there are other processes to wait for."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited for {patience_s} s in vain"
        time.sleep(0.01)
    return found


class MiniSlurm:
    """One site in a folder of its own, spoken to by its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TZ": "UTC",
            "SLURM_TIME_FORMAT": "%s",
            "MINISLURM_STATE": str(self.state),
            "MINISLURM_IDLE": "0.1",
            "MINISLURM_KILL_WAIT": "0.3",
        }

    def run(self, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-E", str(PROGRAM), *argv],
            input=stdin,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def submit(self, body: str, *options: str) -> int:
        script = f"#!/bin/sh\n{body}\n"
        done = self.run("sbatch", "--parsable", "--output=out.%j", *options, stdin=script)
        assert (done.returncode, done.stderr) == (0, ""), done
        return int(done.stdout)

    def jobs(self) -> dict[int, Job]:
        """What is written down, without a command that would start a controller."""
        with store.opened(str(self.state)) as jobs:
            return {job.id: job for job in jobs.since(0)}

    def reaches(self, job_id: int, *states: str) -> Job:
        return eventually(lambda: job if (job := self.jobs()[job_id]).shown_state in states else None)

    def ends(self, job_id: int) -> Job:
        return eventually(lambda: job if not (job := self.jobs()[job_id]).live else None)

    def output(self, job_id: int) -> str:
        path = self.folder / f"out.{job_id}"
        return path.read_text() if path.exists() else ""

    def processes(self, *words: str) -> list[int]:
        """Processes of this site whose arguments contain these words."""
        pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        return [pid for pid in pids if self._is_ours(pid, words)]

    def _is_ours(self, pid: int, words: tuple[str, ...]) -> bool:
        try:
            argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return str(self.state) in argv and set(words) <= set(argv)

    def controller(self) -> int:
        return eventually(lambda: self.processes("controller"))[0]

    def kill_controller(self) -> None:
        os.kill(self.controller(), signal.SIGKILL)
        eventually(lambda: not self.processes("controller"))

    def squeue(self, job_id: int, *fields: str) -> list[str]:
        form = ",".join(f"{field}:{SEPARATOR}" for field in fields)
        done = self.run("squeue", "-h", "-a", "-t", "all", "-u", OWNER, "-j", str(job_id), "-O", form)
        assert done.stdout.endswith(SEPARATOR + "\n"), done
        return done.stdout.removesuffix("\n").split(SEPARATOR)[:-1]

    def sacct(self, job_id: int, *fields: str) -> list[str]:
        form = ("-X", "-n", "-P", f"--delimiter={SEPARATOR}", "-o", ",".join(fields))
        return self.run("sacct", *form, "-j", str(job_id)).stdout.removesuffix("\n").split(SEPARATOR)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[MiniSlurm]:
    """A site; afterwards nothing of it may be left running."""
    site = MiniSlurm(folder)
    try:
        yield site
    finally:
        ended = site.run("scancel", "--me")
    assert ended.returncode == 0
    eventually(lambda: not site.processes())
    assert not (site.state / "jobs").exists() or not list((site.state / "jobs").iterdir())
    log = site.state / "controller.log"
    assert not log.exists() or log.read_text() == ""
