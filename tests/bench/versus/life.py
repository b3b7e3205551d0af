"""Many pilots at once, from condor_submit until the last is over: rate, programs, CPU time and bytes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.versus.carrier import Carrier
from tests.bench.versus.family import Fact, accepts

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
    bytes_there: int
    bytes_back: int
    listings_a_minute: float
    """Commands that ask Slurm something, from the first sbatch that was accepted until all is over."""
    end_to_factory: list[float]
    end_to_api: list[float]

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.bytes_there + self.bytes_back


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
    facts, cpu_s = gate.facts(began), gate.cpu_s() - cpu
    there, back = (now - before for now, before in zip(gate.bytes(), bytes_before, strict=True))
    ends = {job: sender.ran(job)[1] for job in jobs}
    some = jobs[:: max(1, len(jobs) // 50)]
    seen = {job: at for job in some if (at := carrier.seen_over(job)) is not None}
    return Life(
        pilots=pilots,
        seconds=over - began,
        per_second=rate([fact.at for fact in facts if accepts(fact)]),
        programs=Counter(fact.name for fact in facts if fact.what == "program"),
        processes=sum(fact.what == "begun" for fact in facts),
        cpu_s=cpu_s,
        bytes_there=there,
        bytes_back=back,
        listings_a_minute=listings_a_minute(facts, over),
        end_to_factory=[at - ends[job] for job, at in completed.items()],
        end_to_api=[at - ends[job] for job, at in seen.items()],
    )


def rate(times: list[float]) -> float:
    """Events a second from the first to the last; 0 when there are not two."""
    ordered = sorted(times)
    return (len(ordered) - 1) / (ordered[-1] - ordered[0]) if len(ordered) > 1 else 0.0


def listings_a_minute(facts: Sequence[Fact], until: float) -> float:
    """From the first sbatch that was accepted until then; 0 when there was none."""
    first = min((fact.at for fact in facts if accepts(fact)), default=until)
    programs = [fact for fact in facts if fact.what == "program" and fact.name in LISTINGS]
    seen = sum(first <= fact.at <= until for fact in programs)
    return 60 * seen / (until - first) if until > first else 0.0
