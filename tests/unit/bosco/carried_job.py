"""A login node and a worker node that share nothing, with a Slurm between them that runs what it is asked."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bosco.agent.spool import Spool
from bosco.batch.carried import INPUTS
from bosco.batch.model import BatchRequest, InputFile, JobRecord
from bosco.batch.slurm import carried
from bosco.batch.wrapper import job_record

STAMP = "haaaaaaaaaaaaaa"
PATIENCE_S = 20.0
COMMANDS = {
    "scontrol": 'printf "%s" "${3#Comment=}" >"$there/new" && mv "$there/new" "$there/comment"',
    "squeue": """\
case $2 in --jobs=*) exec cat "$there/state" ;; esac
[ ! -e "$there/comment" ] || echo "7 $(cat "$there/name") node01 $(cat "$there/comment")"
""",
    "srun": """\
echo "$@" >>"$there/steps"
while case $1 in --*) true ;; *) false ;; esac do shift; done
"$@" | "$there/wire"
""",
    "scancel": 'kill -s USR1 "$(cat "$there/pid")"',
    "sleep": "exec /bin/sleep 0.02",
}
"""What Slurm does for its users; `wire` is what is between the nodes."""


class Cluster:
    """Its job runs in this shell. `more` is for the request."""

    def __init__(
        self,
        place: Path,
        pilot: str,
        *,
        shell: list[str] | None = None,
        token: str | None = None,
        **more: Any,
    ):
        self.spool = Spool(str(place / "spool"))
        self.home, self.there, self.scratch = (
            place / "spool" / "pilots" / STAMP,
            place / "there",
            place / "scratch",
        )
        self._shell = shell or ["sh"]
        self._bin = place / "bin"
        for folder in (self.home, self.there, self.scratch, self._bin):
            folder.mkdir()
        for name, text in COMMANDS.items():
            self.command(self._bin / name, f"there={self.there}\n{text}")
        self.command(self.there / "wire", "cat")
        (self.there / "name").write_text(STAMP)
        (self.there / "state").write_text("RUNNING")
        self.files = {"in/pilot.sh": f"#!/bin/sh\n{pilot}\n".encode()}
        if token is not None:
            self.files["credentials/token"] = token.encode()
            more["credentials"] = ("token",)
        inputs = tuple(InputFile(name.partition("/")[2], "0" * 64) for name in self.files)
        request = {"walltime_s": 600, "scratch": str(self.scratch), "refresh_s": 0.1, **more}
        self.request = BatchRequest(STAMP, "pilot.sh", inputs, **request)

    @staticmethod
    def command(path: Path, text: str) -> None:
        """A program."""
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def script(self, patience_s: int = 60) -> bytes:
        """As the agent puts it together."""
        text = carried.script(self.request, job_id="${SLURM_JOB_ID:-}", cgroup="", patience_s=patience_s)
        return self.put_together(text.encode("utf-8", "surrogateescape"))

    def put_together(self, text: bytes) -> bytes:
        """With the input files in it."""
        before, mark, after = text.partition(INPUTS.encode() + b"\n")
        assert mark
        return b"".join([b"#!/bin/sh\n", before, *map(self._packed, self.files), after])

    def _packed(self, name: str) -> bytes:
        sha256 = hashlib.sha256(self.files[name]).hexdigest()
        with self.spool.place("files") as store:
            self.spool.write(sha256, self.files[name], store)
        return self.spool.enclosed(sha256, name)

    def start(self, script: bytes | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """On the node, where the script is and nothing else of ours."""
        path = self.there / "slurm_script"
        path.write_bytes(script or self.script())
        with (self.there / "log").open("wb") as log:
            job = subprocess.Popen(
                [*self._shell, str(path)], cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**self.environment, "SLURM_JOB_ID": "7", **environment}, start_new_session=True,
            )  # fmt: skip
        (self.there / "pid").write_text(str(job.pid))
        return job

    @property
    def environment(self) -> Mapping[str, str]:
        """Of both nodes."""
        return {"PATH": f"{self._bin}:{os.environ['PATH']}", "HOME": "/nowhere"}

    def visit(self) -> str | None:
        """The porter comes once; what it could not do."""
        argv = carried.porter("osg01").argv
        done = subprocess.run(
            argv,
            cwd=self.spool.root,
            env=self.environment,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.stderr.decode() or None

    @property
    def log(self) -> str:
        """What the job printed."""
        return (self.there / "log").read_text()

    def comment(self) -> str:
        """The job's."""
        path = self.there / "comment"
        return path.read_text() if path.exists() else ""

    def record(self) -> JobRecord:
        """What is known at home."""
        return job_record(*map(self.at_home, ("start", "exit")))

    def at_home(self, name: str) -> str | None:
        """A file's text."""
        path = self.home / name
        return path.read_text() if path.exists() else None

    def left(self) -> set[str]:
        """What is on the node."""
        return {str(path.relative_to(self.scratch)) for path in self.scratch.rglob("*") if path.is_file()}

    def visited_until_it_ends(self, job: subprocess.Popen[bytes]) -> int:
        """Its exit code."""

        def ended() -> bool:
            self.visit()
            return job.poll() is not None

        wait_for(ended)
        return job.returncode


@contextmanager
def heard(*signals: int) -> Iterator[None]:
    """What is begun here does not ignore these, though a test run in the background may."""
    before = {one: signal.signal(one, lambda *_: None) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def wait_for(true: Callable[[], Any]) -> None:
    """Fails when it takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
