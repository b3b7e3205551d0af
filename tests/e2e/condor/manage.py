"""A CE's manager in a few htcondor2 calls: claims what has arrived, runs it here and hands it back, once.

A program (`python -m tests.e2e.condor.manage`), since each call of htcondor2 blocks the whole process.
CONDOR_CONFIG tells it which schedd.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

import htcondor2

_ME = "lab"
_ARRIVED = "JobStatus == 1 && Managed =?= undefined && StageInFinish > 0"
_ATTRIBUTES = ["ClusterId", "ProcId", "Iwd", "Cmd", "Args"]


def main() -> None:
    """Print the names of the jobs that were run, one a line."""
    schedd = htcondor2.Schedd()
    schedd.edit(_ARRIVED, "ManagedManager", f'"{_ME}"')
    schedd.edit(f'ManagedManager == "{_ME}" && Managed =?= undefined', "Managed", '"External"')
    for job in schedd.query(f'ManagedManager == "{_ME}" && Managed == "External"', _ATTRIBUTES):
        name = f"{job['ClusterId']}.{job['ProcId']}"
        _edit(schedd, name, JobStatus=2, JobCurrentStartDate=int(time.time()))
        _complete(schedd, name, _run(Path(job["Iwd"]), job["Cmd"], job["Args"]))
        print(name)


def _run(folder: Path, command: str, arguments: str) -> int:
    argv = [str(folder / command), *shlex.split(arguments)]
    done = subprocess.run(argv, cwd=folder, capture_output=True, check=False, timeout=60)
    (folder / "_condor_stdout").write_bytes(done.stdout)
    (folder / "_condor_stderr").write_bytes(done.stderr)
    return done.returncode


def _complete(schedd: htcondor2.Schedd, name: str, exit_code: int) -> None:
    now = int(time.time())
    _edit(schedd, name, ExitCode=exit_code, ExitBySignal="false", CompletionDate=now, JobFinishedHookDone=now)
    _edit(schedd, name, JobStatus=4, Managed='"ScheddDone"')


def _edit(schedd: htcondor2.Schedd, name: str, **attributes: int | str) -> None:
    for attribute, value in attributes.items():
        schedd.edit([name], attribute, str(value))


if __name__ == "__main__":
    main()
