"""What this site is: its size, its partitions, its habits, as the environment of the command says."""

from __future__ import annotations

import os
import pwd
import sys
from typing import NamedTuple

from .errors import Refused

MEMORY_PER_CPU_MB = 8000


class Partition(NamedTuple):
    """A queue. The limit is in minutes."""

    name: str
    limit_minutes: int
    default: bool = False


PARTITIONS = (Partition("batch", 3 * 24 * 60, default=True), Partition("short", 30))


class Site(NamedTuple):
    """One minislurm. Times are seconds."""

    folder: str
    """Everything it keeps: the database, the jobs' files, the controller's lock."""
    cpus: int
    """CPUs that it pretends to have: the sum over running jobs is never above."""
    seconds_per_minute: float
    """How long a minute of a job's time limit is. 60, except where waiting is not wanted."""
    kill_wait_s: float
    """From SIGTERM to SIGKILL."""
    min_job_age_s: float
    """How long squeue lists a job after its end."""
    idle_s: float
    """How long the controller stays when there is nothing to do."""
    node: str

    @property
    def memory_mb(self) -> int:
        """Memory of the node."""
        return self.cpus * MEMORY_PER_CPU_MB


def site() -> Site:
    """The site of this command. Raises Refused when `MINISLURM_STATE` names no folder."""
    folder = os.environ.get("MINISLURM_STATE", "")
    if not folder:
        raise Refused("minislurm: fatal: set MINISLURM_STATE to the folder that the jobs are kept in")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return Site(
        folder=os.path.abspath(folder),
        cpus=int(_number("MINISLURM_CPUS", 8)),
        seconds_per_minute=_number("MINISLURM_SECONDS_PER_MINUTE", 60),
        kill_wait_s=_number("MINISLURM_KILL_WAIT", 5),
        min_job_age_s=_number("MINISLURM_MIN_JOB_AGE", 300),
        idle_s=_number("MINISLURM_IDLE", 3),
        node=os.uname().nodename.partition(".")[0],
    )


def program(*arguments: str) -> list[str]:
    """The argv that runs another command of minislurm."""
    entry = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
    return [sys.executable, "-S", "-E", entry, *arguments]


def user() -> str:
    """The account that the command speaks for: the process's own, as Slurm takes it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _number(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        return float(text) if text else default
    except ValueError:
        raise Refused(f"minislurm: fatal: {name} is not a number: {text!r}") from None
