"""Pilots one after the other: what a CE adds to the way of each.

Our API is not asked: it would be loaded for that, and what an idle CE needs is measured afterwards.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from tests.bench.versus.carrier import Carrier
from tests.e2e.lab.process import wait_until


@dataclass
class Singles:
    """Seconds for each pilot."""

    submit_to_accepted: list[float] = field(default_factory=list)
    """From condor_submit at the factory until sbatch had taken the job."""
    spooled_to_accepted: list[float] = field(default_factory=list)
    """From the last input file in the CE's queue, a whole second's figure: up to one second too long."""
    end_to_factory: list[float] = field(default_factory=list)
    """From the end at the site until the factory's log has the pilot as terminated."""


def measure(
    carrier: Carrier, count: int, patience_s: float, *, pause_s: float, name: str = "Single"
) -> Singles:
    """`count` pilots of one second each; LabError when one of them takes longer than `patience_s`.

    Before the next one there is a pause of at most `pause_s`, so it meets the clocks of its way anywhere.
    """
    found, sender, jobs = Singles(), carrier.sender.named(name), list[str]()
    chance = random.Random(count)
    for _ in range(count):
        began = time.time()
        [job] = sender.send()
        [accepted, *_] = wait_until(
            lambda began=began: carrier.gate.accepted(began), f"sbatch of {job}", patience_s, every=0.1
        )
        found.submit_to_accepted.append(accepted - began)
        if (spooled := carrier.spooled(job)) is not None:
            found.spooled_to_accepted.append(accepted - spooled)
        jobs.append(job)
        time.sleep(chance.uniform(0, pause_s))
    for job, at in sender.completed(jobs, patience_s).items():
        found.end_to_factory.append(at - sender.ran(job)[1])
    return found
