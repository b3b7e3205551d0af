"""What a node's report is judged by."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosted_ce.checks.node.targets import Targets


@dataclass(frozen=True, slots=True)
class Promised:
    """What the route asks for and the site file says. Memory in MB, times in seconds.

    `between`: when the script ran at the earliest and the latest, by the CE's clock, in seconds since the
    epoch; None: not known.
    """

    cpus: int = 1
    memory_mb: int = 2000
    walltime_s: int = 3 * 86400
    gpus: int = 0
    whole_node: bool = False
    shared_home: bool = True
    has_scratch: bool = False
    """Whether the site file names a scratch folder."""
    between: tuple[float, float] | None = None
    targets: Targets = field(default_factory=Targets)
