"""Pilots that wait in a queue although its nodes are idle, and whose move that is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bosco.batch.facts import BatchFacts, NodeShape
from hosted_ce.capabilities.finding import Finding, Weight

LONG_S = 2 * 3600.0
"""So long a pilot may wait beside idle nodes: schedulers plan ahead."""
FRESH_S = 2 * 3600.0
"""What was idle before says nothing of now."""


@dataclass(frozen=True, slots=True)
class WaitingRoute:
    """Pilots of one route in the site's queue. `seconds`: how long the first of them has waited.

    `queue` and `cpus` are what the route asks for where a pilot does not say.
    """

    route: str
    queue: str | None
    cpus: int
    pilots: int
    seconds: float
    reason: str | None


def idle_findings(batch: BatchFacts, age_s: float, waiting: Sequence[WaitingRoute]) -> Iterator[Finding]:
    """`age_s`: how long ago the batch system told what is idle."""
    if age_s > FRESH_S:
        return
    for route in waiting:
        idle = _idle(batch, route)
        if route.seconds < LONG_S or idle < route.cpus:
            continue
        said = f" (the batch system says: {route.reason})" if route.reason else ""
        yield Finding(
            "idle-nodes", Weight.PROBLEM,
            f"{route.pilots} pilots of route {route.route} wait, the first for {route.seconds / 3600:.0f} h, "
            f"although nodes that could take them have {idle} idle cores",
            f"it is the site's move: ask why our jobs do not start there{said}: a limit of the account, a "
            "reservation, a priority, or a walltime that does not fit before a maintenance",
            route.route,
        )  # fmt: skip


def _idle(batch: BatchFacts, route: WaitingRoute) -> int:
    """Idle cores of kinds of nodes of which one node's worth is idle at least: one of them may be empty."""
    queue = route.queue or batch.default_queue
    return sum(
        shape.idle_cpus or 0
        for shape in batch.shapes or ()
        if _of(shape, queue) and shape.cpus >= route.cpus and (shape.idle_cpus or 0) >= shape.cpus
    )


def _of(shape: NodeShape, queue: str | None) -> bool:
    return shape.queue is None or queue is None or shape.queue == queue
