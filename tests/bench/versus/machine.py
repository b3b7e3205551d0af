"""On what a run was made."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.daemons import attempt
from tests.e2e.lab.site import Lab


def machine() -> dict[str, str | int | float]:
    """Its processors, memory and system."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1e9, 1),
        "kernel": platform.release(),
    }


def versions(lab: Lab, condor: CondorLab | None) -> dict[str, str]:
    """Of what was measured, by its own words."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    found = {
        "hosted_ce": commit or "unknown",
        "python": platform.python_version(),
        "slurm": _said(["sbatch", "--version"], lab.slurm.environment),
        "openssh": _said(["ssh", "-V"]),
    }
    if condor:
        words = _said([str(condor.programs / "condor_version")], {"CONDOR_CONFIG": "/dev/null"})
        found["condor"] = words.removeprefix("$CondorVersion: ").split(" ")[0]
    return found


def _said(argv: list[str], environment: Mapping[str, str] | None = None) -> str:
    done = attempt(argv, environment)
    return (done.stdout or done.stderr).decode(errors="replace").splitlines()[0].partition(",")[0].strip()
