"""Many pilots at once, from condor_submit until the last is over: rate, programs, CPU time and bytes."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from tests.bench.versus.carrier import Carrier

LISTINGS = ("squeue", "sacct", "scontrol", "sinfo")


@dataclass(frozen=True)
class Life:
    """What the login node saw of so many pilots."""

    pilots: int
    seconds: float
    per_second: float
    """Submissions, from the first sbatch that was accepted to the last."""
    programs: Counter[str]
    """By their names: each exec of a process below sshd, the sessions' own included."""
    processes: int
    cpu_s: float
    bytes: int
    end_to_factory: list[float]
    end_to_api: list[float]

    @property
    def listings(self) -> int:
        """Commands that ask Slurm something."""
        return sum(self.programs[name] for name in LISTINGS)


def measure(
    carrier: Carrier, pilots: int, seconds: int, patience_s: float, *, quiet_s: float, name: str = "Life"
) -> Life:
    """Pilots that run for `seconds`; LabError when they are not over within `patience_s`.

    For `quiet_s` after the last one the CE may clear up at the site: that belongs to their life.
    """
    gate, sender = carrier.gate, carrier.sender.named(name)
    cpu, bytes_before, began = gate.cpu_s(), gate.bytes(), time.time()
    jobs = sender.send(pilots, seconds)
    completed = sender.completed(jobs, patience_s)
    over = time.time()
    time.sleep(quiet_s)
    facts, ends = gate.facts(began), {job: sender.ran(job)[1] for job in jobs}
    some = jobs[:: max(1, len(jobs) // 50)]
    seen = {job: at for job in some if (at := carrier.seen_over(job)) is not None}
    return Life(
        pilots=pilots,
        seconds=over - began,
        per_second=rate(gate.accepted(began)),
        programs=Counter(fact.name for fact in facts if fact.what == "program"),
        processes=sum(fact.what == "begun" for fact in facts),
        cpu_s=gate.cpu_s() - cpu,
        bytes=gate.bytes() - bytes_before,
        end_to_factory=[at - ends[job] for job, at in completed.items()],
        end_to_api=[at - ends[job] for job, at in seen.items()],
    )


def rate(times: list[float]) -> float:
    """Events a second from the first to the last; 0 when there are not two."""
    ordered = sorted(times)
    return (len(ordered) - 1) / (ordered[-1] - ordered[0]) if len(ordered) > 1 else 0.0
