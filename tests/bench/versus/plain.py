"""The limit of the login node itself: sbatch in a loop, without any CE."""

from __future__ import annotations

import resource
import time

from tests.e2e.lab.site import Lab

PARTITION = "short"
"""It is down, so jobs queue and never start: running them would take the same cores."""
_SCRIPT = f"#!/bin/sh\n#SBATCH --partition={PARTITION} --mem=10M --time=5 --output=/dev/null\nexit 0\n"


def close_partition(lab: Lab) -> None:
    """Nothing starts there from now on."""
    lab.slurm.command("scontrol", "update", f"PartitionName={PARTITION}", "State=DOWN")


def loop(lab: Lab, count: int, at_a_time: int) -> tuple[float, float]:
    """Submissions a second with so many side by side, and CPU seconds of each."""
    script = lab.home / "plain.sh"
    script.write_text(_SCRIPT)
    text = f"seq {count} | xargs -P {at_a_time} -I{{}} sbatch --parsable {script} >/dev/null"
    cpu, began = _cpu_of_children(), time.monotonic()
    answer = lab.run_as_account(["sh", "-c", text], timeout=600)
    taken = time.monotonic() - began
    if answer.returncode:
        raise RuntimeError(answer.stderr.decode())
    return count / taken, (_cpu_of_children() - cpu) / count


def clear(lab: Lab, pause_s: float = 3.0) -> None:
    """Empty it, as the site's administrator would, and let Slurm come to rest."""
    lab.slurm.command("scancel", f"--user={lab.account}", f"--partition={PARTITION}")
    time.sleep(pause_s)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
