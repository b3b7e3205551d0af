"""A job's folder as the agent makes it, and its wrapper as a batch system runs it: by the shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bosco.batch.model import BatchRequest, InputFile, JobRecord
from bosco.batch.wrapper import job_record, wrapper

STAMP = "haaaaaaaaaaaaaa"
SHELLS = {
    "sh": ["/bin/sh"], "bash": ["bash"], "bash as sh": ["bash", "--posix"], "dash": ["dash"],
    "busybox": ["busybox", "sh"],
}  # fmt: skip
"""What /bin/sh is somewhere; those that are here, each once."""
SHELLS = {name: argv for name, argv in SHELLS.items() if shutil.which(argv[0])}
if Path("/bin/sh").resolve().name == "dash":
    del SHELLS["dash"]
PYTHON = f"#!{sys.executable} -SE\n"
IN_SLURM = {"job_id": "${SLURM_JOB_ID:-}", "cgroup": "job_${SLURM_JOB_ID:-none}"}
PATIENCE_S = 20.0
KEEPS = {"in", "job.sh", "start", "pid", "exit", "stdout", "stderr"}
"""What is left in the folder of a job that has ended."""


class Job:
    """One job. `files` are its inputs by name; the first is what is run. `around`: for the wrapper."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, bytes | str],
        *,
        around: Mapping[str, str] | None = None,
        **more: Any,
    ):
        self.folder = folder
        credentials = more.get("credentials", ())
        for place in ("in", "credentials", "refresh")[: 3 if credentials else 1]:
            (folder / place).mkdir(parents=True)
        for name, content in files.items():
            self.put(f"{'credentials' if name in credentials else 'in'}/{name}", content)
        inputs = tuple(InputFile(name, "0" * 64) for name in files)
        request = BatchRequest(STAMP, inputs[0].name, inputs, walltime_s=60, **more)
        words = wrapper(request, str(folder), **{**IN_SLURM, **(around or {})})
        self.text = f"#!/bin/sh\n{words}"

    @property
    def text(self) -> str:
        """The batch script."""
        return (self.folder / "job.sh").read_bytes().decode("utf-8", "surrogateescape")

    @text.setter
    def text(self, script: str) -> None:
        (self.folder / "job.sh").write_bytes(script.encode("utf-8", "surrogateescape"))

    def put(self, path: str, content: bytes | str) -> None:
        """A file in the job's folder, there at once, as the agent writes it."""
        new = self.folder / "new"
        new.write_bytes(content.encode() if isinstance(content, str) else content)
        new.chmod(0o600)
        new.rename(self.folder / path)

    def start(self, shell: list[str], **more: Any) -> subprocess.Popen[bytes]:
        """Begins it, as slurmstepd does: standard input and output are nobody's."""
        environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **more.pop("environment", {})}
        return subprocess.Popen(
            [*shell, str(self.folder / "job.sh")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment, cwd=self.folder, start_new_session=True, **more,
        )  # fmt: skip

    def run(self, shell: list[str], **more: Any) -> int:
        """Runs it to its end; returns its exit code. Its scheduler's log must stay empty."""
        code, log = self.finish(self.start(shell, **more))
        assert log == b""
        return code

    def finish(self, process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
        """Waits for its end; returns its exit code and what it said to the scheduler."""
        log, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, log

    @property
    def record(self) -> JobRecord:
        """What it wrote down."""
        start, end = (self._text(name) for name in ("start", "exit"))
        return job_record(start, end)

    def output(self, name: str = "stdout") -> bytes:
        """What the pilot printed."""
        return (self.folder / name).read_bytes()

    def left(self) -> set[str]:
        """The names in its folder."""
        return {path.name for path in self.folder.iterdir()}

    def _text(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text() if path.exists() else None
