"""A Slurm that limits the rate of requests: sid's, in a tree of its own (`tests/install-slurm-root.sh`)."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from tests.e2e.lab.process import LabError

_INSTALL = Path(__file__).parents[2] / "install-slurm-root.sh"
_GONE = ("SwitchType=", "JobCompType=", "CredType=", "MpiDefault=", "TaskPlugin=", "JobAcctGatherType=")
"""Settings of 22.05 whose values a newer one does not know; it has them as its defaults."""


@cache
def newer_slurm() -> Path:
    """The folder of its programs, which is built once for a machine. LabError when that fails."""
    built = subprocess.run([_INSTALL], capture_output=True, text=True, check=False)
    if built.returncode:
        raise LabError(built.stderr)
    return Path(built.stdout.strip()) / "slurm"


def for_newer(slurm_conf: str, programs: Path) -> str:
    """The same configuration for it, with Slurm's own limit: thirty requests at once, then two a second."""
    kept = [line for line in slurm_conf.splitlines() if not line.startswith(_GONE)]
    [plugins] = programs.parent.glob("usr/lib/*/slurm-wlm")
    return "\n".join([*kept, f"PluginDir={plugins}", "SlurmctldParameters=rl_enable"]) + "\n"
