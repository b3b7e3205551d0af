"""Keeps what Slurm's clients answer, byte for byte."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from bosco.batch.protocol import Command
from tests.e2e.lab.process import LabError
from tests.e2e.lab.site import Lab

ACCOUNT = "hce-site"
"""How the lab's account is written, which has a number where labs run beside each other."""
UNIT_SEPARATOR = "\x1f"
SQUEUE_FIELDS = (
    *("JobID", "Name", "State", "Reason", "StartTime", "EndTime", "SubmitTime", "exit_code", "NodeList"),
    *("tres-alloc", "TimeLimit", "Partition", "Account", "QOS"),
)
SACCT_FIELDS = (
    "JobIDRaw,JobName,State,ExitCode,Submit,Start,End,NodeList,AllocTRES,TimelimitRaw,Partition,Account,QOS,"
    "AllocCPUS,ElapsedRaw"
)

_EPOCH_TIMES = ("env", "SLURM_TIME_FORMAT=%s")
_SQUEUE = (*_EPOCH_TIMES, "squeue", "-h", "-a", "-t", "all")
_SACCT = (*_EPOCH_TIMES, "sacct", "-X", "-n", "-P", f"--delimiter={UNIT_SEPARATOR}")
_SBATCH = ("sbatch", "--parsable", "--output=/dev/null")


@dataclass(frozen=True)
class Recorder:
    """Runs commands as the account of one lab and keeps their answers in `folder`."""

    lab: Lab
    folder: Path

    def record(self, name: str, *argv: str, script: str = "") -> str:
        """Keep one command's answer under `name` and return its stdout."""
        done = self.lab.run_as_account(argv, input=script.encode())
        asked = json.dumps(argv).replace(self.lab.account, ACCOUNT)
        (self.folder / f"{name}.argv").write_text(asked + "\n")
        (self.folder / f"{name}.stdout").write_bytes(self._without_folder(done.stdout))
        (self.folder / f"{name}.stderr").write_bytes(self._without_folder(done.stderr))
        (self.folder / f"{name}.rc").write_text(f"{done.returncode}\n")
        return os.fsdecode(done.stdout).strip()

    def sbatch(self, name: str, *options: str, script: str = "#!/bin/bash\nexit 0\n") -> None:
        """Keep one sbatch's answer; the job that it may make is removed at once."""
        answer = self.record(name, *_SBATCH, *options, script=script)
        if answer.isdigit():
            self.lab.run_as_account(["scancel", answer])

    def squeue(self, name: str, *options: str, separator: str = UNIT_SEPARATOR) -> None:
        """Keep a listing with an explicit suffix after every field."""
        fields = ",".join(f"{field}:{separator}" for field in SQUEUE_FIELDS)
        self.record(name, *_SQUEUE, *options, "-O", fields)

    def squeue_without_suffix(self, name: str) -> None:
        """Keep a listing in squeue's own columns."""
        self.record(name, *_SQUEUE, "-O", ",".join(SQUEUE_FIELDS))

    def sacct(self, name: str, *options: str) -> None:
        """Keep an accounting answer."""
        self.record(name, *_SACCT, *options, "-o", SACCT_FIELDS)

    def ask(self, name: str, command: Command) -> None:
        """Keep the answer to a command of the codec."""
        self.record(
            name, "env", *(f"{key}={value}" for key, value in command.environment.items()), *command.argv
        )

    def submit(self, name: str, body: str, *options: str) -> str:
        """Submit a job without keeping the answer, and return its id; LabError when it is refused."""
        argv = [*_SBATCH, f"--job-name={name}", *options]
        done = self.lab.run_as_account(argv, input=f"#!/bin/bash\n{body}\n".encode())
        if done.returncode:
            raise LabError(f"sbatch of {name}: {os.fsdecode(done.stderr)}")
        return done.stdout.decode().strip()

    def _without_folder(self, output: bytes) -> bytes:
        return output.replace(os.fsencode(self.lab.folder), b"/lab")
