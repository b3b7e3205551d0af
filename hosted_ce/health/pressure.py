"""Production, No pressure, or Broken: whether pilots come, and whether they run. Pure.

The words of the operators' weekly report of hosted CEs, which looks at averages over 48 hours: Production is
above one core, No pressure is less than one idle pilot, Broken is the rest. What is so at this moment counts
as well, so that the word changes when the CE does, and not two days later.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.health.facts import PilotFacts

MEAN_OVER_S = 48 * 3600.0
LEAST = 1.0


class Pressure(StrEnum):
    """The word."""

    PRODUCTION = "production"
    NO_PRESSURE = "no_pressure"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Activity:
    """The word, and why it is this one."""

    word: Pressure
    reason: str


def activity(pilots: PilotFacts) -> Activity:
    """Which of the words fits."""
    if pilots.cores >= LEAST:
        return Activity(Pressure.PRODUCTION, f"{pilots.cores} cores run pilots now")
    if pilots.mean_cores >= LEAST:
        said = f"{pilots.mean_cores:.1f} cores ran pilots on average of the last 48 hours; none does now"
        return Activity(Pressure.PRODUCTION, said)
    if not pilots.idle:
        return Activity(Pressure.NO_PRESSURE, "no pilot waits, so the factory asks for none")
    if pilots.mean_idle < LEAST:
        said = f"{_waiting(pilots.idle)}, but not for long: less than one on average of the last 48 hours"
        return Activity(Pressure.NO_PRESSURE, said)
    said = f"{_waiting(pilots.idle)}, and less than one core ran pilots on average of the last 48 hours"
    return Activity(Pressure.BROKEN, said)


def _waiting(pilots: int) -> str:
    return "1 pilot waits" if pilots == 1 else f"{pilots} pilots wait"
