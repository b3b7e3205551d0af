"""What the phases of a run found, before it becomes rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.versus.idle import Idle
from tests.bench.versus.life import Life
from tests.bench.versus.rest import Rest
from tests.bench.versus.singles import Singles


@dataclass
class OfWay:
    """Of one way; what was not measured is None."""

    cold: Singles | None = None
    """The first pilot of a CE that has just started."""
    singles: Singles | None = None
    life: Life | None = None
    small_life: Life | None = None
    """The same with fewer pilots."""
    idle: Idle | None = None
    """After a few pilots, one by one."""
    idle_after: Idle | None = None
    """After many."""


@dataclass
class Findings:
    """Of all ways."""

    ours: OfWay = field(default_factory=OfWay)
    incumbent: OfWay = field(default_factory=OfWay)
    incumbent_default: OfWay = field(default_factory=OfWay)
    rest: Rest | None = None
    one: float | None = None
    """Submissions a second when one factory sends all, and none of them runs."""
    three: float | None = None
    """Submissions a second when three factories send at once."""
    ceiling: float | None = None
    """Pilots a second that HTCondor-C carried from one factory while nobody took them from the queue."""
    ceiling_three: float | None = None
    """From three at once."""
    sbatch_cpu_s: float | None = None
    """CPU time of one sbatch in a plain loop."""
    problems: list[str] = field(default_factory=list)
