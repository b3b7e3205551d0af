"""The files of one job while it lives: script, how to launch it, who supervises it, how it ended.

They are the truth about a running job. Each is written whole by rename or link, so that the controller can
be replaced at any time and the next one reads what happened meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import NamedTuple


class Launch(NamedTuple):
    """How the script is to be run."""

    arguments: list[str]
    chdir: str
    output: str
    error: str
    append: bool
    umask: int
    environment: dict[str, str]


class Supervisor(NamedTuple):
    """A supervisor's identity: the pid alone may be somebody else's by now."""

    pid: int
    started: int


class End(NamedTuple):
    """How the script ended, and when."""

    wait_status: int
    time: float


def kept(state: str) -> set[int]:
    """Ids of the jobs that have files here, or remains of some."""
    return {int(name.partition(".")[0]) for name in os.listdir(os.path.join(state, "jobs"))}


class Spool:
    """The folder of one job."""

    def __init__(self, state: str, job_id: int) -> None:
        self.folder = os.path.join(state, "jobs", str(job_id))
        self.script = os.path.join(self.folder, "script")

    def create(self, script: bytes, launch: Launch) -> None:
        """Keeps what the job needs to start. A folder left by an aborted submission is taken over."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self._write("script", script, mode=0o700)
        self._write("launch", json.dumps(launch).encode())

    def launch(self) -> Launch:
        """How to run the script."""
        with open(os.path.join(self.folder, "launch"), "rb") as file:
            return Launch._make(json.load(file))

    def claim(self, supervisor: Supervisor) -> bool:
        """Makes this supervisor the job's only one, ever; False when it has one or is done with."""
        try:
            draft = self._write(f"supervisor.{supervisor.pid}", json.dumps(supervisor).encode())
            os.link(draft, os.path.join(self.folder, "supervisor"))
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    def supervisor(self) -> Supervisor | None:
        """Who supervises or supervised the job."""
        record = self._read("supervisor")
        return None if record is None else Supervisor._make(json.loads(record))

    def record_end(self, end: End) -> None:
        """Writes down how the script ended."""
        self._write("end", json.dumps(end).encode())

    def end(self) -> End | None:
        """How the script ended; None while that is not known."""
        record = self._read("end")
        return None if record is None else End._make(json.loads(record))

    def remove(self) -> None:
        """Forgets the job's files, as Slurm does when a job has ended."""
        # All at once: a supervisor that comes late must not find a job that looks unclaimed.
        gone = self.folder + ".gone"
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.folder, gone)
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(gone):
                os.unlink(os.path.join(gone, name))
            os.rmdir(gone)

    def _write(self, name: str, content: bytes, mode: int = 0o600) -> str:
        path = os.path.join(self.folder, name)
        draft = path + ".new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.rename(draft, path)
        return path

    def _read(self, name: str) -> bytes | None:
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
